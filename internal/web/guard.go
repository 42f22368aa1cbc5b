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

// guard checks what a page's route asks for. OwnBooking and Signed are checked
// by the handlers, which alone know whose booking or signature it is.
func (s *Server) guard(r Route) echo.HandlerFunc {
	if r.Right != access.Outbox {
		return r.Handle
	}
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
				Secure: strings.HasPrefix(s.options.BaseURL, "https://"), SameSite: http.SameSiteStrictMode,
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

type bearerKey struct{}

// Bearer is the token that an API request came with, or empty.
func Bearer(ctx context.Context) string {
	token, _ := ctx.Value(bearerKey{}).(string)
	return token
}

// StaffRole gives the role of the request's token, if it is one of staff.
func (s *Server) StaffRole(ctx context.Context) (access.Role, error) {
	token := Bearer(ctx)
	if token == "" {
		return "", access.ErrToken
	}
	return s.options.Tokens.Role(ctx, token)
}

// check enforces an operation's right.
func (s *Server) check(ctx context.Context, right access.Right) error {
	switch right {
	case access.Public, access.OwnBooking, access.Signed:
		return nil
	}
	role, err := s.StaffRole(ctx)
	if err != nil {
		return err
	}
	if !role.Has(right) {
		return ErrForbidden
	}
	return nil
}
