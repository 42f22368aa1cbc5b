package store_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/store"
)

// anyCursor makes cursors as strangers would: noise, and keys of which every
// part may be of a fitting or another kind.
func anyCursor() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{
		`"text"`, `""`, `"\u0000"`, `"\ud800"`, `7`, `-1`, `1.5`, `1e400`, `9223372036854775808`, `true`, `null`, `{}`, `[[]]`,
		`"2027-03-14T00:00:00Z"`, `"0000-01-01T00:00:00+14:00"`, `"9999-12-31T23:59:59.999999999-14:00"`, `"2027-02-30T00:00:00Z"`,
	})
	key := rapid.Map(rapid.SliceOfN(part, 0, 4), func(parts []string) string { return cursorOf(parts...) })
	return rapid.OneOf(key, rapid.StringN(1, 20, -1))
}

// cursorOf forges a cursor of JSON values.
func cursorOf(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("[" + strings.Join(parts, ",") + "]"))
}

// TestCursorsOfStrangers: whatever comes in for a cursor is taken for one or
// is its sender's fault.
func TestCursorsOfStrangers(t *testing.T) {
	t.Parallel()
	c, err := store.Define[parcel](t.Context(), openDB(t), "parcels",
		store.Index{Name: "state weight seen", Fields: []string{"state", "weight", "seen"}},
		store.Index{Name: "seen", Fields: []string{"seen"}})
	if err != nil {
		t.Fatal(err)
	}
	seen := time.Date(2027, 3, 14, 0, 0, 0, 0, time.UTC)
	if err := c.Insert(t.Context(), &parcel{Meta: store.Meta{ID: "a"}, State: "sent", stamped: stamped{Seen: &seen}}); err != nil {
		t.Fatal(err)
	}
	for cursor, found := range map[string]int{
		cursorOf(`"2027-03-13T23:59:59Z"`, `"z"`): 1,
		cursorOf(`"2027-03-14T00:00:00Z"`, `"0"`): 1,
		cursorOf(`"2027-03-14T00:00:00Z"`, `"a"`): 0,
	} {
		page, err := c.Find(t.Context(), store.Query{Index: "seen", After: cursor})
		if err != nil || len(page.Items) != found {
			t.Errorf("a forged cursor that fits found %d, %v, want %d", len(page.Items), err, found)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		cursor := anyCursor().Draw(rt, "cursor")
		equal := []any{"sent", 0, seen}[:rapid.IntRange(0, 3).Draw(rt, "equal")]
		for _, q := range []store.Query{
			{Index: "state weight seen", Equal: equal, After: cursor},
			{Index: "seen", After: cursor, Desc: rapid.Bool().Draw(rt, "desc")},
		} {
			if _, err := c.Find(t.Context(), q); err != nil && !errors.Is(err, store.ErrBadCursor) {
				rt.Fatalf("Find(%+v): %v", q, err)
			}
		}
	})
}
