package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"lantern/internal/store"
)

// maxBatch bounds how many writes share one transaction, so that the first of
// them does not wait for an endless stream of others.
const maxBatch = 512

// write is one caller's write on its way.
type write struct {
	ctx context.Context
	// run does the write inside the shared transaction.
	run  func(context.Context, *writer) error
	err  error
	done chan struct{}
}

// writer owns the one writing connection.
type writer struct {
	db         *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt

	queue   chan *write
	mu      sync.RWMutex // guards closed against sends into the closed queue
	closed  bool
	ended   chan struct{}
	stopErr error
}

func startWriter(db *sql.DB, conn *sql.Conn) *writer {
	w := &writer{
		db: db, conn: conn,
		statements: map[string]*sql.Stmt{},
		queue:      make(chan *write, maxBatch),
		ended:      make(chan struct{}),
	}
	go w.loop()
	return w
}

// exec runs one prepared statement and returns how many rows it touched. A
// statement that would break the uniqueness of ids touches none.
func (w *writer) exec(ctx context.Context, statement string, args []any) (touched int64, err error) {
	err = w.submit(ctx, func(ctx context.Context, w *writer) error {
		prepared, err := w.prepared(ctx, statement)
		if err != nil {
			return err
		}
		result, err := prepared.ExecContext(ctx, args...)
		if err != nil {
			return err
		}
		touched, err = result.RowsAffected()
		return err
	})
	return touched, err
}

// do runs an arbitrary change in a transaction, alone or with others.
func (w *writer) do(ctx context.Context, change func(context.Context, *sql.Conn) error) error {
	return w.submit(ctx, func(ctx context.Context, w *writer) error { return change(ctx, w.conn) })
}

func (w *writer) submit(ctx context.Context, run func(context.Context, *writer) error) error {
	if err := ctx.Err(); err != nil {
		return portable(err)
	}
	c := &write{ctx: ctx, run: run, done: make(chan struct{})}
	if err := w.enqueue(c); err != nil {
		return err
	}
	<-c.done
	return c.err
}

func (w *writer) enqueue(c *write) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return store.ErrClosed
	}
	select {
	case w.queue <- c:
		return nil
	case <-c.ctx.Done():
		return portable(c.ctx.Err())
	}
}

func (w *writer) loop() {
	defer close(w.ended)
	for first := range w.queue {
		batch := w.gather(first)
		if err := portable(w.commit(batch)); err != nil {
			for _, c := range batch {
				c.err = err
			}
		}
		for _, c := range batch {
			close(c.done)
		}
	}
	var errs []error
	for _, statement := range w.statements {
		errs = append(errs, statement.Close())
	}
	w.stopErr = errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

// gather takes what is waiting already and waits for nothing more: while one
// batch is being synced the next one gathers by itself.
func (w *writer) gather(first *write) []*write {
	batch := []*write{first}
	for len(batch) < maxBatch {
		select {
		case c, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the batch in one transaction. An error means that nothing of it
// was kept, or (when the commit itself failed) that nobody knows.
func (w *writer) commit(batch []*write) error {
	// The batch belongs to several callers: none of them may cancel it.
	ctx := context.Background()
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	for _, c := range batch {
		if c.err = portable(c.ctx.Err()); c.err != nil {
			continue
		}
		if err := c.run(ctx, w); err != nil {
			return errors.Join(fmt.Errorf("writing: %w", err), w.rollback(ctx))
		}
	}
	if _, err := w.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return errors.Join(fmt.Errorf("committing: %w", err), w.rollback(ctx))
	}
	return nil
}

// rollback ends a failed transaction. SQLite may have ended it by itself, as
// it does when the disk is full; that is not another error.
func (w *writer) rollback(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, "ROLLBACK")
	if err != nil && code(err) == sqliteError {
		return nil
	}
	return err
}

func (w *writer) prepared(ctx context.Context, statement string) (*sql.Stmt, error) {
	if known, ok := w.statements[statement]; ok {
		return known, nil
	}
	prepared, err := w.conn.PrepareContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	w.statements[statement] = prepared
	return prepared, nil
}

func (w *writer) stopped() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.closed
}

// stop lets what was handed in end and closes the connection.
func (w *writer) stop() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
	return w.stopErr
}
