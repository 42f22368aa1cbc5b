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
	events := visited.CalendarEvents(h.server.Renderer().Practice().Name)
	c.Response().Header().Set("Content-Disposition", `attachment; filename="sessions.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", calendar.File(calendar.Publish, events))
}
