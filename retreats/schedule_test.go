package retreats_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// scheduled is a published cohort with sessions around the night in which
// clocks may change.
func scheduled(t *testing.T, zone string) *retreats.Cohort {
	t.Helper()
	session := func(day int, clock civil.Clock) retreats.PlannedSession {
		return retreats.PlannedSession{Kind: retreats.Gathering, Title: "Session", Day: day, Clock: clock, Minutes: 180}
	}
	plan := []retreats.PlannedSession{
		session(-1, "18:00"), session(0, "01:30"), session(0, "02:30"), session(0, "09:30"), session(1, "09:30"),
	}
	terms := retreats.Terms{Capacity: 4, Price: money.Of(480000, "USD"), BalanceDays: 30}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "House"}, terms, plan)
	if err != nil {
		t.Fatal(err)
	}
	c, err := retreats.NewCohort("co", r, zone, "2027-02-20", morning)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(morning); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReschedulingKeepsTheTimeOfDay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		about, zone string
		to          civil.Date
		starts      [5]string // s1 to s5
		start, end  string
	}{
		{
			"clocks go forward", "America/Los_Angeles", "2027-03-14", [5]string{
				"2027-03-14T02:00:00Z", "2027-03-14T09:30:00Z", "2027-03-14T10:30:00Z", "2027-03-14T16:30:00Z", "2027-03-15T16:30:00Z",
			}, "2027-03-14T08:00:00Z", "2027-03-16T07:00:00Z",
		},
		{
			"clocks go back", "America/Los_Angeles", "2027-11-07", [5]string{
				"2027-11-07T01:00:00Z", "2027-11-07T08:30:00Z", "2027-11-07T10:30:00Z", "2027-11-07T17:30:00Z", "2027-11-08T17:30:00Z",
			}, "2027-11-07T07:00:00Z", "2027-11-09T08:00:00Z",
		},
		{
			"clocks go back, south of the equator", "Australia/Sydney", "2027-04-04", [5]string{
				"2027-04-03T07:00:00Z", "2027-04-03T14:30:00Z", "2027-04-03T15:30:00Z", "2027-04-03T23:30:00Z", "2027-04-04T23:30:00Z",
			}, "2027-04-03T13:00:00Z", "2027-04-05T14:00:00Z",
		},
		{
			"clocks go forward, south of the equator", "Australia/Sydney", "2027-10-03", [5]string{
				"2027-10-02T08:00:00Z", "2027-10-02T15:30:00Z", "2027-10-02T16:30:00Z", "2027-10-02T22:30:00Z", "2027-10-03T22:30:00Z",
			}, "2027-10-02T14:00:00Z", "2027-10-04T13:00:00Z",
		},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			c := scheduled(t, test.zone)
			before := *c
			sessions := slices.Clone(c.Sessions)
			if err := c.Reschedule(test.to, morning); err != nil {
				t.Fatal(err)
			}
			for i, want := range test.starts {
				s := c.Sessions[i]
				if got := s.StartsAt.UTC().Format(time.RFC3339); got != want || s.ID != sessions[i].ID {
					t.Errorf("%s starts %s, want %s", s.ID, got, want)
				}
				if length := s.EndsAt.Sub(s.StartsAt); length != 3*time.Hour {
					t.Errorf("%s lasts %s", s.ID, length)
				}
			}
			if got := c.Start().UTC().Format(time.RFC3339); got != test.start {
				t.Errorf("starts %s, want %s", got, test.start)
			}
			if got := c.End().UTC().Format(time.RFC3339); got != test.end || c.EndsOn != test.to.AddDays(1) {
				t.Errorf("ends %s (%s), want %s", got, c.EndsOn, test.end)
			}
			if !slices.Equal(before.Sessions, sessions) {
				t.Error("who looks at the cohort sees its sessions move")
			}
			if c.RescheduledAt == nil || c.AnnounceAt == nil || len(retreats.Moves(&before, c)) != 5 {
				t.Error("nobody will be told")
			}
			// Back again, also to the hour that was not there.
			if err := c.Reschedule("2027-02-20", morning); err != nil {
				t.Fatal(err)
			}
			for i, s := range c.Sessions {
				if s != sessions[i] {
					t.Errorf("there and back, %s has moved from %s to %s", s.ID, sessions[i].StartsAt, s.StartsAt)
				}
			}
		})
	}
}

