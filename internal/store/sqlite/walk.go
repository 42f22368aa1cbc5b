package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"lantern/internal/store"
)

// Collections names the tables.
func (e *Engine) Collections(ctx context.Context) ([]string, error) {
	rows, err := e.reads.QueryContext(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return nil, e.readError(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, e.readError(err)
		}
		names = append(names, name)
	}
	return names, e.readError(rows.Err())
}

// Walk reads all in one transaction, which shows one moment however long it
// takes. Writers go on meanwhile; the log grows until it ends.
func (e *Engine) Walk(ctx context.Context, collections []string, each func(string, store.Record) error) (oneMoment bool, err error) {
	tx, err := e.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return false, e.readError(err)
	}
	defer func() {
		if ended := tx.Rollback(); ended != nil && !errors.Is(ended, sql.ErrTxDone) {
			err = errors.Join(err, e.readError(ended))
		}
	}()
	for _, collection := range collections {
		if _, err := e.table(collection); err != nil {
			return false, err
		}
		if err := e.walk(ctx, tx, collection, each); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (e *Engine) walk(ctx context.Context, tx *sql.Tx, collection string, each func(string, store.Record) error) error {
	rows, err := tx.QueryContext(ctx, "SELECT id, rev, body FROM "+quote(collection)+" ORDER BY id")
	if err != nil {
		return e.readError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r store.Record
		if err := rows.Scan(&r.ID, &r.Rev, &r.Body); err != nil {
			return e.readError(err)
		}
		if err := each(collection, r); err != nil {
			return err
		}
	}
	return e.readError(rows.Err())
}
