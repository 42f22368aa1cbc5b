package sqlite_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Harness{
		Place: func(t *testing.T) func() (store.Engine, error) {
			path := filepath.Join(t.TempDir(), "store.db")
			return func() (store.Engine, error) { return sqlite.Open(t.Context(), path) }
		},
		Documents: 70,
		Writers:   200,
		Steps:     30,
	})
}

type event struct {
	store.Meta
	State string     `json:"state"`
	DueAt *time.Time `json:"due_at,omitempty"`
}

var byDue = store.Index{Name: "due", Fields: []string{"state", "due_at"}}

func openEvents(t *testing.T, path string) *store.Collection[event] {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(engine)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	events, err := store.Define[event](t.Context(), db, "events", byDue)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestPathsThatLookLikeURIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "50% off? #1 & more.db")
	if err := openEvents(t, path).Insert(t.Context(), &event{Meta: store.Meta{ID: "a"}}); err != nil {
		t.Fatal(err)
	}
	if matches, err := filepath.Glob(filepath.Join(filepath.Dir(path), "50% off[?] #1 & more.db")); len(matches) != 1 || err != nil {
		t.Errorf("the file is not where it was asked for: %q, %v", matches, err)
	}
}

func TestFolderMissing(t *testing.T) {
	t.Parallel()
	_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "nowhere", "store.db"))
	if err == nil {
		t.Error("a file in a folder that is not there was opened")
	}
}

// TestEveryMillisecond: the columns that times are found by are computed by
// SQLite, which must not round.
func TestEveryMillisecond(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	openEvents(t, path)
	db := openFile(t, path)
	second := time.Date(2027, 3, 14, 9, 26, 53, 0, time.UTC)
	for ms := range 1000 {
		at := second.Add(time.Duration(ms) * time.Millisecond)
		body, err := json.Marshal(event{DueAt: &at})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO events (id, rev, body) VALUES (?, 1, ?)`, ms, string(body)); err != nil {
			t.Fatal(err)
		}
		var column string
		if err := db.QueryRowContext(t.Context(), `SELECT "due_at@" FROM events WHERE id = ?`, fmt.Sprint(ms)).Scan(&column); err != nil {
			t.Fatal(err)
		}
		if want := at.Format("2006-01-02T15:04:05.000"); column != want {
			t.Fatalf("the column says %s, want %s", column, want)
		}
	}
}

// TestFailedStatement: a write that SQLite refuses leaves the writer able to
// do the next one.
func TestFailedStatement(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	events := openEvents(t, path)
	db := openFile(t, path)
	if _, err := db.ExecContext(t.Context(), `CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.id = 'big' BEGIN SELECT RAISE(ABORT, 'no'); END`); err != nil {
		t.Fatal(err)
	}
	if err := events.Insert(t.Context(), &event{Meta: store.Meta{ID: "big"}}); err == nil || errors.Is(err, store.ErrExists) {
		t.Errorf("Insert that SQLite refuses: %v", err)
	}
	if err := events.Insert(t.Context(), &event{Meta: store.Meta{ID: "small"}}); err != nil {
		t.Errorf("Insert after a refused one: %v", err)
	}
}

// openFile opens the file beside the engine, as another program would.
func openFile(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the file: %v", err)
		}
	})
	return db
}

// TestTheFileIsItsOwnersAlone: documents hold names and addresses, also while
// they are in the files beside the database.
func TestTheFileIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lantern.db")
	engine, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	if err := engine.Prepare(t.Context(), store.Schema{Collection: "things"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}
