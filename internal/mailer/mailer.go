// Package mailer hands mail to a mail server over one connection that it keeps.
package mailer

import (
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Address is a person and their mailbox.
type Address struct{ Name, Email string }

// Mail is one mail to one recipient.
type Mail struct {
	// ID becomes the Message-ID, before the sender's domain: the same mail
	// sent again is recognised as such by the recipient's server.
	ID                  string
	To                  Address
	Subject, Text, HTML string
	Date                time.Time
	// Calendar is a calendar file to attach; empty for none.
	Calendar []byte
}

// SMTP sends mail by one server.
type SMTP struct {
	client *mail.Client
	from   *netmail.Address
	domain string

	// turn is held by who is sending; a channel, so that waiting ends with a
	// context. What follows belongs to its holder.
	turn    chan struct{}
	session *smtp.Client // nil when there is no connection

	closing sync.Once
}

const (
	// timeout bounds connecting, and then each mail.
	timeout = 30 * time.Second
	// farewell bounds the politeness of ending a connection in due form.
	farewell = 3 * time.Second
	// submissionPort and tlsPort are those of RFC 8314.
	submissionPort = 587
	tlsPort        = 465
)

// New reads the server's address: smtp://user:password@host:587 (STARTTLS is
// required), smtps://host:465, or for a server on this machine
// smtp://127.0.0.1:25?tls=none. It does not connect. Its errors never show the
// password.
func New(server, from string) (*SMTP, error) {
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, errors.New("the sender must be a mail address such as Cedar House <office@example.org>")
	}
	address, err := url.Parse(server)
	if err != nil || address.Hostname() == "" || (address.Scheme != "smtp" && address.Scheme != "smtps") {
		// The parse error would repeat the password.
		return nil, errors.New("the server must be written as smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	options, err := optionsOf(address)
	if err != nil {
		return nil, err
	}
	host := address.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // the library appends the port as it is
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("the server %s: %w", address.Hostname(), err)
	}
	// A quoted local part may have an @ of its own.
	domain := sender.Address[strings.LastIndex(sender.Address, "@")+1:]
	return &SMTP{client: client, from: sender, domain: domain, turn: make(chan struct{}, 1)}, nil
}

func optionsOf(address *url.URL) ([]mail.Option, error) {
	port := submissionPort
	options := []mail.Option{mail.WithTimeout(timeout)}
	plain := address.RawQuery == "tls=none"
	switch {
	case (address.RawQuery != "" && !plain) || strings.Trim(address.Path, "/") != "" || address.Fragment != "":
		return nil, errors.New("nothing but ?tls=none may follow the server's port")
	case plain && (address.Scheme != "smtp" || !isLoopback(address.Hostname())):
		return nil, errors.New("tls=none is for smtp:// to a server on this machine alone: mail holds personal links")
	case plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case address.Scheme == "smtps":
		port = tlsPort
		options = append(options, mail.WithSSL())
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if text := address.Port(); text != "" {
		given, err := strconv.Atoi(text)
		if err != nil || given < 1 || given > 65535 {
			return nil, fmt.Errorf("the server's port %q is not between 1 and 65535", text)
		}
		port = given
	}
	options = append(options, mail.WithPort(port))
	if user := address.User.Username(); user != "" {
		password, _ := address.User.Password()
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	return options, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Send hands the mail over. A connection that the server has closed meanwhile
// is opened again. When Send fails, the mail may have gone out all the same;
// sending it again is safe as far as recipients heed its ID.
func (s *SMTP) Send(ctx context.Context, m Mail) error {
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	reused := s.session != nil
	err = s.sendOnce(ctx, message)
	if reused && wasStale(err) && ctx.Err() == nil {
		err = s.sendOnce(ctx, message)
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("handing a mail over: %w", ctx.Err())
	}
	return err
}

func (s *SMTP) sendOnce(ctx context.Context, message *mail.Msg) error {
	if s.session == nil {
		session, err := s.dial(ctx)
		if err != nil {
			return fmt.Errorf("connecting to the mail server: %w", err)
		}
		s.session = session
	}
	session, cut := s.session, make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cut)
		_ = session.Text.Close() // ends what waits for the server
	})
	// An idle connection is past its deadline; if it is broken, sending says so.
	_ = session.UpdateDeadline(timeout)
	err := s.client.SendWithSMTPClient(session, message)
	if !stop() {
		<-cut
		s.session = nil
	}
	if err == nil {
		return nil
	}
	err = withoutAddresses(err)
	s.hangUp(answered(err))
	if message.IsDelivered() {
		return nil // only what came after the server had taken it went wrong
	}
	return fmt.Errorf("handing a mail over: %w", err)
}

// dial connects and greets. The library heeds ctx only until the connection
// stands, so a server that says nothing is left behind; its timeout ends it.
func (s *SMTP) dial(ctx context.Context) (*smtp.Client, error) {
	type outcome struct {
		session *smtp.Client
		err     error
	}
	dialled := make(chan outcome, 1)
	go func() {
		session, err := s.client.DialToSMTPClientWithContext(ctx)
		dialled <- outcome{session, err}
	}()
	select {
	case o := <-dialled:
		return o.session, o.err
	case <-ctx.Done():
		go func() {
			if o := <-dialled; o.err == nil {
				_ = o.session.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// hangUp ends the connection: in due form when the server still talks, else
// at once.
func (s *SMTP) hangUp(politely bool) {
	if s.session == nil {
		return
	}
	if politely && s.session.UpdateDeadline(farewell) == nil && s.session.Quit() == nil {
		s.session = nil
		return
	}
	_ = s.session.Close() // it may be broken already
	s.session = nil
}

func (s *SMTP) compose(m Mail) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	to := &netmail.Address{Name: m.To.Name, Address: m.To.Email}
	if _, err := netmail.ParseAddress(to.String()); err != nil || strings.ContainsAny(m.To.Email+m.Subject+m.ID, "\r\n") || strings.ContainsAny(m.ID, "<>@ ") {
		return nil, errAddress
	}
	message.ToMailAddress(to)
	message.Subject(m.Subject)
	message.SetMessageIDWithValue(m.ID + "@" + s.domain)
	message.SetDateWithValue(m.Date)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		message.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	if len(m.Calendar) > 0 {
		err := message.AttachReader("session.ics", strings.NewReader(string(m.Calendar)), mail.WithFileContentType("text/calendar; charset=utf-8"))
		if err != nil {
			return nil, fmt.Errorf("attaching the calendar file: %w", err)
		}
	}
	return message, nil
}

// Close ends the connection. Closing twice is fine.
func (s *SMTP) Close() error {
	s.closing.Do(func() {
		s.turn <- struct{}{}
		defer func() { <-s.turn }()
		s.hangUp(true)
	})
	return nil
}
