package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// TestACancellationWhileAPlaceIsConfirmed: the money that came is settled
// neither for the place nor in the quote, and goes back (invariant 3).
func TestACancellationWhileAPlaceIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustBook("ana", false)
	page := w.open(id, booking.DepositCharge)
	w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
	w.pay(page)
	// Another process cancels between the two writes of this one.
	this, fuse := w.bookings, w.fuse
	w.live(1) // and dies then
	w.fuse.after = true
	other := w.bookings
	w.bookings, w.fuse = this, fuse
	cancelled := false
	fuse.meddle = func(collection string, do func() error) error {
		err := do()
		if collection != "cohorts" || cancelled {
			return err
		}
		if c, _ := other.Case(t.Context(), id); c.Standing.State == retreats.Confirmed {
			cancelled = true
			_ = other.Cancel(t.Context(), id, nil)
		}
		return err
	}
	w.wait(32 * time.Minute)
	w.passes()
	fuse.meddle = nil
	for range 3 {
		w.wait(20 * time.Minute)
		w.passes()
	}
	if !cancelled {
		t.Fatal("nobody cancelled")
	}
	c := w.stands(id, retreats.None, 0)
	if len(c.Booking.Refunds) != 1 {
		t.Errorf("refunds %+v", c.Booking.Refunds)
	}
	w.checkMoney([]string{id})
}
