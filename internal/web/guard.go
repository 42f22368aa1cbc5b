package web

import (
	"context"
	"crypto/subtle"
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// ErrForbidden answers those who are known and lack the right.
var ErrForbidden = fault.New(fault.Forbidden, "Your role does not include this.")

// outboxCookie keeps the key of the outbox after its link was opened.
const outboxCookie = "lantern_outbox"

// guard checks what a page's route asks for. OwnBooking and Signed are checked
// by the handlers, which alone know whose booking or signature it is.
func (s *Server) guard(r Route) echo.HandlerFunc {
	switch r.Right {
	case access.Public, access.OwnBooking, access.Signed:
		return r.Handle
	case access.Outbox:
		return s.guardOutbox(r)
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

// StaffRole gives the role of the request's token, if it is one of staff.
func (s *Server) StaffRole(ctx context.Context) (access.Role, error) {
	if actor, ok := ActorOf(ctx); ok {
		return actor.Role, nil
	}
	return "", access.ErrToken
}

// check enforces an operation's right. It returns the context with the actor.
func (s *Server) check(ctx context.Context, right access.Right) (context.Context, error) {
	switch right {
	case access.Public, access.Signed:
		return ctx, nil
	case access.OwnBooking:
		// The bearer may be the couple's own token, which the handler knows.
		if !access.IsToken(Bearer(ctx)) {
			return ctx, nil
		}
	}
	actor, err := s.options.Tokens.Actor(ctx, Bearer(ctx))
	if err != nil {
		return ctx, err
	}
	ctx = context.WithValue(ctx, knownKey{}, known{actor: actor})
	if right != access.OwnBooking && !actor.Has(right) {
		return ctx, ErrForbidden
	}
	return ctx, nil
}
