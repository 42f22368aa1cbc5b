package notifications_test

import (
	"testing"
	"time"

	"lantern/notifications"
)

// TestWhoComesToThePlaceReadsThePlacesTime: and who meets by video their own.
func TestWhoComesToThePlaceReadsThePlacesTime(t *testing.T) {
	t.Parallel()
	pacific, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2027, 1, 9, 17, 30, 0, 0, time.UTC)
	for want, line := range map[string]notifications.SessionLine{
		"Saturday 9 January 2027, 9:30 to 12:30 (Pacific time)":           {Zone: pacific},
		"Saturday 9 January 2027, 18:30 to 21:30 (Berlin time, by video)": {Zone: berlin, ByVideo: true},
	} {
		line.StartsAt, line.EndsAt = start, start.Add(3*time.Hour)
		if got := line.When(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
