package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lantern/internal/store"
	"lantern/internal/store/sqlite"
)

// counted is an engine that counts how often documents are read, and how often
// it is asked for the revisions of several.
type counted struct {
	store.Engine
	reads, asked *atomic.Int64
}

func (c counted) Get(ctx context.Context, collection, id string) (store.Record, error) {
	c.reads.Add(1)
	return c.Engine.Get(ctx, collection, id)
}

func (c counted) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	c.asked.Add(1)
	return c.Engine.Revs(ctx, collection, ids)
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
	var reads, asked atomic.Int64
	c, end := openNotes(t, func(e store.Engine) store.Engine { return counted{e, &reads, &asked} })
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

// gated is an engine whose readers of documents wait at a gate.
type gated struct {
	store.Engine
	reads *atomic.Int64
	gate  <-chan struct{}
}

func (g gated) Get(ctx context.Context, collection, id string) (store.Record, error) {
	g.reads.Add(1)
	select {
	case <-g.gate:
		return g.Engine.Get(ctx, collection, id)
	case <-ctx.Done():
		return store.Record{}, ctx.Err()
	}
}

// openGated opens the note "a" behind a gate.
func openGated(t *testing.T) (c *store.Collection[note], gate chan struct{}, reads *atomic.Int64, end func()) {
	gate, reads = make(chan struct{}), &atomic.Int64{}
	c, end = openNotes(t, func(e store.Engine) store.Engine { return gated{e, reads, gate} })
	return c, gate, reads, end
}

func TestThoseWhoPeekTogetherReadOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, gate, reads, end := openGated(t)
		defer end()
		got := make([]*note, 20)
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() { got[i] = peek(t, c) })
		}
		synctest.Wait()
		close(gate)
		all.Wait()
		if n := reads.Load(); n != 1 {
			t.Errorf("the document was read %d times", n)
		}
		for _, n := range got {
			if n != got[0] {
				t.Errorf("they do not share one document: %p, %p", n, got[0])
			}
		}
	})
}

// TestAReaderWhoGivesUp harms nobody else, whether it reads for others or
// waits for another.
func TestAReaderWhoGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, gate, reads, end := openGated(t)
		defer end()
		start := func(ctx context.Context) chan error {
			answer := make(chan error, 1)
			go func() {
				_, err := c.Peek(ctx, "a")
				answer <- err
			}()
			synctest.Wait()
			return answer
		}
		first, cancelFirst := context.WithCancel(t.Context())
		second, cancelSecond := context.WithTimeout(t.Context(), time.Second)
		defer cancelSecond()
		reader, waiter := start(first), start(second)
		patient := []chan error{start(t.Context()), start(t.Context()), start(t.Context())}
		if n := reads.Load(); n != 1 {
			t.Errorf("%d read at once", n)
		}
		time.Sleep(time.Second)
		if err := <-waiter; !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who waited for another and ran out of time: %v", err)
		}
		cancelFirst()
		if err := <-reader; !errors.Is(err, context.Canceled) {
			t.Errorf("who read and gave up: %v", err)
		}
		synctest.Wait()
		if n := reads.Load(); n != 2 {
			t.Errorf("%d have begun to read, want one more", n)
		}
		close(gate)
		for _, answer := range patient {
			if err := <-answer; err != nil {
				t.Errorf("a patient reader: %v", err)
			}
		}
	})
}

// TestPeekDoesNotWaitForAnOlderReading: it may bring what was there before.
func TestPeekDoesNotWaitForAnOlderReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var held atomic.Bool
		gate := make(chan struct{})
		var reads atomic.Int64
		c, end := openNotes(t, func(e store.Engine) store.Engine {
			return afterGet{e, func() {
				reads.Add(1)
				if held.CompareAndSwap(true, false) {
					<-gate
				}
			}}
		})
		defer end()
		old := make(chan *note)
		held.Store(true)
		go func() { old <- peek(t, c) }()
		synctest.Wait() // it has read revision 1, and dawdles
		if err := c.Update(t.Context(), "a", adding("line")); err != nil {
			t.Fatal(err)
		}
		if n := peek(t, c); n.Rev != 2 {
			t.Errorf("Peek after a save gave revision %d", n.Rev)
		}
		close(gate)
		if n := <-old; n.Rev != 1 {
			t.Errorf("the older reading brought revision %d", n.Rev)
		}
		before := reads.Load()
		if n := peek(t, c); n.Rev != 2 || reads.Load() != before {
			t.Errorf("Peek after the older reading has ended gave revision %d after %d more readings", n.Rev, reads.Load()-before)
		}
	})
}

