package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/store"
)

type inner struct {
	Text string     `json:"text,omitempty"`
	At   *time.Time `json:"at,omitempty"`
	Due  time.Time  `json:"due,omitzero"`
}

type outer struct {
	store.Meta
	inner
	Parts  []inner           `json:"parts,omitempty"`
	All    []inner           `json:"all"`
	Two    [2]inner          `json:"two"`
	By     map[string][]byte `json:"by,omitempty"`
	Deep   *inner            `json:"deep"`
	Hidden []string          `json:"-"`
	Open   bool              `json:"open,omitempty"`
	Count  int               `json:"count"`
}

func drawInner(t *rapid.T) inner {
	n := inner{Text: rapid.SampledFrom([]string{"", "a", "ä<b>", "\xff"}).Draw(t, "text")}
	at := time.UnixMilli(rapid.Int64Range(0, 1e12).Draw(t, "at")).UTC()
	if rapid.Bool().Draw(t, "has at") {
		n.At = &at
	}
	if rapid.Bool().Draw(t, "has due") {
		n.Due = at
	}
	return n
}

func drawList(t *rapid.T) []inner {
	if rapid.Bool().Draw(t, "nil") {
		return nil
	}
	list := []inner{}
	for range rapid.IntRange(0, 2).Draw(t, "length") {
		list = append(list, drawInner(t))
	}
	return list
}

func drawOuter(t *rapid.T) outer {
	o := outer{
		Meta: store.Meta{ID: "one", Rev: 1}, inner: drawInner(t), Parts: drawList(t), All: drawList(t), Two: [2]inner{drawInner(t), drawInner(t)},
		Hidden: []string{"not stored"}, Open: rapid.Bool().Draw(t, "open"), Count: rapid.IntRange(0, 2).Draw(t, "count"),
	}
	if deep := drawInner(t); deep.Text != "" {
		o.Deep = &deep
		o.By = map[string][]byte{"x": {1, 2}}
	}
	return o
}

var fields = []store.IndexedField{
	{Path: "text", Kind: store.KindString}, {Path: "at", Kind: store.KindTime}, {Path: "due", Kind: store.KindTime},
	{Path: "deep.at", Kind: store.KindTime}, {Path: "deep.text", Kind: store.KindString},
	{Path: "open", Kind: store.KindBool}, {Path: "count", Kind: store.KindInt},
}

// TestWhatIsRememberedIsWhatIsDecoded: what the engine remembers of encoding a
// document is what decoding would give, its keys too, and shares nothing with the
// document.
func TestWhatIsRememberedIsWhatIsDecoded(t *testing.T) {
	t.Parallel()
	remembered := 0
	rapid.Check(t, func(t *rapid.T) {
		o := drawOuter(t)
		var m memo
		body, err := m.marshal(&o)
		if err != nil {
			t.Fatal(err)
		}
		var want, got outer
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		decoded := m.stored(body)
		docs := &documents{paths: fields}
		read, err := docs.keysOf(body, reflect.Value{})
		if err != nil {
			t.Fatal(err)
		}
		if decoded.IsValid() {
			remembered++
			if keys, err := docs.keysOf(body, decoded); err != nil || !slices.Equal(keys, read) {
				t.Fatalf("the keys are %v, %v, want %v", keys, err, read)
			}
		}
		for i := range o.All {
			o.All[i].Text = "changed since"
		}
		if err := m.unmarshal(body, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
		for i := range got.All {
			got.All[i].Text = "changed by who read it"
		}
		var again outer
		if err := m.unmarshal(body, &again); err != nil || !reflect.DeepEqual(again, want) {
			t.Fatalf("read again: %+v, %v, want %+v", again, err, want)
		}
	})
	if remembered == 0 {
		t.Error("nothing was ever remembered")
	}
}

type own struct{ n int }

func (o own) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf("%d", o.n)), nil }

// TestWhatEncodesItselfIsDecoded: of such types nobody knows what is decoded.
func TestWhatEncodesItselfIsDecoded(t *testing.T) {
	t.Parallel()
	for _, document := range []any{&struct{ A own }{}, &struct{ A any }{}, &struct{ a string }{"x"}, &struct{ A []json.RawMessage }{}} {
		var m memo
		body, err := m.marshal(document)
		if err != nil || m.stored(body).IsValid() {
			t.Errorf("%T is remembered: %v", document, err)
		}
	}
}

type numbered struct {
	store.Meta
	N *int `json:"n,omitempty"`
}

// TestIndexesKeepTheirOrder: with more documents than a run holds, each scan finds
// what a sorted list of all has.
func TestIndexesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		db := store.Open(NewPlace().Open())
		c, err := store.Define[numbered](context.Background(), db, "all", store.Index{Name: "n", Fields: []string{"n"}})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]int{}
		for range rapid.IntRange(0, 6).Draw(t, "rounds") {
			changeMany(t, c, all)
			checkOrder(t, c, all)
		}
	})
}

func changeMany(t *rapid.T, c *store.Collection[numbered], all map[string]int) {
	ctx := context.Background()
	from, step := rapid.IntRange(0, 300).Draw(t, "from"), rapid.IntRange(1, 7).Draw(t, "step")
	remove := rapid.Bool().Draw(t, "remove")
	for i := range 200 {
		id, n := fmt.Sprintf("%03d", from+i), i*step%50
		doc, err := c.Get(ctx, id)
		switch {
		case err != nil:
			err = c.Insert(ctx, &numbered{Meta: store.Meta{ID: id}, N: &n})
			all[id] = n
		case remove:
			err = c.Delete(ctx, id, doc.Rev)
			delete(all, id)
		default:
			err = c.Update(ctx, id, func(d *numbered) error { d.N = &n; return nil })
			all[id] = n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func checkOrder(t *rapid.T, c *store.Collection[numbered], all map[string]int) {
	low := rapid.IntRange(0, 50).Draw(t, "low")
	high := rapid.IntRange(low, 50).Draw(t, "high")
	desc := rapid.Bool().Draw(t, "desc")
	var want []string
	for id, n := range all {
		if n >= low && n < high {
			want = append(want, fmt.Sprintf("%02d %s", n, id))
		}
	}
	slices.Sort(want)
	if desc {
		slices.Reverse(want)
	}
	var got []string
	query := store.Query{Index: "n", From: low, To: high, Desc: desc, Limit: rapid.IntRange(1, 90).Draw(t, "page")}
	if err := c.All(context.Background(), query, func(d *numbered) error {
		got = append(got, fmt.Sprintf("%02d %s", *d.N, d.ID))
		return nil
	}); err != nil || !slices.Equal(got, want) {
		t.Fatalf("found %v, %v, want %v", got, err, want)
	}
}
