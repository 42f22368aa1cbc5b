package booking

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/retreats"
)

var robin = audit.By{ID: "staff_robin", Name: "Robin"}

// placedCouple is a couple with a place in a cohort of two medicine sessions,
// s1 and s2, on 9 and 10 April 2027 from 9:30 to 12:30, Pacific time, and a
// preparation session a week before them, s0 in time.
func placedCouple(t interface{ Fatal(...any) }) Case {
	plan := []retreats.PlannedSession{
		{Kind: retreats.Preparation, Title: "Before", Day: -7, Clock: "18:00", Minutes: 90, Online: true},
		{Kind: retreats.Medicine, Title: "First", Clock: "09:30", Minutes: 180},
		{Kind: retreats.Medicine, Title: "Second", Day: 1, Clock: "09:30", Minutes: 180},
	}
	now := time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC)
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Days", Location: "Here"},
		retreats.Terms{Capacity: 2, Price: money.Of(100000, "USD"), BalanceDays: 30}, plan)
	if err != nil {
		t.Fatal(err)
	}
	c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-04-09", now)
	if err != nil {
		t.Fatal(err)
	}
	b := &Booking{Meta: store.Meta{ID: "bk"}, CohortID: "co", CreatedAt: now}
	b.Partners[0], b.Partners[1] = Partner{Name: "Ana", Phone: "+14155550101"}, Partner{Name: "Ben", Phone: "+14155550102"}
	return Case{Booking: b, Cohort: c, Standing: retreats.Standing{State: retreats.Confirmed, Since: now}}
}

func (c Case) medicine() (sessions []retreats.Session) {
	for _, s := range c.Cohort.Sessions {
		if s.Kind == retreats.Medicine {
			sessions = append(sessions, s)
		}
	}
	return sessions
}

// TestDepartures plays with a door: drivers come and go, answers change, forms
// come twice and late. Nobody is ever gone without a driver who was on record
// then, or a reason (invariant 5), and each key is noted once.
func TestDepartures(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := placedCouple(t)
		b, held := c.Booking, c.medicine()[0]
		now, press := held.StartsAt.Add(-time.Hour), 0
		onRecord := func() bool { _, ok := b.DriverOnRecord(held); return ok }
		t.Repeat(map[string]func(*rapid.T){
			"name": func(t *rapid.T) {
				at := held.StartsAt.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "moved")) * time.Hour)
				b.Drivers = []Driver{{Session: held.ID, Name: "Kim", StartsAt: at, LinkHash: "h"}}
			},
			"answer": func(t *rapid.T) {
				if len(b.Drivers) > 0 {
					d := &b.Drivers[0]
					d.Answer, d.AnsweredFor = rapid.SampledFrom([]DriverAnswer{DriverYes, DriverNo}).Draw(t, "answer"), held.StartsAt
				}
			},
			"wait": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute) },
			"release": func(t *rapid.T) {
				press++
				in := ReleaseInput{
					Session: held.ID, Reason: rapid.SampledFrom([]string{"", "", " ", "A taxi."}).Draw(t, "reason"),
					Key: fmt.Sprint(rapid.IntRange(max(1, press-2), press).Draw(t, "key")), At: now.Add(-time.Duration(rapid.IntRange(0, 900).Draw(t, "late")) * time.Minute),
				}
				_, wasGone := b.Departure(held.ID)
				could, before := onRecord(), len(b.Departures)
				err := c.release(b, in, robin, now)
				switch {
				case err != nil && len(b.Departures) != before:
					t.Fatal("refused, and noted")
				case err == nil && wasGone && len(b.Departures) != before:
					t.Fatal("gone twice")
				case errors.Is(err, ErrNoDriver) && could && in.Reason == "":
					t.Fatal("a couple with a driver is kept")
				}
				if len(b.Departures) > before {
					left := b.Departures[before]
					if left.Driver == "" && left.Reason == "" || left.Driver != "" && !could {
						t.Fatalf("gone with neither driver nor reason: %+v", left)
					}
					if left.At.Before(held.StartsAt) || left.At.After(now) {
						t.Fatalf("gone at %s, at %s", left.At, now)
					}
				}
			},
			"undo": func(t *rapid.T) {
				left, gone := b.Departure(held.ID)
				err := c.undoRelease(b, held.ID, robin, now)
				if may := gone && !now.After(left.UndoUntil()); may != (err == nil) {
					t.Fatalf("undoing is refused: %v, gone %v", err, gone)
				}
			},
			"": func(t *rapid.T) {
				keys, here := map[string]bool{}, 0
				for _, d := range b.Departures {
					if keys[d.Key] {
						t.Fatalf("the form %s was noted twice", d.Key)
					}
					keys[d.Key] = true
					if d.UndoneAt == nil {
						here++
					}
				}
				if here > 1 {
					t.Fatal("they are gone twice")
				}
			},
		})
	})
}

// TestNobodyIsReleasedTooEarly: not before the session, not without a place, not
// after a session that needs no driver.
func TestNobodyIsReleasedTooEarly(t *testing.T) {
	t.Parallel()
	c := placedCouple(t)
	held := c.medicine()[0]
	in := ReleaseInput{Session: held.ID, Reason: "A taxi."}
	if err := c.release(c.Booking, in, robin, held.StartsAt.Add(-time.Minute)); !errors.Is(err, errNotBegun) {
		t.Errorf("before it has begun: %v", err)
	}
	preparation := ReleaseInput{Session: c.Cohort.Sessions[0].ID, Reason: "A taxi."}
	if err := c.release(c.Booking, preparation, robin, held.EndsAt); !errors.Is(err, errNoRide) {
		t.Errorf("after a preparation session: %v", err)
	}
	c.Standing.State = retreats.Held
	if err := c.release(c.Booking, in, robin, held.EndsAt); !errors.Is(err, errNotHere) {
		t.Errorf("without a place: %v", err)
	}
}

