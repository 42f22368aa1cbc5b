package archive

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"lantern/internal/store"
)

// Source is what an archive is made of.
type Source struct {
	DB *store.DB
	// First and Last name collections in the order in which they are read. What
	// is in neither is read between the two: see decision 38.
	First, Last []string
	// Files are read last.
	Files []File
}

// order is all collections of the store in the order in which they are read.
func (s Source) order() []string {
	defined := s.DB.Defined()
	named := slices.Concat(s.First, s.Last)
	rest := slices.DeleteFunc(slices.Clone(defined), func(name string) bool {
		return name == restoring || slices.Contains(named, name)
	})
	all := slices.Concat(s.First, rest, s.Last)
	return slices.DeleteFunc(all, func(name string) bool { return !slices.Contains(defined, name) })
}

// Write writes the whole store. The header's kind and format are filled in.
func Write(ctx context.Context, w io.Writer, s Source, h Header) (End, error) {
	if err := whole(ctx, s.DB); err != nil {
		return End{}, err
	}
	h.Lantern, h.Format = kind, format
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16)
	if err := writeLine(out, line{Header: &h}); err != nil {
		return End{}, err
	}
	end := End{Counts: map[string]int{}}
	order := s.order()
	for _, name := range order {
		end.Counts[name] = 0
	}
	var err error
	end.OneMoment, err = s.DB.Walk(ctx, order, func(d store.Document) error {
		end.Counts[d.Collection]++
		return writeDocument(out, d)
	})
	if err != nil {
		return End{}, fmt.Errorf("reading the store: %w", err)
	}
	for _, f := range s.Files {
		if err := writeLine(out, f); err != nil {
			return End{}, err
		}
	}
	if err := out.Flush(); err != nil {
		return End{}, fmt.Errorf("writing: %w", err)
	}
	if end.SHA256, err = end.seal(sum); err != nil {
		return End{}, err
	}
	if err := writeLine(w, line{End: &end}); err != nil {
		return End{}, err
	}
	return end, nil
}

// whole refuses a store of which a part is not there or not understood.
func whole(ctx context.Context, db *store.DB) error {
	if err := RefuseHalf(ctx, db); err != nil {
		return err
	}
	unknown, err := db.Unknown(ctx)
	if err != nil {
		return err
	}
	unknown = slices.DeleteFunc(unknown, func(name string) bool { return name == restoring })
	if len(unknown) > 0 {
		return fmt.Errorf("the store has collections that this version does not know: %q. Use the version that runs the service", unknown)
	}
	return nil
}

// writeDocument is writeLine without looking at the JSON again.
func writeDocument(w *bufio.Writer, d store.Document) error {
	for _, part := range [][]byte{[]byte(`{"collection":"`), []byte(d.Collection), []byte(`","document":`), d.Body, []byte("}\n")} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
	}
	return nil
}

func writeLine(w io.Writer, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing a line: %w", err)
	}
	if _, err := w.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// WriteFile makes the file, readable by its owner alone: whole or not at all,
// and on the disk when it returns. One that is there is replaced only if that
// is allowed.
func WriteFile(path string, replace, compress bool, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(path); err == nil && !replace {
		return fmt.Errorf("%s is there already: choose another name, or say --force", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unfinished := path + ".tmp"
	// What is left of one that was cut off may be readable by others.
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s: make it first, for its owner alone (mode 0700)", filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(unfinished))
		}
	}()
	if err := fill(f, compress, write); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing %s to the disk: %w", unfinished, err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	return errors.Join(f.Close(), syncDir(filepath.Dir(path)))
}

func fill(f *os.File, compress bool, write func(io.Writer) error) error {
	if !compress {
		return write(f)
	}
	// The fastest level: documents repeat so much that the others gain little.
	packed, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := write(packed); err != nil {
		return err
	}
	return packed.Close()
}

// syncDir keeps the file's name on the disk.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
