package retreats_test

import (
	"cmp"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/money"
	"lantern/retreats"
)

// threeDayCohort is cohort with a session on its third day.
func threeDayCohort(t *testing.T) *retreats.Cohort {
	t.Helper()
	terms := retreats.Terms{Capacity: 4, Price: money.Of(480000, "USD"), BalanceDays: 30}
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Day: 2, Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Days", Location: "Cedar House"}, terms, plan)
	if err != nil {
		t.Fatal(err)
	}
	c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-03-16", morning)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(morning); err != nil {
		t.Fatal(err)
	}
	return c
}

// check is what has to be so after every step.
func (g *game) check(rt *rapid.T, d *dice) {
	r := g.c.Settled(g.now)
	g.checkLedger(rt, r)
	g.checkCapacity(rt)
	g.checkGivenUp(rt, r)
	g.checkCodes(rt, r)
	g.checkPlaces(rt, r)
	g.checkWaitlist(rt, r)
	switch d.roll(4) { // these look ahead, and take their time
	case 0:
		g.checkSettling(rt)
	case 1:
		first := g.later(d)
		g.checkTwoSettlings(rt, first, first+g.later(d))
	case 2:
		g.checkDeadline(rt)
	}
}

// checkLedger: everybody stands where the ledger says; so nobody is passed by
// somebody who waits behind them (number 2 of what must never happen).
func (g *game) checkLedger(rt *rapid.T, r retreats.Roster) {
	for _, name := range names {
		want, got := g.l.of(name), r.Of(name)
		kept := slices.IndexFunc(r.KeptBack, func(k retreats.KeptBack) bool { return k.Booking == name })
		if at := want.at; at == keptBack != (kept >= 0) || at != keptBack && at != got.State {
			rt.Fatalf("%s stands at %q (kept back: %t), the ledger says %q\n%s", name, got.State, kept >= 0, at, encode(rt, g.c))
		}
		switch want.at {
		case retreats.WaitingOn:
			if position := g.l.position(want); position != got.Position || want.passes != got.Passes {
				rt.Fatalf("%s waits as %+v, the ledger says position %d, %d passes", name, got, position, want.passes)
			}
		case retreats.Held, retreats.Offered:
			if want.until.IsZero() {
				want.until = *got.Until
			}
			ending := want.at == retreats.Held && !g.now.Before(want.until)
			if !got.Until.Equal(want.until) || got.Until.After(g.l.start) || g.c.Standing(name, g.now).Ending != ending {
				rt.Fatalf("the place of %s ends %s, it should %s; the start is %s", name, got.Until, want.until, g.l.start)
			}
		case keptBack:
			if !r.KeptBack[kept].Until.Equal(want.until) {
				rt.Fatalf("the place of %s is kept back until %s, it should be %s", name, r.KeptBack[kept].Until, want.until)
			}
		}
	}
}

// checkCapacity: there are never more places than there are, but for a capacity
// that was lowered, and then they do not become more (number 1 of what
// must never happen).
func (g *game) checkCapacity(rt *rapid.T) {
	r := g.c.Settled(g.now)
	taken := len(r.Places) + len(r.KeptBack)
	if taken > max(g.c.Capacity, g.taken) {
		rt.Fatalf("%d places of %d are taken, after %d\n%s", taken, g.c.Capacity, g.taken, encode(rt, g.c))
	}
	g.taken = taken
}

// checkGivenUp: what was given up and what of it was filled is as the ledger
// says, the oldest first.
func (g *game) checkGivenUp(rt *rapid.T, r retreats.Roster) {
	var open, filled []givenUp
	for _, given := range r.GivenUp {
		if given.FilledAt == nil {
			open = append(open, givenUp{given.Booking, given.At})
		} else {
			filled = append(filled, givenUp{given.Booking, given.At})
		}
	}
	order := func(list []givenUp) []givenUp {
		return slices.SortedFunc(slices.Values(list), func(a, b givenUp) int {
			return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name))
		})
	}
	if !slices.Equal(open, order(g.l.givenUp)) || !slices.Equal(filled, order(g.l.filled)) {
		rt.Fatalf("given up: %v, filled: %v; the ledger says %v and %v\n%s", open, filled, g.l.givenUp, g.l.filled, encode(rt, g.c))
	}
}

// checkCodes: a code is used by as many couples as the ledger says, wherever
// they stand.
func (g *game) checkCodes(rt *rapid.T, r retreats.Roster) {
	settled := *g.c
	settled.Roster = r
	for _, code := range codes[3:] {
		if got, want := settled.CodeUses(code), g.l.uses(code); got != want {
			rt.Fatalf("%s is used %d times, the ledger says %d\n%s", code, got, want, encode(rt, g.c))
		}
	}
}

// checkPlaces: nobody stands twice, and each place is whole.
func (g *game) checkPlaces(rt *rapid.T, r retreats.Roster) {
	seen := map[string]bool{}
	once := func(booking string) {
		if seen[booking] {
			rt.Fatalf("%s stands twice\n%s", booking, encode(rt, g.c))
		}
		seen[booking] = true
	}
	for _, p := range r.Places {
		once(p.Booking)
		if (p.State == retreats.Confirmed) != (p.Until == nil) || p.State == retreats.Offered && p.Turn == nil {
			rt.Fatalf("place %+v", p)
		}
		if p.Until != nil && !g.now.Before(*p.Until) && (p.State != retreats.Held || !g.now.Before(g.l.start)) {
			rt.Fatalf("a deadline has passed and is still there: %+v", p)
		}
	}
	for _, k := range r.KeptBack {
		once(k.Booking)
		if !g.now.Before(k.Until) {
			rt.Fatalf("a place is kept back for too long: %+v", k)
		}
	}
	for _, w := range r.Waitlist {
		once(w.Booking)
	}
}

