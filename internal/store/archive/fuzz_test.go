package archive_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"path/filepath"
	"reflect"
	"testing"

	"lantern/internal/mutated"
	"lantern/internal/store"
	"lantern/internal/store/archive"
	"lantern/internal/store/sqlite"
)

// FuzzArchive: of a file that is not what was written, nothing is taken; one that
// is taken after all has the same documents.
func FuzzArchive(f *testing.F) {
	engine, err := sqlite.Open(f.Context(), filepath.Join(f.TempDir(), "test.db"))
	s := openShelf(f, engine, err).add(f, 3)
	seeds := mutated.Of(f, 500)
	plain := contents(f, s.saved(f, false))
	seeds.Add(string(plain))
	seeds.Add(string(contents(f, s.saved(f, true))))
	whole := s.all(f)
	seeds.Fuzz(func(t *testing.T, content string) {
		var found []string
		_, err := archive.Read(bytes.NewReader([]byte(content)), acceptOurs, func(d store.Document) error {
			found = append(found, string(d.Body))
			return s.Check(d)
		})
		if err == nil && unpacked(content) != string(plain) && !reflect.DeepEqual(found, whole) {
			t.Errorf("taken: %q", content)
		}
		if _, there, err := archive.Import(t.Context(), bytes.NewReader([]byte(content)), s.DB, acceptOurs); err == nil && there != len(whole) {
			t.Errorf("%d documents are those that were there: %q", there, content)
		}
		if left := s.all(t); !reflect.DeepEqual(left, whole) {
			t.Errorf("%q has changed the store to %s", content, left)
		}
	})
}

// unpacked is what is in a compressed file, empty if nothing can be read.
func unpacked(content string) string {
	r, err := gzip.NewReader(bytes.NewReader([]byte(content)))
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return ""
	}
	return string(text)
}
