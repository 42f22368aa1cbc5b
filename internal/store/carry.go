package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Document is one document in the form in which it goes from a store to a file
// or to another store: JSON with the names that every engine uses.
type Document struct {
	Collection string          `json:"collection"`
	Body       json.RawMessage `json:"document"`
}

// form brings the documents of one collection from an engine's encoding to JSON
// and back. It goes by the collection's type, since JSON alone does not tell a
// time from a text.
type form struct {
	toJSON   func(Record) ([]byte, error)
	fromJSON func([]byte) (Record, error)
}

func (db *DB) carry(name string, f form) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.forms[name] = f
}

func (db *DB) formOf(name string) (form, error) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	f, ok := db.forms[name]
	if !ok {
		return form{}, fmt.Errorf("this program knows no collection %q", name)
	}
	return f, nil
}

func (c *Collection[T]) toJSON(r Record) ([]byte, error) {
	doc, err := c.decode(r)
	if err != nil {
		return nil, err
	}
	return json.Marshal(doc)
}

// fromJSON refuses fields that the type does not have: whoever carries documents
// must not lose a part of them without a word.
func (c *Collection[T]) fromJSON(body []byte) (Record, error) {
	doc := new(T)
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(doc); err != nil {
		return Record{}, fmt.Errorf("reading a document of %s: %w", c.name, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Record{}, fmt.Errorf("reading a document of %s: something follows it", c.name)
	}
	meta := metaOf(doc)
	if meta.ID == "" || meta.Rev < 1 {
		return Record{}, fmt.Errorf("reading a document of %s: it has no id or was never saved", c.name)
	}
	encoded, err := c.encode(doc)
	return Record{ID: meta.ID, Rev: meta.Rev, Body: encoded}, err
}

// Defined names the collections that were defined on this store, in order.
func (db *DB) Defined() []string {
	db.mu.RLock()
	defer db.mu.RUnlock()
	names := make([]string, 0, len(db.forms))
	for name := range db.forms {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Unknown names the collections that are there and were not defined: another
// program's, or those of another version.
func (db *DB) Unknown(ctx context.Context) ([]string, error) {
	there, err := db.engine.Collections(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the collections: %w", err)
	}
	defined := db.Defined()
	return slices.DeleteFunc(there, func(name string) bool {
		_, ok := slices.BinarySearch(defined, name)
		return ok
	}), nil
}

// Walk calls each for every document of the collections, in the order given,
// and stops at its first error. Each is whole; oneMoment says that all of them
// are of one moment, which not every engine can show.
func (db *DB) Walk(ctx context.Context, collections []string, each func(Document) error) (oneMoment bool, err error) {
	return db.engine.Walk(ctx, collections, func(collection string, r Record) error {
		f, err := db.formOf(collection)
		if err != nil {
			return err
		}
		body, err := f.toJSON(r)
		if err != nil {
			return fmt.Errorf("writing %s %s as JSON: %w", collection, r.ID, err)
		}
		return each(Document{Collection: collection, Body: body})
	})
}

// Check says whether the document could be added to this store.
func (db *DB) Check(d Document) error {
	f, err := db.formOf(d.Collection)
	if err == nil {
		_, err = f.fromJSON(d.Body)
	}
	return err
}

// Add saves a document as it was carried here, with its revision, or answers
// ErrExists when its id is taken.
func (db *DB) Add(ctx context.Context, d Document) error {
	f, err := db.formOf(d.Collection)
	if err != nil {
		return err
	}
	r, err := f.fromJSON(d.Body)
	if err != nil {
		return err
	}
	if db.isClosed() {
		return ErrClosed
	}
	if err := db.engine.Insert(ctx, d.Collection, r); err != nil {
		return fmt.Errorf("adding %s %s: %w", d.Collection, r.ID, err)
	}
	return nil
}

// everything is the scan of a whole collection, by id.
func everything(limit int) Scan { return Scan{Limit: limit} }

// Size says how many documents are in a collection.
func (db *DB) Size(ctx context.Context, collection string) (int64, error) {
	n, err := db.engine.Count(ctx, collection, everything(0))
	if err != nil {
		return 0, fmt.Errorf("counting %s: %w", collection, err)
	}
	return n, nil
}

// Changed says how many of the first few documents of a collection have been
// changed since they were made.
func (db *DB) Changed(ctx context.Context, collection string) (changed int64, err error) {
	records, err := db.engine.Find(ctx, collection, everything(emptyBy))
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", collection, err)
	}
	for _, r := range records {
		if r.Rev > 1 {
			changed++
		}
	}
	return changed, nil
}

// emptyBy is how many documents are removed before others are looked for.
const emptyBy = 500

// Empty removes all documents of a collection. Nobody else may write to it.
func (db *DB) Empty(ctx context.Context, collection string) error {
	for {
		records, err := db.engine.Find(ctx, collection, everything(emptyBy))
		if err != nil {
			return fmt.Errorf("emptying %s: %w", collection, err)
		}
		if len(records) == 0 {
			return nil
		}
		err = AtOnce(records, func(r Record) error {
			err := db.engine.Delete(ctx, collection, r.ID, r.Rev)
			if errors.Is(err, ErrStale) {
				return nil // it is looked for again
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("emptying %s: %w", collection, err)
		}
	}
}
