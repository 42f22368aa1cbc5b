package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lantern/internal/store"
	"lantern/internal/store/sqlite"
)

type note struct {
	store.Meta
	Lines []string `json:"lines"`
}

func (n *note) add(line string) { n.Lines = append(n.Lines, line) }

// adding is a decision.
func adding(line string) func(*note) error {
	return func(n *note) error {
		n.add(line)
		return nil
	}
}

// openNotes opens a collection with the note "a" on SQLite, seen through
// around, and closes it at the end of the test. Inside a synctest bubble the
// test must call the returned function before its end.
func openNotes(t *testing.T, around func(store.Engine) store.Engine) (*store.Collection[note], func()) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(around(engine), store.CheckDecisions())
	c, err := store.Define[note](t.Context(), db, "notes")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Insert(t.Context(), &note{Meta: store.Meta{ID: "a"}}); err != nil {
		t.Fatal(err)
	}
	return c, func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

func bare(e store.Engine) store.Engine { return e }

// hold starts an update whose decision waits until release is called; done
// waits for its end.
func hold(t *testing.T, c *store.Collection[note]) (release, done func()) {
	gate := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := c.Update(t.Context(), "a", func(n *note) error {
			<-gate
			n.add("held")
			return nil
		})
		if err != nil {
			t.Errorf("the update that was held: %v", err)
		}
	})
	synctest.Wait()
	return func() { close(gate) }, all.Wait
}

func TestUpdatesAreCombinedInOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, end := openNotes(t, bare)
		defer end()
		release, done := hold(t, c)
		want := []string{"held"}
		var all sync.WaitGroup
		for i := range 50 {
			line := fmt.Sprint(i)
			all.Go(func() {
				if err := c.Update(t.Context(), "a", adding(line)); err != nil {
					t.Errorf("update %s: %v", line, err)
				}
			})
			synctest.Wait() // it stands in the queue
			want = append(want, line)
		}
		release()
		all.Wait()
		done()
		got, err := c.Get(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Lines, want) {
			t.Errorf("applied in the order %q", got.Lines)
		}
		if got.Rev != 3 {
			t.Errorf("Rev = %d: 50 updates that waited together were saved %d times, want once", got.Rev, got.Rev-2)
		}
	})
}

func TestUpdateWhoseContextEndsInTheQueueDoesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, end := openNotes(t, bare)
		defer end()
		release, done := hold(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		answer := make(chan error)
		go func() { answer <- c.Update(ctx, "a", adding("late")) }()
		<-ctx.Done()
		release()
		if err := <-answer; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Update answered %v", err)
		}
		done()
		wantLines(t, c, "held")
	})
}

func TestUpdateOutlastsItsContext(t *testing.T) {
	t.Parallel()
	c, end := openNotes(t, bare)
	defer end()
	ctx, cancel := context.WithCancel(t.Context())
	err := c.Update(ctx, "a", func(n *note) error {
		cancel()
		n.add("decided")
		return nil
	})
	if err != nil {
		t.Errorf("a decision that was made was answered with %v", err)
	}
	wantLines(t, c, "decided")
}

func wantLines(t *testing.T, c *store.Collection[note], want ...string) {
	t.Helper()
	got, err := c.Get(context.WithoutCancel(t.Context()), "a")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Lines, want) {
		t.Errorf("the note holds %q, want %q", got.Lines, want)
	}
}

// hooked is an engine whose Replace asks before first.
type hooked struct {
	store.Engine
	before func(ctx context.Context, collection string) error
}

func (h hooked) Replace(ctx context.Context, collection string, record store.Record, rev int64) error {
	if err := h.before(ctx, collection); err != nil {
		return err
	}
	return h.Engine.Replace(ctx, collection, record, rev)
}

func TestUpdateThatLosesDecidesAgain(t *testing.T) {
	t.Parallel()
	losses := 0
	c, end := openNotes(t, func(e store.Engine) store.Engine {
		return hooked{e, func(ctx context.Context, collection string) error {
			if losses == 2 {
				return nil
			}
			losses++
			return saveFromElsewhere(ctx, e, collection)
		}}
	})
	defer end()
	decisions := 0
	err := c.Update(t.Context(), "a", func(n *note) error {
		decisions++
		n.add("ours")
		return nil
	})
	if err != nil || decisions != 3 {
		t.Errorf("Update = %v after %d decisions, want 3", err, decisions)
	}
	wantLines(t, c, "theirs", "theirs", "ours")
}

// saveFromElsewhere saves the note as another process would.
func saveFromElsewhere(ctx context.Context, e store.Engine, collection string) error {
	record, err := e.Get(ctx, collection, "a")
	if err != nil {
		return err
	}
	var n note
	if err := e.Unmarshal(record.Body, &n); err != nil {
		return err
	}
	n.add("theirs")
	n.Rev++
	body, err := e.Marshal(&n)
	if err != nil {
		return err
	}
	return e.Replace(ctx, collection, store.Record{ID: n.ID, Rev: n.Rev, Body: body}, record.Rev)
}

func TestUpdateGivesUpWhenItAlwaysLoses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c, end := openNotes(t, func(e store.Engine) store.Engine {
			return hooked{e, func(context.Context, string) error {
				tries++
				return store.ErrStale
			}}
		})
		defer end()
		if err := c.Update(t.Context(), "a", adding("x")); !errors.Is(err, store.ErrStale) {
			t.Errorf("Update = %v, want ErrStale", err)
		}
		if tries < 10 {
			t.Errorf("it gave up after %d tries", tries)
		}
		wantLines(t, c)
	})
}

// TestFailedSave: whoever waited for a save that failed is told so, and the
// next update begins with what is stored.
func TestFailedSave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		saves := 0
		c, end := openNotes(t, func(e store.Engine) store.Engine {
			return hooked{e, func(context.Context, string) error {
				if saves++; saves == 2 {
					return store.ErrUnavailable
				}
				return nil
			}}
		})
		defer end()
		release, done := hold(t, c)
		answers := make(chan error)
		for range 3 {
			go func() { answers <- c.Update(t.Context(), "a", adding("lost")) }()
		}
		synctest.Wait()
		release()
		done()
		for range 3 {
			if err := <-answers; !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("Update = %v, want ErrUnavailable", err)
			}
		}
		if err := c.Update(t.Context(), "a", adding("next")); err != nil {
			t.Errorf("the update after a failed one: %v", err)
		}
		wantLines(t, c, "held", "next")
	})
}

func TestErrorsNameWhatWasDone(t *testing.T) {
	t.Parallel()
	c, end := openNotes(t, func(e store.Engine) store.Engine {
		return hooked{e, func(context.Context, string) error { return errors.New("the disk is on fire") }}
	})
	defer end()
	err := c.Update(t.Context(), "a", adding("x"))
	if err == nil || !strings.Contains(err.Error(), "saving notes a") || !strings.Contains(err.Error(), "fire") {
		t.Errorf("Update = %v", err)
	}
}
