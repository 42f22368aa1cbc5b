package storetest

import (
	"encoding/base64"
	"math"
	"sync"
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/internal/store"
)

// manyItems makes items with many equal keys, so that order and cursors have
// to fall back on later fields and the id.
func manyItems(n int) oracle {
	states := []string{"open", "closed", "", "Open", "öffen"}
	emails := []string{"a@example.org", "b@example.org", "", "B@example.org"}
	ranks := []int{3, -1, 0, math.MaxInt, math.MinInt, 3, 1 << 31}
	o := oracle{}
	for i := range n {
		doc := newItem(numbered("i", i*7919%1000))
		doc.State = states[i%len(states)]
		doc.Rank = ranks[i%len(ranks)]
		doc.Urgent = i%3 == 0
		doc.Owner.Email = emails[i%len(emails)]
		doc.At = aDay.Add(time.Duration(i%6) * time.Millisecond)
		if i%4 != 0 {
			// Seconds, tenths and milliseconds: their texts differ in length.
			doc.DueAt = pointer(aDay.Truncate(time.Second).Add(time.Duration(i%5) * 50 * time.Millisecond))
		}
		if i%3 != 1 {
			doc.Left = pointer(int64(i%5 - 2))
		}
		if i%5 != 2 {
			doc.End = &end{At: aDay.Add(time.Duration(i%4) * time.Millisecond)}
		}
		o[doc.ID] = doc
	}
	return o
}

func everyIndexShape(t *testing.T, h Harness) {
	c, o := openItems(t, h), manyItems(h.Documents)
	for _, doc := range o {
		insert(t, c, doc)
	}
	second := aDay.Truncate(time.Second)
	limit := h.Documents/4 + 1
	for _, q := range []store.Query{
		{Index: "state"},
		{Index: "state", Equal: []any{"open"}},
		{Index: "state", Equal: []any{""}},
		{Index: "state", Equal: []any{"none such"}},
		{Index: "state", From: "closed", To: "open"},
		{Index: "state", From: "p"},
		{Index: "rank"},
		{Index: "rank", Equal: []any{3}},
		{Index: "rank", From: 0},
		{Index: "rank", From: math.MinInt, To: math.MaxInt},
		{Index: "rank", From: 4, To: 4},
		{Index: "at", From: aDay.Add(time.Millisecond), To: aDay.Add(4 * time.Millisecond)},
		{Index: "at", Equal: []any{aDay.Add(2 * time.Millisecond)}},
		{Index: "due"},
		{Index: "due", To: second.Add(100 * time.Millisecond)},
		{Index: "due", From: second.Add(50 * time.Millisecond)},
		{Index: "left"},
		{Index: "left", From: int64(-1), To: int64(2)},
		{Index: "left", Equal: []any{int64(0)}},
		{Index: "urgent owner"},
		{Index: "urgent owner", From: true},
		{Index: "urgent owner", Equal: []any{false}},
		{Index: "urgent owner", Equal: []any{true}, From: "a", To: "b"},
		{Index: "urgent owner", Equal: []any{false, "b@example.org"}},
		{Index: "state due", Equal: []any{"open"}},
		{Index: "state due", Equal: []any{"open"}, To: second.Add(time.Minute)},
		{Index: "state due", Equal: []any{"closed"}, From: second.Add(time.Millisecond)},
		{Index: "state due"},
		{Index: "state end"},
		{Index: "state end", Equal: []any{"open"}},
		{Index: "state end", Equal: []any{"open"}, To: aDay.Add(2 * time.Millisecond)},
		{Index: "state end", Equal: []any{"closed", aDay}},
		{Index: "state rank at"},
		{Index: "state rank at", Equal: []any{"open"}, From: 0},
		{Index: "state rank at", Equal: []any{"open", 3}},
		{Index: "state rank at", Equal: []any{"closed", -1}, From: aDay.Add(time.Millisecond)},
		{Index: "state rank at", Equal: []any{"open", 3, aDay}},
	} {
		for _, desc := range []bool{false, true} {
			q.Desc, q.Limit = desc, limit
			o.check(t, c, q)
		}
	}
	// The smallest pages break between documents with equal keys.
	o.check(t, c, store.Query{Index: "state rank at", Limit: 1})
	o.check(t, c, store.Query{Index: "due", Limit: 1, Desc: true})
}

