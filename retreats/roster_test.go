package retreats_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"lantern/internal/money"
	"lantern/retreats"
)

var morning = time.Date(2027, 1, 11, 17, 0, 0, 0, time.UTC) // 9:00 in Los Angeles

// cohort makes an open cohort that starts 60 days after morning.
func cohort(t testing.TB, capacity int) *retreats.Cohort {
	t.Helper()
	terms := retreats.Terms{Capacity: capacity, Price: money.Of(480000, "USD"), BalanceDays: 30}
	plan := []retreats.PlannedSession{
		{Kind: retreats.Medicine, Title: "Session", Day: 0, Clock: "09:30", Minutes: 180, Receives: retreats.ReceivesBoth},
	}
	r, err := retreats.NewRetreat("rt", retreats.Programme{Name: "Weekend", Location: "Cedar House"}, terms, plan)
	if err != nil {
		t.Fatal(err)
	}
	c, err := retreats.NewCohort("co", r, "America/Los_Angeles", "2027-03-12", morning)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Publish(morning); err != nil {
		t.Fatal(err)
	}
	return c
}

func reserve(t *testing.T, c *retreats.Cohort, booking string, now time.Time) retreats.Standing {
	t.Helper()
	standing, err := c.Reserve(booking, "", now)
	if err != nil {
		t.Fatalf("reserving for %s: %v", booking, err)
	}
	return standing
}

func join(t *testing.T, c *retreats.Cohort, booking string, now time.Time) retreats.Standing {
	t.Helper()
	standing, err := c.Join(booking, "", now)
	if err != nil {
		t.Fatalf("joining for %s: %v", booking, err)
	}
	return standing
}

func stands(t *testing.T, c *retreats.Cohort, booking string, now time.Time, want retreats.PlaceState) retreats.Standing {
	t.Helper()
	standing := c.Settled(now).Of(booking)
	if standing.State != want {
		t.Errorf("%s stands at %q, want %q", booking, standing.State, want)
	}
	return standing
}

func TestAHoldEndsByItself(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	held := reserve(t, c, "a", morning)
	if want := morning.Add(31 * time.Minute); held.State != retreats.Held || !held.Until.Equal(want) {
		t.Fatalf("held %+v, want until %s [D2]", held, want)
	}
	if _, err := c.Reserve("b", "", morning.Add(30*time.Minute)); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("a second couple in a cohort of one: %v", err)
	}
	free := held.Until.Add(5 * time.Minute)
	reserve(t, c, "b", free)
	stands(t, c, "a", free, retreats.None)
}

// TestAHoldThatIsOverIsNotFreeAtOnce: money may be on its way [D2].
func TestAHoldThatIsOverIsNotFreeAtOnce(t *testing.T) {
	t.Parallel()
	over := morning.Add(31 * time.Minute)
	free := over.Add(5 * time.Minute)
	c := cohort(t, 1)
	c.UndoMinutes = 60
	reserve(t, c, "a", morning)
	for now, ending := range map[time.Time]bool{over.Add(-1): false, over: true, free.Add(-1): true} {
		got := c.Standing("a", now)
		if got.State != retreats.Held || !got.Until.Equal(over) || got.Ending != ending {
			t.Errorf("at %s a has %+v", now, got)
		}
		if _, err := c.Reserve("b", "", now); !errors.Is(err, retreats.ErrFull) || c.Free(now) != 0 {
			t.Errorf("at %s another couple gets the place: %v", now, err)
		}
	}
	if again := reserve(t, c, "a", over); !again.Ending || !c.NextDeadline.Equal(free) {
		t.Errorf("asked again it is %+v, and looked at %s", again, c.NextDeadline)
	}
	paid := *c
	if err := paid.Confirm("a", free.Add(-1)); err != nil {
		t.Errorf("money that was on its way: %v", err)
	}
	c.Release("a", over) // none is on its way
	if c.Free(over) != 1 || c.IsKeptBack("a") {
		t.Error("a hold that has run out is kept back for undoing")
	}
	late := cohort(t, 1)
	reserve(t, late, "a", late.Start().Add(-33*time.Minute))
	stands(t, late, "a", late.Start().Add(-1), retreats.Held)
	stands(t, late, "a", late.Start(), retreats.None) // no grace outlasts the start
}

