package picture

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/civil"
)

// Course is the picture of money over time: what should have come by each day,
// and what has. Both go in steps.
type Course struct {
	Text string
	// Expected and Received are paths in a box of 1000 by 200; Ground is the
	// area under Received.
	Expected, Received, Ground string
	// Levels are lines across with their amounts, Labels dates beneath.
	Levels []Level
	Labels []Point
	// Today is where today lies, of 1000; nil when it is before the first day
	// or after the last.
	Today *Point
}

// Level is a line across, so far from the top of 200.
type Level struct {
	Y    int
	Text string
}

// Percent is how far down the level lies.
func (l Level) Percent() string { return Point{X: l.Y * 5}.Percent() }

// CourseDay is how far it has come by the end of a day. Amounts are in whatever
// unit, the same for all.
type CourseDay struct {
	Date               civil.Date
	Expected, Received int64
}

const (
	courseWidth, courseHeight = 1000, 200
	// courseLabel keeps the dates apart, also on a phone.
	courseLabel = 230
)

// DrawCourse draws days, which are in order and not empty. What has come is
// drawn until today. Words writes an amount.
func DrawCourse(days []CourseDay, today civil.Date, words func(int64) string) Course {
	first, last := days[0].Date, days[len(days)-1].Date
	if today > last {
		last = today
	}
	// A day more on each side lets the first step be seen and the last one end.
	first, last = first.AddDays(-1), last.AddDays(1)
	scale := scaleOf(days)
	x := func(d civil.Date) int { return courseWidth * first.DaysUntil(d) / first.DaysUntil(last) }
	until := last
	if today < until {
		until = today
	}
	out := Course{Text: courseText(days, today, words)}
	out.Expected = steps(days, func(d CourseDay) int64 { return d.Expected }, x, scale, last)
	out.Received = steps(daysUntil(days, until), func(d CourseDay) int64 { return d.Received }, x, scale, until)
	if out.Received != "" {
		out.Ground = fmt.Sprintf("%s V%d H0 Z", out.Received, scale.y(0))
	}
	for _, level := range slices.Compact([]int64{scale.low, 0, scale.high / 2, scale.high}) {
		out.Levels = append(out.Levels, Level{Y: scale.y(level), Text: words(level)})
	}
	out.Labels = courseLabels(days, x)
	if today >= first && today <= last {
		out.Today = &Point{X: x(today), Text: "Today"}
	}
	return out
}

func daysUntil(days []CourseDay, until civil.Date) []CourseDay {
	n := 0
	for n < len(days) && days[n].Date <= until {
		n++
	}
	return days[:n]
}

// scale brings amounts to heights.
type scale struct{ low, high int64 }

func scaleOf(days []CourseDay) scale {
	s := scale{high: 1}
	for _, d := range days {
		s.high = max(s.high, d.Expected, d.Received)
		s.low = min(s.low, d.Expected, d.Received)
	}
	return s
}

func (s scale) y(amount int64) int {
	return courseHeight - int(float64(amount-s.low)/float64(s.high-s.low)*courseHeight)
}

// steps draws a line that changes on each day and is level in between.
func steps(days []CourseDay, value func(CourseDay) int64, x func(civil.Date) int, s scale, until civil.Date) string {
	if len(days) == 0 {
		return ""
	}
	var path strings.Builder
	fmt.Fprintf(&path, "M0 %d", s.y(0))
	for _, d := range days {
		fmt.Fprintf(&path, " H%d V%d", x(d.Date), s.y(value(d)))
	}
	fmt.Fprintf(&path, " H%d", x(until))
	return path.String()
}

func courseLabels(days []CourseDay, x func(civil.Date) int) []Point {
	var labels []Point
	for _, d := range days {
		at := Point{X: min(max(x(d.Date), 60), courseWidth-60), Text: d.Date.At("12:00", time.UTC).Format("2 Jan")}
		if n := len(labels); n == 0 || at.X-labels[n-1].X >= courseLabel {
			labels = append(labels, at)
		}
	}
	return labels
}

// courseText says what the picture shows.
func courseText(days []CourseDay, today civil.Date, words func(int64) string) string {
	here := daysUntil(days, today)
	text := "From " + days[0].Date.Words() + " to " + days[len(days)-1].Date.Words() + ": "
	if len(here) == 0 {
		return text + "nothing is expected until today"
	}
	now, end := here[len(here)-1], days[len(days)-1]
	return text + words(now.Received) + " is here today of " + words(now.Expected) + " expected by now and " + words(end.Expected) + " in the end"
}
