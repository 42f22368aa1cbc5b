package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
)

type stamped struct {
	Seen *time.Time `json:"seen"`
}

type parcel struct {
	store.Meta
	stamped
	State  string  `json:"state"`
	Weight int     `json:"weight"`
	Price  float64 `json:"price"`
	To     struct {
		Name string `json:"name"`
	} `json:"to"`
	Next *struct {
		At time.Time `json:"at"`
	} `json:"next"`
	Stops []struct {
		At time.Time `json:"at"`
	} `json:"stops"`
	Labels map[string]string `json:"labels"`
	Hidden string            `json:"-"`
	Bare   string
}

func openDB(t testing.TB) *store.DB {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(engine)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return db
}

func TestIndexesAreCheckedAgainstTheType(t *testing.T) {
	t.Parallel()
	db := openDB(t)
	index := func(fields ...string) store.Index { return store.Index{Name: "i", Fields: fields} }
	for name, c := range map[string]struct {
		indexes []store.Index
		ok      bool
	}{
		"none":                  {nil, true},
		"plain fields":          {[]store.Index{index("state", "weight")}, true},
		"a nested field":        {[]store.Index{index("to.name")}, true},
		"an embedded field":     {[]store.Index{index("seen")}, true},
		"meta":                  {[]store.Index{index("rev")}, true},
		"no name":               {[]store.Index{{Fields: []string{"state"}}}, false},
		"no fields":             {[]store.Index{index()}, false},
		"declared twice":        {[]store.Index{index("state"), index("weight")}, false},
		"mistyped":              {[]store.Index{index("sate")}, false},
		"the name in Go":        {[]store.Index{index("State")}, false},
		"a hidden field":        {[]store.Index{index("-")}, false},
		"a float":               {[]store.Index{index("price")}, false},
		"a struct":              {[]store.Index{index("to")}, false},
		"a slice":               {[]store.Index{index("stops")}, false},
		"through a slice":       {[]store.Index{index("stops.at")}, false},
		"through a map":         {[]store.Index{index("labels.x")}, false},
		"through a pointer":     {[]store.Index{index("state", "next.at")}, true},
		"a pointer to a struct": {[]store.Index{index("next")}, false},
		"beyond a plain field":  {[]store.Index{index("state.x")}, false},
		"beyond a time":         {[]store.Index{index("seen.wall")}, false},
		"the id":                {[]store.Index{index("state", "_id")}, false},
		"an empty name":         {[]store.Index{index("")}, false},
		"an empty name in path": {[]store.Index{index("to.")}, false},
	} {
		_, err := store.Define[parcel](t.Context(), db, "parcels", c.indexes...)
		if (err == nil) != c.ok {
			t.Errorf("%s: Define = %v", name, err)
		}
	}
	if _, err := store.Define[struct{ ID string }](t.Context(), db, "others"); err == nil {
		t.Error("a type that does not embed Meta was accepted")
	}
}

// TestQueriesThatDoNotFit: they are defects of the program, not of whoever
// sent a request, so they are not faults for people.
func TestQueriesThatDoNotFit(t *testing.T) {
	t.Parallel()
	c, err := store.Define[parcel](t.Context(), openDB(t), "parcels",
		store.Index{Name: "state weight", Fields: []string{"state", "weight"}},
		store.Index{Name: "seen", Fields: []string{"seen"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]store.Query{
		"unknown index":          {Index: "colour"},
		"no index":               {},
		"too many values":        {Index: "seen", Equal: []any{time.Time{}, 1}},
		"range behind the end":   {Index: "state weight", Equal: []any{"x", 1}, From: 1},
		"text for a number":      {Index: "state weight", Equal: []any{"x", "1"}},
		"number for a text":      {Index: "state weight", From: 1},
		"float for a number":     {Index: "state weight", Equal: []any{"x"}, To: 1.5},
		"text for a time":        {Index: "seen", From: "2027-03-14"},
		"nil":                    {Index: "seen", Equal: []any{nil}},
		"pointer to a time":      {Index: "seen", From: &time.Time{}},
		"struct that is no time": {Index: "seen", From: struct{}{}},
	} {
		_, findErr := c.Find(t.Context(), q)
		_, countErr := c.Count(t.Context(), q)
		for _, err := range []error{findErr, countErr} {
			if err == nil || fault.KindOf(err) != fault.Internal {
				t.Errorf("%s: %v (%s), want an internal error", name, err, fault.KindOf(err))
			}
		}
	}
}

func TestNamedTypesAreValuesOfTheirKind(t *testing.T) {
	t.Parallel()
	type state string
	type grams int16
	c, err := store.Define[parcel](t.Context(), openDB(t), "parcels", store.Index{Name: "state weight", Fields: []string{"state", "weight"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Insert(t.Context(), &parcel{Meta: store.Meta{ID: "a"}, State: "sent", Weight: 7}); err != nil {
		t.Fatal(err)
	}
	n, err := c.Count(t.Context(), store.Query{Index: "state weight", Equal: []any{state("sent")}, From: grams(7), To: int64(8)})
	if n != 1 || err != nil {
		t.Errorf("Count = %d, %v, want 1", n, err)
	}
}
