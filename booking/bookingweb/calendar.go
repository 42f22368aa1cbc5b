package bookingweb

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/internal/calendar"
)

// calendar gives the sessions as a file for the partner's calendar. Its words
// stay discreet: calendars are seen by others [D38].
func (h *Handlers) calendar(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	practice := h.server.Renderer().Practice()
	var events []calendar.Event
	for _, s := range visited.Cohort.Sessions {
		event := calendar.Event{
			UID: s.ID + "." + visited.Booking.ID + "@lantern", Start: s.StartsAt, End: s.EndsAt,
			Stamp: visited.Cohort.CreatedAt, Title: "Session with " + practice.Name,
			Cancelled: visited.Booking.IsOver(),
		}
		if !s.Online {
			event.Location = visited.Cohort.Programme.Location
		}
		events = append(events, event)
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="sessions.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", calendar.File("PUBLISH", events))
}
