package retreats_test

import (
	"errors"
	"testing"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/retreats"
)

var robin = audit.By{ID: "p1", Name: "Robin"}

func confirm(t *testing.T, c *retreats.Cohort, booking string, now time.Time) {
	t.Helper()
	reserve(t, c, booking, now)
	if err := c.Confirm(booking, now); err != nil {
		t.Fatalf("confirming %s: %v", booking, err)
	}
}

func accept(t *testing.T, c *retreats.Cohort, booking string, now time.Time) retreats.Standing {
	t.Helper()
	standing, err := c.Accept(booking, now)
	if err != nil {
		t.Fatalf("accepting for %s: %v", booking, err)
	}
	return standing
}

func utc(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// TestAMachineAsleepForTwoDaysSettlesRightlyAtWaking: what ended while nobody
// looked has ended when it did, in its order; offers count from the waking,
// since nobody could be told before.
func TestAMachineAsleepForTwoDaysSettlesRightlyAtWaking(t *testing.T) {
	t.Parallel()
	const asleep = 48 * time.Hour
	for _, test := range []struct {
		about    string
		capacity int
		// before plays until the machine falls asleep, and says when that is.
		before func(t *testing.T, c *retreats.Cohort) time.Time
		want   map[string]retreats.PlaceState
		free   int
		state  retreats.CohortState
	}{
		{"a hold has ended: the first who waits has an offer", 1, func(t *testing.T, c *retreats.Cohort) time.Time {
			reserve(t, c, "held", morning)
			join(t, c, "first", morning.Add(time.Minute))
			join(t, c, "second", morning.Add(2*time.Minute))
			return morning.Add(3 * time.Minute)
		}, map[string]retreats.PlaceState{
			"held": retreats.None, "first": retreats.Offered, "second": retreats.WaitingOn,
		}, 0, retreats.Open},
		{"a hold has ended and nobody waits: the place is on sale", 2, func(t *testing.T, c *retreats.Cohort) time.Time {
			confirm(t, c, "paid", morning)
			reserve(t, c, "held", morning)
			return morning
		}, map[string]retreats.PlaceState{"paid": retreats.Confirmed, "held": retreats.None}, 1, retreats.Open},
		{"an offer has ended: the next has one, the turn is kept", 1, func(t *testing.T, c *retreats.Cohort) time.Time {
			confirm(t, c, "paid", morning)
			join(t, c, "first", morning.Add(time.Minute))
			join(t, c, "second", morning.Add(2*time.Minute))
			c.Release("paid", morning.Add(time.Hour))
			return morning.Add(2 * time.Hour)
		}, map[string]retreats.PlaceState{"first": retreats.WaitingOn, "second": retreats.Offered}, 0, retreats.Open},
		{"an offer ended, then a hold: that place is a new one for who let the offer go", 2,
			func(t *testing.T, c *retreats.Cohort) time.Time {
				confirm(t, c, "paid", morning)
				confirm(t, c, "paid too", morning)
				for i, waits := range []string{"first", "second", "third"} {
					join(t, c, waits, morning.Add(time.Duration(i+1)*time.Minute))
				}
				c.Release("paid", morning.Add(time.Hour))                        // offered to the first until 49 hours
				c.Release("paid too", morning.Add(2*time.Hour))                  // offered to the second
				accept(t, c, "second", morning.Add(48*time.Hour+50*time.Minute)) // held until 49:21
				return morning.Add(48*time.Hour + 55*time.Minute)
			}, map[string]retreats.PlaceState{
				"first": retreats.Offered, "second": retreats.None, "third": retreats.Offered,
			}, 0, retreats.Open},
		{"a hold ended, then an offer: that place goes to the next", 2, func(t *testing.T, c *retreats.Cohort) time.Time {
			confirm(t, c, "paid", morning)
			confirm(t, c, "paid too", morning)
			for i, waits := range []string{"first", "second", "third", "fourth"} {
				join(t, c, waits, morning.Add(time.Duration(i+1)*time.Minute))
			}
			c.Release("paid", morning.Add(time.Hour))
			c.Release("paid too", morning.Add(2*time.Hour))
			accept(t, c, "second", morning.Add(48*time.Hour)) // held until 48:31, before the first's offer ends
			return morning.Add(48*time.Hour + 10*time.Minute)
		}, map[string]retreats.PlaceState{
			"first": retreats.WaitingOn, "second": retreats.None, "third": retreats.Offered, "fourth": retreats.Offered,
		}, 0, retreats.Open},
		{"a place kept back is not taken back: it is offered", 1, func(t *testing.T, c *retreats.Cohort) time.Time {
			c.UndoMinutes = 15
			confirm(t, c, "paid", morning)
			join(t, c, "first", morning)
			c.Release("paid", morning.Add(time.Hour))
			return morning.Add(time.Hour)
		}, map[string]retreats.PlaceState{"paid": retreats.None, "first": retreats.Offered}, 0, retreats.Open},
		{"offers have stopped: the place waits for a hand", 1, func(t *testing.T, c *retreats.Cohort) time.Time {
			now := utc(t, "2027-02-25T20:00:00Z") // fifteen days before
			reserve(t, c, "held", now)
			join(t, c, "first", now)
			return now
		}, map[string]retreats.PlaceState{"held": retreats.None, "first": retreats.WaitingOn}, 0, retreats.Open},
		{"it has begun: no turns and no offers any more, places stay", 2, func(t *testing.T, c *retreats.Cohort) time.Time {
			now := c.Start().Add(-47 * time.Hour)
			confirm(t, c, "paid", now)
			reserve(t, c, "held", now)
			join(t, c, "first", now)
			join(t, c, "second", now)
			c.Release("held", now)
			if _, err := c.OfferByHand("first", "They live near.", robin, now); err != nil {
				t.Fatal(err)
			}
			return now
		}, map[string]retreats.PlaceState{
			"paid": retreats.Confirmed, "held": retreats.None, "first": retreats.None, "second": retreats.None,
		}, 0, retreats.Open},
		{"it has taken place", 1, func(t *testing.T, c *retreats.Cohort) time.Time {
			now := c.End().Add(-47 * time.Hour)
			confirm(t, c, "paid", now)
			return now
		}, map[string]retreats.PlaceState{"paid": retreats.Confirmed}, 0, retreats.Finished},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			c := cohort(t, test.capacity)
			waking := test.before(t, c).Add(asleep)
			due := c.NextDeadline
			if due == nil || due.After(waking) {
				t.Fatalf("the pass would not find it: its deadline is %v", due)
			}
			unsettled := *c
			c.Settle(waking)
			for booking, want := range test.want {
				standing := stands(t, c, booking, waking, want)
				if want != retreats.Offered {
					continue
				}
				if !standing.Since.Equal(waking) || !standing.Until.After(waking) {
					t.Errorf("%s is offered a place from %s until %s; the machine woke %s", booking, standing.Since, standing.Until, waking)
				}
			}
			if c.Free(waking) != test.free || c.State != test.state {
				t.Errorf("%d places on sale, state %s; want %d, %s", c.Free(waking), c.State, test.free, test.state)
			}
			once := encode(t, c)
			c.Settle(waking)
			if encode(t, c) != once {
				t.Error("settling again changed something")
			}
			// Whoever comes before the pass finds the same.
			unsettled.Release("nobody", waking)
			unsettled.Settle(waking)
			if got := encode(t, &unsettled); got != once {
				t.Errorf("a decision finds something else:\n%s\n%s", got, once)
			}
		})
	}
}

