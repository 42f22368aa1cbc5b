package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"

	"lantern/internal/store/sqlite"
)

func TestOneServesAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	release, err := sqlite.Serve(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Serve(path); !errors.Is(err, sqlite.ErrServed) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := sqlite.Serve(path + "2"); err != nil {
		t.Errorf("another file: %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Serve(path); err != nil {
		t.Errorf("when the first has ended: %v", err)
	}
}
