package retreats_test

import (
	"strings"
	"testing"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

func TestSessionsFollowTheClocksOfTheZone(t *testing.T) {
	t.Parallel()
	plan := []retreats.PlannedSession{
		{Kind: retreats.Preparation, Title: "Before", Day: -7, Clock: "18:00", Minutes: 90, Online: true},
		{Kind: retreats.Gathering, Title: "Arrival", Day: 0, Clock: "16:00", Minutes: 60},
		{Kind: retreats.Medicine, Title: "Session", Day: 2, Clock: "09:30", Minutes: 180, Receives: retreats.ReceivesBoth},
		{Kind: retreats.Integration, Title: "After", Day: 5, Clock: "18:00", Minutes: 90, Online: true},
	}
	terms := retreats.Terms{Capacity: 4, Price: money.Of(480000, "EUR"), BalanceDays: 30}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Wochenende", Location: "Hof"}, terms, plan)
	if err != nil {
		t.Fatal(err)
	}
	// Clocks in Berlin change on Sunday 28 March 2027.
	c, err := retreats.NewCohort("co", r, "Europe/Berlin", "2027-03-26", morning)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"s1": "2027-03-19T17:00:00Z", "s2": "2027-03-26T15:00:00Z", "s3": "2027-03-28T07:30:00Z", "s4": "2027-03-31T16:00:00Z",
	} {
		session, ok := c.Session(id)
		if got := session.StartsAt.UTC().Format(time.RFC3339); !ok || got != want {
			t.Errorf("session %s starts %s, want %s", id, got, want)
		}
	}
	if c.EndsOn != "2027-03-28" {
		t.Errorf("the dates end on %s; calls afterwards do not count", c.EndsOn)
	}
	if got := c.BalanceDue().UTC().Format(time.RFC3339); got != "2027-02-24T09:00:00Z" {
		t.Errorf("the balance is due %s, want 10:00 in Berlin thirty days before [D12]", got)
	}
	if c.Deposit != money.Of(96000, "EUR") || c.HoldMinutes != 31 || c.OfferHours != 48 || c.WaitlistCap != 8 {
		t.Errorf("default terms: %+v", c.Terms)
	}
}

func TestBookable(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	for _, test := range []struct {
		state retreats.CohortState
		now   time.Time
		want  error
	}{
		{retreats.Open, morning, nil},
		{retreats.Draft, morning, retreats.ErrDraft},
		{retreats.Closed, morning, retreats.ErrNotOpen},
		{retreats.Cancelled, morning, retreats.ErrCancelled},
		{retreats.Open, c.Start(), retreats.ErrPast},
		{retreats.Open, c.Start().Add(-time.Millisecond), nil},
	} {
		c := cohort(t, 1)
		c.State = test.state
		if _, err := c.Reserve("a", "", test.now); err != test.want && (err == nil || test.want == nil || err.Error() != test.want.Error()) {
			t.Errorf("%s at %s: %v, want %v", test.state, test.now, err, test.want)
		}
	}
}

func TestAHoldDoesNotOutlastTheStart(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	held := reserve(t, c, "a", c.Start().Add(-time.Minute))
	if !held.Until.Equal(c.Start()) {
		t.Errorf("held until %s, the start is %s", held.Until, c.Start())
	}
}

func TestNewRetreatNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := retreats.NewRetreat("rt", retreats.Programme{}, retreats.Terms{
		Price: money.Of(-1, "usd"), Deposit: money.Of(5, "EUR"), HoldMinutes: -1,
		Policy: retreats.RefundPolicy{Tiers: []retreats.RefundTier{{30, 50}}},
	}, nil)
	fields := fault.FieldsOf(err)
	for _, name := range []string{"name", "location", "capacity", "price", "deposit", "hold_minutes", "policy", "plan"} {
		if fields[name] == "" {
			t.Errorf("nothing is said about %s", name)
		}
	}
}

func TestNewCohortRefusesWhatIsNoZoneOrDate(t *testing.T) {
	t.Parallel()
	r := &retreats.Retreat{}
	for _, zone := range []string{"", "Local", "Mars/Olympus"} {
		if _, err := retreats.NewCohort("co", r, zone, "2027-03-12", morning); fault.FieldsOf(err)["time_zone"] == "" {
			t.Errorf("zone %q: %v", zone, err)
		}
	}
	if _, err := retreats.NewCohort("co", r, "UTC", "12.3.2027", morning); fault.FieldsOf(err)["starts_on"] == "" {
		t.Errorf("a date in another form: %v", err)
	}
}

func TestShapesAreWhole(t *testing.T) {
	t.Parallel()
	shapes := retreats.Shapes()
	if len(shapes) != 5 {
		t.Fatalf("%d shapes", len(shapes))
	}
	for _, s := range shapes {
		r, err := retreats.NewRetreat(s.ID, s.Programme, s.Terms, s.Plan)
		if err != nil {
			t.Errorf("%s: %v", s.ID, err)
			continue
		}
		if _, err := retreats.NewCohort(s.ID, r, "America/Los_Angeles", "2027-03-12", morning); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
	}
}

func TestRefundPolicy(t *testing.T) {
	t.Parallel()
	p := retreats.DefaultRefundPolicy()
	for on, want := range map[string]int{
		"2026-12-31": 100, "2027-01-11": 100, // sixty days before and more [D16]
		"2027-01-12": 50, "2027-02-10": 50, // 59 to 30 days before
		"2027-02-11": 0, "2027-03-12": 0, "2027-03-20": 0,
	} {
		if got := p.Percent("2027-03-12", civil.Date(on)); got != want {
			t.Errorf("cancelled on %s: %d %%, want %d", on, got, want)
		}
	}
	text := p.Statement("2027-03-12")
	for _, line := range []string{
		"Until Monday 11 January 2027: 100 %.", "From Tuesday 12 January 2027 until Wednesday 10 February 2027: 50 %.",
		"From Thursday 11 February 2027 until Friday 12 March 2027: 0 %.",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the statement lacks %q:\n%s", line, text)
		}
	}
	if retreats.Hash(text) == retreats.Hash(text+" ") {
		t.Error("the hash does not tell texts apart")
	}
}

func TestRefundTiersCoverEveryDayAndFall(t *testing.T) {
	t.Parallel()
	for about, tiers := range map[string][]retreats.RefundTier{
		"none":                     {},
		"a hole before the start":  {{60, 100}, {30, 50}},
		"more for who comes later": {{60, 50}, {0, 100}},
		"days that do not fall":    {{30, 100}, {30, 50}, {0, 0}},
		"more than everything":     {{60, 120}, {0, 0}},
		"less than nothing":        {{60, 100}, {0, -5}},
		"days after the start":     {{60, 100}, {-1, 0}},
	} {
		if err := (retreats.RefundPolicy{Tiers: tiers}).Check(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s [D18]: %v", about, err)
		}
	}
	if err := retreats.DefaultRefundPolicy().Check(); err != nil {
		t.Errorf("the default: %v", err)
	}
}
