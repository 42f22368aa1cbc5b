package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lantern/internal/store"
	"lantern/internal/store/archive"
	"lantern/notifications"
	"lantern/retreats"
)

// TestACheckTellsWhatIsWrong, a line each, and ends accordingly.
func TestACheckTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.confirmed("Ana")
	var out bytes.Buffer
	if err := checkAll(t.Context(), st.settings, &out, "http://127.0.0.1:1"); err != nil || strings.Contains(out.String(), "wrong") {
		t.Errorf("of a service in order: %v\n%s", err, out.String())
	}
	for _, want := range []string{"ok      The places of 1 cohorts and the money of 1 bookings add up.", "unsure  The clock", "its indexes are there"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing says %q:\n%s", want, out.String())
		}
	}
	s := st.settings
	s.SMTP, s.From = "smtp://127.0.0.1:1?tls=none", "Cedar House <office@example.org>"
	s.Data = filepath.Join(t.TempDir(), "gone")
	out.Reset()
	if err := checkAll(t.Context(), s, &out, ""); !errors.Is(err, errWrong) {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{"wrong   The data folder cannot be written to", "wrong   Mail cannot be sent", "wrong   The store cannot be used: there is no"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing says %q:\n%s", want, out.String())
		}
	}
	refused(t, "LANTERN_ZONE", exitSettings, "check", "--zone", "Nowhere", "--data", t.TempDir())
}

func TestTheClockIsComparedWithStripes(t *testing.T) {
	t.Parallel()
	for said, off := range map[string]time.Duration{"ok": 0, "wrong": 2 * time.Minute} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
		}))
		defer server.Close()
		var out bytes.Buffer
		f := findings{out: &out}
		f.clock(t.Context(), settings{StripeKey: "sk_test_x"}, server.URL)
		if !strings.HasPrefix(out.String(), said) {
			t.Errorf("%s off: %s", off, out.String())
		}
	}
	var out bytes.Buffer
	f := findings{out: &out}
	f.clock(t.Context(), settings{StripeKey: "sk_test_x"}, "http://127.0.0.1:1")
	if !strings.HasPrefix(out.String(), "unsure") {
		t.Errorf("of nobody: %s", out.String())
	}
}

// restoredFrom restores a backup of the story's service and gives the records.
func restoredFrom(t *testing.T, st *story, hold bool) (*records, settings) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	own, err := openRecords(t.Context(), st.settings, st.key, st.time)
	st.must(err)
	defer own.db.Close()
	_, err = writeArchive(t.Context(), st.settings, own, file, false, true)
	st.must(err)
	s := settings{Data: t.TempDir()}
	st.must(s.checkStore())
	r, err := openRecords(t.Context(), s, st.key, st.time)
	st.must(err)
	t.Cleanup(func() { r.db.Close() })
	st.must(restoreFile(t.Context(), s, r, file, io.Discard, restoring{hold: hold}))
	return r, s
}

// TestWhatMayHaveBeenSentIsHeldBack: with --hold-messages, what is due when a
// backup is restored waits for staff; what is due later does not.
func TestWhatMayHaveBeenSentIsHeldBack(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.book("ana", false)
	st.must(st.notices.PlanDue(t.Context(), st.time()))
	for _, hold := range []bool{false, true} {
		r, _ := restoredFrom(t, st, hold)
		states := map[notifications.State]int{}
		messages, err := r.notices.OfBooking(t.Context(), ana, 0)
		st.must(err)
		for _, m := range messages {
			states[m.State]++
			if m.State == notifications.HeldBack && (len(m.Trail) != 1 || m.Trail[0].Reason == "" || m.DueAt.After(st.time())) {
				t.Errorf("held back: %+v", m)
			}
		}
		if (states[notifications.HeldBack] > 0) != hold || len(messages) == 0 {
			t.Errorf("held %v: %v", hold, states)
		}
	}
	// The sandbox's file goes with it, and the books add up there too.
	r, s := restoredFrom(t, st, false)
	if _, err := r.bookings.Case(t.Context(), ana); err != nil {
		t.Error(err)
	}
	var out bytes.Buffer
	if f := (findings{out: &out}); f.books(t.Context(), r) != nil || f.wrong > 0 {
		t.Errorf("%s of %s", out.String(), s.Store)
	}
	st.stands(ana, retreats.Held, 0)
}

