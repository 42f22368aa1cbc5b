package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/notifications"
)

// postOffice is a mail server that counts what comes, by Message-ID, once it is
// open.
type postOffice struct {
	address string
	open    chan struct{}

	mu      sync.Mutex
	came    map[string]int
	mails   int
	enough  int // closes reached once so many have come
	reached chan struct{}
}

func openPostOffice(t *testing.T, enough int) *postOffice {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &postOffice{address: listener.Addr().String(), open: make(chan struct{}), came: map[string]int{}, enough: enough, reached: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return counter{o}, nil }))
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return o
}

type counter struct{ o *postOffice }

func (counter) Reset()                               {}
func (counter) Logout() error                        { return nil }
func (counter) Mail(string, *smtp.MailOptions) error { return nil }
func (counter) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (c counter) Data(r io.Reader) error {
	<-c.o.open
	id, lines := "", bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if value, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			id = strings.TrimSpace(value)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	c.o.mu.Lock()
	defer c.o.mu.Unlock()
	c.o.came[id]++
	if c.o.mails++; c.o.mails == c.o.enough {
		close(c.o.reached)
	}
	return nil
}

// counts gives how many different mails came, and how many came again.
func (o *postOffice) counts() (different, again int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.came), o.mails - len(o.came)
}

// TestAKillWhileMailsAreSent kills the program in the midst of two hundred mails.
// Afterwards each has come, and one that came twice did so under the same
// Message-ID: it had left and could not be marked.
func TestAKillWhileMailsAreSent(t *testing.T) {
	t.Parallel()
	const couples, mails = 100, 200
	office := openPostOffice(t, 60)
	dir := t.TempDir()
	bearer := token(t, "--data", dir)
	args := []string{"serve", "--data", dir, "--smtp", "smtp://" + office.address + "?tls=none", "--mail-from", "office@example.org"}
	p := start(t, args...)
	cohort := openCohort(t, p.url, bearer, couples)
	for i := range couples {
		if _, status, err := book(p.url, cohort, fmt.Sprintf("couple-%d", i)); status != 201 {
			t.Fatalf("couple %d: %d, %v", i, status, err)
		}
	}
	close(office.open)
	<-office.reached
	p.kill()
	before, _ := office.counts()
	if before == mails {
		t.Log("all had been sent before the kill")
	}
	endLeases(t, dir)
	start(t, args...)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		different, again := office.counts()
		if different == mails {
			const inFlight = 40 // by eight at once, and those that wait to be marked
			if t.Logf("%d came before the kill, %d came again", before, again); again > inFlight {
				t.Errorf("%d mails came twice, of at most %d in flight", again, inFlight)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d mails came", different, mails)
		}
	}
}

// endLeases lets the time pass for which what a dead process had claimed is
// nobody else's.
func endLeases(t *testing.T, dir string) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(dir, "lantern.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(engine)
	messages, err := store.Define[notifications.Message](t.Context(), db, "messages",
		store.Index{Name: "next", Fields: []string{"state", "next_at"}})
	if err != nil {
		t.Fatal(err)
	}
	now := clock()
	err = messages.All(t.Context(), store.Query{Index: "next", Equal: []any{notifications.Sending}}, func(m *notifications.Message) error {
		return messages.Update(t.Context(), m.ID, func(m *notifications.Message) error {
			m.NextAt = &now
			return nil
		})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
