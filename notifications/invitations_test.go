package notifications_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"lantern/booking"
	"lantern/internal/calendar"
	"lantern/internal/money"
	"lantern/notifications"
	"lantern/retreats"
)

// invited says of each calendar file of a mail what a calendar reads: what for,
// which entry, from whom and for whom.
func invited(t *testing.T, m notifications.Outgoing) []string {
	t.Helper()
	var all []string
	for _, file := range m.Calendars {
		parsed, err := ical.ParseCalendar(bytes.NewReader(file))
		if err != nil || len(parsed.Events()) != 1 {
			t.Fatalf("%v: %s", err, file)
		}
		e := parsed.Events()[0]
		read := func(property ical.ComponentProperty) string { return e.GetProperty(property).Value }
		if read(ical.ComponentPropertyOrganizer) != "mailto:office@example.org" || len(e.Attendees()) != 1 || e.Attendees()[0].Email() != m.Email {
			t.Errorf("from or to somebody else than %s:\n%s", m.Email, file)
		}
		if title := read(ical.ComponentPropertySummary); notifications.Telling(title) != nil {
			t.Errorf("the title %q tells too much [D38]", title)
		}
		session, _, _ := strings.Cut(e.Id(), ".")
		all = append(all, fmt.Sprint(calendar.MethodOf(file), " ", session, " ", read(ical.ComponentPropertySequence), " ", read(ical.ComponentPropertyStatus)))
	}
	return all
}

// openInviting is an office whose mails bring calendar files. What it gives beside
// lets all be delivered that is due, and wants both partners to have got a mail of
// that rule with these files.
func openInviting(t *testing.T) (o *office, expect func(rule string, want ...string)) {
	t.Helper()
	got := map[string][][]string{}
	o = openOfficeWith(t, false, func(options *notifications.Options) {
		options.Sender, options.MailsAtOnce = calendar.Mailbox{Name: "Cedar House", Email: "office@example.org"}, 1
		options.Send = func(_ context.Context, m notifications.Outgoing) error {
			got[m.Subject] = append(got[m.Subject], invited(t, m)) // the subject is the rule, see openOfficeWith
			return nil
		}
	})
	return o, func(rule string, want ...string) {
		t.Helper()
		o.deliver(t)
		if len(got[rule]) != 2 || !slices.Equal(got[rule][0], want) || !slices.Equal(got[rule][1], want) {
			t.Errorf("%s: %q, want %q to both", rule, got[rule], want)
		}
		delete(got, rule)
	}
}

// TestCalendarsFollowByMail: who has a place has it in their calendar, where it
// moves and ends with the booking; each by a file of their own [D21], [D39].
func TestCalendarsFollowByMail(t *testing.T) {
	t.Parallel()
	o, expect := openInviting(t)
	expect("held")
	in := booking.Received{Charge: booking.DepositCharge, Amount: money.Of(96000, "USD"), Method: booking.ByCash, Reference: "receipt 1"}
	must(t, o.bookings.RecordPayment(t.Context(), o.booking, in, robin))
	expect("confirmed", "REQUEST s1 0 CONFIRMED")
	o.wait(time.Hour)
	_, err := o.cohorts.Reschedule(t.Context(), "co", "2027-04-16", robin)
	must(t, err)
	must(t, o.bookings.AskToPlan(t.Context(), "co"))
	o.wait(15 * time.Minute)
	expect("rescheduled", "REQUEST s1 1 CONFIRMED")
	must(t, o.bookings.Cancel(t.Context(), o.booking, nil))
	expect("cancelled", "CANCEL s1 2 CANCELLED")
}

