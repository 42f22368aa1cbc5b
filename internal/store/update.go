package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// updateTimeout bounds one combined load–decide–save with its repeats.
	updateTimeout = 15 * time.Second
	// staleRepeats bounds how often a save that lost against another process
	// is decided again. Each loss means that another process has won, so
	// losing this often in a row means that something else is wrong.
	staleRepeats = 100
	// mostGathering bounds how long decisions are gathered after a save.
	mostGathering = 10 * time.Millisecond
)

// update is one caller's decision on its way.
type update[T any] struct {
	ctx    context.Context
	decide func(*T) error
	err    error
	done   chan struct{}
	// found is the document as the caller has it, nil for Update; left is the
	// document after the decision, if nobody else's went with it.
	found, left *T
}

// updates holds the decisions that wait for each document. A key is present
// as long as a worker runs for that document.
type updates[T any] struct {
	mu      sync.Mutex
	waiting map[string][]*update[T]
}

// Update loads the document, lets decide change it and saves it, unless
// somebody else has saved it since: then it loads and decides again. See the
// package comment for what decide must observe. An error of decide is
// returned as it is. A document that decide leaves as it was is not saved.
//
// Update answers what happened, so it outlasts its context; when the context
// has ended before the decision's turn came, nothing is done and the
// context's error is returned. ErrNotFound when there is no such document.
func (c *Collection[T]) Update(ctx context.Context, id string, decide func(*T) error) error {
	u := &update[T]{ctx: ctx, decide: decide, done: make(chan struct{})}
	if !c.enqueue(id, u) {
		return ErrClosed
	}
	return u.err
}

// UpdateFound is Update for a caller who has just found the document: it is
// loaded only if somebody else has saved it since. The store keeps what was
// found, and gives the document as it is now, which the caller owns and may give
// to the next UpdateFound; nil if the decisions of others were saved with this one.
func (c *Collection[T]) UpdateFound(ctx context.Context, found *T, decide func(*T) error) (now *T, err error) {
	u := &update[T]{ctx: ctx, decide: decide, found: found, done: make(chan struct{})}
	if !c.enqueue(metaOf(found).ID, u) {
		return nil, ErrClosed
	}
	return u.left, u.err
}

// enqueue has the decision made, and comes back when it has its answer. It is
// false, and the decision is not made, once the store is closed.
func (c *Collection[T]) enqueue(id string, u *update[T]) bool {
	first, open := c.wait(id, u)
	if !open {
		return false
	}
	work := func() {
		defer c.db.workers.Done()
		c.work(id)
	}
	switch {
	case first && c.db.loadEachTime:
		work() // nothing hangs on which goroutine runs when
	case first:
		go work()
	}
	<-u.done
	return true
}

// wait puts the decision in its document's line. The first there has to see to a
// worker, which Close waits for from now on.
func (c *Collection[T]) wait(id string, u *update[T]) (first, open bool) {
	c.db.mu.RLock()
	defer c.db.mu.RUnlock()
	if c.db.closed {
		return false, false
	}
	c.updates.mu.Lock()
	defer c.updates.mu.Unlock()
	queue, running := c.updates.waiting[id]
	c.updates.waiting[id] = append(queue, u)
	if !running {
		c.db.workers.Add(1)
	}
	return !running, true
}

// work serves one document until no decision waits for it. What the last
// batch saved is the base of the next: if another process has saved in
// between, the replace finds out.
func (c *Collection[T]) work(id string) {
	var saved *state[T]
	for {
		batch := c.take(id)
		if len(batch) == 0 {
			return
		}
		begun := time.Now()
		if only := batch[0]; saved == nil && len(batch) == 1 && only.found != nil {
			saved = c.asFound(only.found)
		}
		saved = c.save(id, batch, saved)
		took := time.Since(begun)
		if only := batch[0]; saved != nil && len(batch) == 1 && only.found != nil {
			only.left, saved = saved.doc, nil
		}
		if c.db.loadEachTime {
			saved = nil
		}
		for _, u := range batch {
			close(u.done)
		}
		if len(batch) > 1 {
			c.gather(id, took)
		}
	}
}

// asFound makes a base of a document that was found, or none if it cannot.
func (c *Collection[T]) asFound(found *T) *state[T] {
	body, err := c.encode(found)
	if err != nil {
		return nil
	}
	return &state[T]{doc: found, body: body}
}

// take gives those who wait for the document. When there are none, the worker
// has ended.
func (c *Collection[T]) take(id string) []*update[T] {
	c.updates.mu.Lock()
	defer c.updates.mu.Unlock()
	batch := c.updates.waiting[id]
	if len(batch) == 0 {
		delete(c.updates.waiting, id)
	} else {
		c.updates.waiting[id] = nil
	}
	return batch
}

// gather lets the next batch grow for half as long as the last took: in a rush,
// those who are being answered come again or make room for others, and half
// as many saves of twice as many leave them more of the machine. Whoever waits
// alone never waits for others, and nobody does while the store is closed.
func (c *Collection[T]) gather(id string, took time.Duration) {
	c.updates.mu.Lock()
	waiting := len(c.updates.waiting[id])
	c.updates.mu.Unlock()
	if waiting < 2 {
		return
	}
	timer := time.NewTimer(min(took/2, mostGathering))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.db.closing:
	}
}

