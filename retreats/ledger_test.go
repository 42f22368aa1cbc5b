package retreats_test

import (
	"slices"
	"time"

	"lantern/retreats"
)

// ledger is a second account of who has a place in a cohort, kept for
// TestPlacesProperties in the plainest way: one line for each couple, and
// whoever is first is found by looking at all of them. It knows the rules and
// none of the code; deadlines of holds and offers it takes from the cohort.
type ledger struct {
	state                     retreats.CohortState
	capacity, longest, passes int
	undo                      time.Duration
	zone                      *time.Location
	startsOn                  string
	start, end, offersStop    time.Time
	couples                   [len(names)]line
	// givenUp are the confirmed places that were given up, of whom, and filled
	// those of them that another couple has [D16].
	givenUp, filled             []givenUp
	offersMade, offersLeftToEnd int
	turnsLost, placesFilled     int
	codeEnds                    time.Time
}

type givenUp struct {
	name string
	at   time.Time
}

// names are the couples that play.
var names = [...]string{"b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8"}

func (l *ledger) of(name string) *line { return &l.couples[slices.Index(names[:], name)] }

// line is what is known of one couple.
type line struct {
	name string
	at   retreats.PlaceState
	// until is zero for what has no deadline, or one that the ledger has not
	// been told yet.
	until    time.Time
	was      retreats.PlaceState // before it was kept back
	joined   time.Time
	code     string
	priority int
	passes   int
	letGo    bool
}

// keptBack is a place that is given up and not yet anybody's.
const keptBack retreats.PlaceState = "kept back"

func newLedger(c *retreats.Cohort) *ledger {
	l := &ledger{
		state: c.State, capacity: c.Capacity, longest: c.WaitlistCap, passes: c.MaxPasses,
		undo: time.Duration(c.UndoMinutes) * time.Minute, zone: c.Location(),
	}
	for i, name := range names {
		l.couples[i].name = name
	}
	l.starts(string(c.StartsOn))
	l.codeEnds = l.start.AddDate(0, 0, -19)
	return l
}

// starts reckons what hangs on the first day; the cohort lasts three days.
func (l *ledger) starts(on string) {
	day, err := time.ParseInLocation("2006-01-02", on, l.zone)
	if err != nil {
		panic(err)
	}
	l.startsOn, l.start, l.end, l.offersStop = on, day, day.AddDate(0, 0, 3), day.AddDate(0, 0, -14)
}

func (l *ledger) taken() (n int) {
	for _, c := range l.couples {
		if c.hasPlace() || c.at == keptBack {
			n++
		}
	}
	return n
}

func (c *line) hasPlace() bool {
	return c.at == retreats.Offered || c.at == retreats.Held || c.at == retreats.Confirmed
}

func (l *ledger) waiting() (n int) {
	for _, c := range l.couples {
		if c.at == retreats.WaitingOn {
			n++
		}
	}
	return n
}

// before is the order of the waitlist.
func (c *line) before(other *line) bool {
	switch {
	case c.priority != other.priority:
		return c.priority > other.priority
	case !c.joined.Equal(other.joined):
		return c.joined.Before(other.joined)
	}
	return c.name < other.name
}

func (l *ledger) position(c *line) int {
	position := 1
	for i := range l.couples {
		if other := &l.couples[i]; other.at == retreats.WaitingOn && other.before(c) {
			position++
		}
	}
	return position
}

// first is who has to be asked next, or nil.
func (l *ledger) first() *line {
	var first *line
	for i := range l.couples {
		if c := &l.couples[i]; c.at == retreats.WaitingOn && !c.letGo && (first == nil || c.before(first)) {
			first = c
		}
	}
	return first
}

// free is how many places anybody may take.
func (l *ledger) free() int {
	if l.first() != nil {
		return 0
	}
	return max(0, l.capacity-l.taken())
}

func (l *ledger) bookable(now time.Time) bool { return l.state == retreats.Open && now.Before(l.start) }

// offering reports whether free places go to those who wait by themselves.
func (l *ledger) offering(now time.Time) bool {
	return l.state == retreats.Open && now.Before(l.offersStop)
}

func (l *ledger) ended(now time.Time) bool {
	return l.state == retreats.Cancelled || !now.Before(l.end)
}

