package retreats

import (
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
)

// What organizers do to the waitlist by hand. Each of these overrides the
// order, so each asks for a reason, which audit.Reason has checked.

// maxPriority bounds what an organizer may give: below what money that came
// too late gives [D3].
const maxPriority = 100

// Prioritise moves the couple's turn: the higher priority goes first, and
// among equals the earlier one. The couples who wait read the reason.
func (c *Cohort) Prioritise(booking string, priority int, reason string, by audit.By, now time.Time) error {
	if priority < -maxPriority || priority > maxPriority {
		return fault.InvalidFields(fault.Fields{"priority": "A priority lies between -100 and 100; 0 is the order of joining."})
	}
	r, _ := c.settled(now)
	i := r.turnOf(booking)
	if i < 0 {
		return ErrNotWaiting
	}
	r = r.clone()
	turn := r.Waitlist[i]
	line := audit.Line{What: "priority", From: number(turn.Priority), To: number(priority), Reason: reason, Booking: booking}
	r.Waitlist = slices.Delete(r.Waitlist, i, i+1)
	turn = turn.happened(TurnMoved, by.Name, now)
	turn.Priority, turn.Reason = priority, reason
	r.queue(turn)
	c.offer(&r, now)
	c.keep(r)
	c.Trail = c.Trail.Add(by, now, line)
	return nil
}

// OfferByHand offers a free place to a couple that waits, whoever is first,
// and also when offers are not made automatically any more [D7].
func (c *Cohort) OfferByHand(booking, reason string, by audit.By, now time.Time) (Standing, error) {
	if c.State != Closed {
		if err := c.bookable(now); err != nil {
			return Standing{}, err
		}
	} else if !now.Before(c.Start()) {
		return Standing{}, ErrPast
	}
	r, _ := c.settled(now)
	i := r.turnOf(booking)
	switch {
	case r.placeOf(booking) >= 0:
		return r.at(booking, now), nil
	case i < 0:
		return Standing{}, ErrNotWaiting
	case c.unused(r) == 0:
		return Standing{}, ErrFull
	}
	r = r.clone()
	if i != 0 {
		r.Waitlist[i].Reason = reason // those who wait longer may ask why
	}
	c.offerTo(&r, i, by.Name, now)
	c.keep(r)
	c.Trail = c.Trail.Add(by, now, audit.Line{What: "offered by hand", Reason: reason, Booking: booking})
	return r.Of(booking), nil
}

// Remove takes a couple off the waitlist.
func (c *Cohort) Remove(booking, reason string, by audit.By, now time.Time) error {
	if c.Settled(now).turnOf(booking) < 0 {
		return ErrNotWaiting
	}
	c.Release(booking, now)
	c.Trail = c.Trail.Add(by, now, audit.Line{What: "taken off the waitlist", Reason: reason, Booking: booking})
	return nil
}

// JoinAt puts a couple that waited elsewhere on the waitlist. It waits since
// when it joined there, or here if that was earlier. A place that is free for
// it is offered, not held: the couple has not been asked about these dates.
func (c *Cohort) JoinAt(booking string, joinedAt, now time.Time) (Standing, error) {
	r, _ := c.settled(now)
	i := r.turnOf(booking)
	if i < 0 && r.Of(booking).State != None {
		return r.at(booking, now), nil
	}
	if r.keptBackOf(booking) >= 0 {
		return c.Join(booking, "", now) // its own place, given up a moment ago
	}
	if err := c.bookable(now); err != nil {
		return Standing{}, err
	}
	if i < 0 && len(r.Waitlist) >= c.WaitlistCap {
		return Standing{}, ErrWaitlistFull
	}
	r = r.clone()
	turn := Waiting{Booking: booking, JoinedAt: now}
	if i >= 0 {
		turn = r.Waitlist[i]
		r.Waitlist = slices.Delete(r.Waitlist, i, i+1)
	}
	if joinedAt.Before(turn.JoinedAt) {
		turn.JoinedAt = joinedAt
	}
	r.queue(turn)
	c.offer(&r, now)
	c.keep(r)
	return r.Of(booking), nil
}