// state is a document as it is stored: decoded and encoded.
type state[T any] struct {
	doc  *T
	body []byte
}

// save brings a batch of decisions to the store and sets the answer of each.
// It returns the state it left there, or nil if it does not know.
func (c *Collection[T]) save(id string, batch []*update[T], base *state[T]) *state[T] {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), updateTimeout)
	defer cancel()
	for losses := 0; losses < staleRepeats; {
		if base == nil {
			var err error
			if base, err = c.load(ctx, id); err != nil {
				answerAll(batch, err)
				return nil
			}
		}
		changed, intact := c.decideAll(batch, base.doc)
		if !intact {
			// Each panic takes a decision out of the batch, so this ends.
			base = nil
			continue
		}
		if !changed {
			return base
		}
		next, err := c.replace(ctx, base)
		if err == nil {
			return next
		}
		base = nil
		if !errors.Is(err, ErrStale) {
			answerAll(batch, c.wrap("saving", id, err))
			return nil
		}
		losses++
		if err := pause(ctx); err != nil {
			answerAll(batch, ErrUnavailable.Because(err))
			return nil
		}
	}
	answerAll(batch, c.wrap("saving", id, ErrStale))
	return nil
}

func (c *Collection[T]) load(ctx context.Context, id string) (*state[T], error) {
	record, err := c.db.engine.Get(ctx, c.name, id)
	if err != nil {
		return nil, c.wrap("reading", id, err)
	}
	doc, err := c.decode(record)
	if err != nil {
		return nil, err
	}
	return &state[T]{doc: doc, body: record.Body}, nil
}

// replace saves the document as its next revision, unless it is what is stored.
func (c *Collection[T]) replace(ctx context.Context, base *state[T]) (*state[T], error) {
	meta := metaOf(base.doc)
	rev := meta.Rev
	meta.Rev++
	body, err := c.encode(base.doc)
	if err != nil {
		return nil, err
	}
	// Of what has not changed, the next revision is as long, or longer by a
	// digit. Most changes show in that, and are encoded once.
	if longer := len(body) - len(base.body); longer == 0 || longer == 1 {
		same, err := c.isStored(base, rev)
		if same || err != nil {
			return base, err
		}
	}
	record := Record{ID: meta.ID, Rev: meta.Rev, Body: body}
	if err := c.db.engine.Replace(ctx, c.name, record, rev); err != nil {
		return nil, err
	}
	return &state[T]{doc: base.doc, body: body}, nil
}

// isStored reports whether the document is what is stored as that revision,
// and gives it that revision back if so.
func (c *Collection[T]) isStored(base *state[T], rev int64) (bool, error) {
	meta := metaOf(base.doc)
	next := meta.Rev
	meta.Rev = rev
	body, err := c.encode(base.doc)
	same := err == nil && bytes.Equal(body, base.body)
	if !same {
		meta.Rev = next
	}
	return same, err
}

// decideAll applies the decisions in order. It reports whether any of them
// succeeded, and whether the document is still good to save: after a panic it
// is not, the culprit has its answer and the rest must be decided anew.
func (c *Collection[T]) decideAll(batch []*update[T], doc *T) (changed, intact bool) {
	for _, u := range batch {
		var broken *brokenDecision
		if errors.As(u.err, &broken) {
			continue
		}
		if u.err = u.ctx.Err(); u.err != nil {
			continue
		}
		var before []byte
		if c.db.checkDecisions {
			before = c.mustEncode(doc)
		}
		u.err = decideSafely(u.decide, doc)
		if errors.As(u.err, &broken) {
			return false, false
		}
		if u.err == nil {
			changed = true
		} else if before != nil && !bytes.Equal(before, c.mustEncode(doc)) {
			panic(fmt.Sprintf("store: a decision on %s %s failed with %q and changed the document all the same", c.name, metaOf(doc).ID, u.err))
		}
	}
	return changed, true
}

func (c *Collection[T]) mustEncode(doc *T) []byte {
	body, err := c.encode(doc)
	if err != nil {
		panic(err)
	}
	return body
}

// brokenDecision is a panic in a decision, turned into its caller's error.
type brokenDecision struct {
	reason any
	stack  []byte
}

func (b *brokenDecision) Error() string {
	return fmt.Sprintf("a decision panicked: %v\n%s", b.reason, b.stack)
}

func decideSafely[T any](decide func(*T) error, doc *T) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = &brokenDecision{reason: reason, stack: debug.Stack()}
		}
	}()
	return decide(doc)
}

func answerAll[T any](batch []*update[T], err error) {
	for _, u := range batch {
		var broken *brokenDecision
		if !errors.As(u.err, &broken) {
			u.err = err
		}
	}
}

// pause waits a few random milliseconds, so that two processes that lost
// against each other do not do so again in step.
func pause(ctx context.Context) error {
	timer := time.NewTimer(time.Millisecond + rand.N(8*time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
