// Package mailer hands mail to a mail server over a few connections that it
// keeps.
package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"lantern/internal/calendar"
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
	// Calendars are calendar files to attach.
	Calendars [][]byte
	// Unsubscribe is a page on which the recipient chooses whether such mails come
	// (RFC 2369); empty for mail that is not chosen.
	Unsubscribe string
}

// SMTP sends mail by one server, several at once.
type SMTP struct {
	client *mail.Client
	from   *netmail.Address
	domain string
	pool   *pool
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

// MostConnections is more than a mail server is glad of.
const MostConnections = 16

// New reads the server's address: smtp://user:password@host:587 (STARTTLS is
// required), smtps://host:465, or for a server on this machine
// smtp://127.0.0.1:25?tls=none. It does not connect. Its errors never show the
// password. There is one connection unless Connect says otherwise.
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
	return &SMTP{client: client, from: sender, domain: domain, pool: newPool(1)}, nil
}

// From is from whom mail comes.
func (s *SMTP) From() Address { return Address{Name: s.from.Name, Email: s.from.Address} }

// Connect says over how many connections mail goes at the most, from 1 to
// MostConnections. It is called before the first mail.
func (s *SMTP) Connect(connections int) { s.pool = newPool(connections) }

func optionsOf(address *url.URL) ([]mail.Option, error) {
	port := submissionPort
	// Whether the connection still stands is learnt by the mail itself, see Send.
	options := []mail.Option{mail.WithTimeout(timeout), mail.WithoutNoop()}
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
	if m.Unsubscribe != "" {
		message.SetGenHeader(mail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
	}
	return message, attach(message, m.Calendars)
}

// attach adds calendar files. The mail says of each what it is for, as calendars
// ask for (RFC 6047, 2.4).
func attach(message *mail.Msg, files [][]byte) error {
	for i, file := range files {
		name := "session.ics"
		if i > 0 {
			name = fmt.Sprintf("session-%d.ics", i+1)
		}
		kind := mail.ContentType("text/calendar; charset=utf-8; method=" + calendar.MethodOf(file))
		if err := message.AttachReader(name, bytes.NewReader(file), mail.WithFileContentType(kind)); err != nil {
			return fmt.Errorf("attaching calendar file %d: %w", i+1, err)
		}
	}
	return nil
}
