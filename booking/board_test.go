package booking_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/store"
	"lantern/retreats"
)

// asked is an engine that counts how often it is asked for bookings.
type asked struct {
	store.Engine
	questions int
}

func (a *asked) count(collection string) {
	if collection == "bookings" {
		a.questions++
	}
}

func (a *asked) Get(ctx context.Context, collection, id string) (store.Record, error) {
	a.count(collection)
	return a.Engine.Get(ctx, collection, id)
}

func (a *asked) Rev(ctx context.Context, collection, id string) (int64, error) {
	a.count(collection)
	return a.Engine.Rev(ctx, collection, id)
}

func (a *asked) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	a.count(collection)
	return a.Engine.Revs(ctx, collection, ids)
}

// TestABoardIsOneQuestion, once it has been looked at, however many are on it;
// and it does not mind a booking that is not there.
func TestABoardIsOneQuestion(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 3)
	engine := &asked{Engine: w.engine}
	w.engine = engine
	w.live(1 << 30)
	ana, ben, cleo := w.mustBook("ana", false), w.mustBook("ben", false), w.mustBook("cleo", false)
	dora, emil := w.mustBook("dora", true), w.mustBook("emil", true)
	look := func() *booking.Board {
		t.Helper()
		engine.questions = 0
		board, err := w.bookings.Board(t.Context(), "co", 100)
		if err != nil {
			t.Fatal(err)
		}
		return board
	}
	look()
	board := look()
	if engine.questions != 1 {
		t.Errorf("the board asked %d times", engine.questions)
	}
	if got := couplesOf(board); !slices.Equal(got, []string{ana, ben, cleo, dora, emil}) {
		t.Errorf("the board shows %q", got)
	}
	for _, id := range []string{ben, dora} {
		rev, err := w.engine.Rev(t.Context(), "bookings", id)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.engine.Delete(t.Context(), "bookings", id, rev); err != nil {
			t.Fatal(err)
		}
	}
	if got := couplesOf(look()); !slices.Equal(got, []string{ana, cleo, emil}) {
		t.Errorf("without two bookings the board shows %q", got)
	}
	engine.questions = 0
	if _, _, err := w.bookings.Overview(t.Context(), retreats.Open, 10, ""); err != nil || engine.questions > 1 {
		t.Errorf("the overview: %v after %d questions", err, engine.questions)
	}
}

// couplesOf gives the bookings on a board in its order.
func couplesOf(b *booking.Board) []string {
	var ids []string
	for _, row := range b.Couples {
		ids = append(ids, row.Booking.ID)
	}
	for _, turn := range b.Waitlist {
		ids = append(ids, turn.Booking.ID)
	}
	return ids
}

// TestWhoEndedLast: however it ended, the newest first, and nobody else.
func TestWhoEndedLast(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 5)
	ben := w.mustBook("ben", false)
	w.wait(10 * time.Minute)
	dora := w.mustBook("dora", false)
	w.wait(10 * time.Minute)
	ana, cleo, emil := w.mustBook("ana", false), w.mustBook("cleo", false), w.mustBook("emil", false)
	w.pay(w.open(emil, booking.DepositCharge))
	w.passes()
	cancel := func(id string) {
		t.Helper()
		w.wait(time.Minute)
		if err := w.bookings.Cancel(t.Context(), id, nil); err != nil {
			t.Fatal(err)
		}
	}
	lapse := func(id string) {
		t.Helper()
		w.now = *w.stands(id, retreats.Held, 0).Standing.Until
		w.passes()
		w.stands(id, retreats.None, 0)
	}
	cancel(ana)
	lapse(ben)
	cancel(cleo)
	lapse(dora)
	for most, want := range map[int][]string{
		1: {dora}, 2: {dora, cleo}, 3: {dora, cleo, ben}, 4: {dora, cleo, ben, ana}, 20: {dora, cleo, ben, ana},
	} {
		ended, err := w.bookings.Ended(t.Context(), "co", most)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range ended {
			got = append(got, b.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the last %d that ended are %q, want %q", most, got, want)
		}
	}
	if ended, err := w.bookings.Ended(t.Context(), "another", 20); len(ended) != 0 || err != nil {
		t.Errorf("of another cohort: %v, %v", ended, err)
	}
}
