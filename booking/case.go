package booking

import (
	"time"

	"lantern/retreats"
)

// next is the next step of a booking in its cohort; see Booking.next.
func (c Case) next(now time.Time) step {
	switch {
	case c.Booking.Moving != nil:
		return step{kind: move}
	case c.Booking.Removing != nil:
		return step{kind: removeTurn}
	case c.Cohort.State == retreats.Cancelled && !c.Booking.IsOver():
		return step{kind: callOff}
	}
	s := c.Booking.next(c.Standing, now)
	if start := c.Cohort.Start(); s.kind == rest && c.Standing.State == retreats.WaitingOn && (s.at == nil || start.Before(*s.at)) {
		s.at = &start // where waiting ends
	}
	return s
}

// callOff ends the booking because its cohort does not take place: everything
// that was paid goes back [D17].
func (b *Booking) callOff(reason string, now time.Time) {
	if b.IsOver() {
		return
	}
	b.Cancellation = &Cancellation{At: now, ByPractice: true, Quote: b.KeptInAll()}
	b.EndReason = reason
	for _, p := range b.Payments {
		if p.SettledAt != nil {
			b.refund(p.ID, p.Amount, RefundCalledOff, now)
		}
	}
	b.attend(now)
	b.replan(now)
}
