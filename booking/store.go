package booking

import (
	"context"
	"time"

	"lantern/internal/store"
)

// The indexes of this slice.
const (
	byAttend  = "attend"  // bookings by when they must be looked at
	byNeeds   = "needs"   // bookings that need a person, by since when
	byPlan    = "plan"    // bookings whose messages must be planned again
	byCohort  = "cohort"  // bookings of a cohort, by time
	byGroup   = "group"   // bookings of one couple for several cohorts
	byLapse   = "lapse"   // bookings of a cohort that ended without money
	byCancel  = "cancel"  // bookings of a cohort that were cancelled
	byPending = "pending" // events that have not been acted on
)

// event is a word from Stripe. It is stored once by its id, and acted on by
// asking Stripe what is true now.
type event struct {
	store.Meta
	Type     string `json:"type"`
	ObjectID string `json:"object_id"`
	// PaymentID is the payment intent that the object belongs to, if it names one.
	PaymentID  string    `json:"payment_id,omitempty"`
	ReceivedAt time.Time `json:"received_at"`
	// ActAt is when a pass acts on the event; nil once that has been done.
	ActAt *time.Time `json:"act_at,omitempty"`
	// Failures counts how often in a row a pass could not act on it.
	Failures int `json:"failures,omitempty"`
}

type collections struct {
	bookings *store.Collection[Booking]
	events   *store.Collection[event]
}

func define(ctx context.Context, db *store.DB) (c collections, err error) {
	c.bookings, err = store.Define[Booking](ctx, db, "bookings",
		store.Index{Name: byAttend, Fields: []string{"attend_at"}},
		store.Index{Name: byNeeds, Fields: []string{"needs_at"}},
		store.Index{Name: byPlan, Fields: []string{"plan_at"}},
		store.Index{Name: byGroup, Fields: []string{"group_id", "created_at"}},
		store.Index{Name: byCohort, Fields: []string{"cohort_id", "created_at"}},
		store.Index{Name: byLapse, Fields: []string{"cohort_id", "lapsed_at"}},
		store.Index{Name: byCancel, Fields: []string{"cohort_id", "cancellation.at"}})
	if err != nil {
		return c, err
	}
	c.events, err = store.Define[event](ctx, db, "stripe_events",
		store.Index{Name: byPending, Fields: []string{"act_at"}})
	return c, err
}
