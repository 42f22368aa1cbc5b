package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/civil"
)

// TestWhoCannotBeReachedIsPhoned: on the board, the couple's page and the call list
// until somebody has reached them.
func TestWhoCannotBeReachedIsPhoned(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	c, err := st.bookings.Case(t.Context(), ana)
	st.must(err)
	name := c.Booking.Partners[0].Name
	st.must(st.bookings.NoteMail(t.Context(), ana, booking.MailNews{At: st.time(), Failed: true}))
	desk := st.signIn(access.Staff)
	asks := func(method, path string, form url.Values) *httptest.ResponseRecorder {
		return st.ask(method, path, form, map[string]string{"Cookie": desk.Name + "=" + desk.Value})
	}
	reads := func(path string) string {
		t.Helper()
		w := asks("GET", path, nil)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		return w.Body.String()
	}
	line := "mail to " + name + " does not arrive"
	for _, path := range []string{"/staff/cohorts/co", "/staff/cohorts/co?show=late", "/staff/bookings/" + ana} {
		if !strings.Contains(reads(path), line) {
			t.Errorf("%s does not say it", path)
		}
	}
	if !strings.Contains(reads("/staff/calls"), name+": Our mail does not arrive") {
		t.Error("nobody is asked to phone")
	}
	if w := asks("POST", "/staff/calls/"+ana, url.Values{"call": {"unreached.1"}, "outcome": {"no_answer"}}); w.Code != http.StatusSeeOther || !strings.Contains(reads("/staff/calls"), "Our mail does not arrive") {
		t.Errorf("nobody answered: %d", w.Code)
	}
	if w := asks("POST", "/staff/calls/"+ana, url.Values{"call": {"unreached.1"}, "outcome": {"reached"}}); w.Code != http.StatusSeeOther || strings.Contains(reads("/staff/calls"), "Our mail does not arrive") {
		t.Errorf("reached: %d", w.Code)
	}
	if strings.Contains(reads("/staff/cohorts/co"), line) {
		t.Error("the board still says it")
	}
	st.must(st.bookings.NoteMail(t.Context(), ana, booking.MailNews{Partner: 1, At: st.time(), Failed: true}))
	if w := asks("POST", "/staff/bookings/"+ana+"/reached", url.Values{"who": {"2"}}); w.Code != http.StatusSeeOther || strings.Contains(reads("/staff/bookings/"+ana), "Cannot be reached") {
		t.Errorf("reached otherwise: %d", w.Code)
	}
	if w := asks("POST", "/staff/bookings/"+ana+"/reached", url.Values{"who": {"2"}}); w.Code != http.StatusConflict {
		t.Errorf("once more: %d", w.Code)
	}
}

// mailboxes takes mail on this machine, or says of each address that there is no
// such mailbox.
type mailboxes struct{ bounces atomic.Bool }

func (p *mailboxes) open(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(p)
	server.Domain = "localhost"
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

func (p *mailboxes) NewSession(*smtp.Conn) (smtp.Session, error) { return mailSession{p}, nil }

type mailSession struct{ *mailboxes }

func (s mailSession) Rcpt(string, *smtp.RcptOptions) error {
	if s.bounces.Load() {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	return nil
}

func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
func (mailSession) Reset()                               {}
func (mailSession) Logout() error                        { return nil }

// TestAMailThatNobodyGetsComesByText, where a text says the same and its reader
// wants texts; the other partner is to be phoned.
func TestAMailThatNobodyGetsComesByText(t *testing.T) {
	t.Parallel()
	post := &mailboxes{}
	st, wire, id := newTextStoryWith(t, func(s *settings) {
		s.SMTP, s.From = "smtp://"+post.open(t)+"?tls=none", "office@example.org"
	})
	st.agree(id, 0, maya)
	post.bounces.Store(true)
	wire.taken()
	st.wait(civil.Date("2027-03-26").At("10:05", civil.ZoneOrUTC("America/Los_Angeles")).Sub(st.time())) // the first reminder, a mail
	for range 2 {
		for _, pass := range st.passes() {
			_ = pass.Run(t.Context(), st.time()) // the pass reports what bounced
		}
	}
	if texts := wire.taken(); len(texts) != 1 || texts[0].Get("To") != maya || !strings.Contains(texts[0].Get("Body"), "Friday 2 April, 18:00") {
		t.Errorf("by text: %v", texts)
	}
	if got := st.told(id, "preparation", 0); len(got) != 1 || got[0] != "text" {
		t.Errorf("the first was told by %v", got)
	}
	c, err := st.bookings.Case(t.Context(), id)
	st.must(err)
	if c.Booking.Partners[1].Unreached == nil {
		t.Error("nothing is noted of the second")
	}
}
