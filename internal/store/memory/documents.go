package memory

import (
	"cmp"
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
	// keys is a struct that holds the indexed fields alone, so that they are read
	// out of a document without the rest of it.
	keys  reflect.Type
	paths []store.IndexedField
}

// entry is one document, with the values of the indexed fields. Its body is
// shared with those who read it and never changed.
type entry struct {
	id     string
	rev    int64
	body   []byte
	values []*part // by the collection's paths; nil where the field is absent
}

func (e *entry) record() store.Record {
	return store.Record{ID: e.id, Rev: e.rev, Body: e.body}
}

// part is one value of a key: a text or a number, which stands for times and
// booleans too.
type part struct {
	text   string
	number int64
}

func comparePart(a, b part) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.text, b.text))
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
	c.keys = structOf(c.paths)
	for _, i := range c.indexes {
		i.sorted = nil
	}
	for _, e := range c.entries {
		if err := c.enter(e); err != nil {
			return err
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

// put stores a document in place of the one with its id.
func (c *documents) put(r store.Record) error {
	e := &entry{id: r.ID, rev: r.Rev, body: r.Body}
	before := c.entries[r.ID]
	if before != nil {
		c.remove(before)
	}
	if err := c.enter(e); err != nil {
		return err
	}
	c.entries[r.ID] = e
	return nil
}

// enter reads the document's keys and files it under them.
func (c *documents) enter(e *entry) error {
	e.values = make([]*part, len(c.paths))
	if len(c.paths) > 0 {
		read := reflect.New(c.keys)
		if err := json.Unmarshal(e.body, read.Interface()); err != nil {
			return fmt.Errorf("reading the keys of %s: %w", e.id, err)
		}
		for i := range c.paths {
			e.values[i] = dig(read.Elem().Field(i))
		}
	}
	for _, i := range c.indexes {
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

// structOf is a struct with one field for each path; a path of several steps
// leads through structs of one field.
func structOf(paths []store.IndexedField) reflect.Type {
	var fields []reflect.StructField
	for i, p := range paths {
		steps := strings.Split(p.Path, ".")
		t := reflect.PointerTo(typeOf(p.Kind))
		for _, step := range slices.Backward(steps[1:]) {
			t = reflect.PointerTo(reflect.StructOf([]reflect.StructField{named("F", step, t)}))
		}
		fields = append(fields, named(fmt.Sprintf("F%d", i), steps[0], t))
	}
	return reflect.StructOf(fields)
}

func named(name, json string, t reflect.Type) reflect.StructField {
	return reflect.StructField{Name: name, Type: t, Tag: reflect.StructTag(fmt.Sprintf("json:%q", json))}
}

func typeOf(kind store.Kind) reflect.Type {
	switch kind {
	case store.KindTime:
		return reflect.TypeFor[time.Time]()
	case store.KindBool:
		return reflect.TypeFor[bool]()
	case store.KindInt:
		return reflect.TypeFor[int64]()
	}
	return reflect.TypeFor[string]()
}

// dig gives the value at the end of a path, nil if something on it is absent.
func dig(v reflect.Value) *part {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
		if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
			v = v.Field(0)
		}
	}
	p := partOf(v.Interface())
	return &p
}
