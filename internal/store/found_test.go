package store_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"lantern/internal/store"
)

// reads is an engine that counts the documents that are loaded.
type reads struct {
	store.Engine
	count atomic.Int32
}

func (r *reads) Get(ctx context.Context, collection, id string) (store.Record, error) {
	r.count.Add(1)
	return r.Engine.Get(ctx, collection, id)
}

func TestWhatWasFoundIsNotLoadedAgain(t *testing.T) {
	t.Parallel()
	counted := &reads{}
	c, end := openNotes(t, func(e store.Engine) store.Engine { counted.Engine = e; return counted })
	defer end()
	found, err := c.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"one", "two"} {
		if found, err = c.UpdateFound(t.Context(), found, adding(line)); err != nil || found == nil {
			t.Fatalf("%s: %v, %v", line, found, err)
		}
	}
	if got := counted.count.Load(); got != 1 {
		t.Errorf("it was loaded %d times", got)
	}
	stored, err := c.Get(t.Context(), "a")
	if err != nil || stored.Rev != 3 || found.Rev != 3 || !slices.Equal(stored.Lines, []string{"one", "two"}) {
		t.Errorf("stored %+v, given %+v, %v", stored, found, err)
	}
}

func TestWhatWasFoundLongAgoIsDecidedAnew(t *testing.T) {
	t.Parallel()
	c, end := openNotes(t, bare)
	defer end()
	found, err := c.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Update(t.Context(), "a", adding("somebody else")); err != nil {
		t.Fatal(err)
	}
	now, err := c.UpdateFound(t.Context(), found, adding("late"))
	if err != nil || now == nil || !slices.Equal(now.Lines, []string{"somebody else", "late"}) {
		t.Errorf("got %+v, %v", now, err)
	}
}

func TestAFoundDocumentThatStaysAsItIsIsNotSaved(t *testing.T) {
	t.Parallel()
	c, end := openNotes(t, bare)
	defer end()
	found, err := c.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	now, err := c.UpdateFound(t.Context(), found, func(*note) error { return nil })
	if rev, _ := c.Rev(t.Context(), "a"); err != nil || now.Rev != 1 || rev != 1 {
		t.Errorf("revision %d, %+v, %v", rev, now, err)
	}
	refused := errors.New("no")
	if _, err = c.UpdateFound(t.Context(), now, func(*note) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}
