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
	if !holdsTimes(v.Type(), nil) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			normalizeTimes(v.Elem())
		}
	case reflect.Struct:
		if v.Type() == timeType {
			t := v.Interface().(time.Time)
			if cut := t.Truncate(time.Millisecond).UTC(); t != cut {
				v.Set(reflect.ValueOf(cut))
			}
			return
		}
		for i := range v.NumField() {
			// The exported fields of an embedded struct are the document's,
			// whatever the struct's own name.
			field := v.Type().Field(i)
			if field.IsExported() || (field.Anonymous && field.Type.Kind() == reflect.Struct) {
				normalizeTimes(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			normalizeTimes(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			element := reflect.New(v.Type().Elem()).Elem()
			element.Set(v.MapIndex(key))
			normalizeTimes(element)
			v.SetMapIndex(key, element)
		}
	}
}

// timed remembers for each type whether a time can be found in it, so that
// long slices of other things are not walked.
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
