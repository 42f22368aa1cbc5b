package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lantern/internal/store"
)

// model does random operations on a collection and on a map of documents, and
// wants the same answers from both.
func model(t *testing.T, h Harness) {
	c := openItems(t, h)
	rapid.Check(t, func(rt *rapid.T) {
		// Whatever the run before has left, when it has failed too.
		err := c.All(rt.Context(), store.Query{Index: "state"}, func(i *item) error {
			return c.Delete(rt.Context(), i.ID, i.Rev)
		})
		if err != nil {
			rt.Fatal(err)
		}
		m := machine{T: rt, c: c, o: oracle{}}
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, h.Steps).Draw(rt, "steps") {
			switch id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}).Draw(rt, "id"); step {
			case 0, 1, 2, 3:
				m.insert(id)
			case 4, 5, 6:
				m.update(id)
			case 7:
				m.delete(id)
			case 8:
				m.get(id)
			case 9:
				m.find()
			}
		}
		for _, index := range []string{"state due", "state rank at"} {
			m.o.check(rt, c, store.Query{Index: index, Limit: 3})
		}
	})
}

// machine is a collection and what ought to be in it.
type machine struct {
	*rapid.T
	c *store.Collection[item]
	o oracle
}

var (
	anyState  = rapid.SampledFrom([]string{"", "closed", "open"})
	anyRank   = rapid.IntRange(-1, 2)
	anyMoment = rapid.Map(rapid.Int64Range(0, 3_000_000), func(micro int64) time.Time {
		return aDay.Add(time.Duration(micro) * time.Microsecond)
	})
)

// stored cuts a time as the store does.
func stored(at time.Time) time.Time { return at.Truncate(time.Millisecond) }

// scribble gives the fields other values and returns how they will be stored.
func (m machine) scribble(on *item) (asStored item) {
	on.State, on.Rank, on.At = anyState.Draw(m.T, "state"), anyRank.Draw(m.T, "rank"), anyMoment.Draw(m.T, "at")
	on.DueAt = nil
	if rapid.Bool().Draw(m.T, "has due_at") {
		on.DueAt = pointer(anyMoment.Draw(m.T, "due_at"))
	}
	asStored = *on
	asStored.At = stored(on.At)
	if on.DueAt != nil {
		asStored.DueAt = pointer(stored(*on.DueAt))
	}
	return asStored
}

func (m machine) want(doing string, err, want error) {
	m.Helper()
	if !errors.Is(err, want) {
		m.Fatalf("%s: %v, want %v", doing, err, want)
	}
}

func (m machine) insert(id string) {
	doc := newItem(id)
	want := m.scribble(doc)
	err := m.c.Insert(m.Context(), doc)
	if m.o[id] != nil {
		m.want("Insert", err, store.ErrExists)
		return
	}
	m.want("Insert", err, nil)
	want.Rev = 1
	m.o[id] = &want
}

func (m machine) update(id string) {
	fresh := newItem(id)
	want := m.scribble(fresh)
	var refusal error
	if rapid.IntRange(0, 4).Draw(m.T, "refuse") == 0 {
		refusal = errors.New("refused")
	}
	err := m.c.Update(m.Context(), id, func(i *item) error {
		if refusal != nil {
			return refusal
		}
		i.State, i.Rank, i.At, i.DueAt = fresh.State, fresh.Rank, fresh.At, fresh.DueAt
		return nil
	})
	old := m.o[id]
	if old == nil {
		m.want("Update", err, store.ErrNotFound)
		return
	}
	m.want("Update", err, refusal)
	if want.Rev = old.Rev; refusal == nil && !cmp.Equal(*old, want) {
		want.Rev++
		m.o[id] = &want
	}
}

func (m machine) delete(id string) {
	rev := rapid.Int64Range(1, 3).Draw(m.T, "rev")
	err := m.c.Delete(m.Context(), id, rev)
	if old := m.o[id]; old == nil || old.Rev != rev {
		m.want("Delete", err, store.ErrStale)
		return
	}
	m.want("Delete", err, nil)
	delete(m.o, id)
}

func (m machine) get(id string) {
	got, err := m.c.Get(m.Context(), id)
	want := m.o[id]
	if want == nil {
		m.want("Get", err, store.ErrNotFound)
		return
	}
	m.want("Get", err, nil)
	if diff := cmp.Diff(want, got); diff != "" {
		m.Fatalf("Get (-want +got):\n%s", diff)
	}
	rev, err := m.c.Rev(m.Context(), id)
	if m.want("Rev", err, nil); rev != want.Rev {
		m.Fatalf("Rev = %d, want %d", rev, want.Rev)
	}
}

func (m machine) find() {
	q := store.Query{Index: "state due", Desc: rapid.Bool().Draw(m.T, "desc"), Limit: rapid.IntRange(1, 4).Draw(m.T, "limit")}
	byRank := rapid.Bool().Draw(m.T, "by rank")
	if byRank {
		q.Index = "state rank at"
	}
	bound := func(name string) any {
		switch kind := rapid.IntRange(0, 1).Draw(m.T, name); {
		case kind == 0:
			return nil
		case len(q.Equal) == 0:
			return anyState.Draw(m.T, name)
		case byRank && len(q.Equal) == 1:
			return anyRank.Draw(m.T, name)
		default:
			// Bounds are cut to milliseconds too.
			return stored(anyMoment.Draw(m.T, name))
		}
	}
	if rapid.Bool().Draw(m.T, "of a state") {
		q.Equal = append(q.Equal, anyState.Draw(m.T, "equal state"))
		if byRank && rapid.Bool().Draw(m.T, "of a rank") {
			q.Equal = append(q.Equal, anyRank.Draw(m.T, "equal rank"))
		}
	}
	q.From, q.To = bound("from"), bound("to")
	m.o.check(m.T, m.c, q)
}
