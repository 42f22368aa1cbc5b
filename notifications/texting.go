package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/sms"
	"lantern/internal/store"
)

// text brings a message to its reader's phone, or says why it has to go by mail.
//
// Twilio knows no repeated request, so a text is begun once: the number's
// document says that it was before Twilio is asked. Of a process that died
// after that, nobody can say whether the text has left; the mail then says it,
// for two texts would be worse than a text and a mail.
func (s *Service) text(ctx context.Context, m Message, l letter) (result, error) {
	now := s.options.Now()
	at := textHours.next(now, l.data.Zone)
	switch {
	case s.options.SendText == nil && s.options.Send != nil:
		return result{why: WhyOff}, nil
	case !at.Before(m.UsefulUntil), at.After(now) && m.ByHand:
		return result{why: WhyLate}, nil
	case at.After(now):
		return result{state: Planned, later: at}, nil
	}
	body, err := s.wordsOf(ctx, m.Rule, l.data)
	if err != nil {
		return result{}, err
	}
	if !sms.Fits(body) {
		return result{why: WhyLength}, nil
	}
	sent := &Copy{At: now, Name: l.name, Phone: l.phone}
	if sent.Sealed, err = s.seal(m.ID, Body{Text: body}); err != nil {
		return result{}, err
	}
	why, err := s.admit(ctx, l.phone, ask{
		message: m.ID, person: personOf(m), consentedAt: l.consentedAt,
		zone: l.data.Zone, free: m.Rule == welcomed || m.Rule == welcomedDriver, question: l.question,
	})
	switch {
	case err != nil:
		return result{}, err
	case why == WhyStopped:
		// The booking may not know: nothing had been sent there for it before.
		return result{why: why}, s.stopTexts(ctx, personOf(m), l.phone, booking.ByText)
	case why != "":
		return result{why: why}, nil
	case s.options.SendText == nil:
		return result{state: Sent, copy: sent}, nil
	}
	provider, err := s.options.SendText(ctx, sms.Text{ID: m.ID, To: l.phone, Body: body})
	switch {
	case err == nil:
		return result{state: Sent, copy: sent, provider: provider}, nil
	case sms.MaySendAgain(err):
		return result{}, errors.Join(err, s.forgetText(ctx, l.phone, m.ID))
	case sms.IsPermanent(err):
		return result{why: WhyRefused, copy: sent}, errors.Join(err, s.learn(ctx, m, l.phone, sms.CodeOf(err)))
	}
	return result{why: WhyUnsure, copy: sent}, err
}

// numberID names a number's document. It does not say the number, since ids come
// into logs.
func (s *Service) numberID(phone string) string { return s.numbersKey.ID("no", phone) }

// changeNumber changes what is known of a number, which may be nothing yet.
func (s *Service) changeNumber(ctx context.Context, phone string, change func(*Number) error) error {
	id := s.numberID(phone)
	err := s.numbers.Update(ctx, id, change)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	err = s.numbers.Insert(ctx, &Number{Meta: store.Meta{ID: id}})
	if err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("noting a number: %w", err)
	}
	return s.numbers.Update(ctx, id, change)
}

func (s *Service) admit(ctx context.Context, phone string, a ask) (why string, err error) {
	err = s.changeNumber(ctx, phone, func(n *Number) error {
		why = n.admit(a, s.options.Now())
		return nil
	})
	return why, err
}

func (s *Service) forgetText(ctx context.Context, phone, message string) error {
	return s.changeNumber(ctx, phone, func(n *Number) error {
		n.forget(message)
		return nil
	})
}

// learn takes in what Twilio's number of a failure says of a phone: that
// somebody has stopped texts there, or that none reaches it.
func (s *Service) learn(ctx context.Context, m Message, phone string, code int) error {
	if !sms.IsUnreachable(code) {
		return nil
	}
	var stopped bool
	err := s.changeNumber(ctx, phone, func(n *Number) error {
		now := s.options.Now()
		stopped = code == sms.CodeStopped
		if stopped {
			n.StoppedAt = &now
		} else {
			n.LostAt = &now
		}
		return nil
	})
	if err != nil {
		return err
	}
	by := booking.ByCarrier
	if stopped {
		by = booking.ByText
	}
	return s.stopTexts(ctx, personOf(m), phone, by)
}

