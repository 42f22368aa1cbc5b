package booking

import (
	"context"
	"errors"
	"time"

	"lantern/internal/audit"
	"lantern/retreats"
)

// Removal is the end of a turn by staff. It spans two documents, so it is
// written into the booking first and found there again if the process dies on
// the way.
type Removal struct {
	Reason string `json:"reason"`
	ByID   string `json:"by_id"`
	By     string `json:"by"`
}

// RemoveWaiting takes a couple off the waitlist. The couple reads the reason.
func (s *Service) RemoveWaiting(ctx context.Context, id, reason string, by audit.By) error {
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	if c.Standing.State != retreats.WaitingOn {
		return retreats.ErrNotWaiting
	}
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		if b.Moving != nil || b.Removing != nil {
			return errMoving
		}
		b.Removing = &Removal{Reason: reason, ByID: by.ID, By: by.Name}
		b.attend(now)
		return nil
	})
	if err != nil {
		return err
	}
	return s.Attend(ctx, id)
}

// removeTurn ends the turn and then the booking. When the couple has been
// offered a place in the meantime, it keeps it.
func (s *Service) removeTurn(ctx context.Context, c Case) error {
	m := *c.Booking.Removing
	by := audit.By{ID: m.ByID, Name: m.By}
	_, err := s.retreats.Remove(ctx, c.Booking.CohortID, c.Booking.ID, m.Reason, by)
	if errors.Is(err, retreats.ErrNotWaiting) && c.Standing.State != retreats.None {
		return errors.Join(err, s.update(ctx, c.Booking.ID, func(b *Booking, _ time.Time) error {
			b.Removing = nil
			return nil
		}))
	}
	if err != nil && !errors.Is(err, retreats.ErrNotWaiting) {
		return err
	}
	return s.update(ctx, c.Booking.ID, func(b *Booking, now time.Time) error {
		if b.Removing == nil {
			return nil
		}
		b.Removing = nil
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "taken off the waitlist", Reason: m.Reason})
		b.LapsedAt, b.EndReason = &now, m.Reason
		b.attend(now)
		b.replan(now)
		return nil
	})
}