// TestTheMeetingGoesWithItsReminder and none else, not in a text, and not what is
// over.
func TestTheMeetingGoesWithItsReminder(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	o := openOfficeWith(t, true, func(options *notifications.Options) {
		options.Sender, options.MailsAtOnce = calendar.Mailbox{Name: "Cedar House", Email: "office@example.org"}, 1
		options.Send = func(_ context.Context, m notifications.Outgoing) error {
			got[m.Subject] = append(got[m.Subject], invited(t, m)...)
			return nil
		}
	})
	in := booking.Received{Charge: booking.DepositCharge, Amount: money.Of(96000, "USD"), Method: booking.ByCash, Reference: "receipt 1"}
	must(t, o.bookings.RecordPayment(t.Context(), o.booking, in, robin))
	o.deliver(t)
	o.wait(time.Hour)
	for _, plan := range []retreats.PlannedSession{
		{Kind: retreats.Preparation, Title: "Getting ready", Day: -7, Clock: "18:00", Minutes: 90},
		{Kind: retreats.Integration, Title: "Looking back", Day: 14, Clock: "18:00", Minutes: 90},
	} {
		_, err := o.cohorts.ChangeSession(t.Context(), "co", "", plan, robin)
		must(t, err)
	}
	must(t, o.bookings.AskToPlan(t.Context(), "co"))
	for range 120 {
		o.wait(24 * time.Hour)
		o.deliver(t)
	}
	if all := got["rescheduled"]; len(all) != 3 {
		t.Errorf("changed: %q", all)
	}
	for rule, session := range map[string]string{"preparation": "s2", "integration": "s3"} {
		if len(got[rule]) == 0 || slices.ContainsFunc(got[rule], func(read string) bool { return !strings.HasPrefix(read, "REQUEST "+session+" ") }) {
			t.Errorf("%s: %q", rule, got[rule])
		}
	}
	for rule, all := range got {
		if !slices.Contains([]string{"confirmed", "rescheduled", "preparation", "integration"}, rule) && len(all) > 0 {
			t.Errorf("%s has calendar files: %q", rule, all)
		}
	}
}

// TestOtherDatesTakeTheOldOnesOut: sessions of other dates have ids that those of
// the old ones had, so an entry moves, whatever number it had; what has none there
// any more is taken out, and comes back with the couple.
func TestOtherDatesTakeTheOldOnesOut(t *testing.T) {
	t.Parallel()
	o, expect := openInviting(t)
	addCohort(t, o.cohorts, "other", 2, o.clock())
	add := func(cohort string, kind retreats.SessionKind, day int) {
		t.Helper()
		_, err := o.cohorts.ChangeSession(t.Context(), cohort, "", retreats.PlannedSession{Kind: kind, Title: "Meeting", Day: day, Clock: "18:00", Minutes: 90}, robin)
		must(t, err)
	}
	add("co", retreats.Preparation, -7)
	add("co", retreats.Integration, 14)
	add("other", retreats.Preparation, -60)
	in := booking.Received{Charge: booking.DepositCharge, Amount: money.Of(96000, "USD"), Method: booking.ByCash, Reference: "receipt 1"}
	must(t, o.bookings.RecordPayment(t.Context(), o.booking, in, robin))
	expect("confirmed", "REQUEST s2 2 CONFIRMED", "REQUEST s1 2 CONFIRMED", "REQUEST s3 2 CONFIRMED")
	o.wait(40 * 24 * time.Hour) // the preparation of the other dates is over
	must(t, o.bookings.TransferByCouple(t.Context(), o.booking, booking.Transfer{To: "other", AcceptPolicy: true}))
	expect("transferred", "REQUEST s2 4 CONFIRMED", "REQUEST s1 4 CONFIRMED", "CANCEL s3 4 CANCELLED")
	must(t, o.bookings.TransferByStaff(t.Context(), o.booking, "co", "They asked.", robin))
	expect("transferred", "REQUEST s2 7 CONFIRMED", "REQUEST s1 7 CONFIRMED", "REQUEST s3 7 CONFIRMED")
	must(t, o.bookings.Cancel(t.Context(), o.booking, nil))
	expect("cancelled", "CANCEL s2 8 CANCELLED", "CANCEL s1 8 CANCELLED", "CANCEL s3 8 CANCELLED")
}
