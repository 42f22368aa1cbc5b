package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
)

// needing are the bookings that a page of concerns lists, with their first
// matters.
func (w *world) needing() map[string]booking.MatterKind {
	w.t.Helper()
	all, _, err := w.bookings.Concerns(w.t.Context(), 100, "")
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := w.bookings.CountConcerns(w.t.Context(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	if n < len(all) {
		w.t.Errorf("%d need a person, but only %d are counted", len(all), n)
	}
	found := map[string]booking.MatterKind{}
	for _, c := range all {
		found[c.Booking.ID] = c.Matters[0].Kind
	}
	return found
}

func (w *world) expectNeeds(when, id string, want booking.MatterKind) {
	w.t.Helper()
	if got := w.needing()[id]; got != want {
		w.t.Errorf("%s: the list says %q, want %q", when, got, want)
	}
}

// TestABookingThatNeedsAPersonIsFoundByTimeAlone [D15]: nobody touches it on
// the day.
func TestABookingThatNeedsAPersonIsFoundByTimeAlone(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ctx := t.Context()
	ana := w.confirmed("ana")
	w.now = time.Date(2027, 3, 17, 16, 59, 0, 0, time.UTC) // a minute before 10:00, a week after the balance was due
	w.attend()
	w.expectNeeds("before the week is over", ana, "")
	w.wait(time.Minute)
	w.attend()
	w.expectNeeds("after it", ana, booking.MatterLate)

	// It does not come back for what has been seen to.
	w.must(w.bookings.RecordPayment(ctx, ana, booking.Received{
		Charge: booking.BalanceCharge, Amount: money.Of(384000, "USD"), Method: booking.ByTransfer, Reference: "line 7",
	}, robin))
	w.expectNeeds("paid by transfer", ana, "")

	w.must(w.bookings.Give(ctx, ana, booking.Gift{Amount: money.Of(10000, "USD"), Reason: "The heating failed."}, robin))
	w.expectNeeds("given back by hand", ana, booking.MatterToSend)
	c, err := w.bookings.Case(ctx, ana)
	w.must(err)
	w.must(w.bookings.RefundSent(ctx, ana, c.Booking.ToSend()[0].ID, "line 9", robin))
	w.expectNeeds("sent", ana, "")
	if n, err := w.bookings.CountConcerns(ctx, 0); n != 0 || err != nil {
		t.Errorf("%d are counted, %v", n, err)
	}
}

// TestWhoIsNotClearedIsFound [D11], and no more once the booking has ended.
func TestWhoIsNotClearedIsFound(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ctx := t.Context()
	ana := w.confirmed("ana")
	w.must(w.bookings.RecordClearance(ctx, ana, 1, booking.NotCleared, robin))
	w.attend()
	w.expectNeeds("not cleared", ana, booking.MatterNotCleared)
	w.must(w.bookings.RecordClearance(ctx, ana, 1, booking.Cleared, robin))
	w.attend()
	w.expectNeeds("cleared after all", ana, "")
	w.must(w.bookings.RecordClearance(ctx, ana, 1, booking.NotCleared, robin))
	w.attend()
	w.must(w.bookings.End(ctx, ana, booking.Ending{Kind: booking.EndNotCleared, Reason: "Please write to us."}, robin))
	w.expectNeeds("ended", ana, "")
}

// TestWhatNeedsAPersonIsSaidWhileStripeIsAway: a booking that cannot be
// attended to does not rest, and is found all the same.
func TestWhatNeedsAPersonIsSaidWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ctx := t.Context()
	ana := w.confirmed("ana")
	w.unreachable(true)
	w.must(w.bookings.Give(ctx, ana, booking.Gift{Amount: money.Of(10000, "USD"), Reason: "The heating failed."}, robin))
	w.must(w.bookings.RecordClearance(ctx, ana, 0, booking.NotCleared, robin))
	if err := w.bookings.AttendDue(ctx, w.now); err == nil {
		t.Error("the refund was made without Stripe")
	}
	w.expectNeeds("Stripe is away", ana, booking.MatterNotCleared)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
