package notifications

import (
	"context"

	"lantern/internal/store"
)

// The indexes of this slice.
const (
	byNext    = "next"    // by state and when somebody has to act
	byBooking = "booking" // all of a booking
	byCohort  = "cohort"  // all of a cohort, by time
	byBoth    = "both"    // all of a cohort in a state, by time
	byState   = "state"   // all in a state, by time
	byTime    = "time"    // all, by time
	byTrouble = "trouble" // those that did not arrive, by when that was found
	byReplan  = "replan"  // sets of reminders whose couples are to be planned for anew
	byStaff   = "staff"   // sets of reminders of which some are for staff
)

func define(ctx context.Context, db *store.DB) (*store.Collection[Message], error) {
	return store.Define[Message](ctx, db, "messages",
		store.Index{Name: byNext, Fields: []string{"state", "next_at"}},
		store.Index{Name: bySent, Fields: []string{"state", "copy.at"}},
		store.Index{Name: byBooking, Fields: []string{"booking_id", "created_at"}},
		store.Index{Name: byCohort, Fields: []string{"cohort_id", "created_at"}},
		store.Index{Name: byBoth, Fields: []string{"cohort_id", "state", "created_at"}},
		store.Index{Name: byState, Fields: []string{"state", "created_at"}},
		store.Index{Name: byTrouble, Fields: []string{"trouble_at"}},
		store.Index{Name: byTime, Fields: []string{"created_at"}})
}

func defineSets(ctx context.Context, db *store.DB) (*store.Collection[ReminderSet], error) {
	return store.Define[ReminderSet](ctx, db, "reminders",
		store.Index{Name: byReplan, Fields: []string{"replan_at"}},
		store.Index{Name: byStaff, Fields: []string{"staff"}})
}
