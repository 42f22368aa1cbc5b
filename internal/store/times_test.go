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
