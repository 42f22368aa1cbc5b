package booking

import "time"

// callOff ends the booking because its cohort does not take place: everything
// that was paid goes back [D17].
func (b *Booking) callOff(reason string, now time.Time) {
	if b.IsOver() {
		return
	}
	paid := b.quotable()
	b.Cancellation = &Cancellation{
		At: now, ByPractice: true, Quote: paid, Paid: paid, Percent: 100, Why: ByCalledOff, ReturnAt: &now,
	}
	b.EndReason = reason
	b.returnQuoted(now)
	b.attend(now)
	b.replan(now)
}
