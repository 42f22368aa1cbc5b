package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"lantern/internal/store"
)

// TestSearchesArePreparedOnce, also by many at once, and not without end.
func TestSearchesArePreparedOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e, err := Open(ctx, filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	state := store.ResolvedIndex{Name: "state", Fields: []store.IndexedField{{Path: "state", Kind: store.KindString}}}
	collection := func(i int) string { return fmt.Sprint("events", i) }
	const collections = mostSearches/2 + 3 // with two searches each
	for i := range collections {
		if err := e.Prepare(ctx, store.Schema{Collection: collection(i), Indexes: []store.ResolvedIndex{state}}); err != nil {
			t.Fatal(err)
		}
		if err := e.Insert(ctx, collection(i), store.Record{ID: "a", Rev: 1, Body: []byte(`{"state":"open"}`)}); err != nil {
			t.Fatal(err)
		}
	}
	search := func(i int) error {
		open := store.Scan{Index: state, Equal: []any{"open"}, Limit: 10}
		found, findErr := e.Find(ctx, collection(i), open)
		count, countErr := e.Count(ctx, collection(i), open)
		if err := errors.Join(findErr, countErr); err != nil {
			return err
		}
		if len(found) != 1 || count != 1 {
			return fmt.Errorf("found %d, counted %d, want 1", len(found), count)
		}
		return nil
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := search(0); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(e.searches.prepared); n != 2 {
		t.Errorf("%d statements are kept for two searches", n)
	}
	for i := range collections {
		if err := search(i); err != nil {
			t.Errorf("search %d: %v", i, err)
		}
	}
	if n := len(e.searches.prepared); n != mostSearches {
		t.Errorf("%d statements are kept, want %d", n, mostSearches)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if n := len(e.searches.prepared); n != 0 {
		t.Errorf("%d statements are kept after the end", n)
	}
	for _, i := range []int{0, collections - 1} {
		if err := search(i); !errors.Is(err, store.ErrClosed) {
			t.Errorf("a search after the end: %v", err)
		}
	}
}
