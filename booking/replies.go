package booking

import (
	"context"
	"slices"
	"time"

	"lantern/internal/fault"
	"lantern/retreats"
)

// Reply is one partner's word that they come to a session.
type Reply struct {
	Session string    `json:"session"`
	Partner int       `json:"partner"`
	At      time.Time `json:"at"`
	// StartsAt is when the session was to begin: the word is good for no other
	// time.
	StartsAt time.Time `json:"starts_at"`
}

// HasReplied reports whether the partner has said that they come to the
// session at the time at which it is now.
func (b *Booking) HasReplied(s retreats.Session, partner int) bool {
	return slices.ContainsFunc(b.Replies, func(r Reply) bool {
		return r.Session == s.ID && r.Partner == partner && r.StartsAt.Equal(s.StartsAt)
	})
}

// ConfirmSession notes that the partner comes to a preparation session.
// Confirming twice is harmless.
func (s *Service) ConfirmSession(ctx context.Context, id, session string, partner int) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		held, ok := c.Cohort.Session(session)
		if !ok || held.Kind != retreats.Preparation {
			return fault.New(fault.NotFound, "There is no such preparation session.")
		}
		if b.HasReplied(held, partner) {
			return nil
		}
		b.Replies = slices.DeleteFunc(slices.Clone(b.Replies), func(r Reply) bool {
			return r.Session == session && r.Partner == partner
		})
		b.Replies = append(b.Replies, Reply{Session: session, Partner: partner, At: now, StartsAt: held.StartsAt})
		b.replan(now)
		return nil
	})
}