// TestWhatWasNotPlannedYetIsHeldBackToo: a backup between an act and the planning
// of its mail knows nothing of that mail, which was sent all the same.
func TestWhatWasNotPlannedYetIsHeldBackToo(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.book("ana", false)
	file := filepath.Join(t.TempDir(), "file")
	own, err := openRecords(t.Context(), st.settings, st.key, st.time)
	st.must(err)
	_, err = writeArchive(t.Context(), st.settings, own, file, false, true)
	st.must(errors.Join(err, own.db.Close()))
	for _, hold := range []bool{false, true} {
		s := settings{Data: t.TempDir()}
		st.must(s.checkStore())
		r, err := openRecords(t.Context(), s, st.key, st.time)
		st.must(err)
		st.must(restoreFile(t.Context(), s, r, file, io.Discard, restoring{hold: hold}))
		st.must(r.db.Close())
		// The service that is started on it plans what the backup's had in mind.
		r, err = openRecords(t.Context(), s, st.key, st.time)
		st.must(err)
		t.Cleanup(func() { r.db.Close() })
		st.must(r.notices.PlanDue(t.Context(), st.time()))
		messages, err := r.notices.OfBooking(t.Context(), ana, 0)
		st.must(err)
		due := 0
		for _, m := range messages {
			switch isDue := !m.DueAt.After(st.time()); {
			case isDue && (m.State == notifications.HeldBack) != hold:
				t.Errorf("hold %v: %s is %s", hold, m.ID, m.State)
			case isDue:
				due++
			case m.State != notifications.Planned:
				t.Errorf("%s, which is due later, is %s", m.ID, m.State)
			}
		}
		if due == 0 {
			t.Errorf("nothing was due of %d messages", len(messages))
		}
	}
}

// TestAHalfRestoredStoreIsNotServed: the start says what to do, in one line.
func TestAHalfRestoredStoreIsNotServed(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "today.backup")
	mustRun(t, "staff", "list", "--data", dir) // which makes the secret
	mustRun(t, "backup", "--data", dir, file)
	fresh := t.TempDir()
	secretOf(t, dir, fresh)
	halfRestore(t, fresh)
	for _, command := range []string{"serve", "backup"} {
		args := []string{command, "--data", fresh}
		if command == "backup" {
			args = append(args, filepath.Join(fresh, "x"))
		} else {
			args = append(args, "--addr", "127.0.0.1:0")
		}
		refused(t, "restored in part only: restoring it from today.backup", exitFailure, args...)
	}
	mustRun(t, "restore", "--data", fresh, file)
	start(t, "serve", "--data", fresh)
}

// halfRestore leaves the store of a folder as a restoring does that is killed
// when all documents are there.
func halfRestore(t *testing.T, dir string) {
	t.Helper()
	s := settings{Data: dir}
	if err := s.checkStore(); err != nil {
		t.Fatal(err)
	}
	key, err := knownKey(s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := openRecords(t.Context(), s, key, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer r.db.Close()
	var whole bytes.Buffer
	if _, err := archive.Write(t.Context(), &whole, archive.Source{DB: r.db}, headerOf(key, clock())); err != nil {
		t.Fatal(err)
	}
	_, err = archive.Restore(t.Context(), bytes.NewReader(whole.Bytes()), archive.Target{
		DB: r.db, From: "today.backup", Accept: acceptKey(key), Now: clock(), Blank: []string{"team"},
		Finish: func(context.Context, archive.Contents) error { return store.ErrUnavailable },
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
}
