package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/fault"
	"lantern/internal/store"
)

func cancelledContext(t *testing.T, h Harness) {
	c := openItems(t, h)
	insert(t, c, newItem("a"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range operations(ctx, c, "a") {
		wantError(t, name, err, context.Canceled)
	}
	// Who ran out of time may try again.
	ctx, cancel = context.WithDeadline(t.Context(), aDay.AddDate(-100, 0, 0))
	defer cancel()
	for name, err := range operations(ctx, c, "a") {
		wantError(t, name, err, context.DeadlineExceeded)
		if name != "Update" { // which answers with its context's own error
			wantError(t, name, err, store.ErrUnavailable)
		}
	}
	if got := get(t, c, "a"); got.Rev != 1 {
		t.Errorf("a cancelled operation has changed the document: %+v", got)
	}
	_, err := c.Get(t.Context(), "a inserted")
	wantError(t, "Get of what was not inserted", err, store.ErrNotFound)
}

// closeDuringUse closes the store while everybody works: each call is either
// done or answered with ErrClosed, and what was answered well is there later.
func closeDuringUse(t *testing.T, h Harness) {
	open := h.Place(t)
	db := openAt(t, open)
	c := define[item](t, db, "items", itemIndexes...)
	insert(t, c, newItem("counter"))

	const workers = 6
	var all, begun sync.WaitGroup
	inserted, incremented := make([]int, workers), make([]int, workers)
	for n := range workers {
		begun.Add(1)
		all.Go(func() {
			for round := 0; ; round++ {
				ctx := t.Context()
				errs := []error{c.Update(ctx, "counter", increment), c.Insert(ctx, newItem(fmt.Sprintf("%d of %d", round, n)))}
				if errs[0] == nil {
					incremented[n]++
				}
				if errs[1] == nil {
					inserted[n]++
				}
				_, getErr := c.Get(ctx, "counter")
				_, findErr := c.Find(ctx, store.Query{Index: "state", Limit: 3})
				err := errors.Join(append(errs, getErr, findErr)...)
				if round == 0 {
					begun.Done()
				}
				if err != nil {
					for _, err := range append(errs, getErr, findErr) {
						if err != nil {
							wantError(t, "a call while the store is closed", err, store.ErrClosed)
						}
					}
					return
				}
			}
		})
	}
	begun.Wait()
	if err := db.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	all.Wait()

	again := define[item](t, openAt(t, open), "items", itemIndexes...)
	sum := 0
	for n := range workers {
		sum += incremented[n]
		for round := range inserted[n] {
			get(t, again, fmt.Sprintf("%d of %d", round, n))
		}
	}
	if got := get(t, again, "counter"); got.Count != sum {
		t.Errorf("%d increments were acknowledged, %d are there", sum, got.Count)
	}
}

func closed(t *testing.T, h Harness) {
	db := openDB(t, h)
	c := define[item](t, db, "items", itemIndexes...)
	insert(t, c, newItem("a"))
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	calls := operations(t.Context(), c, "a")
	calls["Ping"] = db.Ping(t.Context())
	_, calls["Define"] = store.Define[item](t.Context(), db, "others")
	for name, err := range calls {
		wantError(t, name+" after Close", err, store.ErrClosed)
		if kind := fault.KindOf(err); kind != fault.Unavailable {
			t.Errorf("%s after Close is of kind %q", name, kind)
		}
	}
}

func reopen(t *testing.T, h Harness) {
	open := h.Place(t)
	db := openAt(t, open)
	items := define[item](t, db, "items", itemIndexes...)
	insert(t, items, newItem("kept"), newItem("changed"), newItem("deleted"))
	for range 3 {
		if err := items.Update(t.Context(), "changed", increment); err != nil {
			t.Fatal(err)
		}
	}
	if err := items.Delete(t.Context(), "deleted", 1); err != nil {
		t.Fatal(err)
	}
	before := map[string]*item{"kept": get(t, items, "kept"), "changed": get(t, items, "changed")}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	items = define[item](t, openAt(t, open), "items", itemIndexes...)
	after := map[string]*item{}
	err := items.All(t.Context(), store.Query{Index: "state"}, func(i *item) error {
		after[i.ID] = i
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("after reopening (-before +after):\n%s", diff)
	}
	if err := items.Update(t.Context(), "changed", increment); err != nil {
		t.Fatal(err)
	}
	if got := get(t, items, "changed"); got.Rev != 5 || got.Count != 4 {
		t.Errorf("an update after reopening: %+v", got)
	}
}
