package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unicode/utf8"
)

// DB is a store: an engine and the collections defined on it.
type DB struct {
	engine         Engine
	checkDecisions bool
	loadEachTime   bool

	// mu guards closed and the start of update workers against Close.
	mu      sync.RWMutex
	closed  bool
	closing chan struct{} // closed with it
	// forms tells how documents of each collection are carried, see Document.
	forms   map[string]form
	workers sync.WaitGroup
}

// Option changes how a DB works.
type Option func(*DB)

// CheckDecisions makes every Update verify that a decision which returned an
// error left the document as it was, and panic if not. It costs two encodings
// for each such decision; tests open their stores with it.
func CheckDecisions() Option { return func(db *DB) { db.checkDecisions = true } }

// LoadEachTime makes every Update load its document, also where the last one has
// just left it here, and in the goroutine of who calls. What is asked of the engine
// then follows from the calls and not from how goroutines take turns, as a
// simulation needs that can be repeated.
func LoadEachTime() Option { return func(db *DB) { db.loadEachTime = true } }

// Open makes a store of an engine. Close closes the engine too.
func Open(engine Engine, options ...Option) *DB {
	db := &DB{engine: engine, closing: make(chan struct{}), forms: map[string]form{}}
	for _, option := range options {
		option(db)
	}
	return db
}

// Ping reports whether the store can answer.
func (db *DB) Ping(ctx context.Context) error { return db.engine.Ping(ctx) }

// Close waits for running updates and closes the engine. Later calls answer
// ErrClosed; closing twice is fine.
func (db *DB) Close() error {
	db.mu.Lock()
	if !db.closed {
		db.closed = true
		close(db.closing)
	}
	db.mu.Unlock()
	db.workers.Wait()
	return db.engine.Close()
}

// Collection holds the documents of one type.
type Collection[T any] struct {
	db      *DB
	name    string
	indexes map[string]resolved
	updates updates[T]
	peeks   peeks[T]
}

// Define makes a collection and its indexes, if they are missing, and returns
// it. T must embed Meta. A collection is defined once in a process, since the
// combining of updates hangs on it.
func Define[T any](ctx context.Context, db *DB, name string, indexes ...Index) (*Collection[T], error) {
	if _, ok := any(new(T)).(document); !ok {
		return nil, fmt.Errorf("collection %s: %T does not embed store.Meta", name, *new(T))
	}
	byName, list, err := resolveIndexes(reflect.TypeFor[T](), indexes)
	if err != nil {
		return nil, fmt.Errorf("collection %s: %w", name, err)
	}
	if err := db.engine.Prepare(ctx, Schema{Collection: name, Indexes: list}); err != nil {
		return nil, fmt.Errorf("preparing collection %s: %w", name, err)
	}
	c := &Collection[T]{db: db, name: name, indexes: byName}
	c.updates.waiting = map[string][]*update[T]{}
	db.carry(name, form{toJSON: c.toJSON, fromJSON: c.fromJSON})
	return c, nil
}

// Get returns the document or ErrNotFound. The caller owns what it gets.
func (c *Collection[T]) Get(ctx context.Context, id string) (*T, error) {
	record, err := c.db.engine.Get(ctx, c.name, id)
	if err != nil {
		return nil, c.wrap("reading", id, err)
	}
	return c.decode(record)
}

// Rev returns the document's present revision or ErrNotFound. It is much
// cheaper than Get, for those who keep what they made of a revision.
func (c *Collection[T]) Rev(ctx context.Context, id string) (int64, error) {
	rev, err := c.db.engine.Rev(ctx, c.name, id)
	return rev, c.wrap("reading the revision of", id, err)
}