// TestCalls says when somebody has to phone: [D22], [D23], [D28–D30].
func TestCalls(t *testing.T) {
	t.Parallel()
	c := placedCouple(t)
	b, s, prep := c.Booking, c.medicine()[0], c.Cohort.Sessions[0]
	zone := c.Cohort.Location()
	papers := func() {
		for i := range b.Partners {
			b.Forms[i] = &Mark{}
			b.Consents[i] = &Consent{StartsOn: c.Cohort.StartsOn, Statement: ConsentStatement(c.Cohort)}
		}
	}
	driver := func(answer DriverAnswer, at time.Time) {
		b.Drivers = nil
		for _, held := range c.medicine() {
			b.Drivers = append(b.Drivers, Driver{Session: held.ID, Name: "Kim", Phone: "+14155550177", StartsAt: held.StartsAt, Answer: answer, AnsweredAt: &at, AnsweredFor: held.StartsAt})
		}
	}
	come := func() {
		b.Replies = []Reply{{Session: prep.ID, StartsAt: prep.StartsAt}, {Session: prep.ID, Partner: 1, StartsAt: prep.StartsAt}}
	}
	reset := func() { b.Drivers, b.Replies, b.Forms, b.Consents = nil, nil, [2]*Mark{}, [2]*Consent{} }
	late := time.Date(2027, 3, 29, 0, 0, 0, 0, zone) // due by the end of 19 March, and nine days more
	week := time.Date(2027, 4, 3, 0, 0, 0, 0, zone)
	for name, test := range map[string]struct {
		at   time.Time
		do   func()
		want []string
	}{
		"long before":                    {at: late.Add(-time.Minute)},
		"after the last chase":           {at: late, want: []string{"papers.1", "papers.2"}},
		"with papers":                    {at: late, do: papers},
		"a day before the preparation":   {at: prep.StartsAt.Add(-24 * time.Hour), do: papers, want: []string{"preparation.s1.1", "preparation.s1.2"}},
		"who comes is not called":        {at: prep.StartsAt.Add(-24 * time.Hour), do: func() { papers(); come() }},
		"no driver, just before a week":  {at: week.Add(-time.Minute), do: func() { papers(); come() }},
		"no driver, a week before":       {at: week, do: func() { papers(); come() }, want: []string{"driver_unnamed.s2"}},
		"named, before the last day":     {at: s.EndsAt.Add(-24*time.Hour - time.Minute), do: func() { papers(); driver("", late) }},
		"named, on the last day":         {at: s.EndsAt.Add(-24 * time.Hour), do: func() { papers(); driver("", late) }, want: []string{"driver_unconfirmed.s2"}},
		"the driver said yes":            {at: s.EndsAt.Add(-24 * time.Hour), do: func() { papers(); driver(DriverYes, late) }},
		"the driver cannot, long before": {at: late.AddDate(0, -1, 0), do: func() { driver(DriverNo, late.AddDate(0, -1, 0)) }, want: []string{"driver_refused.s2", "driver_refused.s3"}},
		"the session is over":            {at: c.medicine()[1].EndsAt, do: papers},
	} {
		reset()
		if test.do != nil {
			test.do()
		}
		var got []string
		for _, call := range c.Calls(test.at) {
			got = append(got, call.ID())
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestWhoIsCalledRests: who was reached has a day, or half of what is left.
func TestWhoIsCalledRests(t *testing.T) {
	t.Parallel()
	c := placedCouple(t)
	s := c.medicine()[0]
	now := s.StartsAt.Add(-6 * 24 * time.Hour)
	for i := range c.Booking.Partners {
		c.Booking.Forms[i] = &Mark{}
		c.Booking.Consents[i] = &Consent{StartsOn: c.Cohort.StartsOn, Statement: ConsentStatement(c.Cohort)}
	}
	waits := func(at time.Time) time.Duration {
		until := c.Calls(at)[0].Waits(at)
		if until.IsZero() {
			return 0
		}
		return until.Sub(at)
	}
	call := "driver_unnamed." + s.ID
	if got := waits(now); got != 0 {
		t.Errorf("before the first call it waits %s", got)
	}
	record := func(outcome CallOutcome, again, at time.Time) error {
		return c.recordCall(c.Booking, call, outcome, again, robin, at)
	}
	for _, err := range []error{record(CallLater, now, now), record("maybe", now, now)} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("recorded: %v", err)
		}
	}
	for outcome, want := range map[CallOutcome]time.Duration{CallReached: 24 * time.Hour, CallNoAnswer: 0, CallLater: 5 * time.Hour} {
		if err := record(outcome, now.Add(5*time.Hour), now); err != nil {
			t.Fatal(err)
		}
		if got := waits(now); got != want {
			t.Errorf("%s: it waits %s, want %s", outcome, got, want)
		}
	}
	soon := s.StartsAt.Add(-10 * time.Hour)
	if err := record(CallReached, time.Time{}, soon); err != nil {
		t.Fatal(err)
	}
	if got := waits(soon); got != 5*time.Hour {
		t.Errorf("ten hours before, who was reached rests %s", got)
	}
	if line := c.Booking.Trail[len(c.Booking.Trail)-1]; line.What != "called about naming a driver" || line.To != "reached" || line.By != "Robin" {
		t.Errorf("the trail says %+v", line)
	}
	if err := c.recordCall(c.Booking, "papers.1", CallReached, time.Time{}, robin, now); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a call that nobody needs: %v", err)
	}
}
