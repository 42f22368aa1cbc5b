package memory

import (
	"reflect"
	"strings"
	"time"
)

// way leads to an indexed field of a decoded document.
type way []step

// step is one field on the way, through embedded structs. A field that is not
// written when it is empty is absent then.
type step struct {
	index               []int
	omitEmpty, omitZero bool
}

func wayTo(t reflect.Type, path string) (w way) {
	for name := range strings.SplitSeq(path, ".") {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		for _, f := range reflect.VisibleFields(t) {
			tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.IsExported() && !f.Anonymous && tag == name {
				w = append(w, step{
					index: f.Index, omitEmpty: strings.Contains(options, "omitempty"), omitZero: strings.Contains(options, "omitzero"),
				})
				t = f.Type
				break
			}
		}
	}
	return w
}

// value is what is found at the end, absent if something on the way is.
func (w way) value(v reflect.Value) part {
	for _, s := range w {
		var err error
		if v, err = v.FieldByIndexErr(s.index); err != nil {
			return part{absent: true}
		}
		if s.omitEmpty && isEmpty(v) || s.omitZero && v.IsZero() {
			return part{absent: true}
		}
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return part{absent: true}
			}
			v = v.Elem()
		}
	}
	switch v.Kind() {
	case reflect.String:
		return part{text: v.String()}
	case reflect.Bool:
		return partOf(v.Bool())
	case reflect.Struct:
		return partOf(v.Interface().(time.Time))
	}
	return part{number: v.Int()}
}

// isEmpty reports whether "omitempty" leaves a value out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
