package bookingweb

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/calendar"
	"lantern/retreats"
)

// calendar gives the sessions as a file for the partner's calendar. Its words
// stay discreet: calendars are seen by others [D38].
func (h *Handlers) calendar(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	events := calendarEvents(visited, h.server.Renderer().Practice().Name)
	c.Response().Header().Set("Content-Disposition", `attachment; filename="sessions.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", calendar.File("PUBLISH", events))
}

// calendarEvents are the sessions, and as cancelled those that were taken out
// since the couple came. Their ids stay; number and stamp rise with each
// change, so that calendars replace what they have.
func calendarEvents(c booking.Case, practice string) []calendar.Event {
	stamp, ended := lastChange(c)
	event := func(s retreats.Session, cancelled bool) calendar.Event {
		e := calendar.Event{
			UID: s.ID + "." + c.Booking.ID + "@lantern", Sequence: c.Cohort.Schedule, Start: s.StartsAt, End: s.EndsAt,
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
func lastChange(c booking.Case) (at time.Time, ended bool) {
	at = c.Cohort.CreatedAt
	for _, t := range []*time.Time{c.Cohort.RescheduledAt, endOf(c.Booking)} {
		if t != nil && t.After(at) {
			at = *t
		}
	}
	return at, c.Booking.IsOver() || c.Cohort.State == retreats.Cancelled
}

func endOf(b *booking.Booking) *time.Time {
	if b.Cancellation != nil {
		return &b.Cancellation.At
	}
	return b.LapsedAt
}
