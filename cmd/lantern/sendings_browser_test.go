package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	netmail "net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/emersion/go-smtp"
)

// letterbox is a real mail server on loopback. While it is shut, whoever brings
// a mail waits for its answer.
type letterbox struct {
	url  string
	shut sync.RWMutex
	came atomic.Int32 // how many were brought, also while it was shut

	mu    sync.Mutex
	mails map[string][]*netmail.Message // by Message-ID
}

func openLetterbox(t *testing.T) *letterbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &letterbox{url: "smtp://" + listener.Addr().String() + "?tls=none", mails: map[string][]*netmail.Message{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return letter{b}, nil }))
	server.ErrorLog = log.New(io.Discard, "", 0) // whoever is killed hangs up
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return b
}

// letter is a conversation with a letterbox.
type letter struct{ box *letterbox }

func (letter) Reset()                               {}
func (letter) Logout() error                        { return nil }
func (letter) Mail(string, *smtp.MailOptions) error { return nil }
func (letter) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (l letter) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	mail, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	l.box.came.Add(1)
	l.box.shut.RLock()
	defer l.box.shut.RUnlock()
	l.box.mu.Lock()
	defer l.box.mu.Unlock()
	id := mail.Header.Get("Message-ID")
	l.box.mails[id] = append(l.box.mails[id], mail)
	return nil
}

// of gives how often each mail has come whose Message-ID holds a word, by whom
// it is for.
func (b *letterbox) of(word string) map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	came := map[string]int{}
	for id, mails := range b.mails {
		if strings.Contains(id, word) {
			to, _ := mails[0].Header.AddressList("To")
			came[to[0].Address] += len(mails)
		}
	}
	return came
}

// hasPlaces books so many couples by the API and notes that they have paid.
func hasPlaces(t *testing.T, p *process, bearer, cohort string, couples int) {
	t.Helper()
	for i := range couples {
		made, status, err := book(p.url, cohort, fmt.Sprint("couple", i))
		if err != nil || status != http.StatusCreated {
			t.Fatalf("booking: %d, %v", status, err)
		}
		status, err = call("POST", p.url+"/api/v1/bookings/"+made.Booking.ID+"/payments", bearer, nil, map[string]any{
			"charge": "deposit", "amount": map[string]any{"amount": 96000, "currency": "USD"}, "method": "transfer", "reference": "statement 7", "partner": 1,
		}, nil)
		if err != nil || status/100 != 2 {
			t.Fatalf("paying: %d, %v", status, err)
		}
	}
}

// TestStaffSendAReminderByHand at a laptop: to three couples, by a real mail
// server, in the real program. The page tells by itself how far it is, and each
// mail has come once, under a Message-ID of its own.
func TestStaffSendAReminderByHand(t *testing.T) {
	t.Parallel()
	box, data := openLetterbox(t), t.TempDir()
	bearer := token(t, "--data", data)
	p := start(t, "serve", "--data", data, "--smtp", box.url, "--mail-from", "Cedar House <office@example.org>")
	cohort := openCohort(t, p.url, bearer, 3)
	hasPlaces(t, p, bearer, cohort, 3)
	out, errs, code := lantern(t, nil, "staff", "add", "--email", "robin@example.org", "--name", "Robin", "--role", "organizer",
		"--data", data, "--addr", strings.TrimPrefix(p.url, "http://"))
	at := strings.Index(out, "/signin/")
	if code != 0 || at < 0 {
		t.Fatalf("adding an organizer: %d, %s%s", code, out, errs)
	}
	robin := browser(t)
	laptop(t, robin)
	do(t, robin, chromedp.Navigate(p.url+strings.Fields(out[at:])[0]), chromedp.WaitVisible(chromedp.CSS("main button")))
	enter(t, robin, "main button", ".tabs")
	for deadline := time.Now().Add(patience); len(box.of("confirmed.")) < 6; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("told of their places: %v", box.of("confirmed."))
		}
	}

	do(t, robin, chromedp.Navigate(p.url+"/staff/cohorts/"+cohort), chromedp.WaitVisible(chromedp.CSS("#board")))
	enter(t, robin, `a[href$="/remind"]`, `form.console textarea`)
	if got := text(t, robin, "main"); !strings.Contains(got, "No confirmed driver (3 couples)") || strings.Count(got, "not yet") != 6 {
		t.Errorf("who lacks a driver:\n%s", got)
	}
	tabTo(t, robin, "#remark")
	do(t, robin, chromedp.SendKeys(chromedp.CSS("#remark"), "We are there until six."))
	enter(t, robin, `button[value="check"]`, `button[value="send"]`)
	if got := text(t, robin, "details[open] .mail-text"); !strings.HasPrefix(got, "Hello Maya,\n\nWe are there until six.\n\nNeither of you can drive") || !strings.Contains(got, "(their own link)") {
		t.Errorf("the first one reads:\n%s", got)
	}
	if n := len(box.of("driver_missing.")); n != 0 {
		t.Errorf("%d have left before anybody said so", n)
	}

	box.shut.Lock()
	enter(t, robin, `button[value="send"]`, "#how-far")
	if got := text(t, robin, "#how-far"); got != "0 of 6 sent" {
		t.Errorf("at first: %s", got)
	}
	do(t, robin, chromedp.WaitVisible(chromedp.CSS(`form[action$="/stop"] button`)))
	box.shut.Unlock()
	eventually(t, robin, "all of it is sent", `document.querySelector("#how-far").textContent === "6 of 6 sent"`)
	if got := text(t, robin, "#sending"); strings.Count(got, "✓") != 6 {
		t.Errorf("in the end:\n%s", got)
	}

	came := box.of("driver_missing.")
	for i := range 3 {
		for _, name := range []string{"maya", "jon"} {
			if to := fmt.Sprintf("%s.couple%d@example.org", name, i); came[to] != 1 {
				t.Errorf("to %s came %d", to, came[to])
			}
		}
	}
	if len(came) != 6 {
		t.Errorf("there came %v", came)
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	for id, mails := range box.mails {
		if strings.Contains(id, "driver_missing.") && (len(mails) != 1 || !strings.Contains(id, ".sd_") || mails[0].Header.Get("Subject") != "Who takes you home?") {
			t.Errorf("%s came %d times as %q", id, len(mails), mails[0].Header.Get("Subject"))
		}
	}
}
