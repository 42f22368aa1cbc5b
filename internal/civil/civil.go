// Package civil does calendar arithmetic: dates and clock times as people say
// them, turned into instants in a time zone.
package civil

import (
	"fmt"
	"time"

	"lantern/internal/fault"
)

// Date is a calendar date in the form 2027-03-14. It is a string so that every
// store and every program reads it alike, and its order is the order of time.
type Date string

// Clock is a time of day in the form 09:30, 24 hours.
type Clock string

const (
	dateLayout  = "2006-01-02"
	clockLayout = "15:04"
)

// ParseDate checks a date; the fault is fit for people.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(dateLayout, text)
	if err != nil {
		return "", fault.New(fault.Invalid, "Write the date as year, month and day, for example 2027-03-14.").Because(err)
	}
	// Days that are counted from a date must be dates, too.
	if t.Year() < firstYear || t.Year() > lastYear {
		return "", fault.Newf(fault.Invalid, "Write a year from %d to %d.", firstYear, lastYear)
	}
	return Date(text), nil
}

const (
	firstYear = 1900
	lastYear  = 2999
)

// ParseClock checks a time of day; the fault is fit for people.
func ParseClock(text string) (Clock, error) {
	if _, err := time.Parse(clockLayout, text); err != nil || len(text) != len(clockLayout) {
		return "", fault.New(fault.Invalid, "Write the time of day with hours and minutes, for example 09:30.")
	}
	return Clock(text), nil
}

// DateOf gives the date that the instant falls on in the zone.
func DateOf(t time.Time, zone *time.Location) Date { return Date(t.In(zone).Format(dateLayout)) }

// utc gives midnight UTC of the date, to count with.
func (d Date) utc() time.Time {
	t, err := time.Parse(dateLayout, string(d))
	if err != nil {
		panic(fmt.Sprintf("civil: %q is not a date", string(d)))
	}
	return t
}

// AddDays gives the date so many days later.
func (d Date) AddDays(days int) Date { return Date(d.utc().AddDate(0, 0, days).Format(dateLayout)) }

// DaysUntil counts the days from d to the other date; negative if that is earlier.
func (d Date) DaysUntil(other Date) int { return int(other.utc().Sub(d.utc()).Hours() / 24) }

// Words writes the date for people: "Monday 2 November 2026".
func (d Date) Words() string { return d.utc().Format("Monday 2 January 2006") }

// Weekday of the date.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// At gives the instant at which clocks in the zone show this time on this
// date. An hour that summer time skips counts as if clocks had not been
// changed (02:30 becomes what the clock calls 03:30); of an hour that comes
// twice it is the first.
func (d Date) At(clock Clock, zone *time.Location) time.Time {
	c, err := time.Parse(clockLayout, string(clock))
	if err != nil {
		panic(fmt.Sprintf("civil: %q is not a time of day", string(clock)))
	}
	wall := d.utc().Add(time.Duration(c.Hour())*time.Hour + time.Duration(c.Minute())*time.Minute)
	before := wall.Add(-offsetAt(wall.Add(-24*time.Hour), zone))
	if showsWall(before, wall, zone) {
		return before
	}
	if after := wall.Add(-offsetAt(wall.Add(24*time.Hour), zone)); showsWall(after, wall, zone) {
		return after
	}
	return before
}

func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

func showsWall(t, wall time.Time, zone *time.Location) bool {
	_, seconds := t.In(zone).Zone()
	return t.Add(time.Duration(seconds) * time.Second).Equal(wall)
}
