package retreats_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/retreats"
)

func TestACodeComesBackWithThePlace(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	if err := c.AddCode(retreats.Code{Name: "Once", Percent: 10, Limit: 1}, robin, morning); err != nil {
		t.Fatal(err)
	}
	uses := func(about string, now time.Time, want int) {
		t.Helper()
		c.Settle(now)
		if got := c.CodeUses("ONCE"); got != want {
			t.Errorf("%s: used %d times, want %d", about, got, want)
		}
	}
	now := morning
	if _, err := c.Reserve("a", "once", now); err != nil {
		t.Fatal(err)
	}
	uses("held", now, 1)
	if _, err := c.Reserve("a", "once", now); err != nil {
		t.Errorf("asked twice: %v", err)
	}
	_, err := c.Join("b", "once", now)
	if !errors.Is(err, retreats.ErrCodeUsed) || fault.FieldsOf(err)["code"] == "" {
		t.Errorf("past its limit: %v", err)
	}
	if _, err := c.Join("b", "twice", now); !errors.Is(err, retreats.ErrCodeUnknown) {
		t.Errorf("one that there is not: %v", err)
	}
	now = now.Add(36 * time.Minute)
	uses("the hold has ended", now, 0)
	confirm(t, c, "x", now)
	if _, err := c.Join("b", " ONCE ", now); err != nil {
		t.Fatal(err)
	}
	uses("waiting", now, 1)
	c.Release("x", now)
	uses("offered", now, 1)
	accept(t, c, "b", now)
	if err := c.Confirm("b", now); err != nil {
		t.Fatal(err)
	}
	uses("confirmed", now, 1)
	c.UndoMinutes = 15
	c.Release("b", now)
	uses("kept back", now, 1)
	if _, err := c.TakeBack("b", now); err != nil {
		t.Fatal(err)
	}
	uses("taken back", now, 1)
	if err := c.EndCode("Once", robin, now); err != nil {
		t.Fatal(err)
	}
	uses("ended", now, 1)
	c.Release("b", now)
	uses("given up", now.Add(15*time.Minute), 0)
}

// TestMoneyThatComesLateHasItsCodeAnyway: it was agreed to.
func TestMoneyThatComesLateHasItsCodeAnyway(t *testing.T) {
	t.Parallel()
	c := cohort(t, 2)
	if err := c.AddCode(retreats.Code{Name: "Once", Percent: 10, Limit: 1}, robin, morning); err != nil {
		t.Fatal(err)
	}
	late := morning.Add(40 * time.Minute)
	if _, err := c.Reserve("a", "once", morning); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Reserve("b", "once", late); err != nil {
		t.Fatal(err)
	}
	if got := c.ConfirmLate("a", late); got.State != retreats.Confirmed {
		t.Errorf("a stands at %+v", got)
	}
}

// TestFiftyCouplesUseACodeForSevenAtOnce: exactly seven pass.
func TestFiftyCouplesUseACodeForSevenAtOnce(t *testing.T) {
	t.Parallel()
	const couples, limit = 50, 7
	s, _, _ := openService(t)
	c := cohort(t, 20)
	c.WaitlistCap = couples
	if err := errors.Join(c.AddCode(retreats.Code{Name: "Seven", Percent: 10, Limit: limit}, robin, morning), s.AddCohort(t.Context(), c)); err != nil {
		t.Fatal(err)
	}
	var (
		passed atomic.Int32
		all    sync.WaitGroup
	)
	for i := range couples {
		all.Go(func() {
			act := s.Reserve
			if i%2 == 0 {
				act = s.Join
			}
			standing, err := act(t.Context(), c.ID, fmt.Sprintf("b%d", i), "seven")
			switch {
			case err == nil && standing.State != retreats.None:
				passed.Add(1)
			case !errors.Is(err, retreats.ErrCodeUsed):
				t.Errorf("couple %d: %+v, %v", i, standing, err)
			}
		})
	}
	all.Wait()
	stored, err := s.Cohort(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if passed.Load() != limit || stored.CodeUses("Seven") != limit || len(stored.Roster.Places) != limit {
		t.Errorf("%d passed, %d are counted, %d have places", passed.Load(), stored.CodeUses("Seven"), len(stored.Roster.Places))
	}
}
