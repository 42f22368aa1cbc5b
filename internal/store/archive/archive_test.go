package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/store"
	"lantern/internal/store/archive"
	"lantern/internal/store/mongo"
	"lantern/internal/store/mongo/mongotest"
	"lantern/internal/store/sqlite"
)

type note struct {
	store.Meta
	Text  string     `json:"text"`
	At    time.Time  `json:"at"`
	DueAt *time.Time `json:"due_at,omitempty"`
}

var noon = time.Date(2027, 1, 11, 12, 0, 0, 0, time.UTC)

// shelf is a store with notes.
type shelf struct {
	*store.DB
	notes *store.Collection[note]
}

func openShelf(t testing.TB, engine store.Engine, err error) *shelf {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{DB: store.Open(engine)}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.notes, err = store.Define[note](t.Context(), s.DB, "notes", store.Index{Name: "due", Fields: []string{"due_at"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Define[note](t.Context(), s.DB, "team"); err != nil {
		t.Fatal(err)
	}
	return s
}

func sqliteShelf(t *testing.T) *shelf {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	return openShelf(t, engine, err)
}

func mongoShelf(t *testing.T, server *mongotest.Server) *shelf {
	t.Helper()
	engine, err := mongo.Open(t.Context(), server.Database(t))
	return openShelf(t, engine, err)
}

func (s *shelf) add(t testing.TB, n int) *shelf {
	t.Helper()
	for i := range n {
		due := noon.AddDate(0, 0, i)
		doc := &note{Meta: store.Meta{ID: fmt.Sprintf("n%03d", i)}, Text: "Maya & Jön\n", At: noon, DueAt: &due}
		if err := s.notes.Insert(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// all is everything in the store, as JSON.
func (s *shelf) all(t testing.TB) (all []string) {
	t.Helper()
	_, err := s.Walk(t.Context(), []string{"notes", "team"}, func(d store.Document) error {
		all = append(all, string(d.Body))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var header = archive.Header{MadeAt: noon, Program: "v1", KeyCheck: "ours"}

func acceptAll(archive.Header) error { return nil }

// saved is an archive of the store, in a file.
func (s *shelf) saved(t testing.TB, compress bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	err := archive.WriteFile(path, false, compress, func(w io.Writer) error {
		_, err := archive.Write(t.Context(), w, archive.Source{
			DB: s.DB, Files: []archive.File{{Name: "cards.json", Content: []byte(`{"a":[1]}`)}},
		}, header)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *shelf) restore(ctx context.Context, content []byte, change func(*archive.Target)) (archive.Contents, error) {
	target := archive.Target{DB: s.DB, From: "file", Accept: acceptAll, Now: noon}
	if change != nil {
		change(&target)
	}
	return archive.Restore(ctx, bytes.NewReader(content), target)
}

func contents(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestWhatIsRestoredIsWhatWasThere goes from each engine to each.
func TestWhatIsRestoredIsWhatWasThere(t *testing.T) {
	t.Parallel()
	server := mongotest.Start(t)
	kinds := map[string]func(t *testing.T) *shelf{
		"SQLite": sqliteShelf, "MongoDB": func(t *testing.T) *shelf { return mongoShelf(t, server) },
	}
	for fromName, openFrom := range kinds {
		for toName, openTo := range kinds {
			for _, compress := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s to %s, compressed %v", fromName, toName, compress), func(t *testing.T) {
					t.Parallel()
					from, to := openFrom(t).add(t, 30), openTo(t)
					got, err := to.restore(t.Context(), contents(t, from.saved(t, compress)), nil)
					if err != nil {
						t.Fatal(err)
					}
					if !reflect.DeepEqual(from.all(t), to.all(t)) {
						t.Errorf("restored:\n%s\nwas:\n%s", to.all(t), from.all(t))
					}
					if got.End.Documents() != 30 || got.End.OneMoment != (fromName == "SQLite") || len(got.Files) != 1 || string(got.Files[0].Content) != `{"a":[1]}` {
						t.Errorf("contents %+v", got)
					}
					page, err := to.notes.Find(t.Context(), store.Query{Index: "due", From: noon.AddDate(0, 0, 28)})
					if err != nil || len(page.Items) != 2 {
						t.Errorf("%d notes are found by their index, %v", len(page.Items), err)
					}
					if err := archive.RefuseHalf(t.Context(), to.DB); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
}

// TestAnythingLessIsRefused cuts and changes a file everywhere: it is refused,
// and nothing is written.
func TestAnythingLessIsRefused(t *testing.T) {
	t.Parallel()
	from, to := sqliteShelf(t).add(t, 5), sqliteShelf(t)
	for name, whole := range map[string][]byte{"compressed": contents(t, from.saved(t, true)), "plain": contents(t, from.saved(t, false))} {
		for at := range whole {
			if _, err := to.restore(t.Context(), whole[:at], nil); err == nil {
				t.Fatalf("%s: %d bytes of %d are taken for the whole", name, at, len(whole))
			}
			changed := bytes.Clone(whole)
			changed[at] ^= 1
			_, err := to.restore(t.Context(), changed, func(target *archive.Target) { target.Accept = acceptOurs })
			if err == nil && !harmless(name, at) {
				t.Fatalf("%s: a change of byte %d (%q) is not noticed", name, at, whole[max(0, at-9):at+1])
			}
			if err == nil {
				err = to.Empty(t.Context(), "notes")
			}
			if errors.Is(err, archive.ErrNotEmpty) {
				t.Fatalf("%s: something was written before byte %d was found to be changed", name, at)
			}
		}
		if _, err := to.restore(t.Context(), append(bytes.Clone(whole), whole...), nil); err == nil {
			t.Errorf("%s: two files in one are taken", name)
		}
	}
	if left := to.all(t); len(left) > 0 {
		t.Errorf("written all the same: %s", left)
	}
}

// harmless are the bytes of gzip's own header that say nothing of the contents:
// that it is text, the time, the level and the machine.
func harmless(name string, at int) bool { return name == "compressed" && at >= 3 && at < 10 }

func acceptOurs(h archive.Header) error {
	if h.KeyCheck != "ours" {
		return errors.New("another secret")
	}
	return nil
}

func TestWhatCannotBeReadIsSaidSo(t *testing.T) {
	t.Parallel()
	to := sqliteShelf(t)
	whole := string(contents(t, sqliteShelf(t).add(t, 1).saved(t, false)))
	for name, c := range map[string]struct{ content, want string }{
		"nothing":         {"", archive.ErrNoArchive.Error()},
		"another file":    {"{\"a\":1}\n", archive.ErrNoArchive.Error()},
		"a newer program": {strings.Replace(whole, `"format":1`, `"format":2`, 1), "newer lantern (v1)"},
		"another secret":  {strings.Replace(whole, "ours", "theirs", 1), "another secret"},
		"a newer field":   {strings.Replace(whole, `"text"`, `"newer":1,"text"`, 1), `unknown field "newer"`},
		"no end":          {whole[:strings.Index(whole, `{"end"`)], archive.ErrCut.Error()},
		"other counts":    {strings.Replace(whole, `"notes":1`, `"notes":2`, 1), archive.ErrDamaged.Error()},
	} {
		_, err := to.restore(t.Context(), []byte(c.content), func(target *archive.Target) { target.Accept = acceptOurs })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// failing is an engine that fails at its n-th insertion, as one whose process
// is killed.
type failing struct {
	store.Engine
	left *atomic.Int64
}

func (f failing) Insert(ctx context.Context, collection string, r store.Record) error {
	if collection == "notes" {
		if f.left.Add(-1) < 0 {
			return store.ErrUnavailable
		}
	}
	return f.Engine.Insert(ctx, collection, r)
}

// TestAHalfRestoredStoreIsNotUsed cuts a restoring off: the store says so until
// it was done again, which needs no leave to throw away what is there.
func TestAHalfRestoredStoreIsNotUsed(t *testing.T) {
	t.Parallel()
	from := sqliteShelf(t).add(t, 40)
	whole := contents(t, from.saved(t, true))
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	var left atomic.Int64
	to := openShelf(t, failing{engine, &left}, err)
	for _, n := range []int64{0, 1, 17} {
		left.Store(n)
		if _, err := to.restore(t.Context(), whole, nil); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("cut off: %v", err)
		}
		if err := archive.RefuseHalf(t.Context(), to.DB); !errors.Is(err, archive.ErrHalf) {
			t.Errorf("half restored: %v", err)
		}
		if _, err := archive.Write(t.Context(), io.Discard, archive.Source{DB: to.DB}, header); !errors.Is(err, archive.ErrHalf) {
			t.Errorf("a backup of it: %v", err)
		}
		if _, _, err := archive.Import(t.Context(), bytes.NewReader(whole), to.DB, acceptAll); !errors.Is(err, archive.ErrHalf) {
			t.Errorf("adding to it: %v", err)
		}
	}
	left.Store(1 << 20)
	if _, err := to.restore(t.Context(), whole, nil); err != nil {
		t.Fatal(err)
	}
	if err := archive.RefuseHalf(t.Context(), to.DB); err != nil || !reflect.DeepEqual(from.all(t), to.all(t)) {
		t.Errorf("done again: %d notes, %v", len(to.all(t)), err)
	}
}

func TestAStoreInUseIsNotFilled(t *testing.T) {
	t.Parallel()
	whole := contents(t, sqliteShelf(t).add(t, 3).saved(t, true))
	to := sqliteShelf(t).add(t, 7)
	if _, err := to.restore(t.Context(), whole, nil); !errors.Is(err, archive.ErrNotEmpty) || len(to.all(t)) != 7 {
		t.Errorf("%d notes, %v", len(to.all(t)), err)
	}
	if _, err := to.restore(t.Context(), whole, func(target *archive.Target) { target.Replace = true }); err != nil || len(to.all(t)) != 3 {
		t.Errorf("replaced: %d notes, %v", len(to.all(t)), err)
	}
	blank := sqliteShelf(t).add(t, 1)
	if _, err := blank.restore(t.Context(), whole, func(target *archive.Target) { target.Blank = []string{"notes"} }); err != nil {
		t.Errorf("what the program made by itself: %v", err)
	}
}

func TestImportAddsWhatIsMissing(t *testing.T) {
	t.Parallel()
	whole := contents(t, sqliteShelf(t).add(t, 9).saved(t, false))
	to := sqliteShelf(t).add(t, 4)
	change := func(n *note) error { n.Text = "ours"; return nil }
	if err := to.notes.Update(t.Context(), "n001", change); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][2]int{{5, 4}, {0, 9}} {
		added, there, err := archive.Import(t.Context(), bytes.NewReader(whole), to.DB, acceptAll)
		if err != nil || added != want[0] || there != want[1] {
			t.Errorf("%d added, %d there, %v, want %v", added, there, err, want)
		}
	}
	kept, err := to.notes.Get(t.Context(), "n001")
	if err != nil || kept.Text != "ours" || len(to.all(t)) != 9 {
		t.Errorf("%d notes, %+v, %v", len(to.all(t)), kept, err)
	}
}

// TestTheOrderIsTheSources: who names others can be read before them.
func TestTheOrderIsTheSources(t *testing.T) {
	t.Parallel()
	s := sqliteShelf(t).add(t, 1)
	if err := s.Add(t.Context(), store.Document{Collection: "team", Body: []byte(`{"_id":"team","rev":1,"text":"","at":"2027-01-11T12:00:00Z"}`)}); err != nil {
		t.Fatal(err)
	}
	for _, source := range []archive.Source{{DB: s.DB, First: []string{"team"}}, {DB: s.DB, Last: []string{"notes"}}, {DB: s.DB, First: []string{"none", "team"}, Last: []string{"notes"}}} {
		var out bytes.Buffer
		if _, err := archive.Write(t.Context(), &out, source, header); err != nil {
			t.Fatal(err)
		}
		team, notes := strings.Index(out.String(), `{"collection":"team"`), strings.Index(out.String(), `{"collection":"notes"`)
		if team < 0 || notes < team {
			t.Errorf("%v, %v: team at %d, notes at %d", source.First, source.Last, team, notes)
		}
	}
}

func TestAFileIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	write := func(text string, failure error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, failure)
		}
	}
	broken := errors.New("broken")
	if err := archive.WriteFile(path, false, true, write("half", broken)); !errors.Is(err, broken) {
		t.Errorf("a broken one: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left of a broken one: %v, %v", left, err)
	}
	if err := archive.WriteFile(path, false, false, write("first", nil)); err != nil {
		t.Fatal(err)
	}
	if err := archive.WriteFile(path, false, false, write("second", nil)); err == nil {
		t.Error("a file that is there is replaced")
	}
	if err := archive.WriteFile(path, true, false, write("third", broken)); !errors.Is(err, broken) || string(contents(t, path)) != "first" {
		t.Errorf("a broken one has replaced it: %q, %v", contents(t, path), err)
	}
	if err := archive.WriteFile(path, true, false, write("fourth", nil)); err != nil || string(contents(t, path)) != "fourth" {
		t.Errorf("replaced: %q, %v", contents(t, path), err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
