package storetest

import (
	"cmp"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"lantern/internal/store"
)

// carrying takes all documents from one store to another and back to JSON: what
// arrives is what left, in every field, and in the order that was asked for.
func carrying(t *testing.T, h Harness) {
	from := openDB(t, h)
	items, others := define[item](t, from, "items", itemIndexes...), define[item](t, from, "others")
	for n := range h.Documents {
		due := aDay.AddDate(0, 0, n)
		doc := newItem(numbered("item ", n))
		doc.Owner.Email, doc.DueAt, doc.Left = "ä\"\n<&>@example.org", &due, pointer(int64(1)<<60)
		insert(t, items, doc)
	}
	insert(t, others, newItem("only"))
	if err := items.Update(t.Context(), numbered("item ", 1), increment); err != nil {
		t.Fatal(err)
	}
	carried := walk(t, from, "others", "items")
	if len(carried) != h.Documents+1 || carried[0].Collection != "others" {
		t.Fatalf("%d documents were carried, the first of %q", len(carried), carried[0].Collection)
	}
	if !slices.IsSortedFunc(carried[1:], func(a, b store.Document) int { return cmp.Compare(idOf(t, a), idOf(t, b)) }) {
		t.Error("they do not come by id")
	}

	to := openDB(t, h)
	there := define[item](t, to, "items", itemIndexes...)
	define[item](t, to, "others")
	for _, d := range carried {
		if err := errors.Join(to.Check(d), to.Add(t.Context(), d)); err != nil {
			t.Fatal(err)
		}
	}
	if again := walk(t, to, "others", "items"); !reflect.DeepEqual(again, carried) {
		t.Errorf("what arrived is not what left:\n%s\n%s", again, carried)
	}
	for n := range h.Documents {
		if was, is := get(t, items, numbered("item ", n)), get(t, there, numbered("item ", n)); !reflect.DeepEqual(was, is) {
			t.Errorf("%+v arrived as %+v", was, is)
		}
	}
	if n, err := there.Count(t.Context(), store.Query{Index: "due", From: aDay.AddDate(0, 0, 1)}); err != nil || n != int64(h.Documents-1) {
		t.Errorf("%d are found by their time, %v", n, err)
	}
	carryingRefuses(t, to, carried[0])
	if err := to.Empty(t.Context(), "items"); err != nil {
		t.Fatal(err)
	}
	left, err := to.Size(t.Context(), "items")
	if both := walk(t, to, "others", "items"); err != nil || left != 0 || len(both) != 1 {
		t.Errorf("%d documents are left of what was emptied, %d in all, %v", left, len(both), err)
	}
}

func carryingRefuses(t *testing.T, to *store.DB, taken store.Document) {
	t.Helper()
	wantError(t, "adding what is there", to.Add(t.Context(), taken), store.ErrExists)
	for name, d := range map[string]store.Document{
		"a field that the type does not have": {Collection: "items", Body: json.RawMessage(`{"_id":"x","rev":1,"newer":true}`)},
		"no id":                               {Collection: "items", Body: json.RawMessage(`{"rev":1}`)},
		"never saved":                         {Collection: "items", Body: json.RawMessage(`{"_id":"x"}`)},
		"another collection":                  {Collection: "newer", Body: taken.Body},
		"two documents":                       {Collection: "items", Body: json.RawMessage(`{"_id":"x","rev":1} {"_id":"y","rev":1}`)},
	} {
		if to.Check(d) == nil || to.Add(t.Context(), d) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if unknown, err := to.Unknown(t.Context()); err != nil || len(unknown) > 0 {
		t.Errorf("unknown collections %q, %v", unknown, err)
	}
}

func walk(t *testing.T, db *store.DB, collections ...string) (all []store.Document) {
	t.Helper()
	_, err := db.Walk(t.Context(), collections, func(d store.Document) error {
		all = append(all, store.Document{Collection: d.Collection, Body: slices.Clone(d.Body)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("enough")
	if _, err := db.Walk(t.Context(), collections, func(store.Document) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("walking goes on after an error: %v", err)
	}
	return all
}

func idOf(t *testing.T, d store.Document) string {
	t.Helper()
	var meta store.Meta
	if err := json.Unmarshal(d.Body, &meta); err != nil {
		t.Fatal(err)
	}
	return meta.ID
}
