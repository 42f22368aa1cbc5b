package picture_test

import (
	"fmt"
	"testing"

	"lantern/internal/civil"
	"lantern/internal/picture"
)

func TestDrawCourse(t *testing.T) {
	t.Parallel()
	words := func(n int64) string { return fmt.Sprint("$", n) }
	days := []picture.CourseDay{{"2027-01-11", 100, 100}, {"2027-01-13", 100, 50}, {"2027-01-19", 400, 50}}
	for _, c := range []struct {
		about                            string
		days                             []picture.CourseDay
		today                            civil.Date
		expected, received, text, levels string
		now                              bool
	}{
		{"in between: what comes is not drawn", days, "2027-01-15", "M0 200 H100 V150 H300 V150 H900 V0 H1000", "M0 200 H100 V150 H300 V175 H500",
			"From Monday 11 January 2027 to Tuesday 19 January 2027: $50 is here today of $100 expected by now and $400 in the end", "[{200 $0} {100 $200} {0 $400}]", true},
		{"before all of it", days, "2027-01-01", "M0 200 H100 V150 H300 V150 H900 V0 H1000", "",
			"From Monday 11 January 2027 to Tuesday 19 January 2027: nothing is expected until today", "[{200 $0} {100 $200} {0 $400}]", false},
		{"a day only, and a dispute that takes more than there was", []picture.CourseDay{{"2027-01-11", 100, -100}}, "2027-01-11", "M0 100 H500 V0 H1000", "M0 100 H500 V200 H500",
			"From Monday 11 January 2027 to Monday 11 January 2027: $-100 is here today of $100 expected by now and $100 in the end", "[{200 $-100} {100 $0} {50 $50} {0 $100}]", true},
		{"nothing but zeros", []picture.CourseDay{{"2027-01-11", 0, 0}}, "2027-01-12", "M0 200 H333 V200 H1000", "M0 200 H333 V200 H666",
			"From Monday 11 January 2027 to Monday 11 January 2027: $0 is here today of $0 expected by now and $0 in the end", "[{200 $0} {0 $1}]", true},
	} {
		got := picture.DrawCourse(c.days, c.today, words)
		if got.Expected != c.expected || got.Received != c.received || got.Text != c.text || fmt.Sprint(got.Levels) != c.levels || (got.Today != nil) != c.now {
			t.Errorf("%s: %+v", c.about, got)
		}
	}
}
