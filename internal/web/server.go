// Package web is the edge that the slices' pages and API operations stand on:
// the Echo server, the one place where errors become answers, access checks,
// idempotency, and rendering. It holds no rules of the business.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"lantern/internal/access"
)

// Options are what a Server is made of.
type Options struct {
	Log      *slog.Logger
	Renderer *Renderer
	Tokens   *access.Tokens
	// Team signs people in; without it nobody can.
	Team *access.Team
	// SendLink brings somebody a sign-in link that is good for so many minutes;
	// without it links come from the console alone.
	SendLink func(ctx context.Context, to access.Person, link string, minutes int) error
	Answers  *Answers
	// BaseURL is where people reach the service.
	BaseURL string
	// Owner checks that a token is one of that booking's partners';
	// access.ErrToken if not.
	Owner func(ctx context.Context, token, bookingID string) error
	// OutboxKey opens the outbox; empty opens it to everybody (demonstration).
	OutboxKey string
	// CardPages is the origin that a form may lead to besides our own.
	CardPages string
	// Proxies is how many proxies in front of the service are trusted to say
	// whom they were asked by.
	Proxies int
	Now     func() time.Time
	// Measured notes each answered request; nil for nothing.
	Measured func(method, route string, status int, took time.Duration)
	// Today is the clock by which work goes, where it is not Now; Zone is the
	// practice's, UTC if nil.
	Today func() time.Time
	Zone  *time.Location
	// Clock is what visitors of the demonstration move; nil for everybody else.
	Clock DemoClock
}

// Server is the Echo server with all that every route shares.
type Server struct {
	echo    *echo.Echo
	options Options
	api     *API
	routes  []Route
	clients clients
	// asking bounds forms by which mail goes to whomever they name.
	asking  clients
	sending sync.WaitGroup // sign-in links on their way
	leaving atomic.Bool
}

// Route is one line of a slice's URL table.
type Route struct {
	Method, Path string
	Right        access.Right
	Handle       echo.HandlerFunc
}

const (
	// maxBody bounds what anybody can send: far above the longest form.
	maxBody = 256 << 10
	// Timeouts of a connection. Writing includes the handling, which may wait
	// for the card service.
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 20 * time.Second
	writeTimeout      = 90 * time.Second
	idleTimeout       = 2 * time.Minute
)

// NewServer makes a server without routes.
func NewServer(o Options) *Server {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	s := &Server{echo: e, options: o}
	e.HTTPErrorHandler = s.answerError
	e.Use(s.endConnections, s.logRequests, s.recover, s.secureHeaders, middleware.BodyLimit("256K"), s.refuseCrossOrigin, s.noteAddress, s.identify)
	e.GET("/static/:name", s.static)
	s.api = newAPI(s)
	if o.Team != nil {
		s.mountSignIn()
	}
	if o.Clock != nil {
		s.mountClock()
	}
	return s
}

// API is where slices register their operations.
func (s *Server) API() *API { return s.api }

// Renderer is what pages are rendered with.
func (s *Server) Renderer() *Renderer { return s.options.Renderer }

// Mount adds a slice's URL table.
func (s *Server) Mount(routes []Route) {
	for _, r := range routes {
		s.echo.Add(r.Method, r.Path, s.guard(r))
		s.routes = append(s.routes, r)
	}
}

// MountHandler gives everything below a prefix to a handler that is not ours.
func (s *Server) MountHandler(prefix string, h http.Handler) {
	s.echo.Any(prefix+"/*", echo.WrapHandler(h))
}

// Routes lists the mounted pages and the API's operations with their rights.
func (s *Server) Routes() []Route { return append(append([]Route{}, s.routes...), s.api.routes...) }

// ServeHTTP lets tests call the server without a connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// HTTPServer makes the server for a listener.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
}

// secureHeaders keeps third parties out of every page. Referrers stay on this
// origin, because personal links are secrets.
func (s *Server) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
		"connect-src 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
	if s.options.CardPages != "" {
		// Chromium applies form-action to where a form's answer redirects.
		policy += " " + s.options.CardPages
	}
	secure := s.isSecure()
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		// What a route does not declare public stays out of caches.
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// isSecure says whether people reach the service over HTTPS.
func (s *Server) isSecure() bool { return strings.HasPrefix(s.options.BaseURL, "https://") }

// refuseCrossOrigin stops forms that other sites send in a visitor's name.
// The API and the webhooks do not act on cookies.
func (s *Server) refuseCrossOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		path := c.Request().URL.Path
		if isForPrograms(path) {
			return next(c)
		}
		if err := protection.Check(c.Request()); err != nil {
			return errCrossOrigin.Because(err)
		}
		return next(c)
	}
}

// isForPrograms tells the paths whose errors are problem documents.
func isForPrograms(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/webhooks/") || strings.HasPrefix(path, "/sandbox/v1/") || path == "/metrics"
}

// recover turns a panic into an internal error: one request is lost, not the
// process.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{
		DisableErrorHandler: true,
		LogErrorFunc:        func(_ echo.Context, err error, stack []byte) error { return panicked{err, stack} },
	})(next)
}

type panicked struct {
	err   error
	stack []byte
}

func (p panicked) Error() string { return "panic: " + p.err.Error() + "\n" + string(p.stack) }

// event is what the one log line of a request is made of.
type event struct{ err error }

type eventKey struct{}

// Note adds an error to the request's log line.
func Note(ctx context.Context, err error) {
	if e, ok := ctx.Value(eventKey{}).(*event); ok && err != nil {
		e.err = errors.Join(e.err, err)
	}
}

// logRequests writes one line for each request. It names the route, not the
// path: paths hold personal links.
func (s *Server) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		e := &event{}
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), eventKey{}, e)))
		if err := next(c); err != nil {
			c.Error(err)
		}
		took := time.Since(start)
		if s.options.Measured != nil {
			s.options.Measured(c.Request().Method, c.Path(), c.Response().Status, took)
		}
		level := slog.LevelInfo
		attrs := []slog.Attr{
			slog.String("method", c.Request().Method), slog.String("route", c.Path()),
			slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size),
			slog.Duration("took", took),
		}
		if e.err != nil {
			attrs = append(attrs, slog.String("error", e.err.Error()))
			if c.Response().Status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
		}
		s.options.Log.LogAttrs(c.Request().Context(), level, "request", attrs...)
		return nil
	}
}
