package notifications

import (
	"context"
	"time"

	"lantern/booking"
)

// What follows when staff put a partner's address right.

// readdressedUse is how long it is of use to say where mail comes to now.
const readdressedUse = 14 * 24 * time.Hour

// readdressings tell a partner at their new address what it is for.
func readdressings(c booking.Case) (all []occasion) {
	if c.Booking.LapsedAt != nil {
		return nil
	}
	for i, p := range c.Booking.Partners {
		if p.MailSince != nil {
			o := once(*p.MailSince, p.MailSince.Add(readdressedUse))[0]
			o.to = []int{i}
			all = append(all, o)
		}
	}
	return all
}

// isOld reports whether an occasion is not for the second partner, who read the
// other's mailbox then: the two were told together [D39].
func isOld(b *booking.Booking, partner int, o occasion) bool {
	return partner == 1 && o.driver == nil && b.OwnMailSince != nil && o.due.Before(*b.OwnMailSince)
}

// wentAstray reports whether the message is a mail to a partner that failed
// before their address was put right, and is still of use.
func (m *Message) wentAstray(b *booking.Booking, now time.Time) bool {
	return m.State == Failed && m.Channel == ByMail && m.Driver == "" && m.Reader == "" && m.TroubleAt != nil &&
		b.Partners[m.Partner].HasNewMail(*m.TroubleAt) && now.Before(m.UsefulUntil)
}

// sendAnew begins anew with a message that went astray.
func (s *Service) sendAnew(ctx context.Context, m *Message, b *booking.Booking, now time.Time) error {
	_, err := s.messages.UpdateFound(ctx, m, func(stored *Message) error {
		if stored.wentAstray(b, now) {
			stored.Tries, stored.PlannedFor = 0, b.Rev
			stored.again(now)
		}
		return nil
	})
	return err
}
