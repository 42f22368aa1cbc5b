package retreats_test

import (
	"errors"
	"testing"
	"time"

	"lantern/retreats"
)

// undoable is a cohort of one place, which "paid" has, with "waits" behind, and
// a quarter of an hour for undoing [D8].
func undoable(t *testing.T) *retreats.Cohort {
	t.Helper()
	c := cohort(t, 1)
	c.UndoMinutes = 15
	confirm(t, c, "paid", morning)
	join(t, c, "waits", morning.Add(time.Minute))
	return c
}

func TestAPlaceIsKeptBackForUndoing(t *testing.T) {
	t.Parallel()
	c := undoable(t)
	given := morning.Add(time.Hour)
	until := given.Add(15 * time.Minute)
	c.Release("paid", given)
	for _, now := range []time.Time{given, until.Add(-time.Millisecond)} {
		stands(t, c, "paid", now, retreats.None)
		stands(t, c, "waits", now, retreats.WaitingOn)
		if _, err := c.Reserve("walk-in", "", now); !errors.Is(err, retreats.ErrFull) || c.Free(now) != 0 {
			t.Errorf("at %s the place is on sale: %v", now, err)
		}
	}
	if c.NextDeadline == nil || !c.NextDeadline.Equal(until) {
		t.Errorf("it is looked at again %v, want %s", c.NextDeadline, until)
	}
	c.Release("paid", given.Add(time.Minute)) // twice does not make it longer
	stands(t, c, "waits", until, retreats.Offered)
	if _, err := c.TakeBack("paid", until); !errors.Is(err, retreats.ErrNotKeptBack) {
		t.Errorf("taken back when it is over: %v", err)
	}
}

func TestWithNobodyWaitingAPlaceIsOnSaleAfterTheTimeForUndoing(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	c.UndoMinutes = 15
	reserve(t, c, "held", morning)
	c.Release("held", morning)
	if c.Free(morning) != 0 || c.Free(morning.Add(15*time.Minute)) != 1 {
		t.Errorf("%d, then %d places on sale", c.Free(morning), c.Free(morning.Add(15*time.Minute)))
	}
}

func TestTakingBack(t *testing.T) {
	t.Parallel()
	given := morning.Add(10 * time.Minute)
	back := given.Add(14 * time.Minute)
	t.Run("a confirmed place is theirs again", func(t *testing.T) {
		t.Parallel()
		c := undoable(t)
		c.Release("paid", given)
		for range 2 {
			if _, err := c.TakeBack("paid", back); err != nil {
				t.Fatal(err)
			}
		}
		stands(t, c, "paid", back.Add(time.Hour), retreats.Confirmed)
		stands(t, c, "waits", back.Add(time.Hour), retreats.WaitingOn)
		if len(c.Roster.KeptBack) != 0 || len(c.Roster.Places) != 1 {
			t.Errorf("roster %+v", c.Roster)
		}
	})
	t.Run("a held place is held anew", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		c.UndoMinutes = 15
		reserve(t, c, "held", morning)
		c.Release("held", given)
		standing, err := c.TakeBack("held", back)
		if err != nil || standing.State != retreats.Held || !standing.Until.Equal(back.Add(31*time.Minute)) {
			t.Errorf("%+v, %v", standing, err)
		}
	})
	t.Run("who books again gets the place that is kept back for them, once", func(t *testing.T) {
		t.Parallel()
		c := undoable(t)
		c.Release("paid", given)
		if standing := join(t, c, "paid", back); standing.State != retreats.Held {
			t.Errorf("they stand at %+v", standing)
		}
		if _, err := c.TakeBack("paid", back); err != nil || len(c.Roster.Places) != 1 || len(c.Roster.KeptBack) != 0 {
			t.Errorf("%v, roster %+v", err, c.Roster)
		}
	})
	t.Run("late money takes the place that is kept back", func(t *testing.T) {
		t.Parallel()
		c := undoable(t)
		c.Release("paid", given)
		if standing := c.ConfirmLate("paid", back); standing.State != retreats.Confirmed {
			t.Errorf("they stand at %+v", standing)
		}
	})
	t.Run("nobody else can", func(t *testing.T) {
		t.Parallel()
		c := undoable(t)
		c.Release("paid", given)
		before := encode(t, c)
		for _, other := range []string{"waits", "stranger"} {
			if _, err := c.TakeBack(other, back); !errors.Is(err, retreats.ErrNotKeptBack) {
				t.Errorf("%s takes it: %v", other, err)
			}
		}
		if encode(t, c) != before {
			t.Error("a refusal left a trace")
		}
	})
	t.Run("a hold cannot be had again after the start", func(t *testing.T) {
		t.Parallel()
		c := cohort(t, 1)
		c.UndoMinutes = 15
		now := c.Start().Add(-time.Minute)
		reserve(t, c, "held", now)
		c.Release("held", now)
		if _, err := c.TakeBack("held", c.Start()); !errors.Is(err, retreats.ErrPast) {
			t.Errorf("taken back: %v", err)
		}
	})
	t.Run("an offer that is given back goes on at once", func(t *testing.T) {
		t.Parallel()
		c := undoable(t)
		join(t, c, "next", morning.Add(2*time.Minute))
		c.Release("paid", given)
		stands(t, c, "waits", back.Add(time.Hour), retreats.Offered)
		c.Release("waits", back.Add(time.Hour))
		stands(t, c, "next", back.Add(time.Hour), retreats.Offered)
	})
}

func TestAnOfferGivenBackIsNoNewPlaceForWhoLetItGoBy(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	c.WaitlistCap = 3
	confirm(t, c, "paid", morning)
	for i, waits := range []string{"first", "second", "third"} {
		join(t, c, waits, morning.Add(time.Duration(i+1)*time.Minute))
	}
	now := morning.Add(time.Hour)
	c.Release("paid", now)
	if _, err := c.Pass("first", now); err != nil {
		t.Fatal(err)
	}
	c.Release("second", now) // leaves the list
	stands(t, c, "third", now, retreats.Offered)
	if standing := stands(t, c, "first", now, retreats.WaitingOn); standing.Passes != 1 {
		t.Errorf("%+v", standing)
	}
}
