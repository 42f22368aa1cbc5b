package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// older gives a booking's money the state that a backup of before has, which is
// put back when Stripe has forgotten all keys.
func (w *world) older(id string, do func()) {
	w.t.Helper()
	c, err := w.bookings.Case(w.t.Context(), id)
	w.must(err)
	do()
	w.wait(25 * time.Hour)
	w.tamper(id, func(b *booking.Booking) {
		b.Payments, b.Refunds, b.Tries, b.Checkouts = c.Booking.Payments, c.Booking.Refunds, c.Booking.Tries, c.Booking.Checkouts
		b.Cancellation, b.LapsedAt, b.AttendAt = c.Booking.Cancellation, c.Booking.LapsedAt, &w.now
	})
	for range 3 {
		w.pass()
		w.wait(40 * time.Minute)
	}
}

// TestWhatWasChargedAfterTheBackupIsNotChargedAgain (invariant 3), however it was
// paid, and before anybody compares our books with Stripe's.
func TestWhatWasChargedAfterTheBackupIsNotChargedAgain(t *testing.T) {
	t.Parallel()
	for name, pay := range map[string]func(w *world, id string){
		"by itself": func(*world, string) {},
		"on a page": func(w *world, id string) { w.comes(w.open(id, booking.BalanceCharge)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.agreed("ana", goodCard)
			w.clear(id, booking.Cleared, booking.Cleared)
			w.passes()
			w.until("2027-03-10", "09:50")
			w.older(id, func() {
				pay(w, id)
				w.wait(10 * time.Minute)
				w.passes()
				w.stands(id, retreats.Confirmed, deposit+balance)
			})
			w.stands(id, retreats.Confirmed, deposit+balance)
			w.checkMoney([]string{id})
			if received, _ := w.cards.Totals(); received["USD"] != deposit+balance {
				t.Errorf("%d was charged in all", received["USD"])
			}
		})
	}
}

// TestWhatWentBackAfterTheBackupDoesNotGoBackAgain (invariant 3): half of what was
// paid, of which Stripe would return the other half as well.
func TestWhatWentBackAfterTheBackupDoesNotGoBackAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.retreats.AmendCohort(t.Context(), "co", robin, func(_ *retreats.Programme, terms *retreats.Terms) error {
		terms.UndoMinutes = 15
		return nil
	})
	w.must(err)
	id := w.confirmed("ana")
	w.until("2027-03-01", "12:00") // 39 days before
	w.must(w.bookings.Cancel(t.Context(), id, nil))
	w.older(id, func() {
		w.wait(16 * time.Minute)
		w.passes()
		w.stands(id, retreats.None, deposit/2)
	})
	w.stands(id, retreats.None, deposit/2)
	w.checkMoney([]string{id})
}
