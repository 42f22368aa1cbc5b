package sqlite

import (
	"context"
	"errors"

	"modernc.org/sqlite"

	"lantern/internal/store"
)

// Result codes of SQLite (sqlite.org/rescode.html); extended codes carry more
// in their upper bits.
const (
	sqliteError    = 1
	sqliteBusy     = 5
	sqliteLocked   = 6
	sqliteReadOnly = 8
	sqliteIOError  = 10
	sqliteFull     = 13
	sqliteCantOpen = 14
)

func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// portable turns what a disk or a second process does to us, and an end of the
// caller's time, into ErrUnavailable: trying again later is sensible, and
// nothing here is a defect.
func portable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return store.ErrUnavailable.Because(err)
	}
	switch code(err) {
	case sqliteBusy, sqliteLocked, sqliteReadOnly, sqliteIOError, sqliteFull, sqliteCantOpen:
		return store.ErrUnavailable.Because(err)
	}
	return err
}
