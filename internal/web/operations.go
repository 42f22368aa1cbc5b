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

// Operations are what those who run the service ask it.
type Operations struct {
	// Ping reports whether the store answers.
	Ping func(context.Context) error
	// Stuck names work that hangs for so long that only a restart helps; empty
	// if none does.
	Stuck func() string
	// Metrics answers Prometheus.
	Metrics http.Handler
	// Status says in plain words how the service is doing.
	Status func(context.Context) (Health, error)
}

// MountOperations adds what those who run the service need: whether the
// process lives, whether it can serve, its figures, how it is doing in words, and
// the page about the API. It is called last, when all operations are registered.
func MountOperations(s *Server, o Operations) {
	s.Mount([]Route{
		{Method: http.MethodGet, Path: "/healthz", Right: access.Public, Handle: o.lives},
		{Method: http.MethodGet, Path: "/readyz", Right: access.Public, Handle: s.readiness(o.ready)},
		{Method: http.MethodGet, Path: "/metrics", Right: access.ReadFigures, Handle: echo.WrapHandler(o.Metrics)},
		{Method: http.MethodGet, Path: "/staff/status", Right: access.ReadBookings, Handle: s.statusPage(o.Status)},
		{Method: http.MethodGet, Path: "/api", Right: access.Public, Handle: s.apiPage},
	})
}

func (o Operations) lives(c echo.Context) error {
	if work := o.Stuck(); work != "" {
		return notNow(c, "stuck: "+work+"\n")
	}
	return c.String(http.StatusOK, "ok\n")
}

func (o Operations) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
	defer cancel()
	if err := o.Ping(ctx); err != nil {
		Note(ctx, err)
		return notNow(c, "the store does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
