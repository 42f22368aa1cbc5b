package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Health is how the service is doing, in words for staff.
type Health struct {
	Lines []HealthLine
	// At is when it was so: "14:05", in the practice's zone.
	At, Zone string
}

// HealthLine is one thing that the service sees to.
type HealthLine struct {
	// OK says that nobody has to do anything about it.
	OK   bool
	What string
	// More says what it means or what to do; URL leads to where that can be
	// done. Both may be empty.
	More, URL string
}

// Well reports whether all is as it should be.
func (s Health) Well() bool {
	for _, line := range s.Lines {
		if !line.OK {
			return false
		}
	}
	return true
}

type statusData struct {
	Page
	Health
}

func (s *Server) statusPage(status func(context.Context) (Health, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		found, err := status(c.Request().Context())
		if err != nil {
			return err
		}
		return s.Render(c, http.StatusOK, "staff_status", &statusData{Page{Title: "Status", Private: true}, found})
	}
}
