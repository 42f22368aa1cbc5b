package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"lantern/internal/store/mongo/mongotest"
)

// TestEveryCollectionIsInABackup opens the whole program and the records of a
// backup: both know the same collections.
func TestEveryCollectionIsInABackup(t *testing.T) {
	t.Parallel()
	s := settings{Addr: "127.0.0.1:0", Data: t.TempDir(), Practice: "Cedar House"}
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	a, err := openApp(t.Context(), s, slog.New(slog.DiscardHandler), true, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer a.db.Close()
	r, err := openRecords(t.Context(), s, a.key, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer r.db.Close()
	kept := append(r.db.Defined(), "restoring")
	slices.Sort(kept)
	if all := a.db.Defined(); !reflect.DeepEqual(all, kept) {
		t.Errorf("the program has the collections\n%q\nand a backup\n%q", all, kept)
	}
	for _, name := range slices.Concat(readFirst, readLast) {
		if !slices.Contains(kept, name) {
			t.Errorf("there is no collection %q to be read in its turn", name)
		}
	}
}

// secretOf copies the secret of one folder to another, as somebody does who
// restores on a new machine.
func secretOf(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(from, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "secret"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// mustRun runs the program to its end and gives what it has printed.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := lantern(t, nil, args...)
	if code != 0 {
		t.Fatalf("lantern %s: %s", strings.Join(args, " "), errs)
	}
	return out
}

// refused runs the program, which has to say one line and end with that code.
func refused(t *testing.T, want string, wantCode int, args ...string) {
	t.Helper()
	_, errs, code := lantern(t, nil, args...)
	if code != wantCode || !strings.Contains(errs, want) || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
		t.Errorf("lantern %s ended with %d and said:\n%swant %d and %q", strings.Join(args, " "), code, errs, wantCode, want)
	}
}

// TestABackupOfARunningServiceIsRestored makes a backup in the middle of a flood
// and restores it on another machine: what was answered before the backup began
// is there, couples' links work, and the books add up.
func TestABackupOfARunningServiceIsRestored(t *testing.T) {
	t.Parallel()
	const places, couples = 40, 120
	old, fresh, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "today.backup")
	bearer := token(t, "--data", old)
	p := start(t, "serve", "--data", old)
	cohort := openCohort(t, p.url, bearer, places)
	before := backUpInAFlood(t, p, cohort, couples, "--data", old, file)
	refused(t, "is there already", exitFailure, "backup", "--data", old, file)
	refused(t, "serves", exitFailure, "restore", "--data", old, "--replace", "lantern.db", file)
	p.kill()

	refused(t, "there is no", exitFailure, "restore", "--data", fresh, file)
	other := t.TempDir()
	token(t, "--data", other)
	if err := os.WriteFile(filepath.Join(other, "secret"), []byte(strings.Repeat("5e", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, "belongs to another secret", exitFailure, "restore", "--data", other, "--replace", "lantern.db", file)
	secretOf(t, old, fresh)
	mustRun(t, "restore", "--data", fresh, file)
	refused(t, "not empty", exitFailure, "restore", "--data", fresh, file)
	refused(t, `name is "lantern.db"`, exitSettings, "restore", "--data", fresh, "--replace", "lantern", file)

	p = start(t, "serve", "--data", fresh)
	taken := rosterOf(t, p.url, bearer, cohort)
	if len(taken.Places) > places {
		t.Errorf("%d of %d places are taken", len(taken.Places), places)
	}
	for _, b := range before {
		var now booked
		status, err := call("GET", p.url+"/api/v1/bookings/"+b.Booking.ID, b.Booking.Token, nil, nil, &now)
		if err != nil || status != http.StatusOK || now.Booking.Place.State != "held" {
			t.Errorf("booking %s was held before the backup, now: %d %q %v", b.Booking.ID, status, now.Booking.Place.State, err)
		}
	}
	page, err := http.Get(p.url + "/b/" + before[0].Booking.Token)
	if err != nil {
		t.Fatal(err)
	}
	if page.Body.Close(); page.StatusCode != http.StatusOK {
		t.Errorf("a couple's link is answered with %d", page.StatusCode)
	}
	if out := mustRun(t, "check", "--data", fresh); !strings.Contains(out, "add up") {
		t.Errorf("the check says:\n%s", out)
	}
}

// backUpInAFlood makes a backup while couples ask for places, and gives those
// that were answered before it began.
func backUpInAFlood(t *testing.T, p *process, cohort string, couples int, args ...string) (before []booked) {
	t.Helper()
	var flood sync.WaitGroup
	var mu sync.Mutex
	var begun atomic.Bool
	enough, once := make(chan struct{}), sync.Once{}
	for i := range couples {
		flood.Go(func() {
			answer, status, err := book(p.url, cohort, fmt.Sprint(i))
			if err != nil || status != http.StatusCreated || begun.Load() {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if before = append(before, answer); len(before) == 5 {
				once.Do(func() { close(enough) })
			}
		})
	}
	<-enough
	mu.Lock()
	answered := slices.Clone(before)
	begun.Store(true)
	mu.Unlock()
	mustRun(t, append([]string{"backup"}, args...)...)
	flood.Wait()
	return answered
}

// TestDocumentsMoveToMongoDBAndBack: a service grows out of its machine, and
// comes back.
func TestDocumentsMoveToMongoDBAndBack(t *testing.T) {
	t.Parallel()
	dir, uri := t.TempDir(), mongotest.Start(t).Database(t)
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	cohort := openCohort(t, p.url, bearer, 3)
	held, status, err := book(p.url, cohort, "ana")
	if err != nil || status != http.StatusCreated {
		t.Fatalf("booking: %d, %v", status, err)
	}
	sqlite := "sqlite:" + filepath.Join(dir, "lantern.db")
	refused(t, "stop it first", exitFailure, "move", "--data", dir, "--from", sqlite, "--to", uri)
	if code := p.terminate(); code != 0 {
		t.Fatalf("stopping ended with %d:\n%s", code, p.log)
	}
	back := "sqlite:" + filepath.Join(dir, "back.db")
	for _, way := range [][2]string{{sqlite, uri}, {uri, back}} {
		mustRun(t, "move", "--data", dir, "--from", way[0], "--to", way[1])
		refused(t, "not empty", exitFailure, "move", "--data", dir, "--from", way[0], "--to", way[1])
		p = start(t, "serve", "--data", dir, "--store", way[1])
		var now booked
		status, err = call("GET", p.url+"/api/v1/bookings/"+held.Booking.ID, held.Booking.Token, nil, nil, &now)
		if err != nil || status != http.StatusOK || now.Booking.Place.State != "held" {
			t.Errorf("in %s: %d %q %v", way[1], status, now.Booking.Place.State, err)
		}
		if code := p.terminate(); code != 0 {
			t.Errorf("stopping ended with %d:\n%s", code, p.log)
		}
	}
}

// TestASecondServiceOnOneFileIsRefused: one line, and short commands go on.
func TestASecondServiceOnOneFileIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, "serve", "--data", dir)
	refused(t, "another lantern serves", exitFailure, "serve", "--data", dir, "--addr", "127.0.0.1:0")
	token(t, "--data", dir)
	lines := strings.Split(strings.TrimSpace(mustRun(t, "export", "--data", dir)), "\n")
	if first, last := lines[0], lines[len(lines)-1]; !strings.HasPrefix(first, `{"header"`) || !strings.HasPrefix(last, `{"end"`) {
		t.Errorf("exported between %s and %s", first, last)
	}
	p.kill()
	start(t, "serve", "--data", dir)
}

func TestAnExportIsImported(t *testing.T) {
	t.Parallel()
	from, to, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "all.jsonl")
	bearer := token(t, "--data", from)
	p := start(t, "serve", "--data", from)
	cohort := openCohort(t, p.url, bearer, 2)
	p.kill()
	mustRun(t, "export", "--data", from, file)
	secretOf(t, from, to)
	token(t, "--data", to)
	if out := mustRun(t, "import", "--data", to, file); !strings.Contains(out, "documents were added") {
		t.Errorf("it says %s", out)
	}
	p = start(t, "serve", "--data", to)
	rosterOf(t, p.url, bearer, cohort)
}
