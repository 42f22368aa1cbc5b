package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// TestAPartThatIsDisputedDoesNotKeepABookingOpen: the hold ends, the couple's
// booking with it, and the money goes where the bank says: back by us if it is
// ours again, and not once more if it has gone.
func TestAPartThatIsDisputedDoesNotKeepABookingOpen(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		won  bool
		kept int64
	}{"won": {true, 0}, "lost": {false, deposit / 2}} {
		w := newWorld(t)
		ctx := t.Context()
		ana := w.mustBook("ana", false)
		w.must(w.bookings.SplitPayments(ctx, ana, 50, 0))
		first := 0
		page, err := w.bookings.Pay(ctx, ana, booking.Order{Charge: booking.DepositCharge, Share: &first})
		w.must(err)
		w.payWith(page, disputedCard)
		w.passes()
		w.passes()
		if held := w.stands(ana, retreats.Held, deposit/2); !held.Booking.HasOpenDispute() {
			t.Fatal("nothing is disputed")
		}
		w.wait(time.Hour)
		w.passes()
		w.passes()
		ended := w.stands(ana, retreats.None, deposit/2)
		if !ended.Booking.IsOver() || len(ended.Booking.Refunds) != 0 {
			t.Errorf("%s: over %v, refunds %+v", about, ended.Booking.IsOver(), ended.Booking.Refunds)
		}
		w.expectNeeds("while the bank decides", ana, booking.MatterDispute)
		w.must(w.cards.CloseDispute(ended.Booking.Disputes[0].ID, c.won))
		w.passes()
		w.passes()
		after := w.stands(ana, retreats.None, c.kept)
		if got := after.Booking.KeptInAll().Minus(after.Booking.DisputedAway()); !got.IsZero() || after.Booking.Payments[0].SettledAt == nil {
			t.Errorf("%s: %s is with us, decided at %v", about, got, after.Booking.Payments[0].SettledAt)
		}
		w.expectNeeds("when the bank has decided", ana, "")
	}
}
