// Package memory is an engine that keeps documents in memory alone: for what has
// to be fast and may forget, such as the simulation.
package memory

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"lantern/internal/store"
)

// Place holds the documents of all engines that are opened on it.
type Place struct {
	mu          sync.RWMutex
	collections map[string]*documents
	memo        memo
}

// NewPlace makes an empty place.
func NewPlace() *Place { return &Place{collections: map[string]*documents{}} }

// Open opens an engine on the place, as a process does that starts.
func (p *Place) Open() *Engine { return &Engine{place: p} }

// Engine is one process's way to a place.
type Engine struct {
	place *Place
	// closed is guarded by the place's mu.
	closed bool
}

// Marshal encodes a document as JSON.
func (e *Engine) Marshal(document any) ([]byte, error) { return e.place.memo.marshal(document) }

// Unmarshal decodes a document.
func (e *Engine) Unmarshal(body []byte, document any) error {
	return e.place.memo.unmarshal(body, document)
}

// Prepare makes the collection and its indexes.
func (e *Engine) Prepare(ctx context.Context, schema store.Schema) error {
	return e.write(ctx, func() error {
		c, ok := e.place.collections[schema.Collection]
		if !ok {
			c = &documents{entries: map[string]*entry{}}
			e.place.collections[schema.Collection] = c
		}
		return c.prepare(schema.Indexes)
	})
}

// Get gives one document.
func (e *Engine) Get(ctx context.Context, collection, id string) (record store.Record, err error) {
	err = e.read(ctx, collection, func(c *documents) error {
		found, ok := c.entries[id]
		if !ok {
			return store.ErrNotFound
		}
		record = found.record()
		return nil
	})
	return record, err
}

// Rev gives a document's revision.
func (e *Engine) Rev(ctx context.Context, collection, id string) (rev int64, err error) {
	err = e.read(ctx, collection, func(c *documents) error {
		found, ok := c.entries[id]
		if !ok {
			return store.ErrNotFound
		}
		rev = found.rev
		return nil
	})
	return rev, err
}

// Revs gives the revisions of those that are there.
func (e *Engine) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	revs := map[string]int64{}
	err := e.read(ctx, collection, func(c *documents) error {
		for _, id := range ids {
			if found, ok := c.entries[id]; ok {
				revs[id] = found.rev
			}
		}
		return nil
	})
	return revs, err
}

// Insert adds a document.
func (e *Engine) Insert(ctx context.Context, collection string, r store.Record) error {
	return e.change(ctx, collection, func(c *documents) error {
		if _, taken := c.entries[r.ID]; taken {
			return store.ErrExists
		}
		return c.put(r, e.place.memo.stored(r.Body))
	})
}

// Replace saves a document over the one with that revision.
func (e *Engine) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	return e.change(ctx, collection, func(c *documents) error {
		found, ok := c.entries[r.ID]
		if !ok || found.rev != rev {
			return store.ErrStale
		}
		e.place.memo.forget(found.body)
		return c.put(r, e.place.memo.stored(r.Body))
	})
}

// Delete removes a document with that revision.
func (e *Engine) Delete(ctx context.Context, collection, id string, rev int64) error {
	return e.change(ctx, collection, func(c *documents) error {
		found, ok := c.entries[id]
		if !ok || found.rev != rev {
			return store.ErrStale
		}
		e.place.memo.forget(found.body)
		c.remove(found)
		return nil
	})
}

// Find gives what the scan asks for.
func (e *Engine) Find(ctx context.Context, collection string, scan store.Scan) (found []store.Record, err error) {
	err = e.read(ctx, collection, func(c *documents) error {
		c.inOrder(scan.Index).walk(scan, func(f filed) bool {
			found = append(found, f.of.record())
			return len(found) < scan.Limit
		})
		return nil
	})
	return found, err
}

// Count says how many documents the scan finds, up to its limit.
func (e *Engine) Count(ctx context.Context, collection string, scan store.Scan) (count int64, err error) {
	scan.After = nil
	err = e.read(ctx, collection, func(c *documents) error {
		c.inOrder(scan.Index).walk(scan, func(filed) bool {
			count++
			return count != int64(scan.Limit)
		})
		return nil
	})
	return count, err
}

// Ping reports whether the engine is open.
func (e *Engine) Ping(ctx context.Context) error {
	e.place.mu.RLock()
	defer e.place.mu.RUnlock()
	return e.may(ctx)
}

// Close ends this engine; the documents stay in their place.
func (e *Engine) Close() error {
	e.place.mu.Lock()
	defer e.place.mu.Unlock()
	e.closed = true
	return nil
}

// IDs names all documents of a collection, in order.
func (p *Place) IDs(collection string) []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	c, ok := p.collections[collection]
	if !ok {
		return nil
	}
	ids := make([]string, 0, len(c.entries))
	for id := range c.entries {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (e *Engine) may(ctx context.Context) error {
	if e.closed {
		return store.ErrClosed
	}
	err := ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		return store.ErrUnavailable.Because(err)
	}
	return err
}

func (e *Engine) write(ctx context.Context, do func() error) error {
	e.place.mu.Lock()
	defer e.place.mu.Unlock()
	if err := e.may(ctx); err != nil {
		return err
	}
	return do()
}

func (e *Engine) change(ctx context.Context, collection string, do func(*documents) error) error {
	return e.write(ctx, func() error { return do(e.place.collections[collection]) })
}

func (e *Engine) read(ctx context.Context, collection string, do func(*documents) error) error {
	e.place.mu.RLock()
	defer e.place.mu.RUnlock()
	if err := e.may(ctx); err != nil {
		return err
	}
	return do(e.place.collections[collection])
}

// Earliest is the first time in an index whose fields before it have these
// values; ok is false when there is none.
func (p *Place) Earliest(collection string, fields []string, equal ...any) (at time.Time, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	docs, known := p.collections[collection]
	if !known {
		return at, false
	}
	for _, i := range docs.indexes {
		if !slices.EqualFunc(i.fields, fields, func(f store.IndexedField, path string) bool { return f.Path == path }) {
			continue
		}
		i.walk(store.Scan{Equal: equal}, func(f filed) bool {
			at, ok = time.UnixMilli(f.key[len(equal)].number).UTC(), true
			return false
		})
	}
	return at, ok
}
