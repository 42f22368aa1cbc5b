package booking

import (
	"testing"

	"lantern/internal/stripepay"
)

// TestAPresentStaysWithThePartnerWhoPaid [D17]: what was given back of one
// partner's part is not owed by that partner again, nor off the other's.
func TestAPresentStaysWithThePartnerWhoPaid(t *testing.T) {
	t.Parallel()
	b := paid(held(), "pi", BalanceCharge, 1920, true)
	b.Split, b.Payments[0].Share = &Split{First: 50}, new(0)
	b.Refunds = []Refund{{ID: "r", PaymentID: "pi", Amount: usd(500), Reason: RefundException, Waives: true, State: stripepay.RefundSucceeded}}
	balance := b.Charges[1]
	if first, second := b.OpenShare(balance, 0), b.OpenShare(balance, 1); first != usd(0) || second != usd(1920) {
		t.Errorf("the first still pays %s and the second %s", first, second)
	}
}

// TestAnOldWordOfADisputeChangesNothing: it was asked for before the dispute was
// closed, and came after. A question that was closed may still become one.
func TestAnOldWordOfADisputeChangesNothing(t *testing.T) {
	t.Parallel()
	for closed, stays := range map[stripepay.DisputeState]bool{
		stripepay.DisputeWon: true, stripepay.DisputeLost: true, stripepay.DisputeWarningClosed: false,
	} {
		b := paid(held(), "pi", DepositCharge, 960, true)
		there := stripepay.Dispute{ID: "dp", PaymentIntentID: "pi", Amount: usd(960), State: closed, CreatedAt: noon}
		b.noteDispute(there, noon)
		there.State = stripepay.DisputeNeedsResponse
		b.noteDispute(there, *at(1))
		if b.HasOpenDispute() == stays || (b.Disputes[0].ClosedAt != nil) != stays {
			t.Errorf("%s, then an older word: %+v", closed, b.Disputes[0])
		}
	}
}