func TestAskingTwiceIsHarmless(t *testing.T) {
	t.Parallel()
	c := cohort(t, 2)
	first := reserve(t, c, "a", morning)
	second := reserve(t, c, "a", morning.Add(time.Minute))
	if !first.Until.Equal(*second.Until) || len(c.Roster.Places) != 1 {
		t.Errorf("asking twice: %+v then %+v", first, second)
	}
	for range 2 {
		if err := c.Confirm("a", morning.Add(2*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	stands(t, c, "a", morning.Add(time.Hour), retreats.Confirmed)
}

func TestAFreedPlaceIsOfferedInTheSameChange(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	reserve(t, c, "a", morning)
	join(t, c, "b", morning.Add(time.Minute))
	join(t, c, "c", morning.Add(2*time.Minute))
	now := morning.Add(5 * time.Minute)
	c.Release("a", now)
	offered := stands(t, c, "b", now, retreats.Offered)
	if want := now.Add(48 * time.Hour); !offered.Until.Equal(want) {
		t.Errorf("the offer ends %s, want %s [D5]", offered.Until, want)
	}
	if c.Free(now) != 0 {
		t.Error("an offered place is on public sale")
	}
	if _, err := c.Accept("b", now); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "b", now, retreats.Held)
	stands(t, c, "c", now, retreats.WaitingOn)
}

func TestNobodyWalksPastThoseWhoWait(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	reserve(t, c, "a", morning)
	join(t, c, "b", morning)
	late := morning.Add(36 * time.Minute) // a's place is free, b is offered it
	if _, err := c.Reserve("walk-in", "", late); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("a walk-in while b waits: %v", err)
	}
	stands(t, c, "b", late, retreats.Offered)
}

func TestPassingKeepsTheTurn(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	reserve(t, c, "a", morning)
	join(t, c, "b", morning)
	join(t, c, "c", morning.Add(time.Second))
	now := morning.Add(time.Minute)
	c.Release("a", now)
	if _, err := c.Pass("b", now); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "c", now, retreats.Offered)
	if standing := stands(t, c, "b", now, retreats.WaitingOn); standing.Position != 1 || standing.Passes != 1 {
		t.Errorf("b after passing: %+v", standing)
	}
	// The next place that becomes free is b's again.
	if _, err := c.Accept("c", now); err != nil {
		t.Fatal(err)
	}
	c.Release("c", now)
	stands(t, c, "b", now, retreats.Offered)
}

func TestOffersThatGoByTooOftenEndTheTurn(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	reserve(t, c, "a", morning)
	join(t, c, "b", morning)
	now := morning
	for range 3 {
		stands(t, c, "b", now, map[bool]retreats.PlaceState{true: retreats.WaitingOn, false: retreats.Offered}[now.Equal(morning)])
		if now.Equal(morning) {
			c.Release("a", now)
		} else {
			c.Release("x", now)
		}
		if _, err := c.Pass("b", now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		if c.Settled(now).Of("b").State == retreats.None {
			break
		}
		// The place that b let go by is taken and given back: a new one.
		reserve(t, c, "x", now)
		c.Release("x", now)
	}
	stands(t, c, "b", now, retreats.None)
	if c.Free(now) != 1 {
		t.Error("a place that everybody let go by is not on sale")
	}
}

func TestLateMoney(t *testing.T) {
	t.Parallel()
	late := morning.Add(40 * time.Minute)
	t.Run("takes a place that is free", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		reserve(t, c, "a", morning)
		if got := c.ConfirmLate("a", late); got.State != retreats.Confirmed {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("goes to the top of the waitlist when the place is gone", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		reserve(t, c, "a", morning)
		reserve(t, c, "b", morning.Add(36*time.Minute))
		join(t, c, "c", morning.Add(37*time.Minute))
		got := c.ConfirmLate("a", late)
		if got.State != retreats.WaitingOn || got.Position != 1 || got.Reason != retreats.LateReason {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("does not pass those who wait", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		reserve(t, c, "a", morning)
		join(t, c, "b", morning)
		c.ConfirmLate("a", late) // b was offered the place when a's hold ended
		stands(t, c, "b", late, retreats.Offered)
		stands(t, c, "a", late, retreats.WaitingOn)
	})
	t.Run("finds no waitlist where the dates have begun", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		if got := c.ConfirmLate("a", c.Start()); got.State != retreats.None {
			t.Errorf("got %+v", got)
		}
	})
}

func TestOfferDeadlines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ about, now, want string }{
		{"two days far from the start", "2027-01-11T17:00:00Z", "2027-01-13T17:00:00Z"},
		{"an end at night moves to 10:00 there", "2027-01-12T06:30:00Z", "2027-01-14T18:00:00Z"},
		{"an end early in the morning moves to 10:00 there", "2027-01-11T13:00:00Z", "2027-01-13T18:00:00Z"},
		{"one day within thirty days of the start", "2027-02-15T18:00:00Z", "2027-02-16T18:00:00Z"},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			c := cohort(t, 1)
			now, _ := time.Parse(time.RFC3339, test.now)
			if err := c.Confirm("nobody", now); !errors.Is(err, retreats.ErrNotHeld) {
				t.Fatal(err)
			}
			reserve(t, c, "a", now)
			join(t, c, "b", now)
			c.Release("a", now)
			got := stands(t, c, "b", now, retreats.Offered)
			if text := got.Until.UTC().Format(time.RFC3339); text != test.want {
				t.Errorf("until %s, want %s", text, test.want)
			}
		})
	}
	t.Run("automatic offers stop 14 days before the start [D7]", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		now := time.Date(2027, 2, 26, 18, 0, 0, 0, time.UTC)
		reserve(t, c, "a", now)
		join(t, c, "b", now)
		c.Release("a", now)
		stands(t, c, "b", now, retreats.WaitingOn)
	})
}

func encode(t interface{ Fatal(...any) }, c *retreats.Cohort) string {
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
