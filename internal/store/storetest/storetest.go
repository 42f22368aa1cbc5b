// Package storetest is the conformance suite of the store: what the package
// comment of store promises, tried on an engine.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"lantern/internal/store"
)

// Harness tells the suite how to come by an engine, and what it can bear.
type Harness struct {
	// Place makes a fresh, empty place for documents. Each call of what it
	// returns opens an engine on that place: a second one while the first is
	// open stands for a second process, one after the other was closed for a
	// restart. The suite closes the engines.
	Place func(t *testing.T) (open func() (store.Engine, error))
	// Documents is how many documents a search may have to look through.
	Documents int
	// Writers is how many goroutines write to one document at once.
	Writers int
	// Steps is the most operations in one run of the model test, which is done
	// a hundred times.
	Steps int
}

// Run tries everything. The cases run in parallel.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(*testing.T, Harness)
	}{
		{"CreateAndRead", createAndRead},
		{"MissingDocument", missingDocument},
		{"TakenID", takenID},
		{"OddIDs", oddIDs},
		{"ManyAtOnce", manyAtOnce},
		{"StaleRevision", staleRevision},
		{"Delete", deleteDocument},
		{"AllKindsOfFields", allKindsOfFields},
		{"UnknownFields", unknownFields},
		{"NotUTF8", notUTF8},
		{"Times", times},
		{"OneWinnerPerID", oneWinnerPerID},

		{"EveryIndexShape", everyIndexShape},
		{"FieldsWithNamesOfEngines", fieldsWithNamesOfEngines},
		{"AbsentFields", absentFields},
		{"StablePages", stablePages},
		{"DefaultLimit", defaultLimit},
		{"BadCursors", badCursors},
		{"IndexMadeLater", indexMadeLater},
		{"PreparedByAllAtOnce", preparedByAllAtOnce},

		{"ManyWriters", manyWriters},
		{"TwoProcesses", twoProcesses},
		{"RefusedDecisions", refusedDecisions},
		{"BrokenDecisions", brokenDecisions},
		{"UnchangedDocument", unchangedDocument},

		{"CancelledContext", cancelledContext},
		{"CloseDuringUse", closeDuringUse},
		{"Closed", closed},
		{"Reopen", reopen},

		{"Carrying", carrying},

		{"Model", model},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, h)
		})
	}
}

// item is the document that most cases use.
type item struct {
	store.Meta
	State  string     `json:"state"`
	Rank   int        `json:"rank"`
	Urgent bool       `json:"urgent"`
	At     time.Time  `json:"at"`
	DueAt  *time.Time `json:"due_at,omitempty"`
	Left   *int64     `json:"left,omitempty"`
	Owner  owner      `json:"owner"`
	End    *end       `json:"end"`
	Count  int        `json:"count"`
}

type end struct {
	At time.Time `json:"at"`
}

type owner struct {
	Email string `json:"email"`
}

// itemIndexes are one of each shape: every kind of field, a pointer, a nested
// field, one behind a pointer, one to three fields, and an ordered field behind
// the ranged one.
var itemIndexes = []store.Index{
	{Name: "state", Fields: []string{"state"}},
	{Name: "rank", Fields: []string{"rank"}},
	{Name: "at", Fields: []string{"at"}},
	{Name: "due", Fields: []string{"due_at"}},
	{Name: "left", Fields: []string{"left"}},
	{Name: "urgent owner", Fields: []string{"urgent", "owner.email"}},
	{Name: "state due", Fields: []string{"state", "due_at"}},
	{Name: "state end", Fields: []string{"state", "end.at"}},
	{Name: "state rank at", Fields: []string{"state", "rank", "at"}},
}

// aDay is when things happen in the suite.
var aDay = time.Date(2027, 3, 14, 9, 26, 53, 589_000_000, time.UTC)

// openDB opens a store on a fresh place and closes it when the test ends.
func openDB(t *testing.T, h Harness) *store.DB {
	t.Helper()
	return openAt(t, h.Place(t))
}

func openAt(t *testing.T, open func() (store.Engine, error)) *store.DB {
	t.Helper()
	engine, err := open()
	if err != nil {
		t.Fatalf("opening the engine: %v", err)
	}
	db := store.Open(engine, store.CheckDecisions())
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return db
}

func define[T any](t *testing.T, db *store.DB, name string, indexes ...store.Index) *store.Collection[T] {
	t.Helper()
	c, err := store.Define[T](t.Context(), db, name, indexes...)
	if err != nil {
		t.Fatalf("defining %s: %v", name, err)
	}
	return c
}

// openItems opens a store with one collection of items.
func openItems(t *testing.T, h Harness) *store.Collection[item] {
	t.Helper()
	return define[item](t, openDB(t, h), "items", itemIndexes...)
}

func insert[T any](t *testing.T, c *store.Collection[T], docs ...*T) {
	t.Helper()
	for _, doc := range docs {
		if err := c.Insert(t.Context(), doc); err != nil {
			t.Fatalf("inserting: %v", err)
		}
	}
}

func get[T any](t *testing.T, c *store.Collection[T], id string) *T {
	t.Helper()
	doc, err := c.Get(t.Context(), id)
	if err != nil {
		t.Fatalf("reading %s: %v", id, err)
	}
	return doc
}

func newItem(id string) *item { return &item{Meta: store.Meta{ID: id}, State: "open", At: aDay} }

func increment(i *item) error {
	i.Count++
	return nil
}

// wantError fails the test unless err is the one that is wanted.
func wantError(t *testing.T, doing string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", doing, err, want)
	}
}

// operations calls each operation of a collection once.
func operations(ctx context.Context, c *store.Collection[item], id string) map[string]error {
	_, getErr := c.Get(ctx, id)
	_, revErr := c.Rev(ctx, id)
	_, peekErr := c.Peek(ctx, id)
	_, peekAllErr := c.PeekAll(ctx, []string{id})
	_, findErr := c.Find(ctx, store.Query{Index: "state"})
	_, countErr := c.Count(ctx, store.Query{Index: "state"})
	return map[string]error{
		"Get":     getErr,
		"Rev":     revErr,
		"Peek":    peekErr,
		"PeekAll": peekAllErr,
		"Find":    findErr,
		"Count":   countErr,
		"Insert":  c.Insert(ctx, newItem(id+" inserted")),
		"Update":  c.Update(ctx, id, increment),
		"Delete":  c.Delete(ctx, id, 1),
		"All":     c.All(ctx, store.Query{Index: "state"}, func(*item) error { return nil }),
	}
}

// pointer and value help with optional fields.
func pointer[T any](v T) *T { return &v }

func value(v any) any {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return nil
		}
		return r.Elem().Interface()
	}
	return v
}

func numbered(prefix string, n int) string { return fmt.Sprintf("%s%03d", prefix, n) }
