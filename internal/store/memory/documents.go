package memory

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"lantern/internal/store"
)

// documents are those of one kind and their indexes.
type documents struct {
	entries map[string]*entry
	indexes []*index
	paths   []store.IndexedField
	// ways lead to the paths in documents of the type of, whose decoded form is at
	// hand.
	of   reflect.Type
	ways []way
}

// entry is one document, with the values of the indexed fields. Its body is
// shared with those who read it and never changed.
type entry struct {
	id     string
	rev    int64
	body   []byte
	values []part // by the collection's paths
}

func (e *entry) record() store.Record {
	return store.Record{ID: e.id, Rev: e.rev, Body: e.body}
}

// part is one value of a key: a text or a number, which stands for times and
// booleans too.
type part struct {
	text   string
	number int64
	absent bool
}

func partOf(value any) part {
	switch v := value.(type) {
	case string:
		return part{text: v}
	case int64:
		return part{number: v}
	case bool:
		if v {
			return part{number: 1}
		}
		return part{}
	case time.Time:
		return part{number: v.UnixMilli()}
	}
	panic(fmt.Sprintf("memory: a %T cannot be indexed", value))
}

// prepare makes the indexes that are missing, of the documents that are there.
func (c *documents) prepare(indexes []store.ResolvedIndex) error {
	missing := false
	for _, resolved := range indexes {
		if c.index(resolved) != nil {
			continue
		}
		missing = true
		made := &index{fields: resolved.Fields}
		for _, field := range resolved.Fields {
			at := slices.Index(c.paths, field)
			if at < 0 {
				at = len(c.paths)
				c.paths = append(c.paths, field)
			}
			made.places = append(made.places, at)
		}
		c.indexes = append(c.indexes, made)
	}
	if !missing {
		return nil
	}
	c.of = nil
	for _, i := range c.indexes {
		i.runs = nil
	}
	for _, e := range c.entries {
		var err error
		if e.values, err = c.readKeys(e.body); err != nil {
			return fmt.Errorf("reading the keys of %s: %w", e.id, err)
		}
		for _, i := range c.indexes {
			i.add(e)
		}
	}
	return nil
}

func (c *documents) index(wanted store.ResolvedIndex) *index {
	for _, i := range c.indexes {
		if slices.Equal(i.fields, wanted.Fields) {
			return i
		}
	}
	return nil
}

// inOrder is the index that a scan goes through; one of no fields is by id, and
// made when it is asked for.
func (c *documents) inOrder(wanted store.ResolvedIndex) *index {
	if i := c.index(wanted); i != nil || len(wanted.Fields) > 0 {
		return i
	}
	byID := &index{}
	for _, e := range c.entries {
		byID.add(e)
	}
	return byID
}

// put stores a document in place of the one with its id. Where its keys are the
// same, it stays where it is filed. The decoded form is not valid where nobody has
// decoded it.
func (c *documents) put(r store.Record, decoded reflect.Value) error {
	values, err := c.keysOf(r.Body, decoded)
	if err != nil {
		return fmt.Errorf("reading the keys of %s: %w", r.ID, err)
	}
	e, there := c.entries[r.ID]
	if !there {
		e = &entry{id: r.ID}
		c.entries[r.ID] = e
	}
	var moved []*index
	for _, i := range c.indexes {
		if there && i.files(e.values, values) {
			continue
		}
		if there {
			i.drop(e)
		}
		moved = append(moved, i)
	}
	e.rev, e.body, e.values = r.Rev, r.Body, values
	for _, i := range moved {
		i.add(e)
	}
	return nil
}

func (c *documents) remove(e *entry) {
	for _, i := range c.indexes {
		i.drop(e)
	}
	delete(c.entries, e.id)
}

// keysOf gives the values of the indexed fields.
func (c *documents) keysOf(body []byte, decoded reflect.Value) ([]part, error) {
	if !decoded.IsValid() {
		return c.readKeys(body)
	}
	if c.of != decoded.Type() {
		c.of, c.ways = decoded.Type(), nil
		for _, p := range c.paths {
			c.ways = append(c.ways, wayTo(c.of, p.Path))
		}
	}
	values := make([]part, len(c.paths))
	for i, w := range c.ways {
		values[i] = w.value(decoded)
	}
	return values, nil
}

// readKeys reads them out of the encoded form.
func (c *documents) readKeys(body []byte) ([]part, error) {
	values := make([]part, len(c.paths))
	for i, p := range c.paths {
		value, err := dig(body, p)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// dig gives the value at the end of a path, absent if something on it is.
func dig(body json.RawMessage, p store.IndexedField) (part, error) {
	for name := range strings.SplitSeq(p.Path, ".") {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return part{}, err
		}
		body = fields[name]
		if body == nil || string(body) == "null" {
			return part{absent: true}, nil
		}
	}
	switch p.Kind {
	case store.KindTime:
		return readPart[time.Time](body)
	case store.KindBool:
		return readPart[bool](body)
	case store.KindInt:
		return readPart[int64](body)
	}
	return readPart[string](body)
}

func readPart[T any](body []byte) (part, error) {
	var value T
	err := json.Unmarshal(body, &value)
	return partOf(value), err
}
