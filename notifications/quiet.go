package notifications

import (
	"time"

	"lantern/internal/civil"
)

// Mail that can wait comes between these hours of its reader [D34]. What
// answers something that somebody has just done comes at once: they are awake
// and wait for it.
const (
	mailFrom = civil.Clock("07:00")
	mailTo   = civil.Clock("21:00")
	// beforeClosing is how long before the quiet hours something is said that
	// would be of no use after them.
	beforeClosing = 15 * time.Minute
)

// hours are those of a day at which somebody can be written to.
type hours struct{ from, to civil.Clock }

var mailHours = hours{mailFrom, mailTo}

// areOpen reports whether t lies in the hours of the zone.
func (h hours) areOpen(t time.Time, zone *time.Location) bool {
	day := civil.DateOf(t, zone)
	return !t.Before(day.At(h.from, zone)) && t.Before(day.At(h.to, zone))
}

// next is t, or the next moment at which the hours begin.
func (h hours) next(t time.Time, zone *time.Location) time.Time {
	if h.areOpen(t, zone) {
		return t
	}
	day := civil.DateOf(t, zone)
	if opens := day.At(h.from, zone); t.Before(opens) {
		return opens
	}
	return day.AddDays(1).At(h.from, zone)
}

// last is the latest moment before t, within the hours, at which something is
// said that cannot wait until they begin again.
func (h hours) last(t time.Time, zone *time.Location) time.Time {
	day := civil.DateOf(t, zone)
	if closes := day.At(h.to, zone); !t.Before(closes) {
		return closes.Add(-beforeClosing)
	}
	return day.AddDays(-1).At(h.to, zone).Add(-beforeClosing)
}

// fit moves what is due in quiet hours to the next moment outside them, or,
// where it would be of no use then, to the last one before. What came about
// only after that is said at once.
func (h hours) fit(due, until, known time.Time, zone *time.Location) time.Time {
	if h.areOpen(due, zone) {
		return due
	}
	if next := h.next(due, zone); next.Before(until) {
		return next
	}
	if last := h.last(due, zone); !last.Before(known) {
		return last
	}
	return due
}
