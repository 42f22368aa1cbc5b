package retreats

import (
	"slices"
	"time"
)

// What ends by itself, and when.

// holdGrace is how long a place is kept after its hold is over [D2]. The card
// page has ended then, and there is time to ask the card service whether money
// is on its way before the place goes to somebody else.
const holdGrace = 5 * time.Minute

// ends is when the place becomes free by itself; nil when it does not. No hold
// outlasts the start.
func (p Place) ends(start time.Time) *time.Time {
	if p.State != Held || p.Until == nil {
		return p.Until
	}
	end := p.Until.Add(holdGrace)
	return earlier(&end, &start)
}

func (p Place) over(now, start time.Time) bool {
	end := p.ends(start)
	return end != nil && !now.Before(*end)
}

func (k KeptBack) over(now time.Time) bool { return !now.Before(k.Until) }

// lapses reports whether something has ended.
func (r Roster) lapses(now, start time.Time) bool {
	return slices.ContainsFunc(r.Places, func(p Place) bool { return p.over(now, start) }) ||
		slices.ContainsFunc(r.KeptBack, func(k KeptBack) bool { return k.over(now) })
}

// nextLapse is when the first hold, offer or place kept back ends; nil when
// there is none.
func (r Roster) nextLapse(start time.Time) *time.Time {
	var next *time.Time
	for i := range r.Places {
		next = earlier(next, r.Places[i].ends(start))
	}
	for i := range r.KeptBack {
		next = earlier(next, &r.KeptBack[i].Until)
	}
	return next
}

// lapse ends what is over at that moment. Offers come last: a place that
// becomes free at the same time is no new one for those who let theirs go by.
func (r *Roster) lapse(at, start time.Time, maxPasses int) {
	before := r.taken()
	for _, k := range r.KeptBack {
		if k.over(at) && k.State == Confirmed && at.Before(start) {
			r.giveUp(k.Booking, k.Until)
		}
	}
	r.KeptBack = slices.DeleteFunc(r.KeptBack, func(k KeptBack) bool { return k.over(at) })
	r.Places = slices.DeleteFunc(r.Places, func(p Place) bool { return p.State == Held && p.over(at, start) })
	if r.taken() < before {
		r.askAgain()
	}
	for i := len(r.Places) - 1; i >= 0; i-- {
		if r.Places[i].over(at, start) {
			r.goBy(i, maxPasses, TurnExpired, at)
		}
	}
}

// nextDeadline is when the roster must be looked at next.
func (r Roster) nextDeadline(start time.Time) *time.Time {
	next := r.nextLapse(start)
	for i := range r.Places {
		if r.Places[i].Untold {
			next = earlier(next, &r.Places[i].Since)
		}
	}
	for _, g := range r.GivenUp {
		next = earlier(next, g.FilledAt)
	}
	return next
}

// earlier gives the first of two moments, each of which may be none.
func earlier(a, b *time.Time) *time.Time {
	if a == nil || (b != nil && b.Before(*a)) {
		a = b
	}
	if a == nil {
		return nil
	}
	moment := *a // not a pointer into somebody's list
	return &moment
}
