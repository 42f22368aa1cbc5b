package civil_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"lantern/internal/civil"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ about, zone, date, clock, want string }{
		{"a winter day", "America/Los_Angeles", "2027-01-15", "09:00", "2027-01-15T17:00:00Z"},
		{"a summer day", "America/Los_Angeles", "2027-07-15", "09:00", "2027-07-15T16:00:00Z"},
		{"an hour that is skipped counts by the old time", "Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30:00Z"},
		{"the morning after the spring change", "Europe/Berlin", "2026-03-29", "09:00", "2026-03-29T07:00:00Z"},
		{"an hour that comes twice is its first", "Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00Z"},
		{"the morning after the autumn change", "Europe/Berlin", "2026-10-25", "09:00", "2026-10-25T08:00:00Z"},
		{"a skipped hour in New York", "America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30:00Z"},
		{"a change of half an hour", "Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z"},
		{"an odd offset", "Asia/Kathmandu", "2026-05-01", "09:00", "2026-05-01T03:15:00Z"},
		{"east of the date line", "Pacific/Kiritimati", "2026-05-01", "00:00", "2026-04-30T10:00:00Z"},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			got := civil.Date(c.date).At(civil.Clock(c.clock), zone(t, c.zone))
			if text := got.UTC().Format(time.RFC3339); text != c.want {
				t.Errorf("%s %s in %s = %s, want %s", c.date, c.clock, c.zone, text, c.want)
			}
		})
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	if got := civil.Date("2028-02-28").AddDays(2); got != "2028-03-01" {
		t.Errorf("two days after 28 February of a leap year: %s", got)
	}
	if got := civil.Date("2027-03-14").DaysUntil("2027-02-12"); got != -30 {
		t.Errorf("days back: %d", got)
	}
	late := time.Date(2027, 3, 14, 3, 0, 0, 0, time.UTC)
	if got := civil.DateOf(late, zone(t, "America/Los_Angeles")); got != "2027-03-13" {
		t.Errorf("early UTC is still yesterday in California: %s", got)
	}
	for _, bad := range []string{"", "2027-2-1", "2027-02-30", "14.3.2027", "2027-03-14T00:00"} {
		if _, err := civil.ParseDate(bad); err == nil {
			t.Errorf("%q passed as a date", bad)
		}
	}
	for _, bad := range []string{"", "9:30", "24:00", "09:60", "0930", "09:30:00"} {
		if _, err := civil.ParseClock(bad); err == nil {
			t.Errorf("%q passed as a time of day", bad)
		}
	}
}
