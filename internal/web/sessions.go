package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// sessionCookie is the name of the cookie with the session's secret. Over
// HTTPS the prefix makes browsers refuse one that another host has set.
func (s *Server) sessionCookie() string {
	if s.isSecure() {
		return "__Host-lantern_session"
	}
	return "lantern_session"
}

// setSession sets the cookie, or takes it away with a negative time.
func (s *Server) setSession(c echo.Context, secret string, keep time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: s.sessionCookie(), Value: secret, Path: "/", MaxAge: int(keep / time.Second),
		HttpOnly: true, Secure: s.isSecure(), SameSite: http.SameSiteLaxMode,
	})
}

// endSession ends the session that the request came with, if there is one.
func (s *Server) endSession(c echo.Context) error {
	cookie, err := c.Cookie(s.sessionCookie())
	if err != nil {
		return nil // no cookie, no session
	}
	return s.options.Team.SignOut(c.Request().Context(), cookie.Value)
}

// PollHeader marks what a page asks for by itself, without anybody doing
// anything.
const PollHeader = "Lantern-Poll"

// identify finds out whose session a page is asked for in. That the store does
// not answer matters to the pages of staff alone, so the guard says so.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		cookie, err := c.Cookie(s.sessionCookie())
		if err != nil || s.options.Team == nil || isForPrograms(r.URL.Path) || strings.HasPrefix(r.URL.Path, "/static/") {
			return next(c)
		}
		ask := s.options.Team.Session
		if r.Header.Get(PollHeader) != "" {
			ask = s.options.Team.Polled
		}
		actor, err := ask(r.Context(), cookie.Value)
		if fault.KindOf(err) == fault.Unauthorized {
			return next(c)
		}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), knownKey{}, known{actor, err})))
		return next(c)
	}
}

// askToSignIn answers those who ask for a page of staff without a session. A
// form that was sent has to be sent again, so its sender stays where it is.
func askToSignIn(c echo.Context) error {
	r := c.Request()
	if k, ok := r.Context().Value(knownKey{}).(known); ok && k.err != nil {
		return k.err
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return access.ErrSession
	}
	return c.Redirect(http.StatusSeeOther, "/signin?next="+url.QueryEscape(localPath(r.URL.RequestURI())))
}

// longestNext bounds where a sign-in may lead.
const longestNext = 500

// localPath gives an address to go on to if it surely is on this site, else
// the first page of staff. Browsers take "//host" and "/\host" for another
// site, and leave out tabs and line ends before they look.
func localPath(next string) string {
	if len(next) > longestNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return afterSignIn
	}
	parsed, err := url.Parse(next)
	if err != nil || parsed.IsAbs() || parsed.Host != "" {
		return afterSignIn
	}
	// Signing in leads to neither of its own pages.
	if strings.HasPrefix(parsed.Path, "/signin") || strings.HasPrefix(parsed.Path, "/signout") {
		return afterSignIn
	}
	return next
}

// navigation is what staff find on every page.
func navigation(actor access.Actor, path string) []NavLink {
	links := []NavLink{{URL: "/staff", Text: "Overview"}, {URL: "/staff/retreats", Text: "Retreats"}}
	if actor.Has(access.ReadBookings) {
		links = append(links, NavLink{URL: "/staff/calls", Text: "Calls"}, NavLink{URL: "/staff/money", Text: "Money"}, NavLink{URL: "/staff/messages", Text: "Messages"})
	}
	if actor.Has(access.ManageConsultations) {
		links = append(links, NavLink{URL: "/staff/consultations", Text: "First talks"})
	}
	if actor.Has(access.ManageTeam) {
		links = append(links, NavLink{URL: "/staff/team", Text: "Team"})
	}
	if actor.Has(access.ReadBookings) {
		links = append(links, NavLink{URL: "/staff/status", Text: "Status"})
	}
	for i := range links {
		links[i].Here = path == links[i].URL || (i > 0 && strings.HasPrefix(path, links[i].URL+"/"))
	}
	return links
}
