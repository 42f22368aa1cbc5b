package store_test

import (
	"errors"
	"testing"

	"lantern/internal/mutated"
	"lantern/internal/store"
)

// FuzzCursor: whatever comes in for a cursor is taken for one or is its sender's
// fault.
func FuzzCursor(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	for _, cursor := range []string{
		"", "W10", "x", cursorOf(`"sent"`, `7`, `"a"`), cursorOf(`"2027-03-14T00:00:00Z"`, `"a"`), cursorOf(`"\u0000"`, `null`),
		cursorOf(`9223372036854775808`, `"a"`), cursorOf(`"9999-12-31T23:59:59.999999999-14:00"`, `"a"`),
	} {
		seeds.Add(cursor)
	}
	c, err := store.Define[parcel](f.Context(), openDB(f), "parcels",
		store.Index{Name: "state weight seen", Fields: []string{"state", "weight", "seen"}},
		store.Index{Name: "seen", Fields: []string{"seen"}})
	if err != nil {
		f.Fatal(err)
	}
	seeds.Fuzz(func(t *testing.T, cursor string) {
		for _, q := range []store.Query{
			{Index: "state weight seen", After: cursor}, {Index: "state weight seen", Equal: []any{"sent", 7}, After: cursor}, {Index: "seen", After: cursor, Desc: true},
		} {
			if _, err := c.Find(t.Context(), q); err != nil && !errors.Is(err, store.ErrBadCursor) {
				t.Errorf("%q: %v", cursor, err)
			}
		}
	})
}
