package storetest

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lantern/internal/store"
)

func createAndRead(t *testing.T, h Harness) {
	c := openItems(t, h)
	first := newItem("first")
	first.Owner.Email = "a@example.org"
	insert(t, c, first, newItem("second"))
	if first.Rev != 1 {
		t.Errorf("Rev after Insert is %d, want 1", first.Rev)
	}
	got := get(t, c, "first")
	if diff := cmp.Diff(first, got); diff != "" {
		t.Errorf("read back (-saved +read):\n%s", diff)
	}
	// The caller owns what it gets.
	got.Owner.Email = "scribbled"
	if again := get(t, c, "first"); again.Owner.Email != "a@example.org" {
		t.Errorf("a second reader sees what the first has scribbled: %q", again.Owner.Email)
	}
	rev, err := c.Rev(t.Context(), "first")
	if rev != 1 || err != nil {
		t.Errorf("Rev = %d, %v, want 1", rev, err)
	}
}

func missingDocument(t *testing.T, h Harness) {
	ctx, c := t.Context(), openItems(t, h)
	_, err := c.Get(ctx, "nobody")
	wantError(t, "Get", err, store.ErrNotFound)
	_, err = c.Rev(ctx, "nobody")
	wantError(t, "Rev", err, store.ErrNotFound)
	err = c.Update(ctx, "nobody", func(*item) error {
		t.Error("a decision was asked about a document that is not there")
		return nil
	})
	wantError(t, "Update", err, store.ErrNotFound)
	wantError(t, "Delete", c.Delete(ctx, "nobody", 1), store.ErrStale)
	if _, err := c.Get(ctx, "nobody"); err == nil {
		t.Error("asking for a document has made it")
	}
}

func takenID(t *testing.T, h Harness) {
	c := openItems(t, h)
	insert(t, c, newItem("a"))
	second := newItem("a")
	second.State = "another"
	wantError(t, "Insert of a taken id", c.Insert(t.Context(), second), store.ErrExists)
	wantError(t, "Insert of an equal document", c.Insert(t.Context(), newItem("a")), store.ErrExists)
	if got := get(t, c, "a"); got.State != "open" || got.Rev != 1 {
		t.Errorf("the first document has become %+v", got)
	}
	if err := c.Insert(t.Context(), newItem("")); err == nil {
		t.Error("a document without an id was accepted")
	}
}

// oddIDs: ids come out of addresses that strangers type.
func oddIDs(t *testing.T, h Harness) {
	c := openItems(t, h)
	odd := []string{"with space", "a.b", "$where", "日本", "a/b?c", "quote'\"`;--", "nul\x00byte", "A", "a", strings.Repeat("long", 500)}
	for _, id := range odd {
		insert(t, c, newItem(id))
	}
	for _, id := range odd {
		if got := get(t, c, id); got.ID != id {
			t.Errorf("Get(%q) gave %q", id, got.ID)
		}
	}
	for _, id := range []string{"", "\xff\xfe", "\x00", strings.Repeat("x", 100_000)} {
		_, err := c.Get(t.Context(), id)
		wantError(t, fmt.Sprintf("Get(%.10q)", id), err, store.ErrNotFound)
	}
	if err := c.Insert(t.Context(), newItem("x\xff")); err == nil {
		t.Error("an id that would come back as another one was accepted")
	}
}

