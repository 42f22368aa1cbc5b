package store_test

import (
	"testing"
	"time"

	"lantern/internal/store"
)

type (
	grove struct {
		store.Meta
		Root tree `json:"root"`
	}
	tree struct {
		Children []tree    `json:"children"`
		Parent   *tree     `json:"parent"`
		At       time.Time `json:"at"`
	}
)

// TestTimesInTypesThatRecur: each time is found, however deep it is.
func TestTimesInTypesThatRecur(t *testing.T) {
	t.Parallel()
	c, err := store.Define[grove](t.Context(), openDB(t), "trees")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2027, 3, 14, 1, 2, 3, 456_789_012, time.FixedZone("", 3600))
	want := time.Date(2027, 3, 14, 0, 2, 3, 456_000_000, time.UTC)
	leaf := tree{At: at}
	doc := &grove{Meta: store.Meta{ID: "a"}, Root: tree{At: at, Children: []tree{{At: at, Children: []tree{leaf}, Parent: &leaf}}}}
	if err := c.Insert(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	got, err := c.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for name, root := range map[string]tree{"saved": doc.Root, "read": got.Root} {
		child := root.Children[0]
		for i, at := range []time.Time{root.At, child.At, child.Children[0].At, child.Parent.At} {
			if at != want {
				t.Errorf("%s: time %d is %v, want %v", name, i, at, want)
			}
		}
	}
}

type shelf struct {
	store.Meta
	marks
	Plain  map[string]string    `json:"plain"`
	ByName map[string]time.Time `json:"by_name"`
	Pair   [2]time.Time         `json:"pair"`
	Lists  [][]*time.Time       `json:"lists"`
	// inner is nobody's but the program's, and times in it stay as they are.
	inner time.Time
}

type marks struct {
	Made time.Time `json:"made"`
}

// TestTimesWhereverTheyStand: in embedded structs, maps, arrays, lists of
// lists; and nowhere is no mistake.
func TestTimesWhereverTheyStand(t *testing.T) {
	t.Parallel()
	c, err := store.Define[shelf](t.Context(), openDB(t), "shelves")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Insert(t.Context(), &shelf{Meta: store.Meta{ID: "empty"}}); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2027, 3, 14, 1, 2, 3, 456_789_012, time.FixedZone("", 3600))
	want := time.Date(2027, 3, 14, 0, 2, 3, 456_000_000, time.UTC)
	one, two := at, at
	doc := &shelf{
		Meta: store.Meta{ID: "a"}, marks: marks{Made: at}, ByName: map[string]time.Time{"x": at, "y": at},
		Pair: [2]time.Time{at, at}, Lists: [][]*time.Time{nil, {nil, &one}, {&two}}, inner: at,
	}
	if err := c.Insert(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	for i, got := range []time.Time{doc.Made, doc.ByName["x"], doc.ByName["y"], doc.Pair[0], doc.Pair[1], one, two} {
		if got != want {
			t.Errorf("time %d is %v, want %v", i, got, want)
		}
	}
	if doc.inner != at {
		t.Error("a field that is not the document's was touched")
	}
}
