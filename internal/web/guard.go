package web

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// ErrForbidden answers those who are known and lack the right.
var ErrForbidden = fault.New(fault.Forbidden, "Your role does not include this.")

// outboxCookie keeps the key of the outbox after its link was opened.
const outboxCookie = "lantern_outbox"

// guard checks what a page's route asks for. Links of couples and signatures are
// checked by the handlers: there, they are what says which booking it is.
func (s *Server) guard(r Route) echo.HandlerFunc {
	switch r.Right {
	case access.Public, access.OwnBooking, access.OwnPartner, access.OwnDriver, access.Signed:
		return r.Handle
	case access.Outbox:
		return s.guardOutbox(r)
	case access.ReadFigures:
		return s.guardFigures(r)
	}
	return func(c echo.Context) error {
		actor, ok := ActorOf(c.Request().Context())
		switch {
		case !ok:
			return askToSignIn(c)
		case !actor.Has(r.Right):
			return ErrForbidden
		}
		return r.Handle(c)
	}
}

// guardFigures lets programs in by their token; there is nothing to sign in to.
func (s *Server) guardFigures(r Route) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, _ := strings.CutPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
		actor, err := s.options.Tokens.Actor(c.Request().Context(), token)
		switch {
		case err != nil:
			return err
		case !actor.Has(r.Right):
			return ErrForbidden
		}
		return r.Handle(c)
	}
}

func (s *Server) guardOutbox(r Route) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.options.OutboxKey == "" {
			return r.Handle(c)
		}
		same := func(key string) bool {
			return subtle.ConstantTimeCompare([]byte(key), []byte(s.options.OutboxKey)) == 1
		}
		if same(c.QueryParam("key")) {
			c.SetCookie(&http.Cookie{
				Name: outboxCookie, Value: s.options.OutboxKey, Path: "/outbox", HttpOnly: true,
				Secure: s.isSecure(), SameSite: http.SameSiteStrictMode,
			})
			return c.Redirect(http.StatusSeeOther, "/outbox")
		}
		if cookie, err := c.Cookie(outboxCookie); err == nil && same(cookie.Value) {
			return r.Handle(c)
		}
		// The outbox does not say that it is there.
		return echo.ErrNotFound
	}
}

// known is who a request comes from: an actor, or why that cannot be told.
type known struct {
	actor access.Actor
	err   error
}

type knownKey struct{}

// ActorOf is who acts in a request: the person whose session it came with, or
// the program whose token. Strangers and couples are nobody here.
func ActorOf(ctx context.Context) (access.Actor, bool) {
	k, ok := ctx.Value(knownKey{}).(known)
	return k.actor, ok && k.err == nil
}

type bearerKey struct{}

// Bearer is the token that an API request came with, or empty.
func Bearer(ctx context.Context) string {
	token, _ := ctx.Value(bearerKey{}).(string)
	return token
}

// check enforces an operation's right, for the booking that it is about if it
// is about one. It returns the context with the actor.
func (s *Server) check(ctx context.Context, right access.Right, bookingID string) (context.Context, error) {
	token := Bearer(ctx)
	switch right {
	case access.Public, access.Signed:
		return ctx, nil
	case access.OwnBooking, access.OwnPartner:
		if !access.IsToken(token) {
			return ctx, s.options.Owner(ctx, token, bookingID)
		}
		right = readsOwn[right]
	}
	actor, err := s.options.Tokens.Actor(ctx, token)
	if err != nil {
		return ctx, err
	}
	if right == "" {
		return ctx, access.ErrToken
	}
	if !actor.Has(right) {
		return ctx, ErrForbidden
	}
	return context.WithValue(ctx, knownKey{}, known{actor: actor}), nil
}

// readsOwn is the right by which staff pass where a couple's own token would.
var readsOwn = map[access.Right]access.Right{access.OwnBooking: access.ReadBookings}
