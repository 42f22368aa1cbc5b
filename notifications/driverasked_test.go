package notifications_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/booking"
)

// TestACoupleGivesUpWhileItsDriverIsWrittenTo: that the driver was asked cannot be
// noted any more, which is nothing that went wrong.
func TestACoupleGivesUpWhileItsDriverIsWrittenTo(t *testing.T) {
	t.Parallel()
	p := openPractice(t)
	id := p.couples[0]
	in := booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Email: "kim@example.org", Relation: "a friend"}
	must(t, p.bookings.NameDriver(t.Context(), id, "s1", 0, in))
	p.plan(t)
	p.wait(2 * time.Hour)
	var once sync.Once
	p.during = func(ctx context.Context) {
		once.Do(func() { must(t, p.bookings.Cancel(ctx, id, nil)) })
	}
	must(t, p.DispatchDue(t.Context(), p.clock()))
	asked := 0
	for message, times := range p.sent {
		if strings.HasPrefix(message, "ride.") {
			asked += times
		}
	}
	if asked != 1 {
		t.Errorf("sent %v", p.sent)
	}
}
