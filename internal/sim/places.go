package main

import (
	"cmp"
	"slices"
	"time"

	"lantern/internal/store"
	"lantern/retreats"
)

// turn is a couple's turn on a waitlist as it was first seen.
type turn struct {
	joinedAt time.Time
	priority int
}

// sawCohort holds a cohort that was just stored against what it was before.
func (a *account) sawCohort(r store.Record) {
	var after retreats.Cohort
	if err := a.world.disk.Unmarshal(r.Body, &after); err != nil {
		a.world.breaks(7, "cohort %s cannot be read: %v", r.ID, err)
		return
	}
	before := a.cohorts[r.ID]
	a.cohorts[r.ID] = &after
	if before == nil {
		a.turns[r.ID] = map[string]turn{}
		before = &retreats.Cohort{}
	}
	a.checkCapacity(before, &after)
	a.checkCodes(before, &after)
	a.noteTurns(&after)
	a.checkOrder(&after)
	a.checkTurns(before, &after)
}

func taken(c *retreats.Cohort) int { return len(c.Roster.Places) + len(c.Roster.KeptBack) }

// checkCapacity is the first invariant. Who was there before the capacity was
// lowered may stay.
func (a *account) checkCapacity(before, after *retreats.Cohort) {
	if n := taken(after); n > after.Capacity && n > taken(before) {
		a.world.breaks(1, "%d places of %d are taken in %s", n, after.Capacity, after.ID)
	}
	seen := map[string]bool{}
	for _, p := range after.Roster.Places {
		if seen[p.Booking] {
			a.world.breaks(1, "%s has two places in %s", p.Booking, after.ID)
		}
		seen[p.Booking] = true
	}
	for _, t := range after.Roster.Waitlist {
		if seen[t.Booking] {
			a.world.breaks(1, "%s stands twice in %s", t.Booking, after.ID)
		}
		seen[t.Booking] = true
	}
}

// noteTurns keeps the turns by what was first seen of them; only an organizer's
// hand or late money changes a priority.
func (a *account) noteTurns(c *retreats.Cohort) {
	turns, still := a.turns[c.ID], map[string]bool{}
	note := func(t retreats.Waiting) {
		still[t.Booking] = true
		mine, known := turns[t.Booking]
		if !known {
			mine = turn{joinedAt: t.JoinedAt, priority: t.Priority}
		}
		if a.hand[t.Booking] || t.Reason == retreats.LateReason {
			mine.priority = t.Priority
		}
		turns[t.Booking] = mine
	}
	for _, t := range c.Roster.Waitlist {
		note(t)
	}
	for _, p := range c.Roster.Places {
		if p.Turn != nil && p.State != retreats.Confirmed {
			note(*p.Turn)
		}
	}
	for _, k := range c.Roster.KeptBack {
		if k.Turn != nil {
			note(*k.Turn)
		}
	}
	for id := range turns {
		if !still[id] {
			delete(turns, id)
		}
	}
}

// ahead reports whether the one turn comes before the other.
func (a *account) ahead(cohort, first, second string) bool {
	one, other := a.turns[cohort][first], a.turns[cohort][second]
	return cmp.Or(-cmp.Compare(one.priority, other.priority), one.joinedAt.Compare(other.joinedAt), cmp.Compare(first, second)) < 0
}

func (a *account) checkOrder(c *retreats.Cohort) {
	for i := range c.Roster.Waitlist {
		if i > 0 && !a.ahead(c.ID, c.Roster.Waitlist[i-1].Booking, c.Roster.Waitlist[i].Booking) {
			a.world.breaks(2, "%s stands before %s in %s, who came first",
				c.Roster.Waitlist[i-1].Booking, c.Roster.Waitlist[i].Booking, c.ID)
		}
	}
}

// noOffers is how many days before the start nobody is offered a place by itself
// any more, with some room.
const noOffers = 16

// checkTurns is the second invariant: who has just come to a place walked past
// nobody who waits for it.
func (a *account) checkTurns(before, after *retreats.Cohort) {
	for _, p := range after.Roster.Places {
		had := slices.ContainsFunc(before.Roster.Places, func(o retreats.Place) bool { return o.Booking == p.Booking }) ||
			slices.ContainsFunc(before.Roster.KeptBack, func(k retreats.KeptBack) bool { return k.Booking == p.Booking })
		late := p.Turn != nil && a.world.now.After(after.Start().AddDate(0, 0, -noOffers))
		if had || late || a.hand[p.Booking] {
			continue
		}
		for _, t := range after.Roster.Waitlist {
			if t.Declined || t.JoinedAt.After(p.Since) || (p.Turn != nil && !a.ahead(after.ID, t.Booking, p.Booking)) {
				continue
			}
			if a.letGoBy(before, after, t.Booking) {
				continue
			}
			a.world.breaks(2, "%s has come to a place (%s) in %s while %s waits for one", p.Booking, p.State, after.ID, t.Booking)
		}
	}
}

// letGoBy reports whether a couple had let the place go by that somebody behind
// it was offered, when in the same change another one became free and went to
// somebody before it: of that one it is asked in its turn.
func (a *account) letGoBy(before, after *retreats.Cohort, id string) bool {
	declined := slices.ContainsFunc(before.Roster.Waitlist, func(w retreats.Waiting) bool { return w.Booking == id && w.Declined })
	if !declined && before.Roster.Of(id).State != retreats.Offered { // then its offer has just ended
		return false
	}
	return slices.ContainsFunc(after.Roster.Places, func(p retreats.Place) bool {
		return before.Roster.Of(p.Booking).State == retreats.WaitingOn && p.Turn != nil && a.ahead(after.ID, p.Booking, id)
	})
}

// checkPlaces holds a cohort against what its couples were told.
func (a *account) checkPlaces(cohort string) {
	c := a.cohorts[cohort]
	if c == nil || c.State == retreats.Cancelled {
		return
	}
	w, count := a.world, 0
	for _, id := range a.of[cohort] {
		k := a.couples[id]
		if k.over || k.moving {
			k.confirmed, k.until = false, time.Time{}
			continue
		}
		stands := c.Roster.Of(id).State
		if stands == retreats.Confirmed {
			k.confirmed = true
		}
		held := w.now.Before(k.until) && w.now.Before(c.Start())
		switch {
		case k.confirmed && stands != retreats.Confirmed:
			w.breaks(7, "%s had a place of its own in %s, and is %q there now", id, cohort, stands)
		case held && stands != retreats.Held && stands != retreats.Confirmed:
			w.breaks(7, "%s was told that its place in %s is held until %s, and is %q there now", id, cohort, k.until, stands)
		}
		if k.confirmed || held {
			count++
		}
	}
	if count > max(c.Capacity, taken(c)) {
		w.breaks(1, "%d couples were told that they have one of %d places in %s", count, c.Capacity, cohort)
	}
}