// afterGet is an engine that does something before it answers with a document.
type afterGet struct {
	store.Engine
	do func()
}

func (a afterGet) Get(ctx context.Context, collection, id string) (store.Record, error) {
	record, err := a.Engine.Get(ctx, collection, id)
	a.do()
	return record, err
}

// TestAReadingThatBreaks leaves nobody waiting.
func TestAReadingThatBreaks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		gate := make(chan struct{})
		c, end := openNotes(t, func(e store.Engine) store.Engine {
			return afterGet{e, func() {
				if broken.CompareAndSwap(false, true) {
					<-gate
					panic("broken")
				}
			}}
		})
		defer end()
		go func() {
			defer func() { _ = recover() }()
			_, _ = c.Peek(t.Context(), "a")
		}()
		synctest.Wait()
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { peek(t, c) })
		}
		synctest.Wait()
		close(gate)
		all.Wait()
	})
}

// TestPeekAllAsksOnce: for all revisions, and for the documents that changed.
func TestPeekAllAsksOnce(t *testing.T) {
	t.Parallel()
	var reads, asked atomic.Int64
	c, end := openNotes(t, func(e store.Engine) store.Engine { return counted{e, &reads, &asked} })
	defer end()
	if err := c.Insert(t.Context(), &note{Meta: store.Meta{ID: "b"}}); err != nil {
		t.Fatal(err)
	}
	look := func(wantReads int64) map[string]*note {
		t.Helper()
		reads.Store(0)
		asked.Store(0)
		docs, err := c.PeekAll(t.Context(), []string{"a", "b", "nobody"})
		if err != nil || len(docs) != 2 {
			t.Fatalf("PeekAll = %v, %v", docs, err)
		}
		if reads.Load() != wantReads || asked.Load() != 1 {
			t.Errorf("%d documents were read, want %d, after %d questions, want 1", reads.Load(), wantReads, asked.Load())
		}
		return docs
	}
	first := look(2)
	if second := look(0); second["a"] != first["a"] || second["b"] != first["b"] || peek(t, c) != first["a"] {
		t.Error("what was read is not shared")
	}
	if err := c.Update(t.Context(), "b", adding("line")); err != nil {
		t.Fatal(err)
	}
	third := look(1)
	if third["a"] != first["a"] || len(third["b"].Lines) != 1 || len(first["b"].Lines) != 0 {
		t.Errorf("after a change of one: %+v, %+v", third["a"], third["b"])
	}
	asked.Store(0)
	if docs, err := c.PeekAll(t.Context(), nil); len(docs) != 0 || err != nil || asked.Load() != 0 {
		t.Errorf("PeekAll of none = %v, %v after %d questions", docs, err, asked.Load())
	}
}

// TestPeekAllMeetsADeletion between the revisions and the documents.
func TestPeekAllMeetsADeletion(t *testing.T) {
	t.Parallel()
	c, end := openNotes(t, func(e store.Engine) store.Engine { return deleting{e} })
	defer end()
	if docs, err := c.PeekAll(t.Context(), []string{"a"}); len(docs) != 0 || err != nil {
		t.Errorf("PeekAll = %v, %v", docs, err)
	}
}

// deleting is an engine whose documents are gone when it has told their
// revisions.
type deleting struct{ store.Engine }

func (d deleting) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	revs, err := d.Engine.Revs(ctx, collection, ids)
	for id, rev := range revs {
		err = errors.Join(err, d.Delete(ctx, collection, id, rev))
	}
	return revs, err
}
