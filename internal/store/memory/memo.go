package memory

import (
	"encoding/json"
	"reflect"
	"sync"
	"time"
)

// mostDecoded bounds the memory of decoded documents; when it is reached, all are
// forgotten.
const mostDecoded = 20000

// memo keeps documents decoded, since each revision is read several times and
// decoding costs most of that. Whoever asks gets a copy of their own.
type memo struct {
	mu      sync.Mutex
	decoded map[*byte]reflect.Value // by where the body lies, which is never changed
}

// unmarshal decodes a body, or copies what was decoded of it before.
func (m *memo) unmarshal(body []byte, document any) error {
	into := reflect.ValueOf(document).Elem()
	if len(body) == 0 {
		return json.Unmarshal(body, document)
	}
	m.mu.Lock()
	known, ok := m.decoded[&body[0]]
	m.mu.Unlock()
	if !ok || known.Type() != into.Type() {
		fresh := reflect.New(into.Type())
		if err := json.Unmarshal(body, fresh.Interface()); err != nil {
			return err
		}
		known = fresh.Elem()
		m.keep(body, known)
	}
	into.Set(known)
	ownerOf(into.Type())(into)
	return nil
}

func (m *memo) keep(body []byte, decoded reflect.Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.decoded == nil || len(m.decoded) >= mostDecoded {
		m.decoded = map[*byte]reflect.Value{}
	}
	m.decoded[&body[0]] = decoded
}

// owner makes what lies behind a value that was assigned from another its own.
type owner func(reflect.Value)

var owners sync.Map // of owner, by type

func ownerOf(t reflect.Type) owner {
	if known, ok := owners.Load(t); ok {
		return known.(owner)
	}
	made := makeOwner(t)
	owners.Store(t, made)
	return made
}

func makeOwner(t reflect.Type) owner {
	if isPlain(t) {
		return func(reflect.Value) {}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return func(v reflect.Value) {
			if v.IsNil() {
				return
			}
			fresh := reflect.New(t.Elem())
			fresh.Elem().Set(v.Elem())
			ownerOf(t.Elem())(fresh.Elem())
			v.Set(fresh)
		}
	case reflect.Slice:
		return ownSlice
	case reflect.Array:
		return ownEach
	case reflect.Map:
		return ownMap
	case reflect.Struct:
		return structOwner(t)
	}
	return func(reflect.Value) {}
}

func ownSlice(v reflect.Value) {
	if v.IsNil() {
		return
	}
	fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(fresh, v)
	v.Set(fresh)
	ownEach(v)
}

func ownEach(v reflect.Value) {
	if element := v.Type().Elem(); !isPlain(element) {
		own := ownerOf(element)
		for i := range v.Len() {
			own(v.Index(i))
		}
	}
}

func ownMap(v reflect.Value) {
	if v.IsNil() {
		return
	}
	fresh := reflect.MakeMapWithSize(v.Type(), v.Len())
	for entries := v.MapRange(); entries.Next(); {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(entries.Value())
		ownerOf(value.Type())(value)
		fresh.SetMapIndex(entries.Key(), value)
	}
	v.Set(fresh)
}

func structOwner(t reflect.Type) owner {
	var deep []int
	for i := range t.NumField() {
		if field := t.Field(i); !isPlain(field.Type) && (field.IsExported() || field.Anonymous) {
			deep = append(deep, i)
		}
	}
	return func(v reflect.Value) {
		for _, i := range deep {
			ownerOf(t.Field(i).Type)(v.Field(i))
		}
	}
}

// isPlain reports whether a value of the type is copied by assigning it.
func isPlain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return false
	case reflect.Array:
		return isPlain(t.Elem())
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return true
		}
		for i := range t.NumField() {
			if !isPlain(t.Field(i).Type) {
				return false
			}
		}
	}
	return true
}
