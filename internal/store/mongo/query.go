package mongo

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/bson"

	"lantern/internal/store"
)

// The fields that every document has (store.Meta).
const (
	idField  = "_id"
	revField = "rev"
)

func byID(id string) bson.D { return bson.D{{Key: idField, Value: valid(id)}} }

func byIDs(ids []string) bson.D {
	all := make(bson.A, len(ids))
	for i, id := range ids {
		all[i] = valid(id)
	}
	return bson.D{{Key: idField, Value: bson.D{{Key: "$in", Value: all}}}}
}

func byRev(id string, rev int64) bson.D {
	return bson.D{{Key: idField, Value: valid(id)}, {Key: revField, Value: rev}}
}

// valid replaces each byte that is not UTF-8, as encoding/json does: servers
// may refuse to hear it.
func valid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

func toRecord(body bson.Raw) (store.Record, error) {
	id, isString := body.Lookup(idField).StringValueOK()
	rev, isNumber := body.Lookup(revField).AsInt64OK()
	if !isString || !isNumber {
		return store.Record{}, fmt.Errorf("document %s was not written by this program: its %s is no string or its %s no number",
			body.Lookup(idField), idField, revField)
	}
	return store.Record{ID: id, Rev: rev, Body: body}, nil
}

func order(scan store.Scan) bson.D {
	direction := 1
	if scan.Desc {
		direction = -1
	}
	var keys bson.D
	for _, field := range scan.Ordered() {
		keys = append(keys, bson.E{Key: field.Path, Value: direction})
	}
	return append(keys, bson.E{Key: idField, Value: direction})
}

// filter is a conjunction, since one field may have several bounds: its kind's
// least value, the query's, and the cursor's.
func filter(scan store.Scan) bson.D {
	var terms bson.A
	add := func(field, operator string, value any) {
		terms = append(terms, compare(field, operator, value))
	}
	for i, value := range scan.Equal {
		add(scan.Index.Fields[i].Path, "$eq", value)
	}
	ordered := scan.Ordered()
	for _, field := range ordered {
		// A comparison finds values of its own kind only, so this leaves out
		// documents without the field, and unlike $ne it can use the index.
		add(field.Path, "$gte", least(field.Kind))
	}
	if scan.From != nil {
		add(ordered[0].Path, "$gte", scan.From)
	}
	if scan.To != nil {
		add(ordered[0].Path, "$lt", scan.To)
	}
	if scan.After != nil {
		terms = append(terms, after(scan)...)
	}
	if len(terms) == 0 {
		return bson.D{}
	}
	return bson.D{{Key: "$and", Value: terms}}
}

// after finds what comes behind the key (a, b, id) in the order of the scan:
// more than a, or a and more than b, or a and b and more than id. The first
// term says the same about a alone: it lets the index begin there.
func after(scan store.Scan) bson.A {
	var fields []string
	for _, field := range scan.Ordered() {
		fields = append(fields, field.Path)
	}
	fields = append(fields, idField)
	behind := "$gt"
	if scan.Desc {
		behind = "$lt"
	}
	var ways bson.A
	for i, field := range fields {
		var way bson.A
		for j := range i {
			way = append(way, compare(fields[j], "$eq", scan.After[j]))
		}
		way = append(way, compare(field, behind, scan.After[i]))
		ways = append(ways, bson.D{{Key: "$and", Value: way}})
	}
	return bson.A{
		compare(fields[0], behind+"e", scan.After[0]),
		bson.D{{Key: "$or", Value: ways}},
	}
}

func compare(field, operator string, value any) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: operator, Value: value}}}}
}

// least is the smallest value of a kind.
func least(kind store.Kind) any {
	switch kind {
	case store.KindInt:
		return int64(math.MinInt64)
	case store.KindBool:
		return false
	case store.KindTime:
		return time.Time{} // the year 1
	default:
		return ""
	}
}
