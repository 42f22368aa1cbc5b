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
}

// Settled is the roster as it is now, also when nobody has saved it yet.
func (c *Cohort) Settled(now time.Time) Roster {
	r, _ := c.settled(now)
	return r
}

// settled returns the cohort's own roster when there is nothing to settle, and
// a changed copy otherwise: a decision that fails must leave no trace.
func (c *Cohort) settled(now time.Time) (Roster, bool) {
	over := func(p Place) bool { return p.Until != nil && !now.Before(*p.Until) }
	expires := slices.ContainsFunc(c.Roster.Places, over)
	if !expires && !c.owesOffer(c.Roster, now) {
		return c.Roster, false
	}
	r := c.Roster.clone()
	// Holds first: a place that becomes free is a new one for those who have
	// let another go by.
	for i := len(r.Places) - 1; i >= 0; i-- {
		if over(r.Places[i]) && r.Places[i].State == Held {
			r.vacate(i)
		}
	}
	for i := len(r.Places) - 1; i >= 0; i-- {
		if over(r.Places[i]) {
			r.goBy(i)
		}
	}
	c.offer(&r, now)
	return r, true
}

func (c *Cohort) owesOffer(r Roster, now time.Time) bool {
	return len(r.Places) < c.Capacity && r.nextToAsk() >= 0 && c.offers(now)
}

// offers reports whether free places are offered automatically now.
func (c *Cohort) offers(now time.Time) bool {
	return c.bookable(now) == nil && civil.DateOf(now, c.Location()).DaysUntil(c.StartsOn) > offersStopDays
}

// offer gives free places to those who wait. It works on a roster of its own.
func (c *Cohort) offer(r *Roster, now time.Time) {
	for c.owesOffer(*r, now) {
		i := r.nextToAsk()
		turn := r.Waitlist[i]
		r.Waitlist = slices.Delete(r.Waitlist, i, i+1)
		until := c.offerDeadline(now)
		r.Places = append(r.Places, Place{
			Booking: turn.Booking, State: Offered, Since: now, Until: &until, Turn: &turn, Untold: true,
		})
	}
}

// offerDeadline is when an offer made now ends: after the cohort's window,
// shorter when the start is near [D5]. A deadline in quiet hours (21:00 to 9:00) moves to 10:00,
// since two people must be able to decide on it awake.
func (c *Cohort) offerDeadline(now time.Time) time.Time {
	window := time.Duration(c.OfferHours) * time.Hour
	zone := c.Location()
	if civil.DateOf(now, zone).DaysUntil(c.StartsOn) <= 30 {
		window = min(window, 24*time.Hour)
	}
	until := now.Add(window)
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
	c.NextDeadline = r.nextDeadline()
}
