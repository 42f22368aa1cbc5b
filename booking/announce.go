package booking

import (
	"context"
	"errors"
	"fmt"

	"lantern/internal/store"
	"lantern/retreats"
)

// announce asks every living booking of a cohort to look again.
func (s *Service) announce(ctx context.Context, a retreats.Announcement) error {
	cohort, err := s.retreats.Cohort(ctx, a.Cohort)
	if err != nil {
		return err
	}
	var living []string
	err = s.bookings.All(ctx, store.Query{Index: byCohort, Equal: []any{a.Cohort}}, func(b *Booking) error {
		if !b.IsOver() {
			living = append(living, b.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = severally(living, s.atOnce, func(id string) error { return s.askToLook(ctx, id, cohort) })
	if err != nil {
		return err
	}
	latest, err := s.retreats.Cohort(ctx, a.Cohort)
	if err != nil {
		return err
	}
	if latest.Schedule != cohort.Schedule {
		// Moved again meanwhile: of two processes, the one with the older dates
		// may have come last.
		return s.announce(ctx, a)
	}
	s.changed()
	return s.retreats.Announced(ctx, a)
}

func (s *Service) askToLook(ctx context.Context, id string, cohort *retreats.Cohort) error {
	err := s.bookings.Update(ctx, id, func(b *Booking) error {
		now := s.now()
		if until := linksUntil(cohort); until.After(b.LinksUntil) {
			b.LinksUntil = until // the dates have moved
		}
		b.followDates(cohort, now)
		b.attend(now)
		b.replan(now)
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("asking booking %s to look: %w", id, err)
	}
	return nil
}