// fieldsWithNamesOfEngines are called like something that an engine keeps
// beside or around its documents.
func fieldsWithNamesOfEngines(t *testing.T, h Harness) {
	type named struct {
		store.Meta
		ID     string `json:"id"`
		Body   string `json:"body"`
		RowID  int    `json:"rowid"`
		Select struct {
			From string `json:"from"`
		} `json:"select"`
		Odd bool `json:"so-called (odd)"`
	}
	var indexes []store.Index
	for _, field := range []string{"id", "rev", "body", "rowid", "select.from", "so-called (odd)"} {
		indexes = append(indexes, store.Index{Name: field, Fields: []string{field}})
	}
	c := define[named](t, openDB(t, h), "order", indexes...)
	doc := &named{Meta: store.Meta{ID: "x"}, ID: "own id", Body: "own body", RowID: 7, Odd: true}
	doc.Select.From = "there"
	insert(t, c, doc, &named{Meta: store.Meta{ID: "own id"}}, &named{Meta: store.Meta{ID: "own body"}})
	if err := c.Update(t.Context(), "x", func(n *named) error {
		n.RowID++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for field, value := range map[string]any{
		"id": "own id", "rev": 2, "body": "own body", "rowid": 8, "select.from": "there", "so-called (odd)": true,
	} {
		page, err := c.Find(t.Context(), store.Query{Index: field, Equal: []any{value}})
		if err != nil || len(page.Items) != 1 || page.Items[0].Meta.ID != "x" {
			t.Errorf("by %s: found %d, %v, want x alone", field, len(page.Items), err)
		}
	}
}

func absentFields(t *testing.T, h Harness) {
	ctx, c := t.Context(), openItems(t, h)
	work := newItem("work")
	work.DueAt, work.End = pointer(aDay), &end{At: aDay}
	insert(t, c, work, newItem("idle"))
	o := oracle{"work": work, "idle": newItem("idle")}
	o.check(t, c, store.Query{Index: "due"})
	o.check(t, c, store.Query{Index: "state due", Equal: []any{"open"}})
	o.check(t, c, store.Query{Index: "state due"})
	o.check(t, c, store.Query{Index: "state end", Equal: []any{"open"}})

	// Work ends by taking its deadline away.
	err := c.Update(ctx, "work", func(i *item) error {
		i.DueAt, i.End = nil, nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []store.Query{
		{Index: "due"},
		{Index: "due", Desc: true},
		{Index: "due", To: aDay.AddDate(100, 0, 0)},
		{Index: "due", From: time.Time{}},
		{Index: "state due", Equal: []any{"open"}},
		{Index: "state due"},
		{Index: "state end", Equal: []any{"open"}},
	} {
		if n, err := c.Count(ctx, q); n != 0 || err != nil {
			t.Errorf("Count(%+v) = %d, %v, want none", q, n, err)
		}
	}
	if n, err := c.Count(ctx, store.Query{Index: "state", Equal: []any{"open"}}); n != 2 || err != nil {
		t.Errorf("documents by a field that they have: %d, %v, want 2", n, err)
	}
}

// stablePages walks through pages while documents come, go and change.
func stablePages(t *testing.T, h Harness) {
	ctx, c := t.Context(), openItems(t, h)
	const lasting = 12
	for i := range lasting {
		doc := newItem(numbered("lasting", i))
		doc.Rank = i / 3
		insert(t, c, doc)
	}
	seen, comings := map[string]int{}, 0
	disturb := func(at *item) {
		for _, rank := range []int{at.Rank - 1, at.Rank, at.Rank + 1} {
			doc := newItem(numbered("coming", comings))
			doc.Rank = rank
			insert(t, c, doc)
			if comings++; comings%2 == 0 {
				if err := c.Delete(ctx, doc.ID, 1); err != nil {
					t.Fatal(err)
				}
			}
		}
		// A change of other fields does not move a document.
		if err := c.Update(ctx, at.ID, increment); err != nil {
			t.Fatal(err)
		}
	}
	var order []string
	err := c.All(ctx, store.Query{Index: "state rank at", Equal: []any{"open"}, Limit: 2}, func(i *item) error {
		if seen[i.ID]++; i.ID < "lasting" {
			return nil
		}
		order = append(order, i.ID)
		disturb(i)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range lasting {
		if i >= len(order) || order[i] != numbered("lasting", i) {
			t.Fatalf("document %d of those there all along was not seen in its turn: %q", i, order)
		}
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s was seen %d times", id, times)
		}
	}
	if len(order) != lasting || comings == 0 {
		t.Errorf("saw %d of %d lasting documents, with %d others coming", len(order), lasting, comings)
	}
}

func defaultLimit(t *testing.T, h Harness) {
	c := openItems(t, h)
	for i := range store.DefaultLimit + 1 {
		insert(t, c, newItem(numbered("i", i)))
	}
	page, err := c.Find(t.Context(), store.Query{Index: "state"})
	if err != nil || len(page.Items) != store.DefaultLimit || page.Next == "" {
		t.Fatalf("a query without a limit found %d (next %q), %v", len(page.Items), page.Next, err)
	}
	n := 0
	err = c.All(t.Context(), store.Query{Index: "state"}, func(*item) error {
		n++
		return nil
	})
	if err != nil || n != store.DefaultLimit+1 {
		t.Errorf("All found %d, %v", n, err)
	}
}

func badCursors(t *testing.T, h Harness) {
	ctx, c := t.Context(), openItems(t, h)
	insert(t, c, newItem("a"), newItem("b"))
	page, err := c.Find(ctx, store.Query{Index: "rank", Limit: 1})
	if err != nil || page.Next == "" {
		t.Fatalf("the first page has no cursor: %q, %v", page.Next, err)
	}
	for _, cursor := range []string{page.Next, page.Next + "x", page.Next[1:], "!", "null", encode(`null`), encode(`[]`),
		encode(`{}`), encode(`["2027-03-14T00:00:00Z"]`), encode(`["tomorrow","a"]`), encode(`[1,"a"]`), encode(`[null,"a"]`),
		encode(`["2027-03-14T00:00:00Z",null]`), encode(`["2027-03-14T00:00:00Z",{"$gt":""}]`), encode(`["2027-03-14T00:00:00Z","a","b"]`)} {
		_, err := c.Find(ctx, store.Query{Index: "at", After: cursor})
		wantError(t, "Find after "+cursor, err, store.ErrBadCursor)
		if kind := fault.KindOf(err); kind != fault.Invalid {
			t.Errorf("Find after %q is the caller's fault, not %q", cursor, kind)
		}
	}
	// A forged cursor that fits is as good as any.
	if _, err := c.Find(ctx, store.Query{Index: "at", After: encode(`["0001-01-01T00:00:00.0000001+13:00","\u0000"]`)}); err != nil {
		t.Errorf("Find after a forged cursor: %v", err)
	}
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func indexMadeLater(t *testing.T, h Harness) {
	open := h.Place(t)
	old := openAt(t, open)
	o := manyItems(10)
	c := define[item](t, old, "items", itemIndexes[0])
	for _, doc := range o {
		insert(t, c, doc)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	later := define[item](t, openAt(t, open), "items", itemIndexes...)
	for _, index := range itemIndexes {
		o.check(t, later, store.Query{Index: index.Name, Limit: 100})
	}
}

func preparedByAllAtOnce(t *testing.T, h Harness) {
	open := h.Place(t)
	var all sync.WaitGroup
	for range 2 {
		db := openAt(t, open)
		for range 2 {
			all.Go(func() {
				if _, err := store.Define[item](t.Context(), db, "items", itemIndexes...); err != nil {
					t.Errorf("defining the collection: %v", err)
				}
			})
		}
	}
	all.Wait()
}
