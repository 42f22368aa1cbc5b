// Package sqlite is the embedded engine of the store: one SQLite file.
//
// A document is a row of JSON text, readable with any SQLite tool; the fields
// that indexes need are virtual generated columns beside it, so that a new
// index needs no rewriting of documents.
//
// All writes go through one goroutine with a connection of its own, which puts
// what is waiting into one transaction and answers nobody before the commit
// has been synced to disk: hundreds of callers share one sync. Reads have
// their own connections and never wait for writes (write-ahead log).
package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	_ "modernc.org/sqlite" // registers the driver

	"lantern/internal/store"
)

// Engine implements store.Engine.
type Engine struct {
	reads    *sql.DB
	searches searches
	writer   *writer

	// mu guards tables, which Prepare fills.
	mu     sync.RWMutex
	tables map[string]*table
}

var _ store.Engine = (*Engine)(nil)

// Open opens the database file, or makes it.
func Open(ctx context.Context, path string) (*Engine, error) {
	if err := private(path); err != nil {
		return nil, err
	}
	// synchronous=FULL: an acknowledged write survives power loss. Once writes
	// are batched, NORMAL would buy nothing and lose the last commits.
	// wal_autocheckpoint=4000 pages keeps checkpoints out of most commits.
	writes, err := open(path, "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4000)")
	if err != nil {
		return nil, err
	}
	writes.SetMaxOpenConns(1)
	conn, err := writes.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), writes.Close())
	}
	// Of a large file each search meets other pages: 16 MB of them for each
	// connection, rather than 2 MB, keep those above the leaves.
	reads, err := open(path, "query_only(1)", "cache_size(-16000)")
	if err != nil {
		return nil, errors.Join(err, conn.Close(), writes.Close())
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	reads.SetMaxOpenConns(readers)
	reads.SetMaxIdleConns(readers)
	return &Engine{
		reads: reads, searches: searches{reads: reads, prepared: map[string]*sql.Stmt{}},
		writer: startWriter(writes, conn), tables: map[string]*table{},
	}, nil
}

// private makes the file, if it is not there, readable by its owner alone: it
// holds names and addresses. SQLite gives the files beside it the same mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	return f.Close()
}

func open(path string, pragmas ...string) (*sql.DB, error) {
	// The busy timeout is for a second process on the same file, such as the
	// command line beside a running service.
	query := url.Values{"_pragma": append(pragmas, "busy_timeout(10000)"), "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return db, nil
}

// Marshal encodes a document as JSON.
func (e *Engine) Marshal(document any) ([]byte, error) { return json.Marshal(document) }

// Unmarshal decodes a document from JSON.
func (e *Engine) Unmarshal(body []byte, document any) error { return json.Unmarshal(body, document) }

// Prepare makes the table, its columns and its indexes where they are missing.
func (e *Engine) Prepare(ctx context.Context, schema store.Schema) error {
	t := &table{name: quote(schema.Collection)}
	err := e.writer.do(ctx, func(ctx context.Context, conn *sql.Conn) error {
		return t.prepare(ctx, conn, schema)
	})
	if err != nil {
		return err
	}
	if err := t.prepareReads(ctx, e.reads); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tables[schema.Collection] = t
	return nil
}

func (e *Engine) table(collection string) (*table, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	t, ok := e.tables[collection]
	if !ok {
		return nil, fmt.Errorf("collection %s has not been prepared", collection)
	}
	return t, nil
}

// Get reads one document.
func (e *Engine) Get(ctx context.Context, collection, id string) (store.Record, error) {
	t, err := e.table(collection)
	if err != nil {
		return store.Record{}, err
	}
	record := store.Record{ID: id}
	err = t.get.QueryRowContext(ctx, id).Scan(&record.Rev, &record.Body)
	return record, e.readError(err)
}

// Rev reads one document's revision.
func (e *Engine) Rev(ctx context.Context, collection, id string) (rev int64, err error) {
	t, err := e.table(collection)
	if err != nil {
		return 0, err
	}
	err = t.rev.QueryRowContext(ctx, id).Scan(&rev)
	return rev, e.readError(err)
}

// mostRevs is how many documents one statement asks for.
const mostRevs = 256

// Revs reads the revisions of many documents.
func (e *Engine) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	revs := make(map[string]int64, len(ids))
	for some := range slices.Chunk(ids, mostRevs) {
		if err := e.addRevs(ctx, collection, some, revs); err != nil {
			return nil, e.readError(err)
		}
	}
	return revs, nil
}

func (e *Engine) addRevs(ctx context.Context, collection string, ids []string, to map[string]int64) error {
	query, args := revsSQL(quote(collection), ids)
	rows, err := e.searches.query(ctx, query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var rev int64
		if err := rows.Scan(&id, &rev); err != nil {
			return err
		}
		to[id] = rev
	}
	return rows.Err()
}

// Insert adds one document.
func (e *Engine) Insert(ctx context.Context, collection string, r store.Record) error {
	return e.write(ctx, collection, store.ErrExists,
		func(t *table) string { return t.insertSQL }, r.ID, r.Rev, string(r.Body))
}

// Replace saves one document over its earlier revision.
func (e *Engine) Replace(ctx context.Context, collection string, r store.Record, rev int64) error {
	return e.write(ctx, collection, store.ErrStale,
		func(t *table) string { return t.replaceSQL }, r.Rev, string(r.Body), r.ID, rev)
}

// Delete removes one document.
func (e *Engine) Delete(ctx context.Context, collection, id string, rev int64) error {
	return e.write(ctx, collection, store.ErrStale,
		func(t *table) string { return t.deleteSQL }, id, rev)
}

// write hands one statement to the writer; none is the answer when it has
// touched no row.
func (e *Engine) write(ctx context.Context, collection string, none error, statement func(*table) string, args ...any) error {
	t, err := e.table(collection)
	if err != nil {
		return err
	}
	touched, err := e.writer.exec(ctx, statement(t), args)
	if err == nil && touched == 0 {
		return none
	}
	return err
}

// Find reads the documents of a scan.
func (e *Engine) Find(ctx context.Context, collection string, scan store.Scan) ([]store.Record, error) {
	query, args := findSQL(quote(collection), scan)
	rows, err := e.searches.query(ctx, query, args)
	if err != nil {
		return nil, e.readError(err)
	}
	defer rows.Close()
	var records []store.Record
	for rows.Next() {
		var r store.Record
		if err := rows.Scan(&r.ID, &r.Rev, &r.Body); err != nil {
			return nil, e.readError(err)
		}
		records = append(records, r)
	}
	return records, e.readError(rows.Err())
}

// Count counts the documents of a scan.
func (e *Engine) Count(ctx context.Context, collection string, scan store.Scan) (count int64, err error) {
	query, args := countSQL(quote(collection), scan)
	rows, err := e.searches.query(ctx, query, args)
	if err != nil {
		return 0, e.readError(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&count); err != nil {
			return 0, e.readError(err)
		}
	}
	return count, e.readError(rows.Err())
}

// Ping reports whether the file can be read.
func (e *Engine) Ping(ctx context.Context) error {
	var one int
	return e.readError(e.reads.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Close lets what is written end, then closes the file.
func (e *Engine) Close() error {
	return errors.Join(e.writer.stop(), e.searches.close(), e.reads.Close())
}

func (e *Engine) readError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return store.ErrNotFound
	case e.writer.stopped():
		return store.ErrClosed
	}
	return portable(err)
}

// quote makes an SQL name of a word that the program chose.
func quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
