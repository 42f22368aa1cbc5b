package notifications_test

import (
	"context"
	"sync"

	"lantern/internal/store"
)

// mortal is an engine whose process dies at a chosen write, before or after it
// happened, or when somebody says so. From then on nothing is written: what a
// process sees of its own end.
type mortal struct {
	store.Engine
	mu sync.Mutex
	// left is how many writes are left to live, 0 for any number.
	left  int
	after bool
	dead  bool
	// writes counts those that happened.
	writes int
}

func (m *mortal) write(do func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return store.ErrUnavailable
	}
	if m.left > 0 {
		if m.left--; m.left == 0 {
			m.dead = true
			if m.after {
				m.writes++
				_ = do()
			}
			return store.ErrUnavailable
		}
	}
	m.writes++
	return do()
}

func (m *mortal) Insert(ctx context.Context, collection string, r store.Record) error {
	return m.write(func() error { return m.Engine.Insert(ctx, collection, r) })
}

func (m *mortal) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	return m.write(func() error { return m.Engine.Replace(ctx, collection, r, rev) })
}

func (m *mortal) Delete(ctx context.Context, collection, id string, rev int64) error {
	return m.write(func() error { return m.Engine.Delete(ctx, collection, id, rev) })
}

func (m *mortal) die() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

func (m *mortal) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

// live starts the process anew; it dies at that write, 0 for never.
func (m *mortal) live(writes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead, m.left = false, writes
}
