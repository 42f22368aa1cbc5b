package jobs_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/fault"
	"lantern/internal/jobs"
)

func TestASchedule(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	const layout = "2006-01-02 15:04 -0700"
	for _, tt := range []struct{ name, expr, after, want string }{
		{"the same day", "0 7 * * *", "2027-01-04 06:59 +0100", "2027-01-04 07:00 +0100"},
		{"not at the very moment", "0 7 * * *", "2027-01-04 07:00 +0100", "2027-01-05 07:00 +0100"},
		{"over the weekend", "0 7 * * 1-5", "2027-01-08 07:00 +0100", "2027-01-11 07:00 +0100"},
		{"by the zone's date", "30 0 * * *", "2027-01-04 00:10 +0100", "2027-01-04 00:30 +0100"},
		{"the hour that is skipped", "30 2 * * *", "2026-03-28 02:30 +0100", "2026-03-29 03:30 +0200"},
		{"the day after that", "30 2 * * *", "2026-03-29 03:30 +0200", "2026-03-30 02:30 +0200"},
		{"only once where two fall together", "30 2,3 * * *", "2026-03-29 03:30 +0200", "2026-03-30 02:30 +0200"},
		{"the hour that comes twice", "30 2 * * *", "2026-10-24 12:00 +0200", "2026-10-25 02:30 +0200"},
		{"only the first time", "30 2 * * *", "2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"},
		{"nor asked between the two", "30 2 * * *", "2026-10-25 02:10 +0100", "2026-10-26 02:30 +0100"},
		{"on a leap day", "0 7 29 2 *", "2027-01-04 07:00 +0100", "2028-02-29 07:00 +0100"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := jobs.ParseSchedule(tt.expr)
			if err != nil {
				t.Fatal(err)
			}
			after, err := time.Parse(layout, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(after, berlin).In(berlin).Format(layout); got != tt.want {
				t.Errorf("after %s: got %s, want %s", tt.after, got, tt.want)
			}
		})
	}
}

func TestWhatIsNoSchedule(t *testing.T) {
	for _, expr := range []string{
		"", "7:00", "@every 1h", "@daily", "CRON_TZ=UTC 0 7 * * *", "TZ=UTC 0 7 * * *", "0 0 7 * * *", "0 25 * * *",
		"* * * * *", "*/30 7 * * *", "0,1 7 * * *", "10-11 7 * * *", "0 7 30 2 *", "0 7 31 4 *",
	} {
		if _, err := jobs.ParseSchedule(expr); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: got %v, want a fault", expr, err)
		}
	}
	for _, expr := range []string{"0 7 * * *", " 15 6 * * 1-5 ", "0 * * * *", "5 8 1 * *", "0 7 * * MON,THU"} {
		if _, err := jobs.ParseSchedule(expr); err != nil {
			t.Errorf("%q: %v", expr, err)
		}
	}
}

// Each day has its one time, and time only goes forward, in zones with odd
// offsets and through both edges of summer time.
func TestADailyScheduleComesOnceADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		hour := rapid.IntRange(1, 22).Draw(t, "hour")
		s, err := jobs.ParseSchedule("30 " + time.Date(0, 1, 1, hour, 0, 0, 0, time.UTC).Format("15") + " * * *")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 1, 0, 5, 0, 0, zone)
		at := start
		for day := range 62 {
			next := s.Next(at, zone)
			want := start.Add(12*time.Hour).AddDate(0, 0, day).Format("2006-01-02")
			if got := next.In(zone).Format("2006-01-02"); got != want || !next.After(at) {
				t.Fatalf("after %s came %s, want one on %s", at, next.In(zone), want)
			}
			at = next
		}
	})
}