// manyAtOnce: of many documents those that are there are found, each in its
// present revision, whatever their ids.
func manyAtOnce(t *testing.T, h Harness) {
	ctx, c := t.Context(), openItems(t, h)
	odd := []string{"with space", "a.b", "$where", "日本", "quote'\"`;--", "nul\x00byte", "nul", "A", "a", "\uFFFD"}
	want := map[string]int64{}
	ask := []string{"", "nobody", "nul\x00", "b", "\xff"}
	for i, id := range odd {
		insert(t, c, newItem(id))
		want[id] = 1
		if i%3 == 0 {
			if err := c.Update(ctx, id, increment); err != nil {
				t.Fatal(err)
			}
			want[id] = 2
		}
		ask = append(ask, id, id, numbered("missing", i))
	}
	insert(t, c, newItem("not asked for"))
	check := func(asked []string) {
		t.Helper()
		docs, err := c.PeekAll(ctx, asked)
		if err != nil {
			t.Fatalf("PeekAll of %d: %v", len(asked), err)
		}
		got, wanted := map[string]int64{}, map[string]int64{}
		for id, doc := range docs {
			if doc.ID != id {
				t.Errorf("PeekAll gave %q for %q", doc.ID, id)
			}
			got[id] = doc.Rev
		}
		for _, id := range asked {
			if rev := want[id]; rev > 0 {
				wanted[id] = rev
			}
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("PeekAll(%q) (-want +got):\n%s", asked, diff)
		}
	}
	for n := range len(ask) + 1 {
		check(ask[:n])
	}
	// What was kept is not taken for what is there.
	if err := c.Update(ctx, "a", increment); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(ctx, "A", want["A"]); err != nil {
		t.Fatal(err)
	}
	insert(t, c, newItem("missing000"))
	want["a"]++
	want["missing000"] = 1
	delete(want, "A")
	check(ask)
	for i := range 2500 { // more than any engine is asked for at once
		ask = append(ask, fmt.Sprint("none such ", i))
	}
	check(append(ask, "a"))
}

