package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/notifications"
)

// reminded gives what a partner was reminded of so far, each with the time in
// California, in order.
func (st *story) reminded(id string, partner int) []string {
	st.t.Helper()
	messages, err := st.notices.OfBooking(st.t.Context(), id, partner)
	st.must(err)
	var lines []string
	for _, m := range messages {
		if m.State == notifications.Sent && slices.Contains(notifications.Templates, m.Rule) {
			lines = append(lines, m.Copy.At.In(civil.ZoneOrUTC("America/Los_Angeles")).Format("01-02 15:04 ")+m.Rule)
		}
	}
	slices.Sort(lines)
	return lines
}

// TestRemindersComeOnTime [D23] [D28]: a driver who is named and papers that
// have come end what was still to be said of them, and a session that moves
// takes its own along.
func TestRemindersComeOnTime(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana := st.book("ana", false)
	st.pays(ana, booking.DepositCharge, "4242424242424242", false)
	for day := civil.Date("2027-01-12"); day < "2027-03-20"; day = day.AddDays(1) {
		st.at(day, "10:00")
	}
	want := []string{"01-12 10:00 driver_missing", "03-12 10:00 papers", "03-19 10:00 driver_missing", "03-19 10:00 papers"}
	if diff := cmp.Diff(want, st.reminded(ana, 0)); diff != "" {
		t.Error(diff)
	}
	st.must(st.bookings.NameDriver(ctx, ana, "s1", 0, booking.DriverInput{Name: "Sam Lee", Phone: "+14155550177", Relation: "a friend"}))
	st.must(st.bookings.GiveConsent(ctx, ana, 0))
	st.must(st.bookings.RecordForms(ctx, ana, 0, true, robin))
	for day := civil.Date("2027-03-20"); day < "2027-04-11"; day = day.AddDays(1) {
		st.at(day, "10:00")
	}
	if diff := cmp.Diff(append(want, "04-10 10:00 afterwards"), st.reminded(ana, 0)); diff != "" {
		t.Errorf("after all was there:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"03-22 10:00 papers", "03-25 10:00 papers"}, st.reminded(ana, 1)[4:6]); diff != "" {
		t.Errorf("the partner whose papers are missing [D39]:\n%s", diff)
	}
	seen(t, st.checkMails(), notifications.TellPapers, notifications.TellNoDriver, notifications.TellAfterwards)
}

// TestADriverIsAskedForAgainWhenTheSessionMoves, at once and then by the new
// days.
func TestADriverIsAskedForAgainWhenTheSessionMoves(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana := st.book("ana", false)
	st.pays(ana, booking.DepositCharge, "4242424242424242", false)
	st.must(st.bookings.NameDriver(ctx, ana, "s1", 0, booking.DriverInput{Name: "Sam Lee", Phone: "+14155550177", Relation: "a friend"}))
	st.at("2027-03-20", "09:00")
	cohort, err := st.retreats.Cohort(ctx, "co")
	st.must(err)
	s := cohort.Sessions[0]
	_, err = st.retreats.Reschedule(ctx, "co", cohort.StartsOn.AddDays(7), robin)
	st.must(err)
	st.tick()
	for day := civil.Date("2027-03-20"); day < "2027-04-08"; day = day.AddDays(1) {
		st.at(day, "10:05")
	}
	got := slices.DeleteFunc(st.reminded(ana, 0), func(line string) bool { return !strings.HasSuffix(line, notifications.TellNoDriver) })
	if diff := cmp.Diff([]string{"03-20 09:00 driver_missing", "03-26 10:05 driver_missing", "04-02 10:05 driver_missing", "04-06 10:05 driver_missing"}, got); diff != "" {
		t.Errorf("session %s of %s moved:\n%s", s.ID, s.StartsAt, diff)
	}
}

// TestNobodyIsRemindedAtNight [D34]: the machine was off by day, and comes back
// when their readers sleep.
func TestNobodyIsRemindedAtNight(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	st.pays(ana, booking.DepositCharge, "4242424242424242", false)
	st.at("2027-01-12", "23:30")
	if got := st.reminded(ana, 0); len(got) != 0 {
		t.Errorf("at night: %v", got)
	}
	for range 3 {
		st.at("2027-01-13", "06:59")
	}
	st.at("2027-01-13", "07:00")
	if diff := cmp.Diff([]string{"01-13 07:00 driver_missing"}, st.reminded(ana, 0)); diff != "" {
		t.Errorf("in the morning:\n%s", diff)
	}
	messages, err := st.notices.OfBooking(t.Context(), ana, 0)
	st.must(err)
	for _, m := range messages {
		if m.State == notifications.Sent && m.Tries != 1 {
			t.Errorf("%s was tried %d times", m.ID, m.Tries)
		}
	}
}

// TestACohortHasItsOwnReminders: what is turned off is withdrawn from all its
// couples, what is moved comes at its new time, and other cohorts keep theirs.
func TestACohortHasItsOwnReminders(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ctx := t.Context()
	ana := st.book("ana", false)
	st.pays(ana, booking.DepositCharge, "4242424242424242", false)
	edits := []notifications.ReminderEdit{{ID: "papers-1", Off: true, Days: -28, Clock: "10:00"}, {ID: "papers-2", Days: -20, Clock: "12:30"}}
	set, err := st.notices.ChangeReminders(ctx, "co", edits, 0, robin)
	st.must(err)
	st.tick()
	messages, err := st.notices.OfBooking(ctx, ana, 0)
	st.must(err)
	planned := map[string]string{}
	for _, m := range messages {
		if m.Rule == notifications.TellPapers {
			planned[strings.Split(m.ID, ".")[2]] = string(m.State) + m.DueAt.In(civil.ZoneOrUTC("America/Los_Angeles")).Format(" 01-02 15:04")
		}
	}
	want := map[string]string{
		"papers-1": "withdrawn 03-12 10:00", "papers-2": "planned 03-20 12:30", "papers-3": "planned 03-22 10:00", "papers-4": "planned 03-25 10:00",
	}
	if diff := cmp.Diff(want, planned); diff != "" {
		t.Error(diff)
	}
	again, err := st.notices.Reminders(ctx, "co")
	st.must(err)
	if again.ReplanAt != nil || again.Version != 1 || len(again.Trail) != 2 || set.Version != 1 {
		t.Errorf("version %d, to be planned since %v, trail %v", again.Version, again.ReplanAt, again.Trail)
	}
	other, err := st.notices.Reminders(ctx, "another")
	st.must(err)
	if diff := cmp.Diff(notifications.DefaultReminders(), other.Reminders); diff != "" {
		t.Errorf("another cohort:\n%s", diff)
	}
}

// TestADriverIsWrittenTo when named, without a word about the couple [D31], and
// no more once they have said yes, but on the day.
func TestADriverIsWrittenTo(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana := st.confirmed("Ana")
	st.must(st.bookings.NameDriver(ctx, ana, "s1", 0, booking.DriverInput{Name: "Sam Lee", Phone: "+14155550177", Relation: "a friend", Email: "sam@example.org"}))
	st.tick()
	st.tick()
	c, err := st.bookings.Case(ctx, ana)
	st.must(err)
	d, _ := c.Booking.Driver("s1")
	if d.InvitedAt == nil {
		t.Error("nobody knows that the driver was asked")
	}
	sent := func() []*notifications.Message {
		t.Helper()
		found, _, err := st.notices.Look(ctx, notifications.Filter{Booking: ana, State: notifications.Sent, Match: func(m *notifications.Message) (bool, error) {
			return m.Driver == "s1", nil
		}}, "")
		st.must(err)
		return found
	}
	first := sent()
	if len(first) != 1 || first[0].Copy.Email != "sam@example.org" {
		t.Fatalf("the driver got %d mails", len(first))
	}
	body, err := st.notices.Body(first[0])
	st.must(err)
	link := st.bookings.DriverLink(ana, d)
	for _, part := range []string{body.Text, body.HTML} {
		if !strings.Contains(part, link) || !strings.Contains(part, "Friday 9 April 2027, 12:30 (Pacific time)") {
			t.Errorf("the mail lacks link or time:\n%s", part)
		}
		for _, word := range []string{"Ana", "Partner", c.Booking.Ref, st.bookings.Token(ana, 0), st.bookings.Token(ana, 1)} {
			if strings.Contains(part, word) {
				t.Errorf("the driver reads %q:\n%s", word, part)
			}
		}
	}
	for partner := range 2 {
		messages, err := st.notices.OfBooking(ctx, ana, partner)
		st.must(err)
		if slices.ContainsFunc(messages, func(m *notifications.Message) bool { return m.Driver != "" }) {
			t.Errorf("partner %d is shown what was said to the driver", partner+1)
		}
	}
	_, token, _ := strings.Cut(link, "/d/")
	st.must(st.bookings.AnswerRide(ctx, token, "s1", booking.DriverYes))
	for day := civil.Date("2027-03-30"); day < "2027-04-09"; day = day.AddDays(1) {
		st.at(day, "10:00")
	}
	if got := len(sent()); got != 1 {
		t.Errorf("after the yes: %d mails", got)
	}
	st.at("2027-04-09", "09:30")
	if got := sent(); len(got) != 2 || !strings.HasPrefix(got[0].Copy.Subject, "You drive") {
		t.Errorf("on the day: %d mails", len(got))
	}
}