// goRound offers what is free.
func (l *ledger) goRound(now time.Time) {
	for l.offering(now) && l.taken() < l.capacity {
		next := l.first()
		if next == nil {
			return
		}
		next.at, next.until = retreats.Offered, time.Time{}
		l.offersMade++
	}
}

// freed notes that there is another place to be asked about.
func (l *ledger) freed() {
	for i := range l.couples {
		l.couples[i].letGo = false
	}
}

// goBy is an offer that its couple lets go.
func (l *ledger) goBy(c *line) {
	c.at, c.until, c.letGo = retreats.WaitingOn, time.Time{}, true
	c.passes++
	if c.passes >= l.passes {
		c.leave()
		l.turnsLost++
	}
}

func (c *line) leave() { *c = line{name: c.name} }

// gets gives the couple a place. It goes on using its code.
func (c *line) gets(state retreats.PlaceState) { *c = line{name: c.name, at: state, code: c.code} }

// ends is when what the couple has ends by itself. A hold is given five minutes
// more, if the dates have not begun by then [D2].
func (l *ledger) ends(c *line) time.Time {
	if c.at != retreats.Held || c.until.IsZero() {
		return c.until
	}
	if end := c.until.Add(5 * time.Minute); end.Before(l.start) {
		return end
	}
	return l.start
}

// codes are what couples try: one that any number can use, one for two couples,
// one that holds for some days, one that has ended, and one that there is not.
var codes = []string{"", "", "", "any-number", "for-two", "some-days", "ended", "nonsense"}

// mayUse reports whether one more couple can use the code.
func (l *ledger) mayUse(code string, now time.Time) bool {
	switch code {
	case "", "any-number":
		return true
	case "for-two":
		return l.uses(code) < 2
	case "some-days":
		return now.Before(l.codeEnds)
	}
	return false
}

func (l *ledger) uses(code string) (n int) {
	for _, c := range l.couples {
		if c.code == code {
			n++
		}
	}
	return n
}

// gaveUp notes that a place is without a couple since then.
func (l *ledger) gaveUp(name string, at time.Time) {
	if at.Before(l.start) {
		l.givenUp = append(slices.Clone(l.givenUp), givenUp{name, at})
	}
}

// confirms makes a place the couple's, which may be one that was given up: when
// all others have a couple of their own.
func (l *ledger) confirms(c *line) {
	l.givenUp = slices.DeleteFunc(slices.Clone(l.givenUp), func(g givenUp) bool { return g.name == c.name })
	if c.at == retreats.Confirmed || c.at == keptBack && c.was == retreats.Confirmed {
		c.gets(retreats.Confirmed)
		return
	}
	c.gets(retreats.Confirmed)
	without := l.capacity
	for i := range l.couples {
		if c := &l.couples[i]; c.at == retreats.Confirmed || c.at == keptBack && c.was == retreats.Confirmed {
			without--
		}
	}
	if len(l.givenUp) == 0 || len(l.givenUp) <= without {
		return
	}
	oldest := 0
	for i, g := range l.givenUp {
		if o := l.givenUp[oldest]; g.at.Before(o.at) || g.at.Equal(o.at) && g.name < o.name {
			oldest = i
		}
	}
	l.filled = append(slices.Clone(l.filled), l.givenUp[oldest])
	l.givenUp = slices.Delete(l.givenUp, oldest, oldest+1)
	l.placesFilled++
}

// advance lets time pass: what ends, ends in the order of time.
func (l *ledger) advance(now time.Time) {
	for {
		var at time.Time
		for _, c := range l.couples {
			if end := l.ends(&c); !end.IsZero() && !end.After(now) && (at.IsZero() || end.Before(at)) {
				at = end
			}
		}
		if at.IsZero() {
			break
		}
		for i := range l.couples {
			if c := &l.couples[i]; l.ends(c).Equal(at) && c.at != retreats.Offered {
				if c.was == retreats.Confirmed {
					l.gaveUp(c.name, at)
				}
				c.leave()
				l.freed()
			}
		}
		for i := range l.couples {
			if c := &l.couples[i]; l.ends(c).Equal(at) {
				l.goBy(c)
				l.offersLeftToEnd++
			}
		}
		l.goRound(now)
	}
	if !now.Before(l.start) {
		l.givenUp = nil
		for i := range l.couples {
			if c := &l.couples[i]; c.at == retreats.WaitingOn {
				c.leave()
			}
		}
	}
}
