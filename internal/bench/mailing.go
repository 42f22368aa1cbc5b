package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"lantern/booking"
	"lantern/internal/mailer"
	"lantern/internal/store"
	"lantern/internal/web"
	"lantern/notifications"
)

// mailing is records with their messages, and a service that sends them.
type mailing struct {
	*records
	dir     string
	notices *notifications.Service
	// messages are only inserted and counted here.
	messages *store.Collection[notifications.Message]
	smtp     *mailer.SMTP
	like     booking.Booking
	// seen is the last mail that was sent.
	seen notifications.Outgoing
	mu   sync.Mutex
}

const benchSender = "Cedar House <office@example.org>"

// newMailing opens records in a new folder. Mail goes to the server at the address
// over so many connections.
func newMailing(ctx context.Context, address string, connections int) (*mailing, error) {
	r, dir, err := newRecords(ctx)
	if err != nil {
		return nil, err
	}
	m, err := mailingOf(ctx, r, dir, address, connections)
	if err == nil {
		m.like, err = m.couple(ctx)
	}
	return m, err
}

// mailingOf sends what is in records that are open. They are closed with it, and
// the folder goes.
func mailingOf(ctx context.Context, r *records, dir, address string, connections int) (_ *mailing, err error) {
	m := &mailing{records: r, dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.close())
		}
	}()
	if m.smtp, err = mailer.New("smtp://"+address+"?tls=none", benchSender); err != nil {
		return nil, err
	}
	m.smtp.Connect(connections)
	practice := web.Practice{Name: "Cedar House", Contact: "+1 415 555 0132"}
	renderer, err := web.NewRenderer(web.Site{Practice: practice})
	if err != nil {
		return nil, err
	}
	m.notices, err = notifications.NewService(ctx, notifications.Options{
		DB: m.db, Bookings: m.services, Key: m.key, Now: clock, Permanent: mailer.Permanent,
		Practice: notifications.Practice(practice), MailsAtOnce: 2 * connections, Send: m.send,
		Render: func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			mail, err := renderer.Mail(rule, data)
			return notifications.Rendered{Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, err
		},
	})
	if err != nil {
		return nil, err
	}
	if m.messages, err = store.Define[notifications.Message](ctx, m.db, "messages"); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *mailing) send(ctx context.Context, o notifications.Outgoing) error {
	m.mu.Lock()
	m.seen = o
	m.mu.Unlock()
	return m.smtp.Send(ctx, mailer.Mail{
		ID: o.ID, To: mailer.Address{Name: o.Name, Email: o.Email}, Subject: o.Subject, Text: o.Text, HTML: o.HTML, Date: o.Date, Calendars: o.Calendars,
	})
}

// last is a mail as it was sent.
func (m *mailing) last() notifications.Outgoing {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen
}

func (m *mailing) close() error {
	var err error
	if m.smtp != nil {
		err = m.smtp.Close()
	}
	return errors.Join(err, m.db.Close(), os.RemoveAll(m.dir))
}

// confirmedRule is the message that each partner gets for a place.
const confirmedRule = "confirmed"

// addCouples adds cohorts of couples with a place. Of what is planned for them,
// those messages are saved that keep says; it may change them.
func (m *mailing) addCouples(ctx context.Context, word string, couples int, keep func(*notifications.Message) bool) error {
	at := clock().Add(-time.Minute)
	set, err := m.notices.Reminders(ctx, "none")
	if err != nil {
		return err
	}
	return fill((couples+couplesPerCohort-1)/couplesPerCohort, func(i int) error {
		c, err := cohortOf(fmt.Sprint(word, i), layout{capacity: couplesPerCohort, confirmed: couplesPerCohort}, at)
		if err != nil {
			return err
		}
		if err := m.retreats.AddCohort(ctx, c); err != nil {
			return err
		}
		for couple := range min(couplesPerCohort, couples-i*couplesPerCohort) {
			b := bookingOf(m.like, c, couple)
			if err := m.bookings.Insert(ctx, &b); err != nil {
				return err
			}
			planned := notifications.Plan(booking.Case{Booking: &b, Cohort: c, Standing: c.Standing(b.ID, at)}, at, set.Reminders...)
			for _, message := range planned {
				if !keep(&message) {
					continue
				}
				if err := m.messages.Insert(ctx, &message); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func isConfirmed(m *notifications.Message) bool { return m.Rule == confirmedRule }

// sink is a mail server that forgets what it takes, but when the first of each
// came.
type sink struct {
	server  *smtp.Server
	address string
	// takes is how long it thinks about each mail.
	takes time.Duration

	mu      sync.Mutex
	arrived map[string]time.Time // by the message's id
	mails   int
}

func openSink() (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{address: listener.Addr().String(), arrived: map[string]time.Time{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return arrival{s}, nil }))
	go func() { _ = s.server.Serve(listener) }() // ends with close
	return s, nil
}

func (s *sink) close() error { return s.server.Close() }

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails
}

// at is when the message came.
func (s *sink) at(id string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, came := s.arrived[id]
	return at, came
}

type arrival struct{ s *sink }

func (arrival) Reset()                               {}
func (arrival) Logout() error                        { return nil }
func (arrival) Mail(string, *smtp.MailOptions) error { return nil }
func (arrival) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (a arrival) Data(r io.Reader) error {
	lines, id := bufio.NewReader(r), ""
	for {
		line, err := lines.ReadString('\n')
		if value, ok := strings.CutPrefix(strings.ToLower(line), "message-id: <"); ok && id == "" {
			id, _, _ = strings.Cut(value, "@")
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	time.Sleep(a.s.takes)
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	a.s.mails++
	if _, twice := a.s.arrived[id]; !twice {
		a.s.arrived[id] = time.Now()
	}
	return nil
}
