package retreats_test

import (
	"errors"
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/retreats"
)

// waitingFor is a full cohort of one place with three couples behind "paid".
func waitingFor(t *testing.T) *retreats.Cohort {
	t.Helper()
	c := cohort(t, 1)
	c.WaitlistCap = 3
	confirm(t, c, "paid", morning)
	for i, waits := range []string{"first", "second", "third"} {
		join(t, c, waits, morning.Add(time.Duration(i+1)*time.Minute))
	}
	return c
}

func order(c *retreats.Cohort, now time.Time) (order []string) {
	for _, w := range c.Settled(now).Waitlist {
		order = append(order, w.Booking)
	}
	return order
}

func TestPrioritising(t *testing.T) {
	t.Parallel()
	c := waitingFor(t)
	reader := *c
	before := encode(t, &reader)
	now := morning.Add(time.Hour)
	if err := c.Prioritise("third", 5, "They travel far.", robin, now); err != nil {
		t.Fatal(err)
	}
	if got := order(c, now); got[0] != "third" || got[1] != "first" || got[2] != "second" {
		t.Errorf("order %v", got)
	}
	line := c.Trail[0]
	if line.From != "0" || line.To != "5" || line.Reason != "They travel far." || line.Booking != "third" || line.By != "Robin" {
		t.Errorf("line %+v", line)
	}
	if why := stands(t, c, "first", now, retreats.WaitingOn).WentFirst; len(why) != 1 || why[0] != "They travel far." {
		t.Errorf("the first read %q", why)
	}
	if encode(t, &reader) != before {
		t.Error("who looks at the cohort sees its lists change")
	}
	before = encode(t, c)
	if err := c.Prioritise("first", 101, "They asked.", robin, now); fault.FieldsOf(err)["priority"] == "" || encode(t, c) != before {
		t.Errorf("a priority of 101: %v", err)
	}
	if err := c.Prioritise("paid", 1, "They asked.", robin, now); !errors.Is(err, retreats.ErrNotWaiting) || encode(t, c) != before {
		t.Errorf("a priority for who has a place: %v", err)
	}
	c.Release("paid", now)
	stands(t, c, "third", now, retreats.Offered)
}

func TestOfferingByHand(t *testing.T) {
	t.Parallel()
	c := waitingFor(t)
	now := c.Start().Add(-10 * 24 * time.Hour)
	before := encode(t, c)
	if _, err := c.OfferByHand("second", "They live near.", robin, now); !errors.Is(err, retreats.ErrFull) || encode(t, c) != before {
		t.Errorf("offered by hand without a place: %v", err)
	}
	c.Release("paid", now)
	stands(t, c, "first", now, retreats.WaitingOn)
	if _, err := c.Reserve("walk-in", "", now); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("a walk-in while somebody waits: %v", err)
	}
	for range 2 { // twice is once
		standing, err := c.OfferByHand("second", "They live near.", robin, now)
		if err != nil || standing.State != retreats.Offered {
			t.Fatalf("%+v, %v", standing, err)
		}
	}
	if len(c.Trail) != 1 || c.Trail[0].Reason != "They live near." || c.Trail[0].Booking != "second" {
		t.Errorf("trail %+v", c.Trail)
	}
	if why := stands(t, c, "first", now, retreats.WaitingOn).WentFirst; len(why) != 1 || why[0] != "They live near." {
		t.Errorf("the first read %q", why)
	}
	if made := c.Roster.Places[0].Turn.History; len(made) != 1 || made[0].By != "Robin" {
		t.Errorf("history %+v", made)
	}
	if _, err := c.OfferByHand("stranger", "They live near.", robin, now); !errors.Is(err, retreats.ErrNotWaiting) {
		t.Errorf("offered to a stranger: %v", err)
	}
	if _, err := c.OfferByHand("first", "They live near.", robin, c.Start()); !errors.Is(err, retreats.ErrPast) {
		t.Errorf("offered after the start: %v", err)
	}
}

func TestRemoving(t *testing.T) {
	t.Parallel()
	c := waitingFor(t)
	now := morning.Add(time.Hour)
	if err := c.Remove("second", "They asked on the phone.", robin, now); err != nil {
		t.Fatal(err)
	}
	if got := order(c, now); len(got) != 2 || len(c.Trail) != 1 || c.Trail[0].Reason != "They asked on the phone." {
		t.Errorf("order %v, trail %+v", got, c.Trail)
	}
	before := encode(t, c)
	for _, other := range []string{"second", "paid", "stranger"} {
		if err := c.Remove(other, "They asked.", robin, now); !errors.Is(err, retreats.ErrNotWaiting) || encode(t, c) != before {
			t.Errorf("%s is taken off the waitlist: %v", other, err)
		}
	}
}

func TestWhoWaitedElsewhereKeepsTheirTime(t *testing.T) {
	t.Parallel()
	c := waitingFor(t)
	c.WaitlistCap = 4
	now := morning.Add(time.Hour)
	standing, err := c.JoinAt("moved", morning.Add(90*time.Second), now)
	if err != nil || standing.Position != 2 {
		t.Errorf("%+v, %v", standing, err)
	}
	// Moving somebody who waits here already never makes it later.
	if standing, err = c.JoinAt("first", now, now); err != nil || standing.Position != 1 {
		t.Errorf("%+v, %v", standing, err)
	}
	before := encode(t, c)
	if _, err = c.JoinAt("another", morning, now); !errors.Is(err, retreats.ErrWaitlistFull) || encode(t, c) != before {
		t.Errorf("the waitlist is full: %v", err)
	}
	free := cohort(t, 1)
	if standing, err = free.JoinAt("moved", morning, now); err != nil || standing.State != retreats.Offered {
		t.Errorf("a place that nobody waits for: %+v, %v", standing, err)
	}
}

func TestWhoseOfferEndedUnseenCanBeMoved(t *testing.T) {
	t.Parallel()
	c := waitingFor(t)
	c.Release("paid", morning.Add(time.Hour))
	late := morning.Add(50 * time.Hour) // the first's offer has ended, and nobody has looked
	standing, err := c.JoinAt("first", morning, late)
	if err != nil || standing.State != retreats.WaitingOn || standing.Position != 1 {
		t.Errorf("%+v, %v", standing, err)
	}
	stands(t, c, "second", late, retreats.Offered)
}

func TestLateMoneyOfACoupleThatWaits(t *testing.T) {
	t.Parallel()
	now := morning.Add(time.Hour)
	t.Run("takes a place that everybody has let go by", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		confirm(t, c, "paid", morning)
		join(t, c, "first", morning)
		c.Release("paid", morning)
		if _, err := c.Pass("first", now); err != nil {
			t.Fatal(err)
		}
		if standing := c.ConfirmLate("first", now); standing.State != retreats.Confirmed || len(c.Roster.Waitlist) != 0 {
			t.Errorf("%+v, waitlist %+v", standing, c.Roster.Waitlist)
		}
	})
	t.Run("goes before all others, and is asked for the next place", func(t *testing.T) {
		t.Parallel()
		c := waitingFor(t)
		if standing := c.ConfirmLate("third", now); standing.Position != 1 || standing.Reason != retreats.LateReason {
			t.Errorf("%+v", standing)
		}
		c.Release("paid", now)
		stands(t, c, "third", now, retreats.Offered)
	})
}
