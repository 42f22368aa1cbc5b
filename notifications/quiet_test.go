package notifications

import (
	"testing"
	"time"

	"lantern/internal/civil"
)

// TestQuietHours [D34], at both edges of summer time and in odd zones.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct{ zone, due, until, known, want string }{
		"by day":                           {"UTC", "2026-05-04 12:00", "2026-05-05 12:00", "", "2026-05-04 12:00"},
		"as they end":                      {"UTC", "2026-05-04 07:00", "2026-05-05 12:00", "", "2026-05-04 07:00"},
		"as they begin":                    {"UTC", "2026-05-04 21:00", "2026-05-05 12:00", "", "2026-05-05 07:00"},
		"early":                            {"UTC", "2026-05-04 03:00", "2026-05-05 12:00", "", "2026-05-04 07:00"},
		"early, over before they end":      {"UTC", "2026-05-04 05:00", "2026-05-04 06:00", "", "2026-05-03 20:45"},
		"early, over as they end":          {"UTC", "2026-05-04 05:00", "2026-05-04 07:00", "", "2026-05-03 20:45"},
		"late, over before they end":       {"UTC", "2026-05-04 22:00", "2026-05-05 06:00", "", "2026-05-04 20:45"},
		"late, came about after that":      {"UTC", "2026-05-04 22:00", "2026-05-05 06:00", "2026-05-04 21:30", "2026-05-04 22:00"},
		"the night of the spring change":   {"Europe/Berlin", "2026-03-28 22:00", "2026-03-30 12:00", "", "2026-03-29 05:00"},
		"the night before it":              {"Europe/Berlin", "2026-03-27 22:00", "2026-03-30 12:00", "", "2026-03-28 06:00"},
		"the night of the autumn change":   {"Europe/Berlin", "2026-10-24 22:00", "2026-10-26 12:00", "", "2026-10-25 06:00"},
		"the evening of the autumn change": {"Europe/Berlin", "2026-10-25 20:30", "2026-10-26 12:00", "", "2026-10-26 06:00"},
		"a change of half an hour":         {"Australia/Lord_Howe", "2026-10-03 15:00", "2026-10-05 12:00", "", "2026-10-03 20:00"},
		"Kathmandu":                        {"Asia/Kathmandu", "2026-05-04 20:00", "2026-05-06 12:00", "", "2026-05-05 01:15"},
		"east of the date line":            {"Pacific/Kiritimati", "2026-05-04 10:00", "2026-05-06 12:00", "", "2026-05-04 17:00"},
	} {
		known := time.Time{}
		if c.known != "" {
			known = utc(c.known)
		}
		got := mailHours.fit(utc(c.due), utc(c.until), known, civil.ZoneOrUTC(c.zone))
		if !got.Equal(utc(c.want)) {
			t.Errorf("%s: %s, want %s", about, got.UTC(), c.want)
		}
	}
}
