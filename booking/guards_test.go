package booking

import (
	"testing"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// TestWhichDatesAQuoteGoesBy [D16]: where the practice has moved the dates, those
// that give more back; and nobody gets more back by changing to later dates
// first [D17].
func TestWhichDatesAQuoteGoesBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		about     string
		accepted  civil.Date // the cohort begins on 1 June
		transfers []Transferred
		days      int // before 1 June
		percent   int
	}{
		{"as accepted", "2027-06-01", nil, 40, 50},
		{"moved to sooner", "2027-08-01", nil, 40, 100},
		{"moved to later", "2027-05-01", nil, 40, 50},
		{"accepted before this was noted", "", nil, 40, 50},
		{"changed by the couple when half came back", "2027-06-01", []Transferred{{ByCouple: true, Most: 50}}, 90, 50},
		{"changed when all came back", "2027-06-01", []Transferred{{ByCouple: true, Most: 100}}, 40, 50},
		{"changed by staff", "2027-06-01", []Transferred{{Most: 50}}, 90, 100},
	} {
		b := paid(held(), "pi", DepositCharge, 960, true)
		b.Acceptance.Policy, b.Acceptance.StartsOn, b.Transfers = retreats.DefaultRefundPolicy(), c.accepted, c.transfers
		now := dated.StartsOn.AddDays(-c.days).At("12:00", time.UTC)
		if q := in(b, retreats.Standing{State: retreats.Confirmed}).Quote(now); q.Percent != c.percent || q.Back != usd(960).Percent(c.percent) {
			t.Errorf("%s: %d %%, %s, want %d %%", c.about, q.Percent, q.Back, c.percent)
		}
	}
}

// TestNothingIsChargedWhileSomebodyPays: a saved card waits for a card page of
// the same charge, and a page for the card, so that neither takes it twice.
func TestNothingIsChargedWhileSomebodyPays(t *testing.T) {
	t.Parallel()
	b := paid(held(), "pi", DepositCharge, 960, true)
	for i := range b.Clearances {
		b.Clearances[i] = Clearance{State: Cleared, At: at(0)}
	}
	b.Cards[0] = &SavedCard{CustomerID: "cus", MethodID: "pm", SavedAt: noon}
	c := in(b, retreats.Standing{State: retreats.Confirmed})
	due := b.Charges[1].DueAt
	if _, charges, _ := c.chargeDue(due); !charges {
		t.Fatal("it is not charged at all")
	}
	b.Checkouts = []Checkout{{ID: "page", ChargeID: BalanceCharge, Amount: usd(3840), Share: nil, ExpiresAt: due.Add(time.Hour)}}
	if _, charges, _ := c.chargeDue(due); charges {
		t.Error("the card is charged while a page is open")
	}
	b.Checkouts = nil
	for _, state := range []TryState{TryUnheard, TryProcessing} {
		b.Tries = []Try{{ID: "try", ChargeID: BalanceCharge, Amount: usd(3840), MethodID: "pm", State: state}}
		if _, err := c.startCheckout(Order{Charge: BalanceCharge}, due); err != ErrCharging {
			t.Errorf("a page while the card is charged (%q): %v", state, err)
		}
		if _, charges, _ := c.chargeDue(due); charges {
			t.Errorf("the card is charged twice at once (%q)", state)
		}
	}
}

// TestWhatADisputeHasTakenDoesNotGoBackAsWell (invariant 3): with a part that
// was returned before, and never below nothing.
func TestWhatADisputeHasTakenDoesNotGoBackAsWell(t *testing.T) {
	t.Parallel()
	for state, back := range map[stripepay.DisputeState]int64{
		stripepay.DisputeNeedsResponse: 0, stripepay.DisputeLost: 0, stripepay.DisputeWon: 660, stripepay.DisputeWarningNeedsResponse: 660,
	} {
		b := paid(held(), "pi", DepositCharge, 960, true)
		b.Refunds = []Refund{{ID: "r", PaymentID: "pi", Amount: usd(300), State: stripepay.RefundSucceeded}}
		b.Disputes = []Dispute{{ID: "dp", PaymentID: "pi", Amount: usd(960), State: state}}
		if got := b.quotable(); got != usd(back) {
			t.Errorf("%s: %s can go back, want %s", state, got, usd(back))
		}
		if got := b.refund("pi", usd(960), RefundCancelled, noon); got != usd(back) {
			t.Errorf("%s: %s goes back, want %s", state, got, usd(back))
		}
	}
}

// TestADisputeInAnotherCurrency counts as all of its payment: sums must not fail,
// and nothing of it goes back (invariant 3).
func TestADisputeInAnotherCurrency(t *testing.T) {
	t.Parallel()
	b := paid(held(), "pi", DepositCharge, 960, true)
	b.noteDispute(stripepay.Dispute{
		ID: "dp", PaymentIntentID: "pi", Amount: money.Of(890, "EUR"), State: stripepay.DisputeNeedsResponse, CreatedAt: noon,
	}, noon)
	if got := b.DisputedAway(); got != usd(960) || b.quotable() != usd(0) {
		t.Errorf("%s is disputed away, %s can go back", got, b.quotable())
	}
}

