package memory

import (
	"slices"
	"sort"

	"lantern/internal/store"
)

// index keeps the documents that have all its fields, in the order of these and
// then of their ids.
type index struct {
	fields []store.IndexedField
	places []int // of the fields among the collection's paths
	sorted []filed
}

// filed is a document under its key, the id being the last part.
type filed struct {
	key []part
	of  *entry
}

// compareKeys orders keys by as many parts as both have.
func compareKeys(a, b []part) int {
	for i := range min(len(a), len(b)) {
		if order := comparePart(a[i], b[i]); order != 0 {
			return order
		}
	}
	return 0
}

// keyOf is the document's key; ok is false when it lacks a field.
func (i *index) keyOf(e *entry) (key []part, ok bool) {
	key = make([]part, 0, len(i.places)+1)
	for _, at := range i.places {
		if e.values[at] == nil {
			return nil, false
		}
		key = append(key, *e.values[at])
	}
	return append(key, part{text: e.id}), true
}

func (i *index) add(e *entry) {
	key, ok := i.keyOf(e)
	if !ok {
		return
	}
	at := i.first(key, 0)
	i.sorted = slices.Insert(i.sorted, at, filed{key: key, of: e})
}

func (i *index) drop(e *entry) {
	if key, ok := i.keyOf(e); ok {
		at := i.first(key, 0)
		i.sorted = slices.Delete(i.sorted, at, at+1)
	}
}

// first is the place of the first key that comes, by the parts of the bound, not
// before it (least 0) or after it (least 1).
func (i *index) first(bound []part, least int) int {
	return sort.Search(len(i.sorted), func(n int) bool { return compareKeys(i.sorted[n].key, bound) >= least })
}

// walk calls each for what the scan finds, in its order, until it says no.
func (i *index) walk(scan store.Scan, each func(*entry) bool) {
	var equal []part
	for _, value := range scan.Equal {
		equal = append(equal, partOf(value))
	}
	from, to := i.first(equal, 0), i.first(equal, 1)
	if scan.From != nil {
		from = max(from, i.first(append(slices.Clone(equal), partOf(scan.From)), 0))
	}
	if scan.To != nil {
		to = min(to, i.first(append(slices.Clone(equal), partOf(scan.To)), 0))
	}
	if scan.After != nil {
		after := slices.Clone(equal)
		for _, value := range scan.After {
			after = append(after, partOf(value))
		}
		if scan.Desc {
			to = min(to, i.first(after, 0))
		} else {
			from = max(from, i.first(after, 1))
		}
	}
	for n := range to - from {
		at := from + n
		if scan.Desc {
			at = to - 1 - n
		}
		if !each(i.sorted[at].of) {
			return
		}
	}
}