// Insert saves a new document, or answers ErrExists when its id is taken. It
// sets the document's Rev to 1 and brings its times to the stored form.
func (c *Collection[T]) Insert(ctx context.Context, doc *T) error {
	meta := metaOf(doc)
	if meta.ID == "" {
		return fmt.Errorf("inserting into %s: the document has no id", c.name)
	}
	if !utf8.ValidString(meta.ID) { // what is stored would have another id
		return fmt.Errorf("inserting into %s: the document's id is not UTF-8", c.name)
	}
	if c.db.isClosed() {
		return ErrClosed
	}
	meta.Rev = 1
	body, err := c.encode(doc)
	if err != nil {
		return err
	}
	return c.wrap("inserting", meta.ID, c.db.engine.Insert(ctx, c.name, Record{ID: meta.ID, Rev: 1, Body: body}))
}

// Delete removes the document if its revision is still this one, else answers
// ErrStale, also when there is no such document.
func (c *Collection[T]) Delete(ctx context.Context, id string, rev int64) error {
	if c.db.isClosed() {
		return ErrClosed
	}
	return c.wrap("deleting", id, c.db.engine.Delete(ctx, c.name, id, rev))
}

// Find returns one page of what the query asks for.
func (c *Collection[T]) Find(ctx context.Context, q Query) (Page[T], error) {
	var page Page[T]
	index, scan, err := c.scan(q)
	if err != nil {
		return page, err
	}
	limit := scan.Limit
	scan.Limit++ // one more than asked for tells whether there is a next page
	records, err := c.db.engine.Find(ctx, c.name, scan)
	if err != nil {
		return page, fmt.Errorf("finding in %s by %s: %w", c.name, q.Index, err)
	}
	more := len(records) > limit
	if more {
		records = records[:limit]
	}
	for _, record := range records {
		doc, err := c.decode(record)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, doc)
	}
	if more {
		page.Next, err = encodeCursor(index.keyOf(page.Items[limit-1], len(q.Equal)))
	}
	return page, err
}

// All calls each for every document that the query finds, page by page, and
// stops at its first error. Documents are loaded a page at a time.
func (c *Collection[T]) All(ctx context.Context, q Query, each func(*T) error) error {
	for {
		page, err := c.Find(ctx, q)
		if err != nil {
			return err
		}
		for _, doc := range page.Items {
			if err := each(doc); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// Count says how many documents the query finds, and stops at its Limit if it has
// one: nobody wants to know some numbers enough to count what years have brought.
func (c *Collection[T]) Count(ctx context.Context, q Query) (int64, error) {
	_, scan, err := c.scan(q)
	if err != nil {
		return 0, err
	}
	scan.Limit = max(0, q.Limit)
	count, err := c.db.engine.Count(ctx, c.name, scan)
	if err != nil {
		return 0, fmt.Errorf("counting in %s by %s: %w", c.name, q.Index, err)
	}
	return count, nil
}

func (c *Collection[T]) scan(q Query) (resolved, Scan, error) {
	index, ok := c.indexes[q.Index]
	if !ok {
		return resolved{}, Scan{}, fmt.Errorf("collection %s has no index %q", c.name, q.Index)
	}
	scan, err := index.scan(q)
	if err != nil {
		return resolved{}, Scan{}, fmt.Errorf("finding in %s: %w", c.name, err)
	}
	return index, scan, nil
}

func (c *Collection[T]) encode(doc *T) ([]byte, error) {
	normalizeTimes(reflect.ValueOf(doc))
	body, err := c.db.engine.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("encoding %s %s: %w", c.name, metaOf(doc).ID, err)
	}
	return body, nil
}

func (c *Collection[T]) decode(record Record) (*T, error) {
	doc := new(T)
	if err := c.db.engine.Unmarshal(record.Body, doc); err != nil {
		return nil, fmt.Errorf("decoding %s %s: %w", c.name, record.ID, err)
	}
	return doc, nil
}

func (db *DB) isClosed() bool {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.closed
}

// wrap adds what was being done to errors that need it. The portable ones
// speak for themselves, and callers compare them on hot paths.
func (c *Collection[T]) wrap(doing, id string, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrExists) {
		return err
	}
	return fmt.Errorf("%s %s %s: %w", doing, c.name, id, err)
}
