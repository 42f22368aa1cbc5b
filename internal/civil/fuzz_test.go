package civil_test

import (
	"testing"
	"time"

	"lantern/internal/civil"
	"lantern/internal/mutated"
)

// FuzzDates: what is taken for a date can be counted with.
func FuzzDates(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	seeds.Add("2027-03-14", "02:30", 30)
	seeds.Add("9999-12-31", "23:59", 1)
	seeds.Add("2999-12-31", "00:00", 999)
	seeds.Add("1900-01-01", "00:00", -1)
	zone, err := time.LoadLocation("Australia/Lord_Howe")
	if err != nil {
		f.Fatal(err)
	}
	seeds.Fuzz(func(t *testing.T, day, clock string, days int) {
		date, err := civil.ParseDate(day)
		if err != nil {
			return
		}
		at, err := civil.ParseClock(clock)
		if err != nil {
			return
		}
		days %= 1000
		if back := date.AddDays(days).AddDays(-days); back != date || date.DaysUntil(date.AddDays(days)) != days {
			t.Errorf("%s, %d days on and back, is %s", date, days, back)
		}
		if got := civil.DateOf(date.At(at, zone), zone); got != date {
			t.Errorf("%s at %s falls on %s", date, at, got)
		}
		_ = date.Words()
	})
}
