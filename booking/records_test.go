package booking_test

import (
	"encoding/json"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/retreats"
)

// openRecords opens the documents of a world beside its process.
func openRecords(w *world, engine store.Engine) (*store.DB, error) {
	db := store.Open(engine)
	clock := func() time.Time { return w.now }
	cohorts, err := retreats.NewService(w.t.Context(), db, clock)
	if err != nil {
		return nil, err
	}
	key, err := seal.Parse(strings.Repeat("5e", 32))
	if err != nil {
		return nil, err
	}
	_, err = booking.NewService(w.t.Context(), booking.Options{DB: db, Retreats: cohorts, Key: key, Now: clock, Changed: func() {}})
	return db, err
}

func documentID(w *world, d store.Document) string {
	var meta store.Meta
	if err := json.Unmarshal(d.Body, &meta); err != nil {
		w.t.Fatal(err)
	}
	return meta.ID
}

// breakDocuments changes a booking and its cohort past all rules.
func breakDocuments(w *world, id string, breaks func(*booking.Booking, *retreats.Cohort)) {
	db := store.Open(w.engine)
	bookings, err := store.Define[booking.Booking](w.t.Context(), db, "bookings")
	if err != nil {
		w.t.Fatal(err)
	}
	cohorts, err := store.Define[retreats.Cohort](w.t.Context(), db, "cohorts")
	if err != nil {
		w.t.Fatal(err)
	}
	err = bookings.Update(w.t.Context(), id, func(b *booking.Booking) error {
		return cohorts.Update(w.t.Context(), b.CohortID, func(c *retreats.Cohort) error {
			breaks(b, c)
			return nil
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
