package retreats_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/civil"
	"lantern/retreats"
)

// stepsOfACheck times the hundred checks that rapid makes are 100,000 steps. A
// million: go test ./retreats -run TestPlacesProperties -rapid.checks=1000
const stepsOfACheck = 1000

// TestPlacesProperties lets couples, money, organizers and time do whatever
// they like to one cohort after the other, keeps its own account of it
// (ledger), and checks after each step that both agree, and what must never
// happen.
func TestPlacesProperties(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		var g *game
		for range stepsOfACheck {
			if g == nil || g.over > 5 {
				g = newGame(rt, t, seen)
			}
			g.step(rt)
		}
	})
	if seen["steps"] < 50_000 || t.Failed() {
		return
	}
	// What the steps have never come to, they have not tested either.
	for _, a := range actions {
		for _, outcome := range []string{" agreed", " refused"} {
			if !slices.Contains(a.never, outcome) && seen[a.name+outcome] == 0 {
				t.Errorf("%s was never%s", a.name, outcome)
			}
		}
	}
	for _, what := range []string{
		"offered", "offer left to end", "over-full", "two settlings like one", "deadline probed", "kept back", "last turn lost",
		"closed", "inside 14 days", "under way", "finished", "longest waitlist",
		"given-up place filled", "several given up", "code used up", "hold ending",
	} {
		if seen[what] == 0 {
			t.Errorf("this was never come to: %s", what)
		}
	}
}

// game is one cohort, the ledger of it, and the time.
type game struct {
	c    *retreats.Cohort
	l    *ledger
	now  time.Time
	over int // steps since it ended
	// taken is how many places were when it was last looked.
	taken int
	seen  map[string]int
}

func newGame(rt *rapid.T, t *testing.T, seen map[string]int) *game {
	c := threeDayCohort(t)
	d := throw(rt, "cohort")
	c.Capacity, c.WaitlistCap, c.MaxPasses = 1+d.roll(4), 2+d.roll(5), 1+d.roll(3)
	c.UndoMinutes = []int{0, 15, 180}[d.roll(3)]
	c.Codes = []retreats.Code{
		{Name: "Any-Number", Percent: 5}, {Name: "For-Two", Percent: 5, Limit: 2},
		{Name: "Some-Days", Percent: 5, Until: c.StartsOn.AddDays(-20)}, {Name: "Ended", Percent: 5, Ended: true},
	}
	before := []int{60, 45, 32, 31, 18, 16, 15, 2}[d.roll(8)]
	rt.Logf("a cohort of %d, waitlist %d, %d passes, %d minutes for undoing", c.Capacity, c.WaitlistCap, c.MaxPasses, c.UndoMinutes)
	now := c.StartsOn.AddDays(-before).At("09:00", c.Location())
	return &game{c: c, l: newLedger(c), now: now, seen: seen}
}

// dice are thrown once for a step: what rapid draws is small far too often, and
// slow. 0 throws nothing but zeros, which is a step in which nothing happens, so
// that rapid finds a short way to a fault.
type dice struct{ seed, rolls uint64 }

func throw(rt *rapid.T, label string) *dice { return &dice{seed: rapid.Uint64().Draw(rt, label)} }