func TestRescheduleRefuses(t *testing.T) {
	t.Parallel()
	for _, to := range []civil.Date{"", "14.3.2027", "2027-02-30", "2026-12-01", "2027-01-11", "9999-12-31", "0000-01-01"} {
		c := scheduled(t, "America/Los_Angeles")
		before := encode(t, c)
		if err := c.Reschedule(to, morning); fault.FieldsOf(err)["starts_on"] == "" || encode(t, c) != before {
			t.Errorf("moved to %q: %v", to, err)
		}
	}
	r := &retreats.Retreat{Plan: []retreats.PlannedSession{{Day: 300, Clock: "09:00"}, {Day: -300, Clock: "09:00"}}}
	for _, startsOn := range []civil.Date{"9999-12-31", "0000-01-01", "1999-12-31"} {
		if _, err := retreats.NewCohort("co", r, "UTC", startsOn, morning); fault.FieldsOf(err)["starts_on"] == "" {
			t.Errorf("made for %s: %v", startsOn, err)
		}
	}
}

func TestReschedulingGoesByTheOldDatesUntilThen(t *testing.T) {
	t.Parallel()
	for _, looked := range []bool{false, true} {
		c := cohort(t, 1)
		now := c.Start().Add(-time.Hour)
		confirm(t, c, "paid", now)
		join(t, c, "waits", now)
		begun := c.Start().Add(time.Hour)
		if looked {
			c.Settle(begun)
		}
		if err := c.Reschedule("2027-06-01", begun); err != nil {
			t.Fatal(err)
		}
		stands(t, c, "waits", begun, retreats.None)
		stands(t, c, "paid", begun, retreats.Confirmed)
	}
}

func TestMovingDatesAwayLetsOffersBeginAgain(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	now := c.Start().Add(-5 * 24 * time.Hour)
	confirm(t, c, "paid", now)
	join(t, c, "waits", now)
	c.Release("paid", now)
	stands(t, c, "waits", now, retreats.WaitingOn)
	if err := c.Reschedule("2027-06-01", now); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "waits", now, retreats.Offered)
}

func TestADraftMovesWithoutAnnouncement(t *testing.T) {
	t.Parallel()
	c := scheduled(t, "America/Los_Angeles")
	c.State, c.AnnounceAt, c.RescheduledAt = retreats.Draft, nil, nil
	if err := c.Reschedule("2027-06-01", morning); err != nil || c.AnnounceAt != nil || c.RescheduledAt != nil || c.NextDeadline != nil {
		t.Errorf("%v, announce at %v, deadline %v", err, c.AnnounceAt, c.NextDeadline)
	}
}

func TestAnIDOfASessionIsNeverGivenAgain(t *testing.T) {
	t.Parallel()
	c := scheduled(t, "America/Los_Angeles")
	given := map[string]bool{}
	for _, s := range c.Sessions {
		given[s.ID] = true
	}
	plan := retreats.PlannedSession{Kind: retreats.Integration, Title: "After", Day: 9, Clock: "18:00", Minutes: 60}
	last := "s5"
	for range 5 {
		if err := c.DropSession(last, morning); err != nil {
			t.Fatal(err)
		}
		// As it comes back from the store.
		text, _ := json.Marshal(c)
		c = new(retreats.Cohort)
		if err := json.Unmarshal(text, c); err != nil {
			t.Fatal(err)
		}
		if err := c.ChangeSession("", plan, morning); err != nil {
			t.Fatal(err)
		}
		last = c.Sessions[len(c.Sessions)-1].ID
		if given[last] {
			t.Fatalf("%s is given again, after %v", last, slices.Sorted(maps.Keys(given)))
		}
		given[last] = true
	}
}

