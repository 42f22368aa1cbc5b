package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// TestMoneyThatComesTooLate [D3]: the card service cannot be asked when the hold
// ends, so the place becomes free, and only then money is found. A free place
// is theirs; else all of it goes back and they are first on the waitlist.
func TestMoneyThatComesTooLate(t *testing.T) {
	t.Parallel()
	for name, taken := range map[string]bool{"the place is still free": false, "somebody else has it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
			ana := w.mustBook("ana", false)
			page := w.open(ana, booking.DepositCharge)
			w.wait(30 * time.Minute)
			w.payWith(page, goodCard)
			w.unreachable(true)
			w.wait(7 * time.Minute) // the hold and its grace are over
			w.passes()
			var others []string
			if taken {
				others = append(others, w.mustBook("ben", false), w.mustBook("cleo", true))
			}
			w.unreachable(false)
			w.wait(15 * time.Minute)
			for range 3 {
				w.passes()
			}
			if !taken {
				w.stands(ana, retreats.Confirmed, deposit)
				w.checkBooks(0, []string{ana})
				return
			}
			c := w.stands(ana, retreats.WaitingOn, 0)
			if c.Standing.Position != 1 || c.Standing.Reason != retreats.LateReason {
				t.Errorf("stands at %d because %q", c.Standing.Position, c.Standing.Reason)
			}
			if len(c.Booking.Refunds) != 1 || c.Booking.Refunds[0].Reason != booking.RefundLate || c.Booking.PlanAt == nil {
				t.Errorf("refunds %+v, to be told at %v", c.Booking.Refunds, c.Booking.PlanAt)
			}
			w.checkBooks(0, append(others, ana))
		})
	}
}
