package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

// Leave says that the process is about to end. Whatever comes is still answered,
// but /readyz says no, so that a proxy asks others, and each answer ends its
// connection. A connection that was merely closed could take a request with it
// that is on its way.
func (s *Server) Leave() { s.leaving.Store(true) }

func (s *Server) endConnections(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.leaving.Load() {
			c.Response().Header().Set("Connection", "close")
		}
		return next(c)
	}
}

// readiness answers /readyz: what ready says, until the process leaves.
func (s *Server) readiness(ready echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.leaving.Load() {
			return notNow(c, "stopping\n")
		}
		return ready(c)
	}
}

// notNow answers that trying again is sensible, in a word for programs.
func notNow(c echo.Context, text string) error {
	askAgain(c, http.StatusServiceUnavailable)
	return c.String(http.StatusServiceUnavailable, text)
}

// askAgain says when those are to come again whom we could not serve.
func askAgain(c echo.Context, status int) {
	if status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
}