func TestAnEndedOfferSaysWhenItEnded(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	confirm(t, c, "paid", morning)
	join(t, c, "first", morning)
	c.Release("paid", morning)
	ended := *c.Settled(morning).Of("first").Until
	c.Settle(morning.Add(100 * time.Hour))
	history := c.Roster.Waitlist[0].History
	if last := history[len(history)-1]; last.What != retreats.TurnExpired || !last.At.Equal(ended) {
		t.Errorf("the last of %+v should be its end at %s", history, ended)
	}
}

// offered makes an offer and says until when it stands: by itself, or by hand
// where offers have stopped.
func offered(t *testing.T, c *retreats.Cohort, now time.Time, byHand bool) retreats.Standing {
	t.Helper()
	confirm(t, c, "paid", now)
	join(t, c, "waits", now)
	c.Release("paid", now)
	if byHand {
		stands(t, c, "waits", now, retreats.WaitingOn)
		if _, err := c.OfferByHand("waits", "They live near.", robin, now); err != nil {
			t.Fatal(err)
		}
	}
	return stands(t, c, "waits", now, retreats.Offered)
}

func TestOfferWindows(t *testing.T) {
	t.Parallel()
	const la = "America/Los_Angeles"
	for _, test := range []struct {
		about, startsOn, now string // by the clocks of Los Angeles
		hours                int
		byHand               bool
		want                 string
	}{
		{"31 days before, 48 hours", "2027-03-12", "2027-02-09 15:00", 48, false, "2027-02-11 15:00"},
		{"30 days before, 24 hours", "2027-03-12", "2027-02-10 15:00", 48, false, "2027-02-11 15:00"},
		{"15 days before, the last that is made by itself", "2027-03-12", "2027-02-25 15:00", 48, false, "2027-02-26 15:00"},
		{"14 days before, by hand, 12 hours", "2027-03-12", "2027-02-26 08:00", 48, true, "2027-02-26 20:00"},
		{"the retreat's own hours", "2027-03-12", "2027-02-09 15:00", 72, false, "2027-02-12 15:00"},
		{"the retreat's own hours, where they are fewer", "2027-03-12", "2027-02-26 10:00", 5, true, "2027-02-26 15:00"},
		{"an end at 20:59 stays", "2027-03-12", "2027-02-08 20:59", 48, false, "2027-02-10 20:59"},
		{"an end at 21:00 moves to the morning", "2027-03-12", "2027-02-08 21:00", 48, false, "2027-02-11 10:00"},
		{"an end after midnight moves to the same morning", "2027-03-12", "2027-02-08 00:30", 48, false, "2027-02-10 10:00"},
		{"an end at 8:59 moves", "2027-03-12", "2027-02-08 08:59", 48, false, "2027-02-10 10:00"},
		{"an end at 9:00 stays", "2027-03-12", "2027-02-08 09:00", 48, false, "2027-02-10 09:00"},
		{"by hand in the evening: it moves to the morning", "2027-03-12", "2027-03-01 12:00", 48, true, "2027-03-02 10:00"},
		{"never past the start", "2027-03-12", "2027-03-11 13:00", 48, true, "2027-03-12 00:00"},
		{"48 hours over the night in which clocks go forward", "2027-06-01", "2027-03-12 15:00", 48, false, "2027-03-14 16:00"},
		{"the morning after clocks went forward", "2027-06-01", "2027-03-12 20:30", 48, false, "2027-03-15 10:00"},
		{"the morning after clocks went back", "2027-12-20", "2027-11-05 22:30", 48, false, "2027-11-08 10:00"},
		{"an end at 20:30 by the new clock stays", "2027-12-20", "2027-11-05 21:30", 48, false, "2027-11-07 20:30"},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			zone, _ := civil.Zone(la)
			now, err := time.ParseInLocation("2006-01-02 15:04", test.now, zone)
			if err != nil {
				t.Fatal(err)
			}
			c := cohort(t, 1)
			if err := c.Reschedule(civil.Date(test.startsOn), morning); err != nil {
				t.Fatal(err)
			}
			c.OfferHours = test.hours
			standing := offered(t, c, now.UTC(), test.byHand)
			if got := standing.Until.In(zone).Format("2006-01-02 15:04"); got != test.want {
				t.Errorf("the offer ends %s, want %s [D5]", got, test.want)
			}
		})
	}
}

func TestMovingTheStartForwardShortensWhatWouldOutlastIt(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	offer := offered(t, c, morning, false)
	reader := *c
	first := civil.DateOf(morning, c.Location()).AddDays(1)
	if err := c.Reschedule(first, morning); err != nil {
		t.Fatal(err)
	}
	got := stands(t, c, "waits", morning, retreats.Offered)
	if !got.Until.Equal(c.Start()) {
		t.Errorf("an offer stands until %s, the start is %s", got.Until, c.Start())
	}
	if was := reader.Roster.Of("waits"); !was.Until.Equal(*offer.Until) {
		t.Error("who looks at the cohort sees its places change")
	}
	if _, err := c.Accept("waits", c.Start()); !errors.Is(err, retreats.ErrNotOffered) {
		t.Errorf("accepting after the start: %v", err)
	}
}
