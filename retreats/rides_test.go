package retreats_test

import (
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

func medicineOn(day int, title string) retreats.PlannedSession {
	return retreats.PlannedSession{Kind: retreats.Medicine, Title: title, Day: day, Clock: "09:30", Minutes: 180, Receives: retreats.ReceivesBoth}
}

func circle(day, minutes int) retreats.PlannedSession {
	return retreats.PlannedSession{Kind: retreats.Gathering, Title: "Closing", Day: day, Clock: "14:00", Minutes: minutes}
}

// TestWhichSessionsNeedADriver: each medicine session where guests leave that
// day, and the last one where they go home within a day of it [D24], [D25].
func TestWhichSessionsNeedADriver(t *testing.T) {
	t.Parallel()
	integration := retreats.PlannedSession{Kind: retreats.Integration, Title: "After", Day: 9, Clock: "18:00", Minutes: 60}
	for name, test := range map[string]struct {
		stay   bool
		plan   []retreats.PlannedSession
		needs  map[string]bool
		pickUp map[string]time.Duration // after the end of the session
	}{
		"guests leave each day": {
			plan:  []retreats.PlannedSession{medicineOn(0, "First"), medicineOn(1, "Second"), circle(1, 60), integration},
			needs: map[string]bool{"First": true, "Second": true}, pickUp: map[string]time.Duration{"Second": 0},
		},
		"they stay, and go on the day of the last": {
			stay: true, plan: []retreats.PlannedSession{medicineOn(0, "First"), medicineOn(1, "Second"), circle(1, 60), integration},
			needs: map[string]bool{"Second": true}, pickUp: map[string]time.Duration{"Second": 150 * time.Minute},
		},
		"they stay until the next noon": {
			stay: true, plan: []retreats.PlannedSession{medicineOn(0, "First"), {Kind: retreats.Gathering, Title: "Closing", Day: 1, Clock: "11:00", Minutes: 60}},
			needs: map[string]bool{"First": true}, pickUp: map[string]time.Duration{"First": 23*time.Hour + 30*time.Minute},
		},
		"they stay a day and longer": {
			stay: true, plan: []retreats.PlannedSession{medicineOn(0, "First"), circle(1, 60)}, needs: map[string]bool{},
		},
	} {
		r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Days", Location: "Here"},
			retreats.Terms{Capacity: 2, Price: money.Of(100000, "USD"), GuestsStay: test.stay}, test.plan)
		if err != nil {
			t.Fatal(err)
		}
		c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Sessions {
			if got := c.NeedsDriver(s); got != test.needs[s.Title] {
				t.Errorf("%s: %s needs a driver: %v", name, s.Title, got)
			}
			if want, ok := test.pickUp[s.Title]; ok && c.PickUpAt(s).Sub(s.EndsAt) != want {
				t.Errorf("%s: after %s they are fetched %s later", name, s.Title, c.PickUpAt(s).Sub(s.EndsAt))
			}
		}
	}
}

func TestWhoReceivesMedicine(t *testing.T) {
	t.Parallel()
	for receives, want := range map[retreats.Receives][2]bool{
		retreats.ReceivesBoth: {true, true}, retreats.ReceivesFirst: {true, false}, retreats.ReceivesSecond: {false, true}, retreats.ReceivesNobody: {true, true},
	} {
		s := retreats.Session{Kind: retreats.Medicine, Receives: receives}
		if got := [2]bool{s.GivesMedicineTo(0), s.GivesMedicineTo(1)}; got != want {
			t.Errorf("%q: %v", receives, got)
		}
	}
	if (retreats.Session{Kind: retreats.Gathering}).GivesMedicineTo(0) {
		t.Error("a gathering gives medicine")
	}
}

// TestRidePolicies: accompanied is what holds without a choice [D27].
func TestRidePolicies(t *testing.T) {
	t.Parallel()
	if got := retreats.RidePolicy("").Is(); got != retreats.RidesAccompanied {
		t.Errorf("nothing is %q", got)
	}
	_, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Days", Location: "Here"},
		retreats.Terms{Capacity: 2, Price: money.Of(100000, "USD"), Rides: "sometimes"}, []retreats.PlannedSession{medicineOn(0, "First")})
	if fault.FieldsOf(err)["rides"] == "" {
		t.Errorf("any word is a policy: %v", err)
	}
}
