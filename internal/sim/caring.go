package main

import (
	"math/rand/v2"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// phones has Casey make some of the calls that there are to be made.
func (w *world) phones(p *process, r *rand.Rand) {
	list, err := p.bookings.CallList(w.ctx, "")
	if err != nil {
		w.say("Casey sees no calls: %v", err)
		return
	}
	for _, line := range list.Now[:min(4, len(list.Now))] {
		outcome, again := one(r, booking.CallReached, booking.CallReached, booking.CallNoAnswer, booking.CallLater), time.Time{}
		if outcome == booking.CallLater {
			again = w.now.Add(time.Duration(1+r.IntN(20)) * time.Hour)
		}
		err := p.bookings.RecordCall(w.ctx, line.Booking.ID, []string{line.Call.ID()}, outcome, again, casey)
		w.say("Casey calls about %s of %s, %s: %v", line.Call.ID(), line.Booking.ID, outcome, err)
		if line.Call.Kind == booking.CallUnreached && outcome == booking.CallReached {
			for _, who := range []string{"0", "1"} {
				err := p.bookings.Reached(w.ctx, line.Booking.ID, who, casey)
				w.say("Casey notes that partner %s of %s is reached: %v", who, line.Booking.ID, err)
			}
		}
	}
}

// waives decides about somebody who missed a session, or lets a couple begin
// without a driver's yes, or takes a departure back that was noted by mistake.
func (w *world) waives(p *process, c *retreats.Cohort, id string, r *rand.Rand) {
	s := c.Sessions[r.IntN(len(c.Sessions))]
	switch {
	case s.Kind == retreats.Preparation && w.now.After(s.StartsAt):
		err := p.bookings.WaiveAttendance(w.ctx, id, s.ID, r.IntN(2), "They read it at home.", robin)
		w.say("Robin lets %s off %s: %v", id, s.ID, err)
	case c.NeedsDriver(s) && w.now.Before(s.EndsAt):
		err := p.bookings.BeginAllTheSame(w.ctx, id, s.ID, "Their son has said by phone that he comes.", robin)
		w.say("Robin lets %s begin %s all the same: %v", id, s.ID, err)
	case c.NeedsDriver(s):
		err := p.bookings.UndoRelease(w.ctx, id, s.ID, casey)
		w.say("Casey takes back that %s left after %s: %v", id, s.ID, err)
		w.account.back(id, s.ID)
	}
}

// corrects strikes a payment that was noted by mistake, or notes that money by
// transfer was sent.
func (w *world) corrects(p *process, seen booking.Case, r *rand.Rand) {
	b := seen.Booking
	for _, refund := range b.Refunds {
		if !byCard(b, refund) {
			err := p.bookings.RefundSent(w.ctx, b.ID, refund.ID, "statement 7", robin)
			w.say("Robin notes that %s of %s was sent: %v", refund.ID, b.ID, err)
			return
		}
	}
	for _, payment := range b.Payments {
		if payment.Method != booking.ByCard && chance(r, 50) {
			err := p.bookings.StrikePayment(w.ctx, b.ID, payment.ID, "It was another couple's.", robin)
			w.say("Robin strikes %s of %s: %v", payment.ID, b.ID, err)
			return
		}
	}
}
