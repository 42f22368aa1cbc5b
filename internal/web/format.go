package web

import (
	"fmt"
	"strings"
	"time"

	"lantern/internal/civil"
)

// Moment is an instant for people and for machines.
type Moment struct {
	Text string // in words, in somebody's zone
	ISO  string // RFC 3339, UTC
}

// At writes an instant in full: "Saturday 14 March 2027, 9:00".
func At(t time.Time, zone *time.Location) Moment {
	return Moment{Text: Date(t, zone) + ", " + Clock(t, zone), ISO: t.UTC().Format(time.RFC3339)}
}

// Date writes "Saturday 14 March 2027".
func Date(t time.Time, zone *time.Location) string { return t.In(zone).Format("Monday 2 January 2006") }

// Clock writes "9:00".
func Clock(t time.Time, zone *time.Location) string {
	return strings.TrimPrefix(t.In(zone).Format("15:04"), "0")
}

// Dates writes a range of dates without saying anything twice: "Friday 14 to
// Sunday 16 May 2027".
func Dates(from, to civil.Date) string {
	if from == to {
		return from.Words()
	}
	a, b := from.At("12:00", time.UTC), to.At("12:00", time.UTC)
	layout := "Monday 2 January 2006"
	switch {
	case a.Year() == b.Year() && a.Month() == b.Month():
		layout = "Monday 2"
	case a.Year() == b.Year():
		layout = "Monday 2 January"
	}
	return a.Format(layout) + " to " + to.Words()
}

// ZoneName says a zone in words; see civil.ZoneName.
func ZoneName(zone string) string { return civil.ZoneName(zone) }

// Count writes a number with its noun: "1 place", "3 places".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
