package notifications

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"lantern/booking"
	"lantern/internal/calendar"
	"lantern/internal/jobs"
	"lantern/internal/store"
)

// passBatch bounds how many sets one pass plans anew; the next tick does the rest.
const passBatch = 200

// PlanDue plans the messages of every booking that has changed. Those that fail
// stay first among what is due, so it goes on asking until it has got past
// them.
func (s *Service) PlanDue(ctx context.Context, now time.Time) error {
	failed := []error{s.replanSets(ctx, now)}
	tried := map[string]bool{}
	for {
		due, err := s.options.Bookings.PlanDue(ctx, now)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		due = slices.DeleteFunc(due, func(b *booking.Booking) bool { return tried[b.ID] })
		stuck := s.planEach(ctx, due, now)
		failed = append(failed, stuck...)
		if len(stuck) == 0 || ctx.Err() != nil {
			return errors.Join(failed...)
		}
		for _, b := range due {
			tried[b.ID] = true
		}
	}
}

// planAtOnce is how many bookings are planned for at once: what the store saves at
// once, it saves together.
const planAtOnce = 8

// planEach plans for bookings and gives the errors of those that fail.
func (s *Service) planEach(ctx context.Context, due []*booking.Booking, now time.Time) []error {
	atOnce := planAtOnce
	if s.options.InTurn {
		atOnce = 1
	}
	errs, turns := make([]error, len(due)), make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, b := range due {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			err := jobs.Safely(func() error {
				c, err := s.options.Bookings.CaseOf(ctx, b)
				if err != nil {
					return err
				}
				return s.replan(ctx, c, now)
			})
			if err != nil {
				errs[i] = fmt.Errorf("planning for booking %s: %w", b.ID, err)
			}
		})
	}
	all.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// attempt decides once more whether the message is to be sent, and sends it.
func (s *Service) attempt(ctx context.Context, m Message) (result, error) {
	l, ended, err := s.letter(ctx, m)
	if err != nil || ended.state != "" {
		return ended, err
	}
	now := s.options.Now()
	if !now.Before(m.UsefulUntil) {
		return result{state: Missed}, nil
	}
	if l.phone != "" {
		return s.text(ctx, m, l)
	}
	words, err := s.render(ctx, m.Rule, l.data)
	if err != nil {
		return result{}, err
	}
	sent := &Copy{At: now, Name: l.name, Email: l.email, Subject: words.Subject}
	if m.To == nil || s.options.Send == nil {
		// Who reads messages here must not find somebody's way to sign in, so
		// of a notice that leaves by mail no text is kept.
		if sent.Sealed, err = s.seal(m.ID, Body{Text: words.Text, HTML: words.HTML}); err != nil {
			return result{}, err
		}
	}
	if s.options.Send == nil {
		return result{state: Sent, copy: sent}, nil
	}
	err = s.options.Send(ctx, Outgoing{
		ID: m.ID, Name: l.name, Email: l.email, Subject: words.Subject, Text: words.Text, HTML: words.HTML, Date: now,
		Calendars: s.calendars(l), Unsubscribe: l.unsubscribe,
	})
	switch {
	case err == nil:
		return result{state: Sent, copy: sent, tell: l.unreached}, nil
	case s.options.Permanent(err):
		return s.undelivered(m, l, sent), err
	}
	return result{}, err
}

// letter is what is sent, before it is put into words.
type letter struct {
	name, email string
	data        MailData
	// phone is where it goes as a text, by which consent, and what it asks;
	// empty for mail.
	phone       string
	consentedAt time.Time
	question    *Question
	// otherwise says that a text can say the same, unreached that no mail has
	// reached the reader lately.
	otherwise, unreached bool
	// invitations go with it as calendar files; unsubscribe is where its reader
	// says whether such mails come.
	invitations []calendar.Event
	unsubscribe string
}

// letter asks once more for whom the message is and with what. The result is
// not empty when the message ends instead.
func (s *Service) letter(ctx context.Context, m Message) (letter, result, error) {
	if m.To != nil {
		return s.noticeLetter(ctx, m)
	}
	switch stopped, err := s.isStopped(ctx, m); {
	case err != nil:
		return letter{}, result{}, err
	case stopped:
		return letter{}, result{state: HeldBack}, nil
	}
	c, err := s.glance(ctx, m.BookingID)
	if errors.Is(err, store.ErrNotFound) {
		return letter{}, result{state: Withdrawn, rev: m.PlannedFor}, nil
	}
	if err != nil {
		return letter{}, result{}, err
	}
	now := s.options.Now()
	reminders, err := s.remindersNow(ctx, c.Booking.CohortID)
	if err != nil {
		return letter{}, result{}, err
	}
	o, applies := occasionOf(c, m, reminders)
	if !applies {
		return letter{}, result{state: Withdrawn, rev: c.Booking.Rev}, nil
	}
	byText := m.Channel == ByText && (m.Beside || channelOf(m.Rule, o, c.Booking, m.Partner) == ByText || m.Why == WhyNoMail && canTextInstead(c, m, o))
	if o.patient && !byText && !m.ByHand && now.Before(m.UsefulUntil) {
		if next := mailHours.next(now, o.zone(c, m.Partner)); next.After(now) && next.Before(m.UsefulUntil) {
			return letter{}, result{state: Planned, later: next}, nil
		}
	}
	if o.staff {
		return s.staffLetter(ctx, c, m, o)
	}
	l := letter{data: s.mailData(c, m, o, now), otherwise: canTextInstead(c, m, o), unreached: isUnreached(c, m)}
	if o.driver != nil {
		return s.letterToDriver(c, m, o, l, byText)
	}
	to := c.Booking.Partners[m.Partner]
	l.name, l.email = to.Name, to.Email
	l.invitations = invitations(c, m.Rule, o, s.options.Practice.Name, now)
	if byText {
		l.phone, l.consentedAt, l.question = to.Phone, to.Texts.At, o.asks(c, m)
	}
	return l, result{}, nil
}

// noticeLetter is letter for what is about no booking.
func (s *Service) noticeLetter(ctx context.Context, m Message) (letter, result, error) {
	data, err := s.noticeData(m)
	if err == nil {
		var still bool
		if still, err = s.isStillSo(ctx, data.Data); err == nil && !still {
			return letter{}, result{state: Withdrawn}, nil
		}
	}
	l := letter{name: m.To.Name, email: m.To.Email}
	if err == nil && data.Data[forStaff] != "" && s.options.Now().Before(m.UsefulUntil) {
		reader, stays, err := s.staffReader(ctx, m, data)
		if err == nil && !stays {
			return letter{}, result{state: Withdrawn}, nil
		}
		if err == nil && m.Rule == digestRule {
			err = s.addDigest(ctx, reader, &data)
		}
		if err != nil {
			return letter{}, result{}, err
		}
	}
	if m.Rule == digestRule || m.Rule == requestRule {
		l.unsubscribe = s.wishesPage()
	}
	l.data = data
	return l, result{}, err
}

// requestRule tells staff that somebody asks for a first talk.
const requestRule = "talk_request"

// wishesPage is where staff choose which mails come to them. Other mail answers
// what its reader does or has agreed to, and is not chosen.
func (s *Service) wishesPage() string { return s.options.BaseURL + "/staff/account" }
