package booking

import (
	"slices"
	"time"

	"lantern/internal/calendar"
	"lantern/retreats"
)

// CalendarEvents are the sessions for a calendar, and as cancelled those that were taken out
// since the couple came, and those of dates that it has left. Their ids stay, also
// where other dates have a session of the same id; number and stamp rise with each
// change, so that calendars replace what they have. Their
// words stay discreet [D38].
func (c Case) CalendarEvents(practice string) []calendar.Event {
	stamp, ended := lastChange(c)
	event := func(s retreats.Session, cancelled bool) calendar.Event {
		e := calendar.Event{
			UID: c.CalendarUID(s.ID), Sequence: c.calendarSequence(), Start: s.StartsAt, End: s.EndsAt,
			Stamp: stamp, Title: "Session with " + practice, Cancelled: cancelled,
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
	for _, s := range c.Booking.sessionsLeft() {
		if !slices.ContainsFunc(events, func(e calendar.Event) bool { return e.UID == c.CalendarUID(s.ID) }) {
			events = append(events, event(s, true))
		}
	}
	return events
}

// calendarSequence numbers what calendars know of the couple's sessions. It rises
// with each change of their times, with other dates and with the end.
func (c Case) calendarSequence() int {
	sequence := c.Cohort.Schedule
	if n := len(c.Booking.Transfers); n > 0 {
		sequence += c.Booking.Transfers[n-1].Sequence
	}
	if _, ended := lastChange(c); ended {
		sequence++
	}
	return sequence
}

// sessionsLeft are the sessions that the couple has left to come when it changed to
// other dates, the last ones first.
func (b *Booking) sessionsLeft() (left []retreats.Session) {
	for _, t := range slices.Backward(b.Transfers) {
		left = append(left, t.Left...)
	}
	return left
}

// HasLeft reports whether the couple had a session of this id to come in dates that
// it has left, so that its calendars may still show it there.
func (c Case) HasLeft(calendarUID string) bool {
	return slices.ContainsFunc(c.Booking.sessionsLeft(), func(s retreats.Session) bool { return c.CalendarUID(s.ID) == calendarUID })
}

// lastChange is when what calendars know last changed, and whether that was
// the end of the booking.
func lastChange(c Case) (at time.Time, ended bool) {
	at = c.Cohort.CreatedAt
	for _, t := range []*time.Time{c.Cohort.RescheduledAt, endOf(c.Booking), transferredAt(c.Booking)} {
		if t != nil && t.After(at) {
			at = *t
		}
	}
	return at, c.Booking.IsOver() || c.Cohort.State == retreats.Cancelled
}

// transferredAt is when the couple last changed to other dates, nil if it never did.
func transferredAt(b *Booking) *time.Time {
	if n := len(b.Transfers); n > 0 {
		return &b.Transfers[n-1].At
	}
	return nil
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
