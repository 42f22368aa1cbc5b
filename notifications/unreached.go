package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/booking"
	"lantern/internal/store"
)

// Mail that can never be delivered. Where its reader wants texts and a text says
// the same, that goes instead. Else the booking notes that they cannot be reached,
// and a person phones.

// WhyNoMail is why a message goes as a text that was a mail.
const WhyNoMail = "no mail"

// saysAll are the templates whose text says what their mail does.
var saysAll = map[string]bool{TellPreparation: true, TellRide: true}

// undelivered is what becomes of a mail that can never be delivered.
func (s *Service) undelivered(m Message, l letter, sent *Copy) result {
	if l.otherwise && m.Why == "" && s.options.SendText != nil {
		return result{byText: true}
	}
	return result{state: Failed, copy: sent, tell: m.BookingID != ""}
}

// canTextInstead reports whether the reader of a mail can be told by text what it
// says.
func canTextInstead(c booking.Case, m Message, o occasion) bool {
	switch {
	case !saysAll[m.Rule] || m.Beside:
		return false
	case o.driver != nil:
		return o.driver.TextsTo() != ""
	}
	return !sharesMailbox(c.Booking) && c.Booking.TextsTo(m.Partner) != ""
}

// isUnreached reports whether the booking says that mail to the reader does not
// arrive, which is over when one does.
func isUnreached(c booking.Case, m Message) bool {
	if d, ok := c.Booking.Driver(m.Driver); m.Driver != "" && ok {
		return d.Unreached != nil
	}
	return m.Driver == "" && c.Booking.Partners[m.Partner].Unreached != nil
}

// tell keeps the message in mind until its booking has noted what became of it.
func (m *Message) tell(now time.Time) { m.NextAt = &now }

// noteMails tells bookings of mails that have failed, and of those that have come
// through after all. Whoever dies before a message says that it was told leaves
// it to be told again.
func (s *Service) noteMails(ctx context.Context) error {
	var failed []error
	for _, state := range []State{Failed, Sent} {
		page, err := s.messages.Find(ctx, store.Query{
			Index: byNext, Equal: []any{state}, To: s.options.Now().Add(time.Millisecond), Limit: passBatch,
		})
		failed = append(failed, err)
		for _, m := range page.Items {
			if err := s.noteMail(ctx, m); err != nil {
				failed = append(failed, fmt.Errorf("noting what became of message %s: %w", m.ID, err))
			}
		}
	}
	return errors.Join(failed...)
}

func (s *Service) noteMail(ctx context.Context, m *Message) error {
	news := booking.MailNews{Partner: m.Partner, Driver: m.Driver, At: *m.NextAt, Failed: m.State == Failed}
	if m.Copy != nil {
		news.Email = m.Copy.Email
	}
	if err := s.options.Bookings.NoteMail(ctx, m.BookingID, news); err != nil {
		return err
	}
	return s.messages.Update(ctx, m.ID, func(stored *Message) error {
		if stored.State == m.State {
			stored.NextAt = nil
		}
		return nil
	})
}