// TestMoneyIsDecidedAboutOnce: what another process has found a place for does not
// go back by a decision from before; and what is paid already is not paid again
// (invariant 3).
func TestMoneyIsDecidedAboutOnce(t *testing.T) {
	t.Parallel()
	b := paid(held(), "pi", DepositCharge, 960, true)
	if err := b.settlePayment("pi", RefundPart, noon); err != nil || len(b.Refunds) > 0 {
		t.Errorf("settled money goes back: %+v, %v", b.Refunds, err)
	}
	paid(b, "pi2", DepositCharge, 960, false)
	s, ok := in(b, retreats.Standing{State: retreats.Confirmed}).nextOfPayment(b.Payments[1])
	if !ok || s.kind != returnMoney || s.reason != RefundTwice {
		t.Errorf("what was paid twice: step %+v", s)
	}
}

// TestAPartWaitsWithItsPlace [D3]: as long as the hold goes on, and then until the
// other partner's card page has ended, which may bring the rest.
func TestAPartWaitsWithItsPlace(t *testing.T) {
	t.Parallel()
	until := *at(30)
	for _, c := range []struct {
		about    string
		standing retreats.Standing
		page     bool
		goesBack bool
	}{
		{"while it is held", retreats.Standing{State: retreats.Held, Until: &until}, false, false},
		{"when the hold is over and a page is open", retreats.Standing{State: retreats.Held, Until: &until, Ending: true}, true, false},
		{"when the place is gone and a page is open", retreats.Standing{}, true, false},
		{"when the hold is over", retreats.Standing{State: retreats.Held, Until: &until, Ending: true}, false, true},
	} {
		b := paid(held(), "pi", DepositCharge, 480, false)
		b.Checkouts = []Checkout{{ID: "page", ChargeID: DepositCharge, SessionID: "cs", Amount: usd(480), ExpiresAt: *at(31), Ended: !c.page}}
		s, ok := in(b, c.standing).nextOfPayment(b.Payments[0])
		if ok != c.goesBack || (ok && (s.kind != returnMoney || s.reason != RefundPart)) {
			t.Errorf("%s: step %+v, %v", c.about, s, ok)
		}
	}
}

// TestAPageEndsAtItsMoment, and not a minute later.
func TestAPageEndsAtItsMoment(t *testing.T) {
	t.Parallel()
	b := held()
	line := Checkout{ID: "page", ChargeID: DepositCharge, SessionID: "cs", Amount: usd(960), StartedAt: noon, ExpiresAt: *at(31)}
	for minutes, ends := range map[int]bool{30: false, 31: true} {
		s, ok := in(b, retreats.Standing{State: retreats.Held, Until: at(60)}).nextOfCheckout(line, *at(minutes))
		if ok != ends || (ok && s.kind != endCheckout) {
			t.Errorf("after %d minutes: step %+v, %v", minutes, s, ok)
		}
	}
}

// TestAPageThatWouldTakeTooMuchIsEnded: somebody has paid a part since it was
// opened, or the price was lowered.
func TestAPageThatWouldTakeTooMuchIsEnded(t *testing.T) {
	t.Parallel()
	for amount, ends := range map[int64]bool{3840: true, 2841: true, 2840: false, 1000: false} {
		b := paid(paid(held(), "pi", DepositCharge, 960, true), "pi2", BalanceCharge, 1000, true)
		b.Checkouts = []Checkout{{ID: "page", ChargeID: BalanceCharge, SessionID: "cs", Amount: usd(amount), StartedAt: noon, ExpiresAt: *at(31)}}
		s := in(b, retreats.Standing{State: retreats.Confirmed}).next(*at(1))
		if (s.kind == endCheckout) != ends {
			t.Errorf("a page for %s while 2840 is open: step %d", usd(amount), s.kind)
		}
	}
}

// TestMoneyInMotionStaysWhereItIs [D17]: nobody changes to other dates while a
// payment is disputed, undecided, or being charged.
func TestMoneyInMotionStaysWhereItIs(t *testing.T) {
	t.Parallel()
	for about, set := range map[string]func(*Booking){
		"disputed": func(b *Booking) {
			b.Disputes = []Dispute{{ID: "dp", PaymentID: "pi", State: stripepay.DisputeUnderReview}}
		},
		"undecided": func(b *Booking) { b.Payments[0].SettledAt = nil },
		"charging":  func(b *Booking) { b.Tries = []Try{{ID: "try", ChargeID: BalanceCharge}} },
	} {
		b := paid(held(), "pi", DepositCharge, 960, true)
		c := in(b, retreats.Standing{State: retreats.Confirmed})
		if err := c.MayTransfer(noon); err != nil {
			t.Fatal(err)
		}
		if set(b); c.MayTransfer(noon) != errTransferMoney {
			t.Errorf("%s: %v", about, c.MayTransfer(noon))
		}
	}
}
