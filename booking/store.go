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
	byCreated = "created" // bookings by age
	byLease   = "lease"   // comparisons that have not ended, by when somebody else may go on
	byStart   = "start"   // comparisons by when they began
	byEnd     = "end"     // comparisons that have ended
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
	bookings    *store.Collection[Booking]
	events      *store.Collection[event]
	comparisons *store.Collection[Comparison]
	wrong       *store.Collection[WrongVersion]
}

func define(ctx context.Context, db *store.DB) (c collections, err error) {
	c.bookings, err = store.Define[Booking](ctx, db, "bookings",
		// A comparison goes through all bookings: one of any age can be wrong, and
		// reading one that is in order costs less than finding out which are.
		store.Index{Name: byCreated, Fields: []string{"created_at"}},
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
	if err != nil {
		return c, err
	}
	c.comparisons, err = store.Define[Comparison](ctx, db, "comparisons",
		store.Index{Name: byLease, Fields: []string{"lease_until"}},
		store.Index{Name: byStart, Fields: []string{"started_at"}},
		store.Index{Name: byEnd, Fields: []string{"ended_at"}})
	if err != nil {
		return c, err
	}
	c.wrong, err = store.Define[WrongVersion](ctx, db, "stripe_wrong_version")
	return c, err
}
