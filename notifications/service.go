package notifications

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/calendar"
	"lantern/internal/seal"
	"lantern/internal/sms"
	"lantern/internal/store"
)

// Outgoing is a mail on its way out.
type Outgoing struct {
	// ID is stable: sending the same message again sends the same ID.
	ID                  string
	Name, Email         string
	Subject, Text, HTML string
	Date                time.Time
	// Calendars are calendar files to attach.
	Calendars [][]byte
	// Unsubscribe is the page on which the reader chooses whether such mails come;
	// empty for mail that is not chosen.
	Unsubscribe string
}

// Rendered is a message in words.
type Rendered struct{ Subject, Text, HTML string }

// Options are what a Service works with.
type Options struct {
	DB       *store.DB
	Bookings *booking.Service
	// Render puts a rule's template into words.
	Render func(rule string, data MailData) (Rendered, error)
	// Send hands a mail over. Without it, mails stay in the outbox.
	Send func(context.Context, Outgoing) error
	// InTurn lets passes deal with one thing after the other, so that a run can be
	// repeated exactly. It is for simulations.
	InTurn bool
	// MailsAtOnce is how many mails are handed over at once; a few if 0.
	MailsAtOnce int
	// RenderText puts a rule's text message into words; nil where rules that
	// come by text are not used.
	RenderText func(rule string, data MailData) (string, error)
	// SendText hands a text over and gives the provider's name of it. Without
	// it, texts stay in the outbox where mails do, and are mails elsewhere.
	SendText func(context.Context, sms.Text) (string, error)
	// OnDuty gives those of the staff whom reminders to staff are for; nil where
	// nobody is.
	OnDuty func(context.Context) ([]Reader, error)
	// StaffPage is the address of a booking's page for staff.
	StaffPage func(bookingID string) string
	// Permanent tells the errors of Send after which trying again is useless.
	Permanent func(error) bool
	Practice  Practice
	// Sender is from whom mails are, for calendar files.
	Sender calendar.Mailbox
	// Key seals the copies of what was sent, and the data of notices.
	Key seal.Key
	Now func() time.Time
	// Team and Talks are what digests to staff are made with, besides bookings;
	// BaseURL is where their links lead. Without a team there are no digests.
	Team    *access.Team
	Talks   *booking.Consultations
	BaseURL string
	// Wake, if there is one, is called when a notice has been planned, so that
	// nobody waits for a tick.
	Wake func()
	// Log hears of own words that could not be used; nil for nobody.
	Log *slog.Logger
}

// Practice is who the mails come from.
type Practice struct{ Name, Contact string }

// Service plans and sends messages.
type Service struct {
	messages *store.Collection[Message]
	sets     *store.Collection[ReminderSet]
	numbers  *store.Collection[Number]
	sendings *store.Collection[HandSending]
	wordings *wordings
	// restored says what is held back since the records were restored; nil for
	// nothing. It does not change while somebody sends.
	restoredMarks *store.Collection[Restored]
	restored      *Restored
	options       Options
	duty          atomic.Pointer[string] // who was on duty when this process last looked
	key           seal.Key               // of the copies
	notices       seal.Key               // of what notices bring along
	numbersKey    seal.Key               // of the names of numbers
	drafts        seal.Key               // of words in the making
}

// NewService defines the slice's collections in the store.
func NewService(ctx context.Context, o Options) (*Service, error) {
	messages, err := define(ctx, o.DB)
	if err != nil {
		return nil, fmt.Errorf("opening the messages' documents: %w", err)
	}
	sets, err := defineSets(ctx, o.DB)
	if err != nil {
		return nil, fmt.Errorf("opening the reminders' documents: %w", err)
	}
	numbers, err := store.Define[Number](ctx, o.DB, "numbers")
	if err != nil {
		return nil, fmt.Errorf("opening the numbers' documents: %w", err)
	}
	sendings, err := defineSendings(ctx, o.DB)
	if err != nil {
		return nil, fmt.Errorf("opening the documents of sendings by hand: %w", err)
	}
	wordings, err := openWordings(ctx, o)
	if err != nil {
		return nil, err
	}
	marks, restored, err := openRestored(ctx, o.DB)
	if err != nil {
		return nil, err
	}
	return &Service{
		wordings: wordings, drafts: o.Key.Derive("drafts of words"),
		messages: messages, sets: sets, numbers: numbers, sendings: sendings, options: o,
		restoredMarks: marks, restored: restored,
		key: o.Key.Derive("copies of messages"), notices: o.Key.Derive("data of notices"), numbersKey: o.Key.Derive("numbers of phones"),
	}, nil
}

