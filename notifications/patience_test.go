package notifications_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/notifications"
)

// TestMailThatIsLateWaitsForItsReadersMorning [D34]: what comes to its turn late,
// as after a night without a mail server, goes by the clocks of each reader, and
// not by those of the place.
func TestMailThatIsLateWaitsForItsReadersMorning(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	a := application("cleo")
	a.Partners[0].Zone, a.Partners[1].Zone = "Asia/Kathmandu", "America/Los_Angeles"
	o.apply(t, "co", a)
	in := booking.Received{Charge: booking.DepositCharge, Amount: money.Of(96000, "USD"), Method: booking.ByCash, Reference: "receipt"}
	must(t, o.bookings.RecordPayment(t.Context(), o.booking, in, robin))
	o.deliver(t)
	o.wait(time.Date(2027, 3, 27, 16, 0, 0, 0, time.UTC).Sub(o.clock())) // 9:00 in California, 21:45 in Kathmandu
	must(t, o.DispatchDue(t.Context(), o.clock()))
	for partner, want := range []notifications.State{notifications.Planned, notifications.Sent} {
		messages, err := o.OfBooking(t.Context(), o.booking, partner)
		must(t, err)
		found := false
		for _, m := range messages {
			if m.Rule != notifications.TellNoDriver || m.DueAt.After(o.clock()) || !m.UsefulUntil.After(o.clock()) {
				continue
			}
			found = true
			if m.State != want || want == notifications.Planned && !m.NextAt.Equal(time.Date(2027, 3, 28, 1, 15, 0, 0, time.UTC)) {
				t.Errorf("partner %d: it is %s, the next look is at %v", partner+1, m.State, m.NextAt)
			}
		}
		if !found {
			t.Errorf("partner %d has no reminder", partner+1)
		}
	}
}
