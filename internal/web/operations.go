package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
)

// readyTimeout bounds how long the store may take to say that it is there.
const readyTimeout = 2 * time.Second

// MountOperations adds what those who run the service need: whether the
// process lives, whether it can serve, and the page about the API. It is called
// last, when all operations are registered.
func MountOperations(s *Server, ping func(context.Context) error) {
	s.Mount([]Route{
		{Method: http.MethodGet, Path: "/healthz", Right: access.Public, Handle: func(c echo.Context) error {
			return c.String(http.StatusOK, "ok\n")
		}},
		{Method: http.MethodGet, Path: "/readyz", Right: access.Public, Handle: func(c echo.Context) error {
			ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
			defer cancel()
			if err := ping(ctx); err != nil {
				Note(ctx, err)
				return c.String(http.StatusServiceUnavailable, "the store does not answer\n")
			}
			return c.String(http.StatusOK, "ready\n")
		}},
		{Method: http.MethodGet, Path: "/api", Right: access.Public, Handle: s.apiPage},
	})
}