// Replan brings the booking's messages in line with what ought to be said now.
func (s *Service) Replan(ctx context.Context, bookingID string, now time.Time) error {
	c, err := s.options.Bookings.Case(ctx, bookingID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // it never came to be
	}
	if err != nil {
		return err
	}
	return s.replan(ctx, c, now)
}

// replan plans for a case. Two who do so for one booking at once, one of them
// for what it said before, do not undo each other: see Message.PlannedFor.
func (s *Service) replan(ctx context.Context, c booking.Case, now time.Time) error {
	id := c.Booking.ID
	reminders, err := s.remindersOf(ctx, c.Booking.CohortID)
	if err != nil {
		return err
	}
	onDuty, err := s.onDutyFor(ctx, reminders)
	if err != nil {
		return err
	}
	wanted := planFor(c, now, reminders, onDuty)
	known, err := s.revise(ctx, c.Booking, wanted, now)
	if err != nil {
		return fmt.Errorf("revising its messages: %w", err)
	}
	for _, m := range wanted {
		if known[m.ID] {
			continue
		}
		s.restored.hold(&m, c.Booking, now)
		if err := s.messages.Insert(ctx, &m); err != nil && !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("planning message %s: %w", m.ID, err)
		}
	}
	err = s.options.Bookings.Planned(ctx, id, c.Booking.Rev)
	if errors.Is(err, store.ErrNotFound) {
		return nil // it was discarded meanwhile
	}
	return err
}

// revise keeps the messages that there are in line with the plan, and gives
// their ids.
func (s *Service) revise(ctx context.Context, b *booking.Booking, wanted []Message, now time.Time) (map[string]bool, error) {
	known := map[string]bool{}
	query := store.Query{Index: byBooking, Equal: []any{b.ID}}
	err := s.messages.All(ctx, query, func(m *Message) error {
		known[m.ID] = true
		planned, applies := find(wanted, m.ID)
		if m.wentAstray(b, now) && (applies || m.Handed.IsByHand()) {
			return s.sendAnew(ctx, m, b, now)
		}
		if m.isOver() || m.Handed.IsByHand() {
			return nil // what goes by hand is no part of the plan
		}
		_, err := s.messages.UpdateFound(ctx, m, func(m *Message) error {
			if applies {
				m.want(planned)
			} else {
				m.unwant(b.Rev)
			}
			return nil
		})
		return err
	})
	return known, err
}

// Message returns one message or store.ErrNotFound.
func (s *Service) Message(ctx context.Context, id string) (*Message, error) {
	return s.messages.Get(ctx, id)
}

// Body opens what a sent message says. It is empty where no text was kept.
func (s *Service) Body(m *Message) (Body, error) {
	var body Body
	if m.Copy == nil || m.Copy.Sealed == "" {
		return body, nil
	}
	if err := open(s.key, m.ID, m.Copy.Sealed, &body); err != nil {
		return Body{}, fmt.Errorf("opening the copy of message %s: %w", m.ID, err)
	}
	return body, nil
}

func (s *Service) seal(id string, body Body) (string, error) {
	sealed, err := sealed(s.key, id, body)
	if err != nil {
		return "", fmt.Errorf("sealing the copy of message %s: %w", id, err)
	}
	return sealed, nil
}

// OfBooking returns the booking's messages to one partner, the newest first.
func (s *Service) OfBooking(ctx context.Context, bookingID string, partner int) ([]*Message, error) {
	var messages []*Message
	query := store.Query{Index: byBooking, Equal: []any{bookingID}, Desc: true}
	err := s.messages.All(ctx, query, func(m *Message) error {
		if m.Partner == partner && m.Driver == "" && m.Reader == "" {
			messages = append(messages, m)
		}
		return nil
	})
	return messages, err
}

// List returns messages, the newest first: of a cohort, in a state, of both,
// or all.
func (s *Service) List(ctx context.Context, cohortID string, state State, limit int, after string) (store.Page[Message], error) {
	q := store.Query{Index: byTime, Desc: true, Limit: limit, After: after}
	switch {
	case cohortID != "" && state != "":
		q.Index, q.Equal = byBoth, []any{cohortID, state}
	case cohortID != "":
		q.Index, q.Equal = byCohort, []any{cohortID}
	case state != "":
		q.Index, q.Equal = byState, []any{state}
	}
	return s.messages.Find(ctx, q)
}
