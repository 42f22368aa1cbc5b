package jobs

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"lantern/internal/civil"
	"lantern/internal/fault"
)

// Schedule is when something is to come again and again: a cron expression of
// five fields, read in somebody's zone. It keeps no zone of its own.
type Schedule struct{ parsed cron.Schedule }

// Faults of an expression, in words of whoever writes it.
var (
	errNoSchedule = fault.New(fault.Invalid, "Please write five parts: minute, hour, day of the month, month and day of the week, such as “0 7 * * 1-5” for 7:00 on working days.")
	errEvery      = fault.New(fault.Invalid, "Please say at which times: parts that begin with @ or name a time zone are not used here.")
	errTooMany    = fault.New(fault.Invalid, "That would come more than once within an hour. Please choose one minute of the hour, such as the 0 in “0 7 * * *”.")
	errNever      = fault.New(fault.Invalid, "There is no such day in the calendar, so this would never come.")
)

// longestSchedule bounds an expression.
const longestSchedule = 100

// ParseSchedule reads a cron expression. What would come more than once within
// an hour or never, and what is no time of a clock, is refused with a fault.
func ParseSchedule(expr string) (Schedule, error) {
	expr = strings.TrimSpace(expr)
	if strings.HasPrefix(expr, "@") || strings.Contains(expr, "TZ=") {
		return Schedule{}, errEvery
	}
	if len(expr) > longestSchedule {
		return Schedule{}, errNoSchedule
	}
	parsed, err := cron.ParseStandard(expr)
	if err != nil {
		return Schedule{}, errNoSchedule.Because(err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return Schedule{}, errEvery
	}
	// Each bit is a minute; the highest says that it was a star.
	if minutes := spec.Minute &^ (1 << 63); minutes&(minutes-1) != 0 {
		return Schedule{}, errTooMany
	}
	s := Schedule{parsed: parsed}
	if s.onClock(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Schedule{}, errNever
	}
	return s, nil
}

// onClock is the next time on a clock that is never put forward or back. It is
// kept as if it were UTC; the zero time for never.
func (s Schedule) onClock(after time.Time) time.Time { return s.parsed.Next(after) }

// Next is when it comes after an instant, by the clocks of a zone. A time that
// summer time drops comes as much later as the clock is put forward, on that
// day; one that comes twice, comes the first time. The zero time means never.
func (s Schedule) Next(after time.Time, zone *time.Location) time.Time {
	if s.parsed == nil {
		return time.Time{}
	}
	// A day before what the clock shows is before each of the times that may
	// come, whatever was put forward or back in between.
	shown := after.In(zone).AddDate(0, 0, -1)
	at := asUTC(shown)
	for {
		if at = s.onClock(at); at.IsZero() {
			return at
		}
		if next := first(at, zone); next.After(after) {
			return next.UTC()
		}
	}
}

func asUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// first is the first instant at which a zone's clocks show a time, or would if
// they had not been put forward.
func first(clock time.Time, zone *time.Location) time.Time {
	return civil.DateOf(clock, time.UTC).At(civil.Clock(clock.Format("15:04")), zone)
}
