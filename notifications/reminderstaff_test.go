package notifications_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"lantern/notifications"
)

// TestStaffOnDutyAreReminded: each who is on duty once, by the booking's name
// alone; who is not any more gets nothing, and who comes on duty is planned for.
func TestStaffOnDutyAreReminded(t *testing.T) {
	t.Parallel()
	sam, kim := notifications.Reader{ID: "p1", Name: "Sam", Email: "sam@example.org"}, notifications.Reader{ID: "p2", Name: "Kim", Email: "kim@example.org"}
	lee := notifications.Reader{ID: "p3", Name: "Lee", Email: "lee@example.org"}
	links := map[string]int{}
	onDuty := []notifications.Reader{sam, kim}
	o := openOfficeWith(t, false, func(options *notifications.Options) {
		options.OnDuty = func(context.Context) ([]notifications.Reader, error) { return onDuty, nil }
		options.StaffPage = func(id string) string { return "https://cedar.example/staff/bookings/" + id }
		render := options.Render
		options.Render = func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			if rule == notifications.TellNote {
				links[data.Link]++
				if data.Own != "" || data.Other != nil || !data.StartsOn.IsZero() || !data.ToStaff || data.Ref == "" {
					t.Errorf("it is made of %+v", data)
				}
			}
			return render(rule, data)
		}
	})
	_, _, err := o.WriteReminder(t.Context(), "co", notifications.Reminder{
		Template: notifications.TellNote, Anchor: notifications.AtJoined, Minutes: 10, To: notifications.ToStaff,
		Late: notifications.LateNearest, Subject: "Somebody waits", Body: "Please phone them.",
	}, 0, robin)
	must(t, err)
	o.book(t, "ben", true)
	o.book(t, "cleo", true)
	o.deliver(t)
	onDuty = []notifications.Reader{sam, lee}
	o.deliver(t)
	o.wait(15 * time.Minute)
	o.deliver(t)
	messages, _, err := o.Look(t.Context(), notifications.Filter{Booking: o.booking}, "")
	must(t, err)
	got := map[string]notifications.State{}
	for _, m := range messages {
		if m.Reader != "" {
			got[m.Reader] = m.State
			if m.State == notifications.Sent && !strings.HasPrefix(m.Copy.Email, strings.ToLower(m.Copy.Name)) {
				t.Errorf("%s went to %s <%s>", m.ID, m.Copy.Name, m.Copy.Email)
			}
		}
	}
	if len(got) != 3 || got["p1"] != notifications.Sent || got["p2"] != notifications.Withdrawn || got["p3"] != notifications.Sent {
		t.Errorf("of those on duty: %v", got)
	}
	if links["https://cedar.example/staff/bookings/"+o.booking] != 2 || len(links) != 1 {
		t.Errorf("the mails lead to %v", links)
	}
	for partner := range 2 {
		shown, err := o.OfBooking(t.Context(), o.booking, partner)
		must(t, err)
		for _, m := range shown {
			if m.Reader != "" {
				t.Errorf("partner %d is shown what staff read", partner+1)
			}
		}
	}
}
