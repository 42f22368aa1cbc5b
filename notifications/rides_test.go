package notifications

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/retreats"
)

// rides gives what the drivers of a couple are told, each with when it is due.
func rides(c booking.Case) []string {
	var lines []string
	for _, m := range Plan(c, noon, DefaultReminders()...) {
		if m.Rule == TellRide {
			name, _, _ := strings.Cut(strings.TrimPrefix(m.ID, "ride.bk."), ".")
			lines = append(lines, m.DueAt.In(c.Cohort.Location()).Format("2006-01-02 15:04 ")+name+" "+m.Driver)
		}
	}
	slices.Sort(lines)
	return lines
}

// TestDriversAreAsked when they are named, 7, 3 and 1 days before, and told on the
// day [D29]; one who has answered or has no address is not, and nobody else is.
func TestDriversAreAsked(t *testing.T) {
	t.Parallel()
	named := utc("2026-02-02 12:00")
	for about, c := range map[string]struct {
		change func(*booking.Driver, retreats.Session)
		want   []string
	}{
		"who has not answered": {func(*booking.Driver, retreats.Session) {}, []string{
			"2026-02-02 13:00 ride-1 s3", "2026-04-04 10:00 ride-2 s3", "2026-04-08 10:00 ride-3 s3", "2026-04-10 10:00 ride-4 s3", "2026-04-11 08:00 ride-5 s3",
		}},
		"who said yes": {func(d *booking.Driver, s retreats.Session) { d.Answer, d.AnsweredFor = booking.DriverYes, s.StartsAt }, []string{"2026-04-11 08:00 ride-5 s3"}},
		"who said yes to another time": {func(d *booking.Driver, _ retreats.Session) { d.Answer, d.AnsweredFor = booking.DriverYes, noon }, []string{
			"2026-02-02 13:00 ride-1 s3", "2026-04-04 10:00 ride-2 s3", "2026-04-08 10:00 ride-3 s3", "2026-04-10 10:00 ride-4 s3", "2026-04-11 08:00 ride-5 s3",
		}},
		"who said no":             {func(d *booking.Driver, s retreats.Session) { d.Answer, d.AnsweredFor = booking.DriverNo, s.StartsAt }, nil},
		"who has no address":      {func(d *booking.Driver, _ retreats.Session) { d.Email = "" }, nil},
		"who is named at night":   {func(d *booking.Driver, _ retreats.Session) { d.NamedAt = utc("2026-04-09 22:30") }, []string{"2026-04-10 10:00 ride-4 s3", "2026-04-11 08:00 ride-5 s3", "2026-04-10 07:00 ride-1 s3"}},
		"who is named on the day": {func(d *booking.Driver, _ retreats.Session) { d.NamedAt = utc("2026-04-11 07:00") }, []string{"2026-04-11 09:00 ride-1 s3"}},
	} {
		given := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
		s := given.Cohort.Sessions[2]
		d := booking.Driver{Session: s.ID, Name: "Sam", Email: "sam@example.org", LinkHash: "hash", StartsAt: s.StartsAt, NamedAt: named}
		c.change(&d, s)
		given.Booking.Drivers = []booking.Driver{d}
		slices.Sort(c.want)
		if diff := cmp.Diff(c.want, rides(given)); diff != "" {
			t.Errorf("%s:\n%s", about, diff)
		}
	}
}

// TestAnotherDriverIsAskedAnew, and so is one at another address.
func TestAnotherDriverIsAskedAnew(t *testing.T) {
	t.Parallel()
	given := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	s := given.Cohort.Sessions[2]
	ids := map[string]bool{}
	for _, d := range []booking.Driver{{Email: "sam@example.org", LinkHash: "one"}, {Email: "sam@example.net", LinkHash: "one"}, {Email: "lee@example.org", LinkHash: "two"}} {
		d.Session, d.StartsAt, d.NamedAt = s.ID, s.StartsAt, utc("2026-02-02 12:00")
		given.Booking.Drivers = []booking.Driver{d}
		for _, m := range Plan(given, noon, DefaultReminders()...) {
			if m.Rule == TellRide {
				ids[m.ID] = true
			}
		}
	}
	if len(ids) != 15 {
		t.Errorf("%d messages to three drivers", len(ids))
	}
}

// TestATextNamesNoPlaceThatTellsTooMuch: who drives finds it on their page [D38].
func TestATextNamesNoPlaceThatTellsTooMuch(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]string{"Lake Road 4": "Lake Road 4", "Cedar Retreat Center": "", "The Ketamine Clinic": ""} {
		given := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
		given.Cohort.Programme.Location = place
		s := given.Cohort.Sessions[2]
		var data MailData
		tellRide(given, subject{sessions: []retreats.Session{s}, driver: &booking.Driver{Session: s.ID}}, &data)
		if data.PickUpPlace != want || data.PickUpShort == "" {
			t.Errorf("%s: %q, %q", place, data.PickUpPlace, data.PickUpShort)
		}
	}
}
