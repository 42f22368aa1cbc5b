package booking

import (
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/store"
)

// Comparison is one run that compares our books with Stripe's. Its document is
// also its claim: who holds it goes on from where it stands, and nobody else
// does meanwhile.
type Comparison struct {
	store.Meta
	// Why is WhyNightly or WhyByHand; By is who asked for it, of the latter.
	Why       string     `json:"why"`
	By        string     `json:"by,omitempty"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	// Since and Until are when the objects at Stripe were made that are looked
	// at. All bookings are looked at, whatever their age.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`

	// Stage is what is being compared, Cursor what of it was compared last.
	Stage  Stage  `json:"stage,omitempty"`
	Cursor string `json:"cursor,omitempty"`
	// LeaseUntil is until when nobody but Holder goes on with the run; nil when
	// it has ended.
	LeaseUntil *time.Time `json:"lease_until,omitempty"`
	Holder     string     `json:"holder,omitempty"`

	// What was looked at: objects at Stripe, then bookings and card payments of
	// ours.
	Checkouts int `json:"checkouts,omitempty"`
	Intents   int `json:"intents,omitempty"`
	Refunds   int `json:"refunds,omitempty"`
	Disputes  int `json:"disputes,omitempty"`
	Events    int `json:"events,omitempty"`
	Bookings  int `json:"bookings,omitempty"`
	Payments  int `json:"payments,omitempty"`

	// Money is what the bookings come to, by currency, when the run looked at them.
	Money []MoneySum `json:"money,omitempty"`

	// Mended and Left count the differences that were mended and those that
	// wait for a person. Differences are both kinds, at most mostDifferences
	// of them; More counts those that found no room.
	Mended      int          `json:"mended,omitempty"`
	Left        int          `json:"left,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
	More        int          `json:"more,omitempty"`

	// Trouble says why the run does not get on at the moment, in words for
	// staff; empty when it does.
	Trouble  string        `json:"trouble,omitempty"`
	Endpoint EndpointState `json:"endpoint,omitzero"`
}

// Why a comparison is made.
const (
	WhyNightly = "nightly"
	WhyByHand  = "by hand"
)

// Stage is a part of a comparison.
type Stage string

// The stages of a comparison, in their order: what Stripe has that we might not
// know, then what we have.
const (
	StageEndpoint  Stage = "endpoint"
	StageCheckouts Stage = "checkouts"
	StageIntents   Stage = "intents"
	StageRefunds   Stage = "refunds"
	StageDisputes  Stage = "disputes"
	StageEvents    Stage = "events"
	StageBookings  Stage = "bookings"
)

var stages = []Stage{StageEndpoint, StageCheckouts, StageIntents, StageRefunds, StageDisputes, StageEvents, StageBookings}

// after is the stage that follows, empty after the last.
func (s Stage) after() Stage {
	if i := slices.Index(stages, s) + 1; i < len(stages) {
		return stages[i]
	}
	return ""
}

const (
	// compareClock is when the nightly comparison begins, in the practice's zone.
	compareClock = civil.Clock("02:00")
	// compareLease is how long a run is nobody else's after a page of it: longer
	// than a page takes, short enough that a run whose process has died does not
	// lie for long.
	compareLease = 2 * time.Minute
	// comparePause is when a run goes on to which Stripe did not answer.
	comparePause = 15 * time.Minute
	// compareWindow is what is looked at again each time: refunds and disputes
	// change for weeks, and Stripe keeps its events for so long.
	compareWindow = 30 * 24 * time.Hour
	// compareOverlap is what a run looks at again of the time before the last
	// one, however long that one took.
	compareOverlap = 24 * time.Hour
	// agreedFor is how long a payment counts as agreed, while its booking is
	// open, before Stripe is asked again.
	agreedFor = 30 * 24 * time.Hour
	// mostDifferences bounds a comparison's document.
	mostDifferences = 200
)

// HasAgreed reports whether the run has ended and left nothing to a person.
func (c *Comparison) HasAgreed() bool { return c.EndedAt != nil && c.Left == 0 }

// newComparison is a run that nobody has begun.
func newComparison(id, why, by string, since, now time.Time) *Comparison {
	return &Comparison{
		Meta: store.Meta{ID: id}, Why: why, By: by, StartedAt: now, Since: since, Until: now,
		Stage: stages[0], LeaseUntil: &now,
	}
}

// nightOf is the id of the nightly comparison that should have run last, and
// when that was due. The zone's clocks may skip or repeat the hour.
func nightOf(now time.Time, zone *time.Location) (id string, due time.Time) {
	day := civil.DateOf(now, zone)
	if due = day.At(compareClock, zone); now.Before(due) {
		day = day.AddDays(-1)
		due = day.At(compareClock, zone)
	}
	return "night-" + string(day), due
}

// isFree reports whether the holder may go on with the run.
func (c *Comparison) isFree(holder string, now time.Time) bool {
	return c.EndedAt == nil && (c.LeaseUntil == nil || !c.LeaseUntil.After(now) || c.Holder == holder)
}

func (c *Comparison) hold(holder string, now time.Time) {
	until := now.Add(compareLease)
	c.Holder, c.LeaseUntil, c.Trouble = holder, &until, ""
}

// pause lets go of the run until then.
func (c *Comparison) pause(until time.Time, trouble string) {
	c.Holder, c.LeaseUntil, c.Trouble = "", &until, trouble
}

// enter begins a stage, or ends the run if there is none.
func (c *Comparison) enter(next Stage, now time.Time) {
	c.Stage, c.Cursor = next, ""
	if next == "" {
		c.EndedAt, c.LeaseUntil, c.Holder = &now, nil, ""
	}
}

// count notes how many objects of a stage were looked at.
func (c *Comparison) count(stage Stage, n int) {
	switch stage {
	case StageCheckouts:
		c.Checkouts += n
	case StageIntents:
		c.Intents += n
	case StageRefunds:
		c.Refunds += n
	case StageDisputes:
		c.Disputes += n
	case StageEvents:
		c.Events += n
	case StageBookings:
		c.Bookings += n
	}
}

// inFlight is how young something at Stripe may be that we have not heard of: its
// word is on the way, and at night nobody need read of it.
const inFlight = 5 * time.Minute

// add notes a difference, once. What waits for a person is kept rather than
// what was mended.
func (c *Comparison) add(d Difference) {
	news := c.Why == WhyNightly && d.Mended && c.StartedAt.Sub(d.At) < inFlight
	if news || slices.ContainsFunc(c.Differences, d.isLike) {
		return
	}
	if d.Mended {
		c.Mended++
	} else {
		c.Left++
	}
	c.Differences = slices.Clone(c.Differences)
	if len(c.Differences) < mostDifferences {
		c.Differences = append(c.Differences, d)
		return
	}
	c.More++
	mended := slices.IndexFunc(c.Differences, func(d Difference) bool { return d.Mended })
	if !d.Mended && mended >= 0 {
		c.Differences = append(slices.Delete(c.Differences, mended, mended+1), d)
	}
}
