package bookingweb

import (
	"testing"
	"time"

	"lantern/booking"
)

// TestTheSamePeopleAreCalledOnce about both days for which they have named no driver
// [D28]; a driver who has to say yes is another call.
func TestTheSamePeopleAreCalledOnce(t *testing.T) {
	t.Parallel()
	c := prepared(t, morning)
	first, _ := c.Cohort.Session("s2")
	for _, id := range []string{"s4", "s5"} {
		next := first
		next.ID, next.StartsAt, next.EndsAt = id, first.StartsAt.Add(time.Hour), first.EndsAt.Add(time.Hour)
		c.Cohort.Sessions = append(c.Cohort.Sessions, next)
	}
	c.Booking.Drivers = []booking.Driver{{Session: "s4", Name: "Kim", Phone: "+14155550177"}}
	now := first.StartsAt.Add(-20 * time.Hour)
	var lines []booking.CallLine
	for _, call := range c.Calls(now) {
		if call.Session.ID != "s1" && call.Kind != booking.CallPapers {
			lines = append(lines, booking.CallLine{Case: c, Call: call})
		}
	}
	calls := phoneCalls(lines, now)
	if len(calls) != 2 || len(calls[0].About) != 2 || calls[0].About[1].Call != "driver_unnamed.s5" || len(calls[1].About) != 1 || calls[1].Phones[0].Name != "Kim" {
		t.Errorf("of %d things they are called %+v", len(lines), calls)
	}
}