// roll gives a number below n (splitmix64).
func (d *dice) roll(n int) int {
	if d.seed == 0 {
		return 0
	}
	d.rolls++
	z := d.seed + d.rolls*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// moment is whom an action concerns, and a number or a count of days for it.
type moment struct {
	b      string
	number int
	days   int
	code   string
}

// actions are what can happen. Each plays in the cohort and in the ledger.
var actions = []struct {
	name   string
	weight int
	play   func(g *game, m moment) (err error, agreed bool)
	never  []string
}{
	{name: "nothing", weight: 4, never: []string{" refused"}, play: func(g *game, m moment) (error, bool) {
		g.c.Settle(g.now)
		return nil, true
	}},
	{name: "reserve", weight: 12, play: func(g *game, m moment) (error, bool) {
		_, err := g.c.Reserve(m.b, m.code, g.now)
		return err, g.l.reserve(m.b, m.code, g.now)
	}},
	{name: "join", weight: 20, play: func(g *game, m moment) (error, bool) {
		_, err := g.c.Join(m.b, m.code, g.now)
		return err, g.l.join(m.b, m.code, g.now)
	}},
	{name: "join at", weight: 3, play: func(g *game, m moment) (error, bool) {
		joined := g.now.AddDate(0, 0, -m.days)
		_, err := g.c.JoinAt(m.b, joined, g.now)
		return err, g.l.joinAt(m.b, joined, g.now)
	}},
	{name: "accept", weight: 8, play: func(g *game, m moment) (error, bool) {
		_, err := g.c.Accept(m.b, g.now)
		return err, g.l.accept(m.b, g.now)
	}},
	{name: "pass", weight: 8, play: func(g *game, m moment) (error, bool) {
		_, err := g.c.Pass(m.b, g.now)
		return err, g.l.pass(m.b, g.now)
	}},
	{name: "confirm", weight: 8, play: func(g *game, m moment) (error, bool) {
		return g.c.Confirm(m.b, g.now), g.l.confirm(m.b)
	}},
	{name: "late money", weight: 3, never: []string{" refused"}, play: func(g *game, m moment) (error, bool) {
		g.c.ConfirmLate(m.b, g.now)
		g.l.confirmLate(m.b, g.now)
		return nil, true
	}},
	{name: "release", weight: 12, never: []string{" refused"}, play: func(g *game, m moment) (error, bool) {
		g.c.Release(m.b, g.now)
		g.l.release(m.b, false, g.now)
		return nil, true
	}},
	{name: "release moved", weight: 3, never: []string{" refused"}, play: func(g *game, m moment) (error, bool) {
		g.c.ReleaseMoved(m.b, g.now)
		g.l.release(m.b, true, g.now)
		return nil, true
	}},
	{name: "seat", weight: 3, play: func(g *game, m moment) (error, bool) {
		_, err := g.c.Seat(m.b, g.now)
		return err, g.l.seat(m.b, g.now)
	}},
	{name: "take back", weight: 5, play: func(g *game, m moment) (error, bool) {
		_, err := g.c.TakeBack(m.b, g.now)
		return err, g.l.takeBack(m.b, g.now)
	}},
	{name: "told", weight: 6, never: []string{" refused"}, play: func(g *game, m moment) (error, bool) {
		g.c.Settle(g.now)
		for _, b := range names {
			g.c.Told(b)
			g.c.RefillTold(b)
		}
		g.l.filled = nil
		return nil, true
	}},
	{name: "prioritise", weight: 3, play: func(g *game, m moment) (error, bool) {
		return g.c.Prioritise(m.b, m.number, "They asked.", robin, g.now), g.l.prioritise(m.b, m.number)
	}},
	{name: "offer by hand", weight: 4, play: func(g *game, m moment) (error, bool) {
		_, err := g.c.OfferByHand(m.b, "They live near.", robin, g.now)
		return err, g.l.offerByHand(m.b, g.now)
	}},
	{name: "remove", weight: 2, play: func(g *game, m moment) (error, bool) {
		return g.c.Remove(m.b, "They asked.", robin, g.now), g.l.remove(m.b)
	}},
	{name: "resize", weight: 4, play: func(g *game, m moment) (error, bool) {
		terms := g.c.Terms
		terms.Capacity = m.days % 6
		return g.c.Edit(g.c.Programme, terms, robin, g.now), g.l.resize(terms.Capacity, g.now)
	}},
	{name: "close", weight: 1, play: func(g *game, m moment) (error, bool) { return g.c.Close(g.now), g.l.close(g.now) }},
	{name: "reopen", weight: 3, play: func(g *game, m moment) (error, bool) { return g.c.Reopen(g.now), g.l.reopen(g.now) }},
	{name: "reschedule", weight: 1, play: func(g *game, m moment) (error, bool) {
		on := civil.DateOf(g.now, g.c.Location()).AddDays(m.days)
		return g.c.Reschedule(on, g.now), g.l.reschedule(string(on), g.now)
	}},
	{name: "cancel", weight: 1, play: func(g *game, m moment) (error, bool) {
		if m.days != 7 && !g.l.ended(g.now) { // rarely
			return nil, true
		}
		return g.c.Cancel("The house has burnt down.", g.now), g.l.cancel(g.now)
	}},
}

// weighted has each action as often as its weight says.
var weighted = func() (list []int) {
	for i, a := range actions {
		list = append(list, slices.Repeat([]int{i}, a.weight)...)
	}
	return list
}()

// later says how much time passes: often little, and now and then as much as
// brings the next deadline, or nearly.
func (g *game) later(d *dice) time.Duration {
	n := time.Duration(1 + d.roll(30))
	switch d.roll(12) {
	case 3, 4, 5:
		return n * time.Minute
	case 6, 7:
		return n * 17 * time.Minute
	case 8:
		return n * 97 * time.Minute // to two days
	case 9, 10:
		if next := g.c.NextDeadline; next != nil && next.After(g.now) {
			return max(0, next.Sub(g.now)-n%2)
		}
	}
	return 0
}

func (g *game) step(rt *rapid.T) {
	d := throw(rt, "step")
	g.now = g.now.Add(g.later(d))
	saved, givenUp := g.l.couples, g.l.givenUp
	g.l.advance(g.now)
	g.checkCapacity(rt)
	a := actions[weighted[d.roll(len(weighted))]]
	m := moment{b: names[d.roll(len(names))], number: d.roll(208) - 104, days: d.roll(41), code: codes[d.roll(len(codes))]}
	rt.Logf("%s: %s %s (%d, %d, %q)", g.now.Format("2 Jan 15:04:05.999999999"), a.name, m.b, m.number, m.days, m.code)
	reader := *g.c                         // as Service.Cohort hands it out
	watched, encoded := d.roll(8) == 0, "" // encoding takes its time
	if watched {
		encoded = encode(rt, g.c)
	}
	err, agreed := a.play(g, m)
	if agreed != (err == nil) {
		rt.Fatalf("%s of %s at %s: %v; it should agree: %t", a.name, m.b, g.now, err, agreed)
	}
	if watched && encode(rt, &reader) != encoded {
		rt.Fatalf("%s changed lists that others look at", a.name)
	}
	changed := !same(&reader, g.c)
	if err != nil && (changed || watched && encode(rt, g.c) != encoded) {
		rt.Fatalf("%s failed with %v and changed the cohort", a.name, err)
	}
	g.c.Trail = nil // it would only grow
	g.check(rt, d)
	if !changed { // nothing was saved: what time has brought about is still to be done
		g.l.couples, g.l.givenUp = saved, givenUp
	}
	g.note(a.name, err)
}

// note counts what has been come to.
func (g *game) note(action string, err error) {
	outcome := " agreed"
	if err != nil {
		outcome = " refused"
	}
	g.seen["steps"]++
	g.seen[action+outcome]++
	if g.l.ended(g.now) {
		g.over++
	}
	count := func(what string, so bool) {
		if so {
			g.seen[what]++
		}
	}
	count("closed", g.l.state == retreats.Closed)
	count("finished", g.c.State == retreats.Finished)
	count("over-full", g.c.OverBy() > 0)
	count("inside 14 days", g.l.bookable(g.now) && !g.l.offering(g.now))
	count("under way", !g.now.Before(g.l.start) && !g.l.ended(g.now))
	count("longest waitlist", g.l.waiting() >= g.l.longest)
	count("kept back", len(g.c.Roster.KeptBack) > 0)
	count("several given up", len(g.l.givenUp) > 1)
	count("code used up", g.l.uses("for-two") == 2)
	for _, c := range g.l.couples {
		count("hold ending", c.at == retreats.Held && !g.now.Before(c.until))
	}
	g.seen["offered"] += g.l.offersMade
	g.seen["offer left to end"] += g.l.offersLeftToEnd
	g.seen["last turn lost"] += g.l.turnsLost
	g.seen["given-up place filled"] += g.l.placesFilled
	g.l.offersMade, g.l.offersLeftToEnd, g.l.turnsLost, g.l.placesFilled = 0, 0, 0, 0
}
