package memory

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"lantern/internal/store"
)

// index keeps the documents that have all its fields, in the order of these and
// then of their ids. They lie in short runs, so that one that comes or goes moves
// few others, however many there are.
type index struct {
	fields []store.IndexedField
	places []int     // of the fields among the collection's paths
	runs   [][]filed // none is empty
}

// longest is how many documents a run has before it is cut in two.
const longest = 128

// filed is a document under its key, the id being the last part.
type filed struct {
	key []part
	of  *entry
}

func comparePart(a, b part) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
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
	for _, at := range i.places {
		if e.values[at].absent {
			return nil, false
		}
	}
	key = make([]part, 0, len(i.places)+1)
	for _, at := range i.places {
		key = append(key, e.values[at])
	}
	return append(key, part{text: e.id}), true
}

// files reports whether documents with these values have the same place here.
func (i *index) files(a, b []part) bool {
	return !slices.ContainsFunc(i.places, func(at int) bool { return a[at] != b[at] })
}

func (i *index) add(e *entry) {
	key, ok := i.keyOf(e)
	if !ok {
		return
	}
	at := i.first(key, 0)
	if at.run == len(i.runs) {
		if at.run == 0 {
			i.runs = append(i.runs, nil)
		} else {
			at = spot{at.run - 1, len(i.runs[at.run-1])}
		}
	}
	run := slices.Insert(i.runs[at.run], at.n, filed{key: key, of: e})
	i.runs[at.run] = run
	if half := len(run) / 2; len(run) > longest {
		i.runs[at.run] = run[:half:half]
		i.runs = slices.Insert(i.runs, at.run+1, slices.Clone(run[half:]))
	}
}

func (i *index) drop(e *entry) {
	key, ok := i.keyOf(e)
	if !ok {
		return
	}
	at := i.first(key, 0)
	i.runs[at.run] = slices.Delete(i.runs[at.run], at.n, at.n+1)
	if len(i.runs[at.run]) == 0 {
		i.runs = slices.Delete(i.runs, at.run, at.run+1)
	}
}

// spot is a place in an index; that behind the last has a run that there is not.
type spot struct{ run, n int }

func (s spot) before(other spot) bool {
	return s.run < other.run || s.run == other.run && s.n < other.n
}

// next and last step on and back within the index.
func (i *index) next(s spot) spot {
	if s.n++; s.n == len(i.runs[s.run]) {
		return spot{run: s.run + 1}
	}
	return s
}

func (i *index) last(s spot) spot {
	if s.n == 0 {
		return spot{s.run - 1, len(i.runs[s.run-1]) - 1}
	}
	return spot{s.run, s.n - 1}
}

// first is the place of the first key that comes, by the parts of the bound, not
// before it (least 0) or after it (least 1).
func (i *index) first(bound []part, least int) spot {
	run := sort.Search(len(i.runs), func(n int) bool {
		return compareKeys(i.runs[n][len(i.runs[n])-1].key, bound) >= least
	})
	if run == len(i.runs) {
		return spot{run: run}
	}
	return spot{run, sort.Search(len(i.runs[run]), func(n int) bool { return compareKeys(i.runs[run][n].key, bound) >= least })}
}

// walk calls each for what the scan finds, in its order, until it says no.
func (i *index) walk(scan store.Scan, each func(filed) bool) {
	from, to := i.bounds(scan)
	for from.before(to) {
		at := from
		if scan.Desc {
			to = i.last(to)
			at = to
		} else {
			from = i.next(from)
		}
		if !each(i.runs[at.run][at.n]) {
			return
		}
	}
}

// bounds are the first place of what the scan finds and the one behind it.
func (i *index) bounds(scan store.Scan) (from, to spot) {
	var equal []part
	for _, value := range scan.Equal {
		equal = append(equal, partOf(value))
	}
	with := func(more ...any) []part {
		bound := slices.Clone(equal)
		for _, value := range more {
			bound = append(bound, partOf(value))
		}
		return bound
	}
	from, to = i.first(equal, 0), i.first(equal, 1)
	later := func(s spot) {
		if from.before(s) {
			from = s
		}
	}
	sooner := func(s spot) {
		if s.before(to) {
			to = s
		}
	}
	if scan.From != nil {
		later(i.first(with(scan.From), 0))
	}
	if scan.To != nil {
		sooner(i.first(with(scan.To), 0))
	}
	switch {
	case scan.After != nil && scan.Desc:
		sooner(i.first(with(scan.After...), 0))
	case scan.After != nil:
		later(i.first(with(scan.After...), 1))
	}
	return from, to
}
