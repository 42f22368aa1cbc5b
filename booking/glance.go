package booking

import (
	"context"
	"errors"
	"fmt"

	"lantern/internal/store"
	"lantern/retreats"
)

// Glance is Case for those who only look, and do so for many bookings: what has
// not changed is not loaded again. It is as fresh, and must not be changed.
func (s *Service) Glance(ctx context.Context, id string) (Case, error) {
	b, err := s.bookings.Peek(ctx, id)
	if err != nil {
		return Case{}, err
	}
	return s.CaseOf(ctx, b)
}

// GlanceAll is Glance for many bookings at once. Those that are not there are
// absent from its answer.
func (s *Service) GlanceAll(ctx context.Context, ids []string) (map[string]Case, error) {
	bookings, err := s.bookings.PeekAll(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("loading bookings: %w", err)
	}
	cohorts, cases := map[string]*retreats.Cohort{}, make(map[string]Case, len(bookings))
	for _, id := range ids { // in their order, so that a run can be repeated exactly
		b, there := bookings[id]
		if !there {
			continue
		}
		cohort, known := cohorts[b.CohortID]
		if !known {
			cohort, err = s.retreats.Cohort(ctx, b.CohortID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, fmt.Errorf("loading the cohort of booking %s: %w", id, err)
			}
			cohorts[b.CohortID] = cohort
		}
		if cohort != nil {
			cases[id] = Case{Booking: b, Cohort: cohort, Standing: cohort.Standing(id, s.now())}
		}
	}
	return cases, nil
}