// checkWaitlist: in order, bounded, and not there for nothing.
func (g *game) checkWaitlist(rt *rapid.T, r retreats.Roster) {
	eligible := false
	for i, w := range r.Waitlist {
		eligible = eligible || !w.Declined
		if w.Passes >= g.c.MaxPasses {
			rt.Fatalf("%s has let %d offers go by and still waits", w.Booking, w.Passes)
		}
		if i == 0 {
			continue
		}
		above := r.Waitlist[i-1]
		if above.Priority < w.Priority || (above.Priority == w.Priority && above.JoinedAt.After(w.JoinedAt)) {
			rt.Fatalf("%s stands before %s", above.Booking, w.Booking)
		}
	}
	unused := g.c.Capacity - len(r.Places) - len(r.KeptBack)
	if eligible && unused > 0 && g.l.offering(g.now) {
		rt.Fatalf("a place is free while somebody waits for it\n%s", encode(rt, g.c))
	}
	if free := g.c.Free(g.now); free > 0 && (eligible || free > unused) {
		rt.Fatalf("%d places are on sale, %d are unused, somebody waits for them: %t", free, unused, eligible)
	}
}

// checkSettling: once is enough.
func (g *game) checkSettling(rt *rapid.T) {
	once := *g.c
	once.Settle(g.now)
	twice := once
	twice.Settle(g.now)
	if !same(&once, &twice) {
		rt.Fatalf("settling twice is not settling once:\n%s\n%s", encode(rt, &once), encode(rt, &twice))
	}
}

// checkTwoSettlings: however late a machine wakes, what it finds is what it
// would have found by looking in between. Offers are made when somebody looks,
// so an offer that was made the first time must still stand the second time,
// and offers must be made at both times or at none.
func (g *game) checkTwoSettlings(rt *rapid.T, first, second time.Duration) {
	t1, t2 := g.now.Add(first), g.now.Add(second)
	stepwise, atOnce := *g.c, *g.c
	stepwise.Settle(t1)
	for _, p := range stepwise.Roster.Places {
		if p.State == retreats.Offered && p.Since.Equal(t1) && !t2.Before(*p.Until) {
			return
		}
	}
	if g.l.offering(t1) != g.l.offering(t2) {
		return
	}
	stepwise.Settle(t2)
	atOnce.Settle(t2)
	a, b := withoutOfferTimes(&stepwise, g.now), withoutOfferTimes(&atOnce, g.now)
	if !same(a, b) {
		rt.Fatalf("settling at %s and at %s is not settling at the second alone:\n%s\n%s\n%s", t1, t2, encode(rt, g.c), encode(rt, a), encode(rt, b))
	}
	if len(a.Roster.Places) != len(g.c.Roster.Places) {
		g.seen["two settlings like one"]++
	}
}

// withoutOfferTimes clears when offers were made after a time.
func withoutOfferTimes(c *retreats.Cohort, after time.Time) *retreats.Cohort {
	clear := *c
	clear.NextDeadline = nil
	clear.Roster.Places = slices.Clone(c.Roster.Places)
	clear.Roster.Waitlist = slices.Clone(c.Roster.Waitlist)
	history := func(w retreats.Waiting) retreats.Waiting {
		w.History = slices.Clone(w.History)
		for i, e := range w.History {
			if e.What == retreats.TurnOffered && !e.At.Before(after) {
				w.History[i].At = time.Time{}
			}
		}
		return w
	}
	for i := range clear.Roster.Places {
		p := &clear.Roster.Places[i]
		if p.State == retreats.Offered && !p.Since.Before(after) {
			p.Since, p.Until = time.Time{}, nil
		}
		if p.Turn != nil {
			turn := history(*p.Turn)
			p.Turn = &turn
		}
	}
	for i, w := range clear.Roster.Waitlist {
		clear.Roster.Waitlist[i] = history(w)
	}
	return &clear
}

// checkDeadline: nothing changes before the noted deadline, and something does
// at it, so a pass that goes by deadlines misses nothing.
func (g *game) checkDeadline(rt *rapid.T) {
	c := *g.c
	c.Settle(g.now)
	for _, b := range names {
		c.Told(b) // what is to be told is due at once
		c.RefillTold(b)
	}
	if c.AnnounceAt != nil {
		c.Announced(*c.AnnounceAt)
	}
	at := c.NextDeadline
	if at == nil {
		later := c
		later.Settle(g.now.AddDate(10, 0, 0))
		if !same(&c, &later) {
			rt.Fatalf("no deadline is noted and something changes:\n%s\n%s", encode(rt, &c), encode(rt, &later))
		}
		return
	}
	if !at.After(g.now) {
		rt.Fatalf("the deadline %s is not after %s\n%s", at, g.now, encode(rt, &c))
	}
	before, after := c, c
	before.Settle(at.Add(-time.Nanosecond))
	after.Settle(*at)
	if !same(&c, &before) || same(&c, &after) {
		rt.Fatalf("something changes before %s, or nothing does then:\n%s", at, encode(rt, &c))
	}
	g.seen["deadline probed"]++
}

func same(a, b *retreats.Cohort) bool {
	return a.State == b.State && reflect.DeepEqual(a.Roster, b.Roster) && reflect.DeepEqual(a.NextDeadline, b.NextDeadline)
}
