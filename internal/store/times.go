package store

import (
	"reflect"
	"slices"
	"sync"
	"time"
)

// normalizeTimes cuts every time in the value to whole milliseconds of UTC,
// which is what all engines can keep. The value must be a pointer.
func normalizeTimes(v reflect.Value) {
	if cut := cutterOf(v.Type()); cut != nil {
		cut(v)
	}
}

// cutter cuts the times in values of one type, which must be such that they
// can be set.
type cutter func(reflect.Value)

// cutters remembers the cutter of each type, nil for those without times. It
// is asked once for a type and place, not for each value: documents hold long
// lists.
var cutters sync.Map

func cutterOf(t reflect.Type) cutter {
	if known, ok := cutters.Load(t); ok {
		return known.(cutter)
	}
	var cut cutter
	if holdsTimes(t, nil) {
		cut = newCutter(t)
	}
	cutters.Store(t, cut)
	return cut
}

// cutterWithin is the cutter of a type within another. It is looked for when it
// is first needed, since types may recur.
func cutterWithin(t reflect.Type) func() cutter {
	return sync.OnceValue(func() cutter { return cutterOf(t) })
}

func newCutter(t reflect.Type) cutter {
	if t == timeType {
		return cutTime
	}
	switch t.Kind() {
	case reflect.Pointer:
		cut := cutterWithin(t.Elem())
		return func(v reflect.Value) {
			if !v.IsNil() {
				cut()(v.Elem())
			}
		}
	case reflect.Slice, reflect.Array:
		cut := cutterWithin(t.Elem())
		return func(v reflect.Value) {
			for i := range v.Len() {
				cut()(v.Index(i))
			}
		}
	case reflect.Map:
		cut := cutterWithin(t.Elem())
		return func(v reflect.Value) {
			for _, key := range v.MapKeys() {
				element := reflect.New(t.Elem()).Elem()
				element.Set(v.MapIndex(key))
				cut()(element)
				v.SetMapIndex(key, element)
			}
		}
	}
	return structCutter(t)
}

func structCutter(t reflect.Type) cutter {
	type field struct {
		index int
		cut   func() cutter
	}
	var fields []field
	for i := range t.NumField() {
		// The exported fields of an embedded struct are the document's,
		// whatever the struct's own name.
		f := t.Field(i)
		if (f.IsExported() || (f.Anonymous && f.Type.Kind() == reflect.Struct)) && holdsTimes(f.Type, nil) {
			fields = append(fields, field{i, cutterWithin(f.Type)})
		}
	}
	return func(v reflect.Value) {
		for _, f := range fields {
			f.cut()(v.Field(f.index))
		}
	}
}

func cutTime(v reflect.Value) {
	t := v.Addr().Interface().(*time.Time)
	if cut := t.Truncate(time.Millisecond).UTC(); *t != cut {
		*t = cut
	}
}

// timed remembers for each type whether a time can be found in it.
var timed sync.Map

func holdsTimes(t reflect.Type, above []reflect.Type) bool {
	if t == timeType {
		return true
	}
	if known, ok := timed.Load(t); ok {
		return known.(bool)
	}
	if slices.Contains(above, t) {
		return false
	}
	above = append(above, t)
	holds := false
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		holds = holdsTimes(t.Elem(), above)
	case reflect.Struct:
		for i := range t.NumField() {
			holds = holds || holdsTimes(t.Field(i).Type, above)
		}
	}
	if len(above) == 1 {
		timed.Store(t, holds)
	}
	return holds
}
