package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"
)

// peeks keeps the last decoded revision of documents that are read far more
// often than they change.
type peeks[T any] struct {
	mu   sync.RWMutex
	docs map[string]peeked[T]
	// reading holds those who decode a document just now: others wait for them
	// instead of doing the same.
	reading map[string]*reading[T]
	// begun counts the readings that ever began.
	begun int64
}

// peeked is a document that is shared, and which reading brought it.
type peeked[T any] struct {
	doc   *T
	begun int64
}

// reading is one reading under way. What it brings may be used when done is
// closed.
type reading[T any] struct {
	rev   int64 // the revision that was there when it began
	begun int64
	done  chan struct{}
	doc   *T
	err   error
	// cut says that it ended for a reason of its own caller's.
	cut bool
}

// mostPeeks bounds the memory of peeks; when it is reached, all are forgotten.
const mostPeeks = 2000

// Peek is Get for those who only look: the document is decoded once for each
// revision and shared by all who ask, so it must not be changed. It costs one
// read of the revision, which also makes it as fresh as Get. It is not for
// documents that may be deleted and made anew: revisions would begin again.
func (c *Collection[T]) Peek(ctx context.Context, id string) (*T, error) {
	begun := c.peeks.now()
	rev, err := c.Rev(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.peek(ctx, id, rev, begun)
}

// PeekAll is Peek for many documents, with one question for all their
// revisions. Those that are not there are absent from its answer.
func (c *Collection[T]) PeekAll(ctx context.Context, ids []string) (map[string]*T, error) {
	begun := c.peeks.now()
	var sound []string // no document has another id, see Insert
	for _, id := range ids {
		if utf8.ValidString(id) {
			sound = append(sound, id)
		}
	}
	docs := make(map[string]*T, len(sound))
	if len(sound) == 0 {
		return docs, nil
	}
	revs, err := c.db.engine.Revs(ctx, c.name, sound)
	if err != nil {
		return nil, fmt.Errorf("reading revisions in %s: %w", c.name, err)
	}
	for _, id := range sound {
		rev, there := revs[id]
		if _, read := docs[id]; read || !there {
			continue
		}
		doc, err := c.peek(ctx, id, rev, begun)
		if errors.Is(err, ErrNotFound) {
			continue // it has just been deleted
		}
		if err != nil {
			return nil, err
		}
		docs[id] = doc
	}
	return docs, nil
}

// peek gives the document to a caller who found it at that revision, and had
// come when so many readings had begun: it has to be of that revision, or to
// have been read since.
func (c *Collection[T]) peek(ctx context.Context, id string, rev, begun int64) (*T, error) {
	if doc := c.peeks.known(id, rev, begun); doc != nil {
		return doc, nil
	}
	for {
		doc, r, mine := c.peeks.join(id, rev, begun)
		if doc != nil {
			return doc, nil
		}
		if mine {
			return c.read(ctx, id, r)
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, c.wrap("reading", id, ended(ctx))
		}
		if !r.cut {
			return r.doc, r.err
		}
	}
}

// read does a reading for all who wait for it. If it is cut off, because the
// context of who does it has ended or by a panic, they do it again.
func (c *Collection[T]) read(ctx context.Context, id string, r *reading[T]) (*T, error) {
	defer c.peeks.end(id, r)
	r.doc, r.err = c.Get(ctx, id)
	r.cut = r.err != nil && ctx.Err() != nil
	return r.doc, r.err
}

func (p *peeks[T]) now() int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.begun
}

func (p *peeks[T]) known(id string, rev, begun int64) *T {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.goodEnough(id, rev, begun)
}

func (p *peeks[T]) goodEnough(id string, rev, begun int64) *T {
	if known := p.docs[id]; known.doc != nil && (metaOf(known.doc).Rev == rev || known.begun > begun) {
		return known.doc
	}
	return nil
}

// join finds the document or a reading of it that is good enough, or begins
// one, which is the caller's to do.
func (p *peeks[T]) join(id string, rev, begun int64) (doc *T, r *reading[T], mine bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if doc = p.goodEnough(id, rev, begun); doc != nil {
		return doc, nil, false
	}
	if r = p.reading[id]; r != nil && (r.rev == rev || r.begun > begun) {
		return nil, r, false
	}
	p.begun++
	r = &reading[T]{rev: rev, begun: p.begun, done: make(chan struct{}), cut: true}
	if p.reading == nil {
		p.reading = map[string]*reading[T]{}
	}
	p.reading[id] = r
	return nil, r, true
}

func (p *peeks[T]) end(id string, r *reading[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reading[id] == r { // else a later one has taken its place
		delete(p.reading, id)
	}
	if r.doc != nil {
		if p.docs == nil || len(p.docs) >= mostPeeks {
			p.docs = map[string]peeked[T]{}
		}
		if p.docs[id].begun < r.begun {
			p.docs[id] = peeked[T]{doc: r.doc, begun: r.begun}
		}
	}
	close(r.done)
}

// ended is the portable error of a context that has ended.
func ended(ctx context.Context) error {
	err := ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrUnavailable.Because(err)
	}
	return err
}
