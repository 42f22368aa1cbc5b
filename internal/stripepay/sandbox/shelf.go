package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
)

// kept is an object of a shelf.
type kept interface {
	key() string   // its id
	born() int64   // when it was made, in seconds since 1970
	owner() string // the object it is looked for by, such as a refund's payment; empty for none
}

// shelf keeps the objects of one kind in the order in which they were made, so
// that any page of a list is found without looking at what is before it.
type shelf[T kept] struct {
	items  []T
	place  map[string]int // by id, counted from the first that ever was here
	gone   int            // how many were taken from the front
	owners map[string][]T // by owner, in order
}

func (s *shelf[T]) get(id string) (T, bool) {
	i, ok := s.place[id]
	if !ok {
		var none T
		return none, false
	}
	return s.items[i-s.gone], true
}

func (s *shelf[T]) put(item T) {
	if s.place == nil {
		s.place, s.owners = map[string]int{}, map[string][]T{}
	}
	s.place[item.key()] = s.gone + len(s.items)
	s.items = append(s.items, item)
	s.owned(item)
}

// owned files an item under its owner; put does it, unless the owner becomes
// known only later.
func (s *shelf[T]) owned(item T) {
	if owner := item.owner(); owner != "" {
		s.owners[owner] = append(s.owners[owner], item)
	}
}

// drop takes the n oldest away. They must be of a kind without owners.
func (s *shelf[T]) drop(n int) {
	for _, item := range s.items[:n] {
		delete(s.place, item.key())
	}
	s.items = slices.Clone(s.items[n:])
	s.gone += n
}

// MarshalJSON writes the items in their order.
func (s shelf[T]) MarshalJSON() ([]byte, error) {
	if s.items == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(s.items)
}

// UnmarshalJSON reads what MarshalJSON wrote, or the items by their id as
// earlier versions wrote them.
func (s *shelf[T]) UnmarshalJSON(text []byte) error {
	var items []T
	if bytes.HasPrefix(text, []byte("{")) {
		var byID map[string]T
		if err := json.Unmarshal(text, &byID); err != nil {
			return err
		}
		for _, item := range byID {
			items = append(items, item)
		}
		slices.SortFunc(items, func(a, b T) int {
			return cmp.Or(cmp.Compare(a.born(), b.born()), cmp.Compare(a.key(), b.key()))
		})
	} else if err := json.Unmarshal(text, &items); err != nil {
		return err
	}
	*s = shelf[T]{}
	for _, item := range items {
		s.put(item)
	}
	return nil
}

// choice is which objects a list is to show.
type choice struct {
	limit        int
	after        string // id of the object before the first that is shown
	from, before int64  // when they were made: from is in it, before is not; zero is open
}

// listed are the parameters of every list.
var listed = []string{"limit", "starting_after", "created[gte]", "created[gt]", "created[lte]", "created[lt]"}

func (c *call) choice() (choice, *apiError) {
	chosen := choice{limit: 10, after: c.params.text("starting_after")}
	limit, given, failure := c.params.integer("limit")
	if failure != nil {
		return chosen, failure
	}
	if given {
		chosen.limit = int(limit)
	}
	if chosen.limit < 1 || chosen.limit > 100 {
		return chosen, badRequest("parameter_invalid_integer", "limit", "limit is from 1 to 100.")
	}
	for _, bound := range []struct {
		name string
		end  *int64
		plus int64
	}{
		{"created[gte]", &chosen.from, 0}, {"created[gt]", &chosen.from, 1},
		{"created[lt]", &chosen.before, 0}, {"created[lte]", &chosen.before, 1},
	} {
		at, given, failure := c.params.integer(bound.name)
		if failure != nil {
			return chosen, failure
		}
		if given {
			*bound.end = at + bound.plus
		}
	}
	return chosen, nil
}

func (c choice) has(born int64) bool { return born >= c.from && (c.before == 0 || born < c.before) }

// listing is a page of a list, as Stripe shows it.
type listing struct {
	Object string `json:"object"`
	URL    string `json:"url"`
	More   bool   `json:"has_more"`
	Data   []any  `json:"data"`
}

// list answers with a page of a shelf, the newest first: those of the owner, if
// one is given, that wanted agrees to, if there is one. show makes of an object
// what the API shows.
func list[T kept](c *call, s *shelf[T], owner string, wanted func(T) bool, show func(T) any) (any, *apiError) {
	chosen, failure := c.choice()
	if failure != nil {
		return nil, failure
	}
	items := s.items
	if owner != "" {
		items = s.owners[owner]
	}
	end := len(items)
	if chosen.after != "" {
		if end = s.position(items, owner, chosen.after); end < 0 {
			return nil, missing(http.StatusBadRequest, "object", "starting_after", chosen.after)
		}
	}
	shown := &listing{Object: "list", URL: c.path, Data: []any{}}
	for i := end - 1; i >= 0; i-- {
		if !chosen.has(items[i].born()) || (wanted != nil && !wanted(items[i])) {
			continue
		}
		if len(shown.Data) == chosen.limit {
			shown.More = true
			break
		}
		shown.Data = append(shown.Data, show(items[i]))
	}
	return shown, nil
}

// position is where an object stands in the items of its owner or of all.
func (s *shelf[T]) position(items []T, owner, id string) int {
	if owner != "" {
		return slices.IndexFunc(items, func(item T) bool { return item.key() == id })
	}
	if place, ok := s.place[id]; ok {
		return place - s.gone
	}
	return -1
}

// itself is for objects that the API shows as they are kept.
func itself[T any](object T) any { return object }
