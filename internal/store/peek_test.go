package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"lantern/internal/store"
	"lantern/internal/store/sqlite"
)

// counted is an engine that counts how often documents are read.
type counted struct {
	store.Engine
	reads *atomic.Int64
}

func (c counted) Get(ctx context.Context, collection, id string) (store.Record, error) {
	c.reads.Add(1)
	return c.Engine.Get(ctx, collection, id)
}

func peek(t *testing.T, c *store.Collection[note]) *note {
	t.Helper()
	n, err := c.Peek(t.Context(), "a")
	if err != nil {
		t.Fatalf("Peek: %v", err)
	}
	return n
}

func TestPeekReadsARevisionOnce(t *testing.T) {
	t.Parallel()
	var reads atomic.Int64
	c, end := openNotes(t, func(e store.Engine) store.Engine { return counted{e, &reads} })
	defer end()
	first := peek(t, c)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if n, err := c.Peek(t.Context(), "a"); n != first || err != nil {
				t.Errorf("Peek = %p, %v, want what was shared before", n, err)
			}
		})
	}
	all.Wait()
	if n := reads.Load(); n != 1 {
		t.Errorf("the document was read %d times", n)
	}
}

// TestPeekIsFresh: also when another process has saved the document, which
// leaves what was shared before as it was.
func TestPeekIsFresh(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	open := func() *store.Collection[note] {
		engine, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		db := store.Open(engine)
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		c, err := store.Define[note](t.Context(), db, "notes")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one, two := open(), open()
	if err := one.Insert(t.Context(), &note{Meta: store.Meta{ID: "a"}}); err != nil {
		t.Fatal(err)
	}
	before := peek(t, one)
	var want []string
	for _, c := range []*store.Collection[note]{one, two, one, two} {
		if err := c.Update(t.Context(), "a", adding("line")); err != nil {
			t.Fatal(err)
		}
		want = append(want, "line")
		for _, reader := range []*store.Collection[note]{one, two} {
			if got := peek(t, reader); !slices.Equal(got.Lines, want) {
				t.Errorf("Peek holds %q, want %q", got.Lines, want)
			}
		}
	}
	if before.Rev != 1 || len(before.Lines) != 0 {
		t.Errorf("what was shared has become %+v", before)
	}
}

func TestPeekOfNothing(t *testing.T) {
	t.Parallel()
	c, end := openNotes(t, bare)
	defer end()
	if _, err := c.Peek(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Peek of a missing document: %v", err)
	}
	n := peek(t, c)
	if err := c.Delete(t.Context(), "a", n.Rev); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Peek(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Peek of a deleted document: %v", err)
	}
}
