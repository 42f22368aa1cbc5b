package retreats

import (
	"context"
	"slices"

	"lantern/internal/store"
)

// OfRetreat returns the retreat's cohorts in a state by their first day, as they
// are now, most at the most: the next ones, or the last ones of what is over.
// More says that there are others.
func (s *Service) OfRetreat(ctx context.Context, retreat string, state CohortState, most int) (cohorts []*Cohort, more bool, err error) {
	over := state == Finished || state == Cancelled
	page, err := s.cohorts.Find(ctx, store.Query{
		Index: byRetreat, Equal: []any{retreat, state}, Desc: over, Limit: most,
	})
	if over {
		slices.Reverse(page.Items)
	}
	for _, c := range page.Items {
		c.Settle(s.now())
	}
	return page.Items, page.Next != "", err
}
