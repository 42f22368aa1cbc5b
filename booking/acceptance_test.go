package booking_test

import (
	"testing"

	"lantern/booking"
	"lantern/retreats"
)

// TestThePolicyThatWasAcceptedHolds [D19]: word by word with its time, its hash
// and where it came from, whatever the cohort's says afterwards; what comes back
// is computed from it.
func TestThePolicyThatWasAcceptedHolds(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	c, err := w.bookings.Book(ctx, "co", booking.Application{
		AcceptPolicy: true, IP: "203.0.113.7",
		Partners: [2]booking.PartnerInput{{Name: "Ana", Email: "ana@example.org"}, {Name: "Jon", Email: "jon@example.org"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	accepted := c.Booking.Acceptance
	if !accepted.At.Equal(w.now) || accepted.IP != "203.0.113.7" || accepted.Hash != retreats.Hash(accepted.Statement) ||
		accepted.Statement != c.Cohort.Policy.Statement(c.Cohort.StartsOn) {
		t.Fatalf("accepted %+v", accepted)
	}
	w.payWith(w.open(c.Booking.ID, booking.DepositCharge), goodCard)
	w.passes()
	_, err = w.retreats.AmendCohort(ctx, "co", robin, func(_ *retreats.Programme, terms *retreats.Terms) error {
		terms.Policy.Tiers = []retreats.RefundTier{{DaysBefore: 0, Percent: 0}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := w.stands(c.Booking.ID, retreats.Confirmed, deposit)
	if now := seen.Booking.Acceptance; now.Hash != accepted.Hash || now.Statement != accepted.Statement {
		t.Errorf("what they accepted has become %+v", now)
	}
	if q := seen.Quote(w.now); q.Percent != 100 {
		t.Errorf("by the policy of somebody else: %+v", q)
	}
}