// HearNews takes in what has become of a text. One that is lost goes by mail.
func (s *Service) HearNews(ctx context.Context, n sms.News) error {
	var m Message
	fresh := false
	err := s.messages.Update(ctx, n.ID, func(stored *Message) error {
		fresh = stored.news(n, s.options.Now())
		m = *stored
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // of a text that is not ours, such as an answer
	}
	if err != nil {
		return fmt.Errorf("noting what became of text %s: %w", n.ID, err)
	}
	if !fresh || !n.Status.IsLost() {
		return nil
	}
	if s.options.Wake != nil {
		s.options.Wake()
	}
	phone := phoneOf(m)
	if phone == "" {
		return nil // it has not been marked as sent yet; the next text finds out
	}
	return s.learn(ctx, m, phone, n.Code)
}

// phoneOf is where a message went as a text.
func phoneOf(m Message) string {
	for _, c := range []*Copy{m.Texted, m.Copy} {
		if c != nil && c.Phone != "" {
			return c.Phone
		}
	}
	return ""
}

// Hear does what somebody asks for who has answered a text, and gives what to
// answer them, if anything. A word that has been heard does nothing any more; it
// counts as heard when what it asks for is done.
func (s *Service) Hear(ctx context.Context, w sms.Word) (string, error) {
	meaning := sms.Read(w.Body)
	var known Number
	ended := false
	err := s.changeNumber(ctx, w.From, func(n *Number) error {
		ended = n.StoppedAt != nil
		if !n.hasHeard(w.ID) {
			n.take(meaning, s.options.Now())
		}
		known = *n
		return nil
	})
	if err != nil || known.hasHeard(w.ID) {
		return "", err
	}
	answer, err := s.answer(ctx, meaning, w.From, known, ended)
	if err != nil {
		return "", err
	}
	fresh := false
	err = s.changeNumber(ctx, w.From, func(n *Number) error {
		fresh = n.hear(w.ID)
		return nil
	})
	if err != nil || !fresh || w.Answered {
		return "", err
	}
	return answer, nil
}

// answer carries out what a word means and puts what came of it into words.
// ended says that there were no more texts before.
func (s *Service) answer(ctx context.Context, meaning sms.Meaning, from string, n Number, ended bool) (string, error) {
	switch {
	case meaning == sms.Stop:
		err := s.eachOf(n, func(p numberPerson) error {
			return s.stopTexts(ctx, p, from, booking.ByText)
		})
		if ended {
			return "", err // it was confirmed the first time
		}
		return s.reply(ctx, string(sms.Stop), time.Time{}, nil), err
	case meaning == sms.Start:
		err := s.eachOf(n, func(p numberPerson) error {
			return s.resumeTexts(ctx, p, from)
		})
		return s.reply(ctx, string(sms.Start), time.Time{}, nil), err
	case meaning == sms.Help:
		return s.reply(ctx, string(sms.Help), time.Time{}, nil), nil
	case n.asksDriver() && (meaning == sms.Yes || meaning == sms.No):
		return s.answerRide(ctx, *n.Asked, from, meaning, ended)
	case meaning == sms.Yes && n.Asked != nil:
		return s.confirm(ctx, *n.Asked, ended)
	case ended:
		return "", nil // they want no texts
	}
	return s.reply(ctx, string(sms.Other), time.Time{}, nil), nil
}

func (s *Service) eachOf(n Number, do func(numberPerson) error) error {
	var failed []error
	for _, p := range n.People {
		if err := do(p); err != nil && !errors.Is(err, store.ErrNotFound) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// confirm says for the partner that they come to what they were asked about, if
// it is still to be at that time [D37].
func (s *Service) confirm(ctx context.Context, q Question, silent bool) (string, error) {
	c, err := s.options.Bookings.Case(ctx, q.Booking)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	kept := false
	if err == nil {
		session, ok := c.Cohort.Session(q.Session)
		if ok && session.StartsAt.Equal(q.StartsAt) && s.options.Now().Before(q.StartsAt) {
			kept = s.options.Bookings.ConfirmSession(ctx, q.Booking, q.Session, q.Partner) == nil
		}
	}
	switch {
	case silent:
		return "", nil
	case !kept:
		return s.reply(ctx, string(sms.Other), time.Time{}, nil), nil
	}
	return s.reply(ctx, string(sms.Yes), q.StartsAt, civil.ZoneOrUTC(c.Booking.Partners[q.Partner].Zone)), nil
}

// reply puts an answer, named by its template, into words, or says nothing where
// those would not fit.
func (s *Service) reply(ctx context.Context, to string, at time.Time, zone *time.Location) string {
	data := MailData{Practice: s.options.Practice, Until: at, Zone: zone}
	if zone == nil {
		data.Zone = time.UTC
	}
	for _, practice := range []Practice{s.options.Practice, {Name: s.options.Practice.Name}, {Name: "We"}} {
		data.Practice = practice
		if body, err := s.renderText(ctx, "reply_"+to, data); err == nil && sms.Fits(body) {
			return body
		}
	}
	return ""
}
