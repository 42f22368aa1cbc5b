package mailer_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"lantern/internal/mailer"
)

// mailServer is a real SMTP server on loopback that keeps what it gets.
type mailServer struct {
	server *smtp.Server
	url    string

	mu       sync.Mutex
	received [][]byte
	sessions int
	conn     net.Conn
	refuse   error
	// taken and reset are called when a mail has come, and after its answer.
	taken, reset func(net.Conn)
}

func startServer(t *testing.T) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer()
	s.url = "smtp://" + listener.Addr().String() + "?tls=none"
	s.serve(t, listener)
	return s
}

func newServer() *mailServer {
	s := &mailServer{}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sessions++
		s.conn = c.Conn()
		return &session{s, c.Conn()}, nil
	}))
	return s
}

func (s *mailServer) serve(t *testing.T, listener net.Listener) {
	go s.server.Serve(listener)
	t.Cleanup(func() { s.server.Close() })
}

type session struct {
	s    *mailServer
	conn net.Conn
}

func (session) Logout() error                        { return nil }
func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (x session) Rcpt(string, *smtp.RcptOptions) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	return x.s.refuse
}

func (x session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	x.s.mu.Lock()
	x.s.received = append(x.s.received, body)
	taken := x.s.taken
	x.s.mu.Unlock()
	if taken != nil {
		taken(x.conn)
	}
	return err
}

func (x session) Reset() {
	x.s.mu.Lock()
	reset := x.s.reset
	x.s.mu.Unlock()
	if reset != nil {
		reset(x.conn)
	}
}

// counts tells how many connections and mails there were.
func (s *mailServer) counts() (sessions, mails int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions, len(s.received)
}

// hangUp closes the connection that came last.
func (s *mailServer) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Close()
}

