package booking

import (
	"context"
	"errors"
	"fmt"

	"lantern/internal/store"
)

// AskToPlan asks for the messages of all living bookings of a cohort to be
// planned again, since what is said to its couples has changed.
func (s *Service) AskToPlan(ctx context.Context, cohortID string) error {
	var living []string
	err := s.bookings.All(ctx, store.Query{Index: byCohort, Equal: []any{cohortID}}, func(b *Booking) error {
		if !b.IsOver() {
			living = append(living, b.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = severally(living, s.atOnce, func(id string) error { return s.askToPlan(ctx, id) })
	if err != nil {
		return err
	}
	s.changed()
	return nil
}

// AskToPlanOne is AskToPlan for one booking.
func (s *Service) AskToPlanOne(ctx context.Context, id string) error {
	if err := s.askToPlan(ctx, id); err != nil {
		return err
	}
	s.changed()
	return nil
}

func (s *Service) askToPlan(ctx context.Context, id string) error {
	err := s.bookings.Update(ctx, id, func(b *Booking) error {
		b.replan(s.now())
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("asking for booking %s to be planned: %w", id, err)
	}
	return nil
}
