package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

const idField = "_id"

// Meta is embedded by every document.
type Meta struct {
	ID string `json:"_id"`
	// Rev counts the saves; 0 means never saved.
	Rev int64 `json:"rev"`
}

func (m *Meta) storeMeta() *Meta { return m }

type document interface{ storeMeta() *Meta }

func metaOf(doc any) *Meta { return doc.(document).storeMeta() }

// Index declares a way to find documents: by equality on leading fields, a
// range on the next, in this order. Fields are paths of json names ("state",
// "partner.email") that lead to strings, booleans, integers, times, or
// pointers to these. They may pass through pointers to structs; where one is
// nil, the field is absent. They do not pass through slices or maps.
type Index struct {
	Name   string
	Fields []string
}

// resolveIndexes checks the declaration against the type, so that a mistyped
// field name stops the program at its start and not a query at night.
func resolveIndexes(t reflect.Type, indexes []Index) (map[string]resolved, []ResolvedIndex, error) {
	byName := map[string]resolved{}
	var list []ResolvedIndex
	for _, index := range indexes {
		if index.Name == "" || len(index.Fields) == 0 {
			return nil, nil, fmt.Errorf("index %q has no name or no fields", index.Name)
		}
		if _, twice := byName[index.Name]; twice {
			return nil, nil, fmt.Errorf("index %q is declared twice", index.Name)
		}
		r := resolved{index: ResolvedIndex{Name: index.Name}}
		for _, path := range index.Fields {
			kind, steps, err := resolvePath(t, path)
			if err != nil {
				return nil, nil, fmt.Errorf("index %q: %w", index.Name, err)
			}
			r.index.Fields = append(r.index.Fields, IndexedField{Path: path, Kind: kind})
			r.steps = append(r.steps, steps)
		}
		byName[index.Name] = r
		list = append(list, r.index)
	}
	return byName, list, nil
}

// resolved is an index together with the way to its fields in the Go type.
type resolved struct {
	index ResolvedIndex
	steps [][]int
}

// keyOf reads the ordering key of a document that a scan has found.
func (r resolved) keyOf(doc any, from int) []any {
	var key []any
	for _, steps := range r.steps[from:] {
		v := reflect.ValueOf(doc).Elem().FieldByIndex(steps)
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		key = append(key, plainValue(v))
	}
	return append(key, metaOf(doc).ID)
}

func plainValue(v reflect.Value) any {
	switch {
	case v.Type() == timeType:
		return v.Interface().(time.Time)
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	default:
		return v.Int()
	}
}

var timeType = reflect.TypeFor[time.Time]()

func resolvePath(t reflect.Type, path string) (Kind, []int, error) {
	var steps []int
	if path == idField {
		return 0, nil, fmt.Errorf("field %q is the last key of every index anyway", path)
	}
	for name := range strings.SplitSeq(path, ".") {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t == timeType {
			return 0, nil, fmt.Errorf("field %q: %s is not a struct", path, t)
		}
		field, ok := fieldByJSONName(t, name)
		if !ok {
			return 0, nil, fmt.Errorf("field %q: %s has no json field %q", path, t, name)
		}
		steps, t = append(steps, field.Index...), field.Type
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType:
		return KindTime, steps, nil
	case t.Kind() == reflect.String:
		return KindString, steps, nil
	case t.Kind() == reflect.Bool:
		return KindBool, steps, nil
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		return KindInt, steps, nil
	}
	return 0, nil, fmt.Errorf("field %q: a %s cannot be indexed", path, t)
}

func fieldByJSONName(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.IsExported() && !field.Anonymous && tag == name && tag != "" && tag != "-" {
			return field, true
		}
	}
	return reflect.StructField{}, false
}
