package retreats

import (
	"context"

	"lantern/internal/store"
)

// The indexes of this slice.
const (
	byOffer    = "offer"    // cohorts by state and first day
	byRetreat  = "retreat"  // cohorts of a retreat by state and first day
	byLinger   = "linger"   // cohorts whose last day has been, with sessions to come, by first day
	byDeadline = "deadline" // cohorts by what time brings about next
	byName     = "name"     // retreats
)

type collections struct {
	retreats *store.Collection[Retreat]
	cohorts  *store.Collection[Cohort]
}

func define(ctx context.Context, db *store.DB) (c collections, err error) {
	c.retreats, err = store.Define[Retreat](ctx, db, "retreats",
		store.Index{Name: byName, Fields: []string{"name"}})
	if err != nil {
		return c, err
	}
	c.cohorts, err = store.Define[Cohort](ctx, db, "cohorts",
		store.Index{Name: byOffer, Fields: []string{"state", "starts_on"}},
		store.Index{Name: byRetreat, Fields: []string{"retreat_id", "state", "starts_on"}},
		store.Index{Name: byLinger, Fields: []string{"lingering", "starts_on"}},
		store.Index{Name: byDeadline, Fields: []string{"next_deadline"}})
	return c, err
}
