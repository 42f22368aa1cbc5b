package store

import (
	"context"
	"sync"
)

// peeks keeps the last decoded revision of documents that are read far more
// often than they change.
type peeks[T any] struct {
	mu   sync.RWMutex
	docs map[string]*T
}

// mostPeeks bounds the memory of peeks; when it is reached, all are forgotten.
const mostPeeks = 2000

// Peek is Get for those who only look: the document is decoded once for each
// revision and shared by all who ask, so it must not be changed. It costs one
// read of the revision, which also makes it as fresh as Get. It is not for
// documents that may be deleted and made anew: revisions would begin again.
func (c *Collection[T]) Peek(ctx context.Context, id string) (*T, error) {
	rev, err := c.Rev(ctx, id)
	if err != nil {
		return nil, err
	}
	c.peeks.mu.RLock()
	doc, ok := c.peeks.docs[id]
	c.peeks.mu.RUnlock()
	if ok && metaOf(doc).Rev == rev {
		return doc, nil
	}
	if doc, err = c.Get(ctx, id); err != nil {
		return nil, err
	}
	c.peeks.mu.Lock()
	defer c.peeks.mu.Unlock()
	if c.peeks.docs == nil || len(c.peeks.docs) >= mostPeeks {
		c.peeks.docs = map[string]*T{}
	}
	c.peeks.docs[id] = doc
	return doc, nil
}