func staleRevision(t *testing.T, h Harness) {
	ctx := t.Context()
	engine, err := h.Place(t)()
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	if err := engine.Prepare(ctx, store.Schema{Collection: "items"}); err != nil {
		t.Fatal(err)
	}
	record := func(rev int64, state string) store.Record {
		doc := newItem("a")
		doc.Rev, doc.State = rev, state
		body, err := engine.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		return store.Record{ID: "a", Rev: rev, Body: body}
	}
	wantError(t, "Replace of nothing", engine.Replace(ctx, "items", record(2, "x"), 1), store.ErrStale)
	if _, err := engine.Get(ctx, "items", "a"); err == nil {
		t.Fatal("Replace has made a document")
	}
	if err := engine.Insert(ctx, "items", record(1, "first")); err != nil {
		t.Fatal(err)
	}
	if err := engine.Replace(ctx, "items", record(2, "second"), 1); err != nil {
		t.Fatal(err)
	}
	for _, rev := range []int64{0, 1, 3} {
		wantError(t, fmt.Sprintf("Replace of revision %d", rev), engine.Replace(ctx, "items", record(rev+1, "late"), rev), store.ErrStale)
		wantError(t, fmt.Sprintf("Delete of revision %d", rev), engine.Delete(ctx, "items", "a", rev), store.ErrStale)
	}
	got, err := engine.Get(ctx, "items", "a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(record(2, "second"), got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func deleteDocument(t *testing.T, h Harness) {
	ctx, c := t.Context(), openItems(t, h)
	insert(t, c, newItem("a"), newItem("b"))
	if err := c.Update(ctx, "a", increment); err != nil {
		t.Fatal(err)
	}
	wantError(t, "Delete of the old revision", c.Delete(ctx, "a", 1), store.ErrStale)
	if err := c.Delete(ctx, "a", 2); err != nil {
		t.Fatal(err)
	}
	_, err := c.Get(ctx, "a")
	wantError(t, "Get after Delete", err, store.ErrNotFound)
	wantError(t, "Delete again", c.Delete(ctx, "a", 2), store.ErrStale)
	get(t, c, "b")
	// The id is free again, and its revisions begin anew.
	insert(t, c, newItem("a"))
	if got := get(t, c, "a"); got.Rev != 1 || got.Count != 0 {
		t.Errorf("inserted after Delete: %+v", got)
	}
}

type (
	word   string
	level  int8
	stamps struct {
		CreatedAt time.Time  `json:"created_at"`
		EndedAt   *time.Time `json:"ended_at"`
	}
	line struct {
		Word   word       `json:"word"`
		Amount amount     `json:"amount"`
		At     *time.Time `json:"at,omitempty"`
		Tags   []string   `json:"tags,omitempty"`
	}
	amount struct {
		Minor    int64  `json:"minor"`
		Currency string `json:"currency"`
	}
)

// IsZero must not decide what is left out: only a "omitzero" tag asks for it.
func (a amount) IsZero() bool { return a.Minor == 0 }

// sink has a field of every kind that a document may have.
type sink struct {
	store.Meta
	stamps
	Text      string             `json:"text"`
	Named     word               `json:"named"`
	Omitted   string             `json:"omitted,omitempty"`
	Untagged  string             // named "Untagged", as encoding/json does
	Skipped   string             `json:"-"`
	Yes       bool               `json:"yes"`
	Small     level              `json:"small"`
	Int       int                `json:"int"`
	Least     int64              `json:"least"`
	Most      int64              `json:"most"`
	Unsigned  uint32             `json:"unsigned"`
	Float     float64            `json:"float"`
	Whole     float64            `json:"whole"`
	Duration  time.Duration      `json:"duration"`
	At        time.Time          `json:"at"`
	Never     time.Time          `json:"never,omitzero"`
	NilText   *string            `json:"nil_text"`
	EmptyText *string            `json:"empty_text,omitempty"`
	ZeroInt   *int               `json:"zero_int,omitempty"`
	No        *bool              `json:"no,omitempty"`
	ZeroTime  *time.Time         `json:"zero_time,omitempty"`
	Free      *amount            `json:"free,omitempty"`
	Nothing   amount             `json:"nothing,omitempty"`
	Line      line               `json:"line"`
	Lines     []line             `json:"lines"`
	Pointers  []*line            `json:"pointers"`
	Pair      [2]line            `json:"pair"`
	Numbers   []int64            `json:"numbers"`
	Bytes     []byte             `json:"bytes"`
	NilSlice  []line             `json:"nil_slice"`
	NoLines   []line             `json:"no_lines,omitempty"`
	Empty     []string           `json:"empty"`
	Map       map[string]string  `json:"map"`
	Lined     map[word]line      `json:"lined"`
	Timed     map[string]*stamps `json:"timed"`
	NilMap    map[string]int     `json:"nil_map"`
}

func aSink(id string) *sink {
	full := line{Word: "w", Amount: amount{Minor: 125_000, Currency: "USD"}, At: pointer(aDay), Tags: []string{"x", ""}}
	return &sink{
		Meta:   store.Meta{ID: id},
		stamps: stamps{CreatedAt: aDay},
		Text:   "line\nbreak \"quoted\" <tag> & \u2028 \x00 héllo 👩‍❤️‍👨", Named: "named", Untagged: "kept",
		Yes: true, Small: -128, Int: -1 << 40, Least: math.MinInt64, Most: math.MaxInt64, Unsigned: math.MaxUint32,
		Float: 0.1, Whole: 3, Duration: 90 * time.Minute, At: aDay,
		EmptyText: pointer(""), ZeroInt: pointer(0), No: pointer(false), ZeroTime: pointer(time.Time{}),
		Free: &amount{Currency: "EUR"}, Nothing: amount{Currency: "JPY"},
		Line: full, Lines: []line{full, {}}, Pointers: []*line{&full, nil}, Pair: [2]line{{}, full},
		Numbers: []int64{0, -1, 1 << 60}, Bytes: []byte{0, 255, 7}, Empty: []string{},
		Map:   map[string]string{"b": "2", "a": "1", "": "empty", "with space": "x", "ü": "y"},
		Lined: map[word]line{"one": full, "two": {}},
		Timed: map[string]*stamps{"x": {CreatedAt: aDay, EndedAt: pointer(aDay)}, "none": nil},
	}
}

func allKindsOfFields(t *testing.T, h Harness) {
	c := define[sink](t, openDB(t, h), "sinks")
	for _, doc := range []*sink{aSink("full"), {Meta: store.Meta{ID: "zero"}}} {
		insert(t, c, doc)
		got := get(t, c, doc.ID)
		if diff := cmp.Diff(doc, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(sink{})); diff != "" {
			t.Errorf("read back (-saved +read):\n%s", diff)
		}
	}
}

func unknownFields(t *testing.T, h Harness) {
	open := h.Place(t)
	insert(t, define[sink](t, openAt(t, open), "docs"), aSink("a"))
	type narrow struct {
		store.Meta
		Text string `json:"text"`
		New  string `json:"new"`
	}
	got := get(t, define[narrow](t, openAt(t, open), "docs"), "a")
	if got.Text != aSink("a").Text || got.New != "" {
		t.Errorf("read by a program that knows fewer fields: %+v", got)
	}
}

// notUTF8: documents hold what strangers send, and are found by it.
func notUTF8(t *testing.T, h Harness) {
	db := openDB(t, h)
	const sent, kept = "a\xff\xfe\xe6\x97b", "a\uFFFD\uFFFD\uFFFD\uFFFDb"
	sinks := define[sink](t, db, "sinks")
	insert(t, sinks, &sink{Meta: store.Meta{ID: "a"}, Text: sent, Named: sent, NilText: pointer(sent), Empty: []string{sent},
		Map: map[string]string{sent: sent}, Lined: map[word]line{sent: {Word: sent}}})
	want := &sink{Meta: store.Meta{ID: "a", Rev: 1}, Text: kept, Named: kept, NilText: pointer(kept), Empty: []string{kept},
		Map: map[string]string{kept: kept}, Lined: map[word]line{kept: {Word: kept}}}
	if diff := cmp.Diff(want, get(t, sinks, "a"), cmpopts.EquateEmpty(), cmp.AllowUnexported(sink{})); diff != "" {
		t.Errorf("read back (-want +read):\n%s", diff)
	}

	items := define[item](t, db, "items", itemIndexes...)
	doc := newItem("a")
	doc.State = sent
	insert(t, items, doc, newItem("b"))
	for _, q := range []store.Query{
		{Index: "state", Equal: []any{sent}},
		{Index: "state", Equal: []any{kept}},
		{Index: "state", From: sent, To: "b"},
		{Index: "state", From: "a", To: sent + "c"},
	} {
		if n, err := items.Count(t.Context(), q); n != 1 || err != nil {
			t.Errorf("Count(%+v) = %d, %v, want 1", q, n, err)
		}
	}
}

func times(t *testing.T, h Harness) {
	c := define[sink](t, openDB(t, h), "sinks")
	kathmandu := time.FixedZone("+05:45", 5*3600+45*60)
	for name, at := range map[string]time.Time{
		"nanoseconds":                           time.Date(2027, 3, 14, 9, 26, 53, 589_793_238, time.UTC),
		"almost the next":                       time.Date(2027, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"another zone":                          time.Date(2027, 3, 14, 3, 0, 0, 1_000_001, kathmandu),
		"before 1970":                           time.Date(1931, 7, 1, 0, 0, 0, 123_999_999, time.UTC),
		"with a reading of the monotonic clock": time.Now(),
		"the last year":                         time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"zero":                                  {},
	} {
		doc := &sink{
			Meta: store.Meta{ID: name}, At: at,
			stamps: stamps{CreatedAt: at, EndedAt: pointer(at)},
			Lines:  []line{{At: pointer(at)}},
			Pair:   [2]line{{At: pointer(at)}},
			Timed:  map[string]*stamps{"x": {CreatedAt: at}},
		}
		insert(t, c, doc)
		want := at.UTC().Truncate(time.Millisecond)
		got := get(t, c, name)
		for _, s := range []*sink{doc, got} {
			places := []time.Time{s.At, s.CreatedAt, *s.EndedAt, *s.Lines[0].At, *s.Pair[0].At, s.Timed["x"].CreatedAt}
			for i, place := range places {
				// Equality of the structs: the zone is UTC and no monotonic
				// reading is left.
				if place != want {
					t.Errorf("%s: place %d is %v, want %v", name, i, place, want)
				}
			}
		}
	}
}

func oneWinnerPerID(t *testing.T, h Harness) {
	open := h.Place(t)
	processes := []*store.Collection[item]{
		define[item](t, openAt(t, open), "items"),
		define[item](t, openAt(t, open), "items"),
	}
	for round := range 3 {
		id := numbered("contended", round)
		answers := make([]error, 20)
		var all sync.WaitGroup
		for n := range answers {
			all.Go(func() {
				doc := newItem(id)
				doc.Rank = n
				answers[n] = processes[n%2].Insert(t.Context(), doc)
			})
		}
		all.Wait()
		winner := -1
		for n, err := range answers {
			switch {
			case err == nil && winner < 0:
				winner = n
			case err == nil:
				t.Errorf("both %d and %d won the id", winner, n)
			default:
				wantError(t, "Insert that lost", err, store.ErrExists)
			}
		}
		if got := get(t, processes[0], id); got.Rank != winner {
			t.Errorf("the document is that of %d, the winner was %d", got.Rank, winner)
		}
	}
}
