package retreats_test

import (
	"testing"
	"time"

	"lantern/retreats"
)

// TestMaterialIsForAfterwards: by the days of the place, over the change of
// clocks too, and never before the last medicine session is over.
func TestMaterialIsForAfterwards(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	medicine := func(start, end string) retreats.Session {
		return retreats.Session{Kind: retreats.Medicine, StartsAt: at(start), EndsAt: at(end)}
	}
	// The night to 14 March 2027 clocks go forward in California.
	first, last := medicine("2027-03-12T17:00:00Z", "2027-03-12T20:00:00Z"), medicine("2027-03-13T17:00:00Z", "2027-03-14T07:30:00Z")
	after := retreats.Session{Kind: retreats.Integration, StartsAt: at("2027-03-20T17:00:00Z"), EndsAt: at("2027-03-20T18:00:00Z")}
	for name, c := range map[string]struct {
		text     string
		days     int
		sessions []retreats.Session
		want     string
	}{
		"two days after":   {"Read", 2, []retreats.Session{last, first, after}, "2027-03-15T07:00:00Z"},
		"the next day":     {"Read", 1, []retreats.Session{first, last}, "2027-03-14T08:00:00Z"},
		"at once":          {"Read", 0, []retreats.Session{first, last}, "2027-03-14T07:30:00Z"},
		"no material":      {"", 2, []retreats.Session{first, last}, ""},
		"without medicine": {"Read", 2, []retreats.Session{after}, ""},
	} {
		cohort := &retreats.Cohort{Zone: "America/Los_Angeles", Sessions: c.sessions}
		cohort.Material, cohort.MaterialDays = c.text, c.days
		from, ok := cohort.MaterialFrom()
		if ok != (c.want != "") || ok && !from.Equal(at(c.want)) {
			t.Errorf("%s: %v, %v", name, from, ok)
		}
	}
}
