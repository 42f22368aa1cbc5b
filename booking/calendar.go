package booking

import (
	"time"

	"lantern/internal/calendar"
	"lantern/retreats"
)

// CalendarEvents are the sessions for a calendar, and as cancelled those that were taken out
// since the couple came. Their ids stay; number and stamp rise with each
// change, so that calendars replace what they have. Their
// words stay discreet [D38].
func (c Case) CalendarEvents(practice string) []calendar.Event {
	stamp, ended := lastChange(c)
	event := func(s retreats.Session, cancelled bool) calendar.Event {
		e := calendar.Event{
			UID: c.CalendarUID(s.ID), Sequence: c.Cohort.Schedule, Start: s.StartsAt, End: s.EndsAt,
			Stamp: stamp, Title: "Session with " + practice, Cancelled: cancelled,
		}
		if ended {
			e.Sequence++
		}
		if !s.Online {
			e.Location = c.Cohort.Programme.Location
		}
		return e
	}
	var events []calendar.Event
	for _, s := range c.Cohort.Sessions {
		events = append(events, event(s, ended))
	}
	for _, d := range c.Cohort.Dropped {
		if d.At.After(c.Booking.CreatedAt) {
			events = append(events, event(d.Session, true))
		}
	}
	return events
}

// lastChange is when what calendars know last changed, and whether that was
// the end of the booking.
func lastChange(c Case) (at time.Time, ended bool) {
	at = c.Cohort.CreatedAt
	for _, t := range []*time.Time{c.Cohort.RescheduledAt, endOf(c.Booking)} {
		if t != nil && t.After(at) {
			at = *t
		}
	}
	return at, c.Booking.IsOver() || c.Cohort.State == retreats.Cancelled
}

func endOf(b *Booking) *time.Time {
	if b.Cancellation != nil {
		return &b.Cancellation.At
	}
	return b.LapsedAt
}

// CalendarUID names a session's entry in the couple's calendars, for ever.
func (c Case) CalendarUID(sessionID string) string {
	return sessionID + "." + c.Booking.ID + "@lantern"
}
