package retreats_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

func TestEditingLeavesALineForEachChange(t *testing.T) {
	t.Parallel()
	c := cohort(t, 4)
	programme, terms := c.Programme, c.Terms
	programme.Name, programme.Guides = "Long weekend", []string{"Ines", "Tom"}
	programme.Text = strings.Repeat("ä", 200)
	terms.Capacity, terms.Price, terms.UndoMinutes = 6, money.Of(520000, "USD"), 15
	terms.Policy.Tiers = []retreats.RefundTier{{DaysBefore: 90, Percent: 80}, {DaysBefore: 0, Percent: 0}}
	now := morning.Add(time.Hour)
	if err := c.Edit(programme, terms, robin, now); err != nil {
		t.Fatal(err)
	}
	want := []audit.Line{
		{What: "name", From: "Weekend", To: "Long weekend"},
		{What: "text", To: strings.Repeat("ä", 80) + "…"},
		{What: "guides", To: "Ines, Tom"},
		{What: "capacity", From: "4", To: "6"},
		{What: "price", From: money.Of(480000, "USD").String(), To: money.Of(520000, "USD").String()},
		{What: "refund policy", From: "60 days 100 %, 30 days 50 %, 0 days 0 %", To: "90 days 80 %, 0 days 0 %"},
		{What: "minutes for undoing", From: "0", To: "15"},
	}
	for i := range want {
		want[i].At, want[i].ByID, want[i].By = now, robin.ID, robin.Name
	}
	if !slices.Equal(c.Trail, want) {
		t.Errorf("the trail is\n%+v, want\n%+v", c.Trail, want)
	}
	// What stays as it is leaves no line.
	if err := c.Edit(c.Programme, c.Terms, robin, now); err != nil || len(c.Trail) != len(want) {
		t.Errorf("%v, %d lines", err, len(c.Trail))
	}
}

func TestARefusedEditLeavesNoTrace(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(*retreats.Programme, *retreats.Terms){
		"name":     func(p *retreats.Programme, _ *retreats.Terms) { p.Name = " " },
		"location": func(p *retreats.Programme, _ *retreats.Terms) { p.Location = strings.Repeat("x", 201) },
		"capacity": func(_ *retreats.Programme, t *retreats.Terms) { t.Capacity = 0 },
		"price": func(_ *retreats.Programme, t *retreats.Terms) {
			t.Price, t.Deposit = money.Of(1, "EUR"), money.Of(1, "EUR")
		},
		"deposit": func(_ *retreats.Programme, t *retreats.Terms) { t.Deposit.Minor = t.Price.Minor + 1 },
		"policy": func(_ *retreats.Programme, t *retreats.Terms) {
			t.Policy.Tiers = []retreats.RefundTier{{DaysBefore: 3, Percent: 5}}
		},
		"max_passes":  func(_ *retreats.Programme, t *retreats.Terms) { t.MaxPasses = -1 },
		"offer_hours": func(_ *retreats.Programme, t *retreats.Terms) { t.OfferHours = 1000 },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			c := cohort(t, 4)
			reserve(t, c, "held", morning)
			join(t, c, "another", morning)
			programme, terms := c.Programme, c.Terms
			programme.Summary = "Changed too"
			spoil(&programme, &terms)
			before := encode(t, c)
			err := c.Edit(programme, terms, robin, morning.Add(time.Hour)) // the hold has ended
			if fault.FieldsOf(err)[field] == "" {
				t.Errorf("nothing is said about %s: %v", field, err)
			}
			if encode(t, c) != before {
				t.Error("a refused edit left a trace")
			}
		})
	}
}

func TestMorePlacesGoToThoseWhoWait(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	confirm(t, c, "paid", morning)
	join(t, c, "first", morning.Add(time.Minute))
	join(t, c, "second", morning.Add(2*time.Minute))
	reader := *c
	before := encode(t, &reader)
	terms := c.Terms
	terms.Capacity = 2
	if err := c.Edit(c.Programme, terms, robin, morning.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "first", morning.Add(time.Hour), retreats.Offered)
	stands(t, c, "second", morning.Add(time.Hour), retreats.WaitingOn)
	if encode(t, &reader) != before {
		t.Error("who looks at the cohort sees its lists change")
	}
	// Fewer take nobody's away, and nothing is given until there is room again.
	terms.Capacity = 1
	if err := c.Edit(c.Programme, terms, robin, morning.Add(time.Hour)); err != nil || c.OverBy() != 1 {
		t.Errorf("%v, over-full by %d", err, c.OverBy())
	}
	c.Release("paid", morning.Add(2*time.Hour))
	stands(t, c, "second", morning.Add(2*time.Hour), retreats.WaitingOn)
	if c.OverBy() != 0 {
		t.Errorf("over-full by %d", c.OverBy())
	}
}

func TestAnotherPlaceIsOfferedToWhoLetTheLastGoBy(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	confirm(t, c, "paid", morning)
	join(t, c, "first", morning)
	c.Release("paid", morning)
	if _, err := c.Pass("first", morning); err != nil {
		t.Fatal(err)
	}
	reader := *c
	terms := c.Terms
	terms.Capacity = 2
	if err := c.Edit(c.Programme, terms, robin, morning); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "first", morning, retreats.Offered)
	if !reader.Roster.Waitlist[0].Declined {
		t.Error("who looks at the cohort sees its lists change")
	}
}

func TestEditingARetreat(t *testing.T) {
	t.Parallel()
	shape := retreats.Shapes()[0]
	r, err := retreats.NewRetreat("rt", shape.Programme, shape.Terms, shape.Plan)
	if err != nil {
		t.Fatal(err)
	}
	plan := append(slices.Clone(shape.Plan), retreats.PlannedSession{
		Kind: retreats.Consultation, Title: "Call", Day: 60, Clock: "12:00", Minutes: 30, Online: true,
	})
	if err := r.Edit(r.Programme, r.Terms, plan, robin, morning); err != nil {
		t.Fatal(err)
	}
	if len(r.Trail) != 1 || r.Trail[0].What != "plan" || r.Trail[0].By != "Robin" || len(r.Plan) != len(plan) {
		t.Errorf("trail %+v", r.Trail)
	}
	programme := r.Programme
	programme.Name = ""
	if err := r.Edit(programme, r.Terms, nil, robin, morning); fault.FieldsOf(err)["name"] == "" || fault.FieldsOf(err)["plan"] == "" {
		t.Errorf("a retreat without a name and a plan: %v", err)
	}
	if len(r.Trail) != 1 || r.Name == "" || len(r.Plan) != len(plan) {
		t.Error("a refused edit left a trace")
	}
}
