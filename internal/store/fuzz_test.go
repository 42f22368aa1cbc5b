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

// FuzzDocument: a document that was damaged on its way is refused, or is one that
// can be carried on as it is.
func FuzzDocument(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	const whole = `{"_id":"p1","rev":3,"state":"sent","weight":7,"price":1.5,"to":{"name":"Ana"},"next":{"at":"2027-03-14T10:00:00Z"},"stops":[{"at":"2027-03-14T00:00:00.123Z"}]}`
	for _, body := range []string{
		whole, whole + "{}", `{"_id":"","rev":1}`, `{"_id":"p2","rev":0}`, `{"_id":"p3","rev":1,"weight":1e99}`, `{"_id":"p4","rev":1,"next":{"at":"0000-01-01T00:00:00Z"}}`,
		`{"_id":"p5","rev":1,"stops":[null,{}]}`, `{"_id":"p6","rev":9223372036854775807,"STATE":"x"}`, `null`, ``, "\xff", `{"_id":"\u0000\ud800","rev":1}`,
	} {
		seeds.Add(body)
	}
	db := openDB(f)
	if _, err := store.Define[parcel](f.Context(), db, "parcels", store.Index{Name: "state weight seen", Fields: []string{"state", "weight", "seen"}}); err != nil {
		f.Fatal(err)
	}
	seeds.Fuzz(func(t *testing.T, body string) {
		d := store.Document{Collection: "parcels", Body: []byte(body)}
		err := db.Check(d)
		added := db.Add(t.Context(), d)
		if err != nil {
			if added == nil {
				t.Errorf("%q is refused (%v) and added", body, err)
			}
			return
		}
		if added != nil {
			t.Fatalf("%q is right, and not added: %v", body, added)
		}
		walked := 0
		_, err = db.Walk(t.Context(), []string{"parcels"}, func(d store.Document) error {
			walked++
			return db.Check(d)
		})
		if err != nil || walked != 1 {
			t.Errorf("%q: %d documents come of it, %v", body, walked, err)
		}
		if err := db.Empty(t.Context(), "parcels"); err != nil {
			t.Errorf("%q is not removed: %v", body, err)
		}
	})
}
