package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"lantern/internal/store"
	"lantern/internal/store/sqlite"
)

type entry struct {
	store.Meta
	Writer int `json:"writer"`
	Count  int `json:"count"`
}

var byWriter = store.Index{Name: "writer", Fields: []string{"writer"}}

func openEntries(ctx context.Context, path string) (*store.DB, *store.Collection[entry], error) {
	engine, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	db := store.Open(engine)
	entries, err := store.Define[entry](ctx, db, "entries", byWriter)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, entries, nil
}

const (
	// victim names the variable that makes the test program write to the file
	// it names until it is killed.
	victim  = "LANTERN_TEST_VICTIM"
	writers = 4
	counter = "counter"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		if err := writeUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled prints the id of each document whose insertion has been
// acknowledged, and "counter" for each acknowledged increment.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	_, entries, err := openEntries(ctx, path)
	if err != nil {
		return err
	}
	if err := entries.Insert(ctx, &entry{Meta: store.Meta{ID: counter}}); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	before, err := entries.Count(ctx, store.Query{Index: byWriter.Name})
	if err != nil {
		return err
	}
	failed := make(chan error)
	for n := range writers {
		go func() {
			for i := before; ; i++ {
				id := fmt.Sprintf("%d-%d", n, i)
				if err := entries.Insert(ctx, &entry{Meta: store.Meta{ID: id}, Writer: n}); err != nil {
					failed <- err
				}
				fmt.Println(id)
				err := entries.Update(ctx, counter, func(e *entry) error {
					e.Count++
					return nil
				})
				if err != nil {
					failed <- err
				}
				fmt.Println(counter)
			}
		}()
	}
	return <-failed
}

// TestKilled kills a process that writes, several times on one file, and looks
// for everything that it said it had written.
func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	acknowledged, increments := map[string]bool{}, 0
	for round := range 3 {
		for _, line := range killAfter(t, path, 100*(round+1)) {
			if line == counter {
				increments++
			} else {
				acknowledged[line] = true
			}
		}
		wantIntact(t, path)
		db, entries, err := openEntries(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		for id := range acknowledged {
			if _, err := entries.Get(t.Context(), id); err != nil {
				t.Errorf("%s was acknowledged: %v", id, err)
			}
		}
		got, err := entries.Get(t.Context(), counter)
		if err != nil {
			t.Fatal(err)
		}
		// Each writer may have been killed before it could tell of one.
		if got.Count < increments || got.Count > increments+writers*(round+1) {
			t.Errorf("%d increments were acknowledged, %d are there", increments, got.Count)
		}
		if err := db.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// killAfter runs the victim until it has printed so many lines, kills it, and
// returns all whole lines that it printed.
func killAfter(t *testing.T, path string, lines int) []string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(program)
	process.Env = append(os.Environ(), victim+"="+path)
	process.Stderr = t.Output()
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var printed []string
	for reader := bufio.NewReader(output); ; {
		line, err := reader.ReadString('\n')
		if err != nil {
			break // the end of what a dead process had to say
		}
		if printed = append(printed, strings.TrimSpace(line)); len(printed) == lines {
			if err := process.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := process.Wait(); err == nil || len(printed) < lines {
		t.Fatalf("the process ended by itself after %d lines: %v", len(printed), err)
	}
	return printed
}

// TestCopiedInUse copies the files while they are written to, as a power cut
// or a snapshot of the disk would catch them.
func TestCopiedInUse(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "store.db")
	db, entries, err := openEntries(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range 50 {
		if err := entries.Insert(ctx, &entry{Meta: store.Meta{ID: fmt.Sprint("before ", i)}, Writer: 1}); err != nil {
			t.Fatal(err)
		}
	}
	stop, begun := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		for i := 0; ; i++ {
			if err := entries.Insert(ctx, &entry{Meta: store.Meta{ID: fmt.Sprint("during ", i)}, Writer: 2}); err != nil {
				t.Errorf("Insert: %v", err)
			}
			if i == 0 {
				close(begun)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	<-begun
	twin := filepath.Join(t.TempDir(), "store.db")
	for _, suffix := range []string{"", "-wal"} {
		copyFile(t, path+suffix, twin+suffix)
	}
	close(stop)
	all.Wait()

	wantIntact(t, twin)
	copied, entries, err := openEntries(ctx, twin)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	n, err := entries.Count(ctx, store.Query{Index: byWriter.Name, Equal: []any{1}})
	if n != 50 || err != nil {
		t.Errorf("the copy holds %d of 50 documents written before it was made, %v", n, err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
}

// wantIntact has SQLite itself check the file.
func wantIntact(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %q, %v", verdict, err)
	}
}