func (s *mailServer) set(refuse error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

func (s *mailServer) last(t *testing.T) *netmail.Message {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.received) == 0 {
		t.Fatal("nothing arrived")
	}
	message, err := netmail.ReadMessage(bytes.NewReader(s.received[len(s.received)-1]))
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func client(t *testing.T, url string) *mailer.SMTP {
	t.Helper()
	c, err := mailer.New(url, "Cedar House <office@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

var sample = mailer.Mail{
	ID: "held.bk_1.0", To: mailer.Address{Name: "Zoë Ångström", Email: "zoe@example.org"},
	Subject: "Your place is held until Tuesday 21:14 – für euch", Text: "Hello Zoë,\n\nyour place is held.\n",
	HTML: "<p>Hello Zoë, your place is <b>held</b>.</p>", Date: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC),
}

func TestAMailArrivesWhole(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	if err := client(t, s.url).Send(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	m := s.last(t)
	var decoder mime.WordDecoder
	if subject, err := decoder.DecodeHeader(m.Header.Get("Subject")); err != nil || subject != sample.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || to[0].Name != sample.To.Name || to[0].Address != sample.To.Email {
		t.Errorf("to %v, %v", to, err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<held.bk_1.0@example.org>", "Auto-Submitted": "auto-generated", "X-Mailer": "", "User-Agent": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if date, err := m.Header.Date(); err != nil || !date.Equal(sample.Date) {
		t.Errorf("date %v, %v", date, err)
	}
	text, html := parts(t, m)
	if text != sample.Text || html != sample.HTML {
		t.Errorf("text %q, html %q", text, html)
	}
}

func TestACalendarFileIsAttached(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	m := sample
	m.Calendars = [][]byte{[]byte("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Gespräch\r\nEND:VCALENDAR\r\n")}
	m.Unsubscribe = "https://book.example.org/staff/account"
	if err := client(t, s.url).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	message := s.last(t)
	if got := message.Header.Get("List-Unsubscribe"); got != "<"+m.Unsubscribe+">" {
		t.Errorf("List-Unsubscribe: %s", got)
	}
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("content type %s, %v", kind, err)
	}
	reader := multipart.NewReader(message.Body, params["boundary"])
	if _, err := reader.NextPart(); err != nil {
		t.Fatal(err)
	}
	part, err := reader.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err = mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || kind != "text/calendar" || params["method"] != "REQUEST" || part.FileName() != "session.ics" {
		t.Errorf("%s named %s, %v", kind, part.FileName(), err)
	}
	file, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
	if err != nil || !bytes.Equal(file, m.Calendars[0]) {
		t.Errorf("file %q, %v", file, err)
	}
}

func parts(t *testing.T, m *netmail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %s, %v", kind, err)
	}
	reader := multipart.NewReader(m.Body, params["boundary"])
	read := func() string {
		part, err := reader.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	return read(), read()
}

func TestOneConnectionIsReused(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := client(t, s.url)
	for range 5 {
		if err := c.Send(t.Context(), sample); err != nil {
			t.Fatal(err)
		}
	}
	if sessions, mails := s.counts(); sessions != 1 || mails != 5 {
		t.Errorf("%d sessions for %d mails", sessions, mails)
	}
}

func TestARefusedRecipientIsPermanent(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := client(t, s.url)
	s.set(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user zoe@example.org"})
	err := c.Send(t.Context(), sample)
	if !mailer.Permanent(err) {
		t.Errorf("550: %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "zoe") {
		t.Errorf("the error names the recipient: %v", err)
	}
	s.set(&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"})
	if err := c.Send(t.Context(), sample); err == nil || mailer.Permanent(err) {
		t.Errorf("451: %v", err)
	}
	s.set(nil)
	if err := c.Send(t.Context(), sample); err != nil {
		t.Errorf("after refusals: %v", err)
	}
}

func TestAConnectionThatTheServerClosedIsOpenedAgain(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := client(t, s.url)
	if err := c.Send(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	s.hangUp()
	if err := c.Send(t.Context(), sample); err != nil {
		t.Errorf("after the server hung up: %v", err)
	}
	if sessions, mails := s.counts(); sessions != 2 || mails != 2 {
		t.Errorf("%d sessions for %d mails", sessions, mails)
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := client(t, s.url)
	for _, change := range []func(*mailer.Mail){
		func(m *mailer.Mail) { m.Subject = "x\r\nBcc: evil@example.net" },
		func(m *mailer.Mail) { m.To.Email = "a@example.org\r\nBcc: evil@example.net" },
		func(m *mailer.Mail) { m.ID = "x\r\nBcc: evil@example.net" },
	} {
		m := sample
		change(&m)
		if err := c.Send(t.Context(), m); !mailer.Permanent(err) {
			t.Errorf("got %v", err)
		}
	}
	m := sample
	m.To.Name = "Zoë\r\nBcc: evil@example.net"
	if err := c.Send(t.Context(), m); err == nil && s.last(t).Header.Get("Bcc") != "" {
		t.Error("a name made a header")
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	c := client(t, "smtp://127.0.0.1:1?tls=none")
	if err := c.Send(t.Context(), sample); err == nil || mailer.Permanent(err) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Send(ctx, sample); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "mail.example.org", "smtp://user:hunter2@mail.example.org:587?tls=nnoe", "smtps://user:hunter2@127.0.0.1?tls=none",
		"smtp://user:hunter2@mail.example.org/path", "http://mail.example.org", "smtp://user:hunter2@mail.example.org?tls=none",
		"smtp://user:hunter2@mail.example.org:99999", "smtp://user:hunter2@[bad",
	} {
		if _, err := mailer.New(bad, "office@example.org"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := mailer.New("smtps://mail.example.org", "nobody"); err == nil {
		t.Error("a sender that is no address passed")
	}
	for _, good := range []string{"smtps://user:secret@mail.example.org", "smtp://mail.example.org:587", "smtp://localhost:25?tls=none"} {
		if _, err := mailer.New(good, "office@example.org"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}
