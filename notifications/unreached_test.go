package notifications_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/notifications"
)

// missing are those whom the booking says nothing reaches.
func (o *office) missing(t *testing.T) (names []string) {
	t.Helper()
	c, err := o.bookings.Case(t.Context(), o.booking)
	must(t, err)
	for _, m := range c.Missing(o.clock()) {
		names = append(names, m.Name)
	}
	return names
}

// TestABookingNotesWhomNoMailReaches: also when the process dies right after the
// mail has failed; until a mail comes through, or staff have reached them.
func TestABookingNotesWhomNoMailReaches(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.answers(errNever)
	dying, die := context.WithCancel(t.Context())
	o.during = func(context.Context) { die() }
	if err := o.DispatchDue(dying, o.clock()); !errors.Is(err, errNever) {
		t.Fatalf("got %v", err)
	}
	o.during = nil
	if got := o.missing(t); len(got) != 0 {
		t.Fatalf("nothing has died: %v", got)
	}
	for range 2 {
		_ = o.DispatchDue(t.Context(), o.clock())
	}
	if got := o.missing(t); len(got) != 2 {
		t.Fatalf("not reached are %v", got)
	}
	must(t, o.bookings.Reached(t.Context(), o.booking, "2", audit.By{ID: "p1", Name: "Robin"}))
	if err := o.bookings.Reached(t.Context(), o.booking, "2", audit.By{ID: "p1", Name: "Robin"}); err == nil {
		t.Error("who has been reached is reached again")
	}
	if got := o.missing(t); len(got) != 1 || got[0] != "Maya" {
		t.Errorf("after a call: %v", got)
	}

	o.answers(nil)
	o.wait(time.Minute)
	messages, err := o.OfBooking(t.Context(), o.booking, 0)
	must(t, err)
	must(t, o.TryAgain(t.Context(), messages[0].ID, audit.By{ID: "p1", Name: "Robin"}))
	must(t, o.DispatchDue(t.Context(), o.clock()))
	if got := o.missing(t); len(got) != 0 {
		t.Errorf("after a mail has come through: %v", got)
	}
	if m, err := o.Message(t.Context(), messages[0].ID); err != nil || m.State != notifications.Sent || m.NextAt != nil {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestOldNewsOfMailChangeNothing: in whatever order they come, and of an address
// that is not theirs any more.
func TestOldNewsOfMailChangeNothing(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	note := func(n booking.MailNews) {
		t.Helper()
		must(t, o.bookings.NoteMail(t.Context(), o.booking, n))
	}
	at := o.clock()
	note(booking.MailNews{Email: "maya@example.net", At: at, Failed: true})
	if got := o.missing(t); len(got) != 0 {
		t.Errorf("mail to another address has failed: %v", got)
	}
	note(booking.MailNews{Email: "maya@example.org", At: at, Failed: true})
	note(booking.MailNews{Email: "maya@example.org", At: at, Failed: true})
	note(booking.MailNews{Email: "maya@example.org", At: at.Add(-time.Hour)})
	if got := o.missing(t); len(got) != 1 {
		t.Errorf("not reached are %v", got)
	}
	note(booking.MailNews{Email: "maya@example.org", At: at.Add(time.Hour)})
	if got := o.missing(t); len(got) != 0 {
		t.Errorf("after a later mail: %v", got)
	}
	must(t, o.bookings.NoteMail(t.Context(), "none such", booking.MailNews{At: at, Failed: true}))
}
