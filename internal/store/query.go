package store

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
)

// Query asks for documents through one of the collection's indexes.
type Query struct {
	// Index is the name of a declared index.
	Index string
	// Equal gives the values of the index's leading fields, in order.
	Equal []any
	// From (inclusive) and To (exclusive) bound the field after those; nil
	// leaves that side open.
	From, To any
	// Desc reverses the order.
	Desc bool
	// Limit is the most documents to return: DefaultLimit if zero.
	Limit int
	// After is the cursor of the page before.
	After string
}

// DefaultLimit is the size of a page when a query does not say.
const DefaultLimit = 100

// Page is a part of the answer to a query.
type Page[T any] struct {
	Items []*T
	// Next is the cursor of the following page, empty on the last.
	Next string
}

// scan turns a query into the engine's terms and checks it. A query that does
// not fit its index is a defect of the program; a cursor that does not fit is
// the caller's, who may be a stranger.
func (r resolved) scan(q Query) (Scan, error) {
	fields := r.index.Fields
	if len(q.Equal) > len(fields) || (len(q.Equal) == len(fields) && (q.From != nil || q.To != nil)) {
		return Scan{}, fmt.Errorf("index %s has only %d fields", r.index.Name, len(fields))
	}
	s := Scan{Index: r.index, Desc: q.Desc, Limit: q.Limit}
	if s.Limit <= 0 {
		s.Limit = DefaultLimit
	}
	for i, value := range q.Equal {
		plain, err := fields[i].accept(value)
		if err != nil {
			return Scan{}, err
		}
		s.Equal = append(s.Equal, plain)
	}
	for _, bound := range []struct{ in, out *any }{{&q.From, &s.From}, {&q.To, &s.To}} {
		if *bound.in == nil {
			continue
		}
		plain, err := fields[len(q.Equal)].accept(*bound.in)
		if err != nil {
			return Scan{}, err
		}
		*bound.out = plain
	}
	if q.After != "" {
		after, err := decodeCursor(q.After, s.Ordered())
		if err != nil {
			return Scan{}, ErrBadCursor.Because(err)
		}
		s.After = after
	}
	return s, nil
}

// accept brings a value to the form in which engines get it.
func (f IndexedField) accept(value any) (any, error) {
	v := reflect.ValueOf(value)
	switch {
	case f.Kind == KindTime && v.IsValid() && v.Type() == timeType:
		return value.(time.Time).Truncate(time.Millisecond).UTC(), nil
	case f.Kind == KindString && v.Kind() == reflect.String:
		return valid(v.String()), nil
	case f.Kind == KindBool && v.Kind() == reflect.Bool:
		return v.Bool(), nil
	case f.Kind == KindInt && v.CanInt():
		return v.Int(), nil
	}
	return nil, fmt.Errorf("field %s cannot be compared with a %T", f.Path, value)
}

// valid replaces each byte that is not UTF-8, as is done in documents.
func valid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

func encodeCursor(key []any) (string, error) {
	text, err := json.Marshal(key)
	if err != nil {
		return "", fmt.Errorf("encoding a cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

func decodeCursor(cursor string, fields []IndexedField) ([]any, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, err
	}
	if len(parts) != len(fields)+1 {
		return nil, fmt.Errorf("it has %d parts, the index %d", len(parts), len(fields)+1)
	}
	key := make([]any, len(parts))
	for i, part := range parts {
		kind := KindString
		if i < len(fields) {
			kind = fields[i].Kind
		}
		if key[i], err = decodeKey(part, kind); err != nil {
			return nil, err
		}
	}
	return key, nil
}

func decodeKey(part json.RawMessage, kind Kind) (any, error) {
	if string(part) == "null" { // which fits into everything
		return nil, errors.New("a part is null")
	}
	var err error
	switch kind {
	case KindTime:
		var t time.Time
		err = json.Unmarshal(part, &t)
		return t.UTC(), err
	case KindBool:
		var b bool
		err = json.Unmarshal(part, &b)
		return b, err
	case KindInt:
		var i int64
		err = json.Unmarshal(part, &i)
		return i, err
	default:
		var s string
		err = json.Unmarshal(part, &s)
		return s, err
	}
}
