package retreats_test

import (
	"errors"
	"testing"
	"time"

	"lantern/retreats"
)

// filledOf says whose given-up places another couple has, in order.
func filledOf(c *retreats.Cohort, now time.Time) (open, filled []string) {
	for _, g := range c.Settled(now).GivenUp {
		if g.FilledAt == nil {
			open = append(open, g.Booking)
		} else {
			filled = append(filled, g.Booking)
		}
	}
	return open, filled
}

func wantGivenUp(t *testing.T, c *retreats.Cohort, now time.Time, about, wantOpen, wantFilled string) {
	t.Helper()
	open, filled := filledOf(c, now)
	if got := together(open); got != wantOpen {
		t.Errorf("%s: %q can still be filled, want %q", about, got, wantOpen)
	}
	if got := together(filled); got != wantFilled {
		t.Errorf("%s: %q are filled, want %q", about, got, wantFilled)
	}
}

func together(names []string) (text string) {
	for _, name := range names {
		text += name
	}
	return text
}

// TestAPlaceThatWasGivenUpIsFilled is [D16]: free places are filled first, and
// then the place that was given up first.
func TestAPlaceThatWasGivenUpIsFilled(t *testing.T) {
	t.Parallel()
	c := cohort(t, 3)
	confirm(t, c, "a", morning)
	confirm(t, c, "b", morning)
	reserve(t, c, "h", morning)
	now := morning.Add(time.Minute)
	c.Release("h", now) // held, never paid
	wantGivenUp(t, c, now, "a hold that ended", "", "")
	c.Release("b", now)
	c.Release("a", now.Add(time.Second))
	now = now.Add(time.Minute)
	confirm(t, c, "c", now)
	wantGivenUp(t, c, now, "the place that was free is filled", "ba", "")
	reserve(t, c, "d", now)
	wantGivenUp(t, c, now, "a hold fills nothing", "ba", "")
	if err := c.Confirm("d", now); err != nil {
		t.Fatal(err)
	}
	wantGivenUp(t, c, now, "the first that was given up", "a", "b")
	if !c.NextDeadline.Equal(now) {
		t.Errorf("there is something to tell, and the next look is at %s", c.NextDeadline)
	}
	if err := c.Confirm("d", now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	wantGivenUp(t, c, now, "confirmed twice", "a", "b")
	c.RefillTold("b")
	wantGivenUp(t, c, now, "told", "a", "")
	confirm(t, c, "a", now) // comes back
	wantGivenUp(t, c, now, "who comes back fills its own", "", "")
}

func TestAPlaceGivenUpAndTheTimeForUndoing(t *testing.T) {
	t.Parallel()
	c := undoable(t)
	given := morning.Add(time.Hour)
	c.Release("paid", given)
	wantGivenUp(t, c, given, "it may be taken back", "", "")
	back := *c
	if _, err := back.TakeBack("paid", given); err != nil {
		t.Fatal(err)
	}
	wantGivenUp(t, &back, given.Add(time.Hour), "it was taken back", "", "")
	over := given.Add(15 * time.Minute)
	wantGivenUp(t, c, over, "the time for undoing is over", "paid", "")
	accept(t, c, "waits", over)
	if err := c.Confirm("waits", over); err != nil {
		t.Fatal(err)
	}
	wantGivenUp(t, c, over, "the next couple has it", "", "paid")
}

func TestPlacesThatCannotBeFilled(t *testing.T) {
	t.Parallel()
	c := cohort(t, 2)
	confirm(t, c, "moved", morning)
	confirm(t, c, "gone", morning)
	c.UndoMinutes = 15
	c.ReleaseMoved("moved", morning)
	wantGivenUp(t, c, morning, "moved to other dates", "", "")
	if c.Free(morning) != 1 {
		t.Error("a place whose couple has moved is kept back")
	}
	c.UndoMinutes = 0
	c.Release("gone", morning)
	c.Settle(morning)
	if !c.NextDeadline.Equal(c.Start()) {
		t.Errorf("the next look is at %s, want the start", c.NextDeadline)
	}
	cancelled := *c
	confirm(t, &cancelled, "one", morning)
	confirm(t, &cancelled, "two", morning)
	if err := cancelled.Cancel("Snow.", morning); err != nil {
		t.Fatal(err)
	}
	wantGivenUp(t, &cancelled, morning, "what was filled is still told when the dates are called off", "", "gone")
	wantGivenUp(t, c, c.Start().Add(-1), "until the start", "gone", "")
	wantGivenUp(t, c, c.Start(), "the dates have begun", "", "")
	last := cohort(t, 1)
	confirm(t, last, "late", morning)
	last.Release("late", last.Start())
	wantGivenUp(t, last, last.Start(), "given up after the start", "", "")
}

// TestSettleDueTellsOfFilledPlaces until it has been passed on.
func TestSettleDueTellsOfFilledPlaces(t *testing.T) {
	t.Parallel()
	s, at, _ := openService(t)
	addCohort(t, s, "co")
	ctx := t.Context()
	must := func(_ retreats.Standing, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Reserve(ctx, "co", "gone", ""))
	must(s.ConfirmPaid(ctx, "co", "gone"))
	if err := s.Release(ctx, "co", "gone"); err != nil {
		t.Fatal(err)
	}
	must(s.Seat(ctx, "co", "comes"))
	must(s.Seat(ctx, "co", "comes"))
	for range 2 {
		result, err := s.SettleDue(ctx, at.now())
		if err != nil || len(result.Refilled) != 1 || result.Refilled[0] != (retreats.RefilledPlace{Cohort: "co", Booking: "gone", At: morning}) {
			t.Fatalf("told %+v, %v", result.Refilled, err)
		}
	}
	if err := s.RefillTold(ctx, "co", "gone"); err != nil {
		t.Fatal(err)
	}
	if result, err := s.SettleDue(ctx, at.now()); err != nil || result.Cohorts != 0 {
		t.Errorf("when it is known there is %+v, %v", result, err)
	}
}

func TestSeat(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	join(t, c, "held", morning)
	join(t, c, "waits", morning)
	if _, err := c.Seat("comes", morning); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("into a full cohort: %v", err)
	}
	c.Release("held", morning)
	if _, err := c.Seat("comes", morning); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("past who has been offered the place: %v", err)
	}
	for range 2 {
		if got, err := c.Seat("waits", morning); err != nil || got.State != retreats.Confirmed {
			t.Errorf("with an offer of its own: %+v, %v", got, err)
		}
	}
	c.Release("waits", morning)
	if err := c.Close(morning); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Seat("comes", morning); !errors.Is(err, retreats.ErrNotOpen) {
		t.Errorf("into closed dates: %v", err)
	}
}
