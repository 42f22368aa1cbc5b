package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/store"
)

// passBatch bounds how much one pass does; the next tick does the rest.
const passBatch = 200

// SettleCohorts brings about what time has in the cohorts, and lets the
// couples know that have been offered a place by it.
func (s *Service) SettleCohorts(ctx context.Context, now time.Time) error {
	result, err := s.retreats.SettleDue(ctx, now)
	failed := []error{err}
	for _, a := range result.Announced {
		if err := s.announce(ctx, a); err != nil {
			failed = append(failed, fmt.Errorf("announcing a change of cohort %s: %w", a.Cohort, err))
		}
	}
	for _, offered := range result.Offered {
		if err := s.tellOffer(ctx, offered); err != nil {
			failed = append(failed, fmt.Errorf("telling booking %s of its offer: %w", offered.Booking, err))
		}
	}
	return errors.Join(failed...)
}

// AttendDue attends to every booking that has something to do. One that fails
// does not keep the others from it; it is tried again later.
func (s *Service) AttendDue(ctx context.Context, now time.Time) error {
	due, err := s.bookings.Find(ctx, store.Query{Index: byAttend, To: now.Add(time.Millisecond), Limit: passBatch})
	if err != nil {
		return err
	}
	var failed []error
	for _, b := range due.Items {
		if err := s.Attend(ctx, b.ID); err != nil {
			failed = append(failed, err, s.postpone(ctx, b.ID, now))
		}
	}
	return errors.Join(failed...)
}

// retryTime is how long after a failed attempt a booking is attended to again:
// long enough that one that always fails does not crowd out the others.
const retryTime = time.Minute

func (s *Service) postpone(ctx context.Context, id string, now time.Time) error {
	return s.bookings.Update(ctx, id, func(b *Booking) error {
		later := now.Add(retryTime)
		b.AttendAt = &later
		return nil
	})
}

// ActOnEvents acts on the events that were stored and not acted on.
func (s *Service) ActOnEvents(ctx context.Context, now time.Time) error {
	pending, err := s.events.Find(ctx, store.Query{Index: byPending, To: now, Limit: passBatch})
	if err != nil {
		return err
	}
	var failed []error
	for _, e := range pending.Items {
		failed = append(failed, s.act(ctx, e))
	}
	return errors.Join(failed...)
}

// PlanDue returns bookings whose messages must be planned again.
func (s *Service) PlanDue(ctx context.Context, now time.Time) ([]*Booking, error) {
	due, err := s.bookings.Find(ctx, store.Query{Index: byPlan, To: now.Add(time.Millisecond), Limit: passBatch})
	return due.Items, err
}

// Planned notes that the booking's messages are planned for what it said at
// that revision. If planning was asked for since, it stays due.
func (s *Service) Planned(ctx context.Context, id string, rev int64) error {
	return s.bookings.Update(ctx, id, func(b *Booking) error {
		b.planned(rev)
		return nil
	})
}

func (b *Booking) planned(rev int64) {
	if b.PlanRev < rev {
		b.PlanAt = nil
	}
}
