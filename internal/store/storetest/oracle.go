package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"lantern/internal/store"
)

// oracle answers queries by looking at everything: the plain meaning of
// store.Query, to compare engines with. It knows the fields of items.
type oracle map[string]*item

func field(i *item, path string) any {
	switch path {
	case "state":
		return i.State
	case "rank":
		return i.Rank
	case "urgent":
		return i.Urgent
	case "at":
		return i.At
	case "due_at":
		return value(i.DueAt)
	case "left":
		return value(i.Left)
	case "owner.email":
		return i.Owner.Email
	case "end.at":
		if i.End == nil {
			return nil
		}
		return i.End.At
	}
	panic("no field " + path)
}

// compareValues orders two present values of one kind.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int:
		return cmp.Compare(a, b.(int))
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return cmp.Compare(rank(a), rank(b.(bool)))
	}
	panic("a field of another kind")
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// find gives the ids of all that the query finds, whatever its limit.
func (o oracle) find(q store.Query) []string {
	index := itemIndexes[slices.IndexFunc(itemIndexes, func(i store.Index) bool { return i.Name == q.Index })]
	ordered := index.Fields[len(q.Equal):]
	var found []*item
	for _, i := range o {
		if matches(i, q, index.Fields) {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b *item) int {
		order := strings.Compare(a.ID, b.ID)
		for _, path := range slices.Backward(ordered) {
			order = cmp.Or(compareValues(field(a, path), field(b, path)), order)
		}
		if q.Desc {
			return -order
		}
		return order
	})
	var ids []string
	for _, i := range found {
		ids = append(ids, i.ID)
	}
	return ids
}

func matches(i *item, q store.Query, fields []string) bool {
	for n, path := range fields {
		v := field(i, path)
		switch {
		case v == nil:
			return false
		case n < len(q.Equal) && compareValues(v, q.Equal[n]) != 0:
			return false
		case n == len(q.Equal) && q.From != nil && compareValues(v, q.From) < 0:
			return false
		case n == len(q.Equal) && q.To != nil && compareValues(v, q.To) >= 0:
			return false
		}
	}
	return true
}

// reporter is what *testing.T and *rapid.T have in common here.
type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// check compares the collection with the oracle: the ids of all pages in their
// order, their sizes, and the count.
func (o oracle) check(t reporter, c *store.Collection[item], q store.Query) {
	t.Helper()
	want := o.find(q)
	var got []string
	for page := (store.Page[item]{Next: "first"}); page.Next != ""; {
		var err error
		if page, err = c.Find(t.Context(), q); err != nil {
			t.Fatalf("Find(%+v): %v", q, err)
		}
		if page.Next != "" && len(page.Items) != q.Limit {
			t.Fatalf("Find(%+v): a page of %d before another one", q, len(page.Items))
		}
		for _, i := range page.Items {
			got = append(got, i.ID)
		}
		if len(got) > len(want) {
			break
		}
		q.After = page.Next
	}
	q.After = ""
	if !slices.Equal(got, want) {
		t.Fatalf("Find(%+v):\n got %q\nwant %q", q, got, want)
	}
	most := len(want)
	if q.Limit > 0 {
		most = min(most, q.Limit)
	}
	count, err := c.Count(t.Context(), q)
	if err != nil || count != int64(most) {
		t.Fatalf("Count(%+v) = %d, %v, want %d", q, count, err, most)
	}
	q.Limit = 0
	count, err = c.Count(t.Context(), q)
	if err != nil || count != int64(len(want)) {
		t.Fatalf("Count(%+v) = %d, %v, want %d", q, count, err, len(want))
	}
}