func TestChangingSessions(t *testing.T) {
	t.Parallel()
	c := scheduled(t, "America/Los_Angeles")
	reader := *c
	before := encode(t, &reader)
	late := retreats.PlannedSession{Kind: retreats.Gathering, Title: "Closing", Day: 3, Clock: "11:00", Minutes: 60}
	if err := c.ChangeSession("s1", late, morning); err != nil {
		t.Fatal(err)
	}
	if s := c.Sessions[4]; s.ID != "s1" || c.Planned(s) != late || c.EndsOn != "2027-02-23" {
		t.Errorf("moved to the end: %+v, ends on %s", s, c.EndsOn)
	}
	if moves := retreats.Moves(&reader, c); len(moves) != 1 || moves[0].Before.ID != "s1" || moves[0].After.Title != "Closing" {
		t.Errorf("moves %+v", moves)
	}
	// The same again is no change to tell anybody of.
	c.RescheduledAt = nil
	if err := c.ChangeSession("s1", late, morning.Add(time.Hour)); err != nil || c.RescheduledAt != nil {
		t.Errorf("%v, moved at %v", err, c.RescheduledAt)
	}
	dropped := *c
	undropped := encode(t, &dropped)
	if err := c.DropSession("s2", morning); err != nil || encode(t, &dropped) != undropped {
		t.Errorf("%v; who looks at the cohort must not see it", err)
	}
	if err := c.DropSession("s1", morning); err != nil || c.EndsOn != "2027-02-21" {
		t.Errorf("%v, ends on %s", err, c.EndsOn)
	}
	if encode(t, &reader) != before {
		t.Error("who looks at the cohort sees its sessions change")
	}
	refused := encode(t, c)
	for about, err := range map[string]error{
		"no such session": c.ChangeSession("s1", late, morning), "dropped twice": c.DropSession("s1", morning),
		"no plan": c.ChangeSession("s3", retreats.PlannedSession{}, morning),
	} {
		if err == nil || encode(t, c) != refused {
			t.Errorf("%s: %v", about, err)
		}
	}
	for _, id := range []string{"s3", "s4"} {
		if err := c.DropSession(id, morning); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.DropSession("s5", morning); fault.KindOf(err) != fault.Conflict || len(c.Sessions) != 1 {
		t.Errorf("the last session is dropped: %v", err)
	}
}

// TestSessionsAfterTheLastDay: what couples do by video weeks later can be
// changed until it is over, though the cohort has finished.
func TestSessionsAfterTheLastDay(t *testing.T) {
	t.Parallel()
	online := func(day int) retreats.PlannedSession {
		return retreats.PlannedSession{Kind: retreats.Integration, Title: "By video", Day: day, Clock: "18:00", Minutes: 60, Online: true}
	}
	for _, settled := range []bool{false, true} {
		c := scheduled(t, "America/Los_Angeles")
		if err := c.ChangeSession("", online(16), morning); err != nil {
			t.Fatal(err)
		}
		now := c.End().Add(time.Hour)
		if settled {
			c.Settle(now)
		}
		before := encode(t, c)
		for about, err := range map[string]error{
			"over, changed": c.ChangeSession("s1", online(20), now), "over, dropped": c.DropSession("s4", now),
			"into the past": c.ChangeSession("s6", online(1), now), "a new one in the past": c.ChangeSession("", online(1), now),
		} {
			if fault.TextOf(err) == "" || encode(t, c) != before {
				t.Errorf("%s: %v; a refusal leaves no trace and says why", about, err)
			}
		}
		moved := *c
		if err := c.ChangeSession("s6", online(23), now); err != nil {
			t.Fatal(err)
		}
		if s, _ := c.Session("s6"); c.Planned(s) != online(23) || c.State != retreats.Finished || c.EndsOn != moved.EndsOn {
			t.Errorf("changed: %+v, %s, ends on %s", s, c.State, c.EndsOn)
		}
		if c.AnnounceAt == nil || !c.AnnounceAt.Equal(now) || c.NextDeadline == nil || c.NextDeadline.After(now) {
			t.Errorf("nobody will be told: announce at %v, deadline %v", c.AnnounceAt, c.NextDeadline)
		}
		if err := c.ChangeSession("", online(44), now); err != nil || len(c.Sessions) != 7 {
			t.Errorf("added: %v, %d sessions", err, len(c.Sessions))
		}
		if err := c.DropSession("s6", now); err != nil || len(c.Sessions) != 6 {
			t.Errorf("dropped: %v, %d sessions", err, len(c.Sessions))
		}
		longer := online(44)
		longer.Minutes = 90
		if err := c.ChangeSession("s7", longer, c.StartsOn.AddDays(44).At("18:30", c.Location())); err != nil {
			t.Errorf("while it goes on: %v", err)
		}
		if err := c.ChangeSession("s7", online(90), c.StartsOn.AddDays(60).At("00:00", c.Location())); fault.KindOf(err) != fault.Conflict {
			t.Errorf("after it: %v", err)
		}
		c.State = retreats.Cancelled
		if c.ChangeSession("s7", online(46), now) == nil || c.ChangeSession("", online(46), now) == nil || c.DropSession("s7", now) == nil {
			t.Error("sessions of dates that do not take place were changed")
		}
	}
}

// TestADraftIsChangedWheneverItsSessionsWouldBe: a preparation may lie in the
// past when the dates are made.
func TestADraftIsChangedWheneverItsSessionsWouldBe(t *testing.T) {
	t.Parallel()
	c := scheduled(t, "America/Los_Angeles")
	c.State = retreats.Draft
	now := c.Start().Add(-time.Hour) // s1 is over
	plan := retreats.PlannedSession{Kind: retreats.Preparation, Title: "Earlier", Day: -20, Clock: "18:00", Minutes: 60, Online: true}
	if err := c.ChangeSession("s1", plan, now); err != nil {
		t.Error(err)
	}
	if err := c.DropSession("s1", now); err != nil || c.Schedule != 0 || c.Dropped != nil {
		t.Errorf("%v; changed %d times, dropped %v", err, c.Schedule, c.Dropped)
	}
}

// TestCalendarsCanBeTold: each change that couples notice has a number of its
// own, and what was taken out is known as it was.
func TestCalendarsCanBeTold(t *testing.T) {
	t.Parallel()
	c := scheduled(t, "America/Los_Angeles")
	plan := retreats.PlannedSession{Kind: retreats.Integration, Title: "After", Day: 9, Clock: "18:00", Minutes: 60, Online: true}
	later := morning.Add(time.Hour)
	for n, act := range []func() error{
		func() error { return c.Reschedule("2027-03-14", morning) },
		func() error { return c.ChangeSession("", plan, morning) },
		func() error { return c.DropSession("s2", later) },
	} {
		if err := act(); err != nil || c.Schedule != n+1 {
			t.Errorf("change %d: %v, counted %d", n+1, err, c.Schedule)
		}
	}
	if err := c.Reschedule(c.StartsOn, later); err != nil || c.Schedule != 3 {
		t.Errorf("%v; what moves nothing was counted: %d", err, c.Schedule)
	}
	if d := c.Dropped; len(d) != 1 || d[0].ID != "s2" || !d[0].StartsAt.Equal(c.StartsOn.At("01:30", c.Location())) || !d[0].At.Equal(later) {
		t.Errorf("dropped %+v", d)
	}
	for range 500 {
		if err := c.ChangeSession("", plan, morning); err != nil {
			t.Fatal(err)
		}
		seen := *c
		before := encode(t, &seen)
		last := c.Sessions[len(c.Sessions)-1].ID
		if err := c.DropSession(last, morning); err != nil || c.Dropped[len(c.Dropped)-1].ID != last {
			t.Fatalf("%v, dropped last %+v", err, c.Dropped[len(c.Dropped)-1])
		}
		if encode(t, &seen) != before {
			t.Fatal("who looks at the cohort sees its sessions go")
		}
	}
	if len(c.Dropped) != 240 {
		t.Errorf("%d dropped sessions are kept", len(c.Dropped))
	}
}

// TestEveryDayHasOneAnswer: whatever tiers pass the check, each day of
// cancelling has one share, later days no more, and the dates that are shown
// say the same [D18].
func TestEveryDayHasOneAnswer(t *testing.T) {
	t.Parallel()
	const startsOn = civil.Date("2027-11-07")
	passed := 0
	rapid.Check(t, func(rt *rapid.T) {
		p := retreats.RefundPolicy{}
		days, percent := rapid.IntRange(0, 735).Draw(rt, "first"), rapid.IntRange(0, 102).Draw(rt, "most")
		for days > 0 && len(p.Tiers) < 13 {
			p.Tiers = append(p.Tiers, retreats.RefundTier{DaysBefore: days, Percent: percent})
			days -= rapid.IntRange(0, 200).Draw(rt, "days less")
			percent -= rapid.IntRange(-1, 40).Draw(rt, "less")
		}
		p.Tiers = append(p.Tiers, retreats.RefundTier{DaysBefore: max(0, days), Percent: max(0, percent)})
		if p.Check() != nil {
			return
		}
		passed++
		last := 100
		for on := startsOn.AddDays(-740); on <= startsOn; on = on.AddDays(1) {
			share, answers := p.Percent(startsOn, on), 0
			if share > last || share < 0 {
				rt.Fatalf("%+v: on %s %d %%, the day before %d", p, on, share, last)
			}
			last = share
			for _, period := range p.Periods(startsOn) {
				if on >= period.From && on <= period.Until {
					answers++
					if period.Percent != share {
						rt.Fatalf("%+v: on %s %d %%, what is shown says %d", p, on, share, period.Percent)
					}
				}
			}
			if answers != 1 {
				rt.Fatalf("%+v: %s lies in %d periods", p, on, answers)
			}
		}
	})
	if passed == 0 && !t.Failed() {
		t.Error("no tiers passed the check")
	}
}
