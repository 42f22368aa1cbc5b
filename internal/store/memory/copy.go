package memory

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// copier makes of a value that was assigned from another one that shares nothing
// with it, and is what would be decoded after encoding it: without what is not
// encoded, and with nothing where an empty list is left out.
type copier struct {
	// own is nil for what is copied by assigning it.
	own func(reflect.Value)
	// exact is false where what is decoded cannot be said without encoding: there
	// copies are good only of what has been decoded.
	exact bool
}

// clone gives a copy in a place of its own.
func (c *copier) clone(v reflect.Value) reflect.Value {
	into := reflect.New(v.Type()).Elem()
	c.into(into, v)
	return into
}

func (c *copier) into(into, v reflect.Value) {
	into.Set(v)
	if c.own != nil {
		c.own(into)
	}
}

var copiers sync.Map // of *copier, by type

func copierOf(t reflect.Type) *copier {
	if known, ok := copiers.Load(t); ok {
		return known.(*copier)
	}
	made := copierWithin(t, nil)
	copiers.Store(t, made)
	return made
}

// copierWithin is the copier of a type within others. No document holds a type
// that holds itself.
func copierWithin(t reflect.Type, above []reflect.Type) *copier {
	if slices.Contains(above, t) {
		panic("memory: " + t.String() + " holds itself")
	}
	above = append(above, t)
	if t == reflect.TypeFor[time.Time]() {
		return &copier{exact: true}
	}
	c := copierByKind(t, above)
	c.exact = c.exact && !encodesItself(t)
	return c
}

// encodesItself reports whether a type has an encoding of its own.
func encodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[encoding.TextMarshaler]()) ||
		p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func copierByKind(t reflect.Type, above []reflect.Type) *copier {
	switch t.Kind() {
	case reflect.Pointer:
		return pointerCopier(copierWithin(t.Elem(), above))
	case reflect.Slice:
		return sliceCopier(t, copierWithin(t.Elem(), above))
	case reflect.Array:
		element := copierWithin(t.Elem(), above)
		if element.own == nil {
			return element
		}
		return &copier{exact: element.exact, own: func(v reflect.Value) {
			for i := range v.Len() {
				element.own(v.Index(i))
			}
		}}
	case reflect.Map:
		return mapCopier(t, copierWithin(t.Elem(), above))
	case reflect.Struct:
		return structCopier(t, above)
	case reflect.Interface, reflect.Chan, reflect.Func:
		return &copier{}
	}
	return &copier{exact: true}
}

func pointerCopier(element *copier) *copier {
	return &copier{exact: element.exact, own: func(v reflect.Value) {
		if !v.IsNil() {
			v.Set(element.clone(v.Elem()).Addr())
		}
	}}
}

func sliceCopier(t reflect.Type, element *copier) *copier {
	return &copier{exact: element.exact, own: func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		n := v.Len()
		fresh := reflect.MakeSlice(t, n, n)
		reflect.Copy(fresh, v)
		v.Set(fresh)
		if element.own != nil {
			for i := range n {
				element.own(v.Index(i))
			}
		}
	}}
}

func mapCopier(t reflect.Type, element *copier) *copier {
	return &copier{exact: element.exact, own: func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		fresh := reflect.MakeMapWithSize(t, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			fresh.SetMapIndex(entries.Key(), element.clone(entries.Value()))
		}
		v.Set(fresh)
	}}
}

// field is one of a struct that takes more than assigning the struct.
type field struct {
	index   int
	hidden  bool // it is not encoded
	leftOut bool // it is not encoded when it is empty
	own     func(reflect.Value)
}

func structCopier(t reflect.Type, above []reflect.Type) *copier {
	c := &copier{exact: true}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		_, options, _ := strings.Cut(tag, ",")
		if !f.IsExported() && !f.Anonymous {
			c.exact = false // it cannot be reached
			continue
		}
		if tag == "-" {
			fields = append(fields, field{index: i, hidden: true})
			continue
		}
		element := copierWithin(f.Type, above)
		c.exact = c.exact && element.exact
		if element.own != nil {
			fields = append(fields, field{index: i, leftOut: strings.Contains(options, "omitempty"), own: element.own})
		}
	}
	if len(fields) == 0 {
		return c
	}
	c.own = func(v reflect.Value) {
		for _, f := range fields {
			switch at := v.Field(f.index); {
			case f.hidden, f.leftOut && isEmpty(at):
				at.SetZero()
			default:
				f.own(at)
			}
		}
	}
	return c
}
