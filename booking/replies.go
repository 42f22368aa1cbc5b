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
}

// HasReplied reports whether the partner has said that they come.
func (b *Booking) HasReplied(session string, partner int) bool {
	return slices.ContainsFunc(b.Replies, func(r Reply) bool { return r.Session == session && r.Partner == partner })
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
		if !b.HasReplied(session, partner) {
			b.Replies = append(slices.Clone(b.Replies), Reply{Session: session, Partner: partner, At: now})
			b.replan(now)
		}
		return nil
	})
}
