package booking

import (
	"testing"
	"time"

	"lantern/internal/stripepay"
	"lantern/retreats"
)

// twice has paid its deposit two times; the second payment is disputed, so that
// nothing of it could go back.
func twice(state stripepay.DisputeState) *Booking {
	b := paid(paid(held(), "pi", DepositCharge, 960, true), "pi2", DepositCharge, 960, true)
	b.Disputes = []Dispute{{ID: "dp", PaymentID: "pi2", Amount: usd(960), State: state, At: noon}}
	return b
}

// TestARecountKnowsDisputesAndStuckMoney: what a bank keeps or does not take back is
// a matter for a person, and nothing wrong in the books (invariant 3).
func TestARecountKnowsDisputesAndStuckMoney(t *testing.T) {
	t.Parallel()
	confirmed, nowhere := retreats.Standing{State: retreats.Confirmed, Since: noon}, retreats.Standing{}
	alone := func(state stripepay.DisputeState) *Booking {
		b := paid(held(), "pi", DepositCharge, 960, true)
		b.Disputes = []Dispute{{ID: "dp", PaymentID: "pi", Amount: usd(960), State: state, At: noon}}
		return b
	}
	refused := twice(stripepay.DisputeWon)
	refused.Refunds = []Refund{{ID: "r", PaymentID: "pi2", Amount: usd(960), Reason: RefundTwice, StripeID: "re", State: stripepay.RefundFailed, AskedAt: noon}}
	for about, c := range map[string]struct {
		booking  *Booking
		standing retreats.Standing
		wrong    int
	}{
		"a place that a dispute is about":                 {alone(stripepay.DisputeUnderReview), confirmed, 0},
		"a place whose money a dispute has taken":         {alone(stripepay.DisputeLost), confirmed, 0},
		"a place whose money a dispute has left here":     {alone(stripepay.DisputeWon), confirmed, 0},
		"no place, and a dispute has taken the money":     {alone(stripepay.DisputeLost), nowhere, 0},
		"no place, and a dispute has left the money here": {alone(stripepay.DisputeWon), nowhere, 1},
		"paid twice, and a dispute is about the second":   {twice(stripepay.DisputeNeedsResponse), confirmed, 0},
		"paid twice, and a dispute has taken the second":  {twice(stripepay.DisputeLost), confirmed, 0},
		"paid twice, and a dispute has left both here":    {twice(stripepay.DisputeWon), confirmed, 1},
		"paid twice, and a bank does not take it back":    {refused, confirmed, 0},
		"paid twice": {paid(paid(held(), "pi", DepositCharge, 960, true), "pi2", DepositCharge, 960, true), confirmed, 1},
		"no place, and a bank does not take the money back":   {stuck(refundTries - 1), nowhere, 0},
		"no place, and money is here that nobody has refused": {paid(held(), "pi", DepositCharge, 960, true), nowhere, 1},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			if wrong := in(c.booking, c.standing).wrongMoney(noon.Add(time.Hour)); len(wrong) != c.wrong {
				t.Errorf("it says %q, want %d", wrong, c.wrong)
			}
		})
	}
}

// TestWhatWasPaidTwiceGoesBackOnceItsDisputeIsWon: while it was disputed nothing
// could be returned, and money is not kept twice for one charge (invariant 3).
func TestWhatWasPaidTwiceGoesBackOnceItsDisputeIsWon(t *testing.T) {
	t.Parallel()
	confirmed := retreats.Standing{State: retreats.Confirmed, Since: noon}
	for _, state := range []stripepay.DisputeState{stripepay.DisputeUnderReview, stripepay.DisputeLost} {
		if got := in(twice(state), confirmed).next(noon); got.kind == returnWon {
			t.Errorf("%s: %+v", state, got)
		}
	}
	b := twice(stripepay.DisputeWon)
	if got := in(b, confirmed).next(noon); got.kind != returnWon || got.line != "pi2" {
		t.Fatalf("the next step is %+v", got)
	}
	b.returnWon("pi2", noon)
	if len(b.Refunds) != 1 || b.Refunds[0].Amount != usd(960) || b.Refunds[0].Reason != RefundTwice || b.Kept(DepositCharge) != usd(960) {
		t.Errorf("refunds %+v, %s is kept", b.Refunds, b.Kept(DepositCharge))
	}
	if got := in(b, confirmed).next(noon); got.kind == returnWon {
		t.Errorf("and then once more: %+v", got)
	}
	once := paid(held(), "pi2", DepositCharge, 960, true)
	once.Disputes = b.Disputes
	if got := in(once, confirmed).next(noon); got.kind == returnWon {
		t.Errorf("what pays for the place goes back: %+v", got)
	}
}

// TestAPresentDoesNotShortenARefundThatFailed: what a couple was given while its
// bank refused what it gets back is given besides (invariant 3).
func TestAPresentDoesNotShortenARefundThatFailed(t *testing.T) {
	t.Parallel()
	confirmed := retreats.Standing{State: retreats.Confirmed, Since: noon}
	b := paid(held(), "pi", DepositCharge, 1960, true)
	b.Refunds = []Refund{
		{ID: "r", PaymentID: "pi", Amount: usd(1000), Reason: RefundMoved, StripeID: "re", State: stripepay.RefundFailed, AskedAt: noon},
		{ID: "present", PaymentID: "pi", Amount: usd(50), Reason: RefundException, StripeID: "re2", State: stripepay.RefundSucceeded, Waives: true},
	}
	b.repeatRefund("r", confirmed, noon)
	if again := b.Refunds[len(b.Refunds)-1]; again.Reason != RefundAgain || again.Amount != usd(1000) {
		t.Errorf("it goes back as %+v", again)
	}
	if wrong := in(b, confirmed).wrongMoney(noon.Add(time.Hour)); len(wrong) > 0 {
		t.Errorf("a recount says %q", wrong)
	}
}
