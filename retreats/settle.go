package retreats

import (
	"slices"
	"time"

	"lantern/internal/civil"
)

// offersStopDays is how long before the start automatic offers end: screening,
// preparation and a driver could not be arranged any more [D7].
const offersStopDays = 14

// Settle brings about what time has: holds and offers that are over end, and
// free places go to those who wait, in order. It is idempotent.
func (c *Cohort) Settle(now time.Time) {
	if r, changed := c.settled(now); changed {
		c.keep(r)
	}
	c.finish(now)
}

// Settled is the roster as it is now, also when nobody has saved it yet.
func (c *Cohort) Settled(now time.Time) Roster {
	r, _ := c.settled(now)
	return r
}

// settled returns the cohort's own roster when there is nothing to settle, and
// a changed copy otherwise: a decision that fails must leave no trace.
func (c *Cohort) settled(now time.Time) (Roster, bool) {
	start := c.Start()
	ends := c.Roster.endsAtStart() && !now.Before(start)
	if !c.Roster.lapses(now, start) && !ends && !c.owesOffer(c.Roster, now) {
		return c.Roster, false
	}
	r := c.Roster.clone()
	c.offer(&r, now)
	// One moment after the other: whoever lets a place go by is asked again
	// only for those that become free later, however late this is settled.
	for r.lapses(now, start) {
		r.lapse(*r.nextLapse(start), start, c.MaxPasses)
		c.offer(&r, now)
	}
	if r.endsAtStart() && !now.Before(start) {
		// There is nothing to wait for any more, for couples or for places.
		r.Waitlist, r.GivenUp = nil, r.filled()
	}
	return r, true
}

// endsAtStart reports whether something is left that waits for a place or a
// couple, which ends when the first day begins.
func (r Roster) endsAtStart() bool { return len(r.Waitlist) > 0 || r.unfilled() }

func (c *Cohort) owesOffer(r Roster, now time.Time) bool {
	return r.taken() < c.Capacity && r.nextToAsk() >= 0 && c.offers(now)
}

// offers reports whether free places are offered automatically now.
func (c *Cohort) offers(now time.Time) bool {
	return c.bookable(now) == nil && civil.DateOf(now, c.Location()).DaysUntil(c.StartsOn) > offersStopDays
}

// offer gives free places to those who wait. It works on a roster of its own.
func (c *Cohort) offer(r *Roster, now time.Time) {
	for c.owesOffer(*r, now) {
		c.offerTo(r, r.nextToAsk(), "", now)
	}
}

// offerTo offers a place to the i-th turn.
func (c *Cohort) offerTo(r *Roster, i int, by string, now time.Time) {
	turn := r.Waitlist[i].happened(TurnOffered, by, now)
	r.Waitlist = slices.Delete(r.Waitlist, i, i+1)
	until := c.offerDeadline(now)
	r.Places = append(r.Places, Place{
		Booking: turn.Booking, State: Offered, Since: now, Until: &until, Code: turn.Code, Turn: &turn, Untold: true,
	})
}

// offerDeadline is when an offer made now ends: after the cohort's window,
// shorter when the start is near, and shorter still for offers that are made by
// hand when no others are made any more [D5]. A deadline in quiet hours (21:00
// to 9:00) moves to 10:00, since two people must be able to decide on it awake.
// No offer outlasts the start.
func (c *Cohort) offerDeadline(now time.Time) time.Time {
	until := c.awake(now.Add(c.offerWindow(now)))
	if start := c.Start(); until.After(start) {
		return start
	}
	return until
}

func (c *Cohort) offerWindow(now time.Time) time.Duration {
	window := time.Duration(c.OfferHours) * time.Hour
	switch days := civil.DateOf(now, c.Location()).DaysUntil(c.StartsOn); {
	case days <= offersStopDays:
		return min(window, 12*time.Hour)
	case days <= 30:
		return min(window, 24*time.Hour)
	}
	return window
}

// awake moves a moment out of the night.
func (c *Cohort) awake(until time.Time) time.Time {
	zone := c.Location()
	local := until.In(zone)
	day := civil.DateOf(until, zone)
	if local.Hour() >= 21 {
		return day.AddDays(1).At("10:00", zone)
	}
	if local.Hour() < 9 {
		return day.At("10:00", zone)
	}
	return until
}

// keep makes a decided roster the cohort's.
func (c *Cohort) keep(r Roster) {
	c.Roster = r
	next := earlier(r.nextDeadline(c.Start()), c.AnnounceAt)
	if c.State == Open || c.State == Closed {
		end := c.End()
		if r.endsAtStart() {
			end = c.Start()
		}
		next = earlier(next, &end)
	}
	if c.Lingering {
		next = earlier(next, c.lastSessionEnds())
	}
	c.NextDeadline = next
}
