package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// afterSignIn is where people begin who did not ask for a page.
const afterSignIn = "/staff"

// sendingTakes bounds how long a link may be on its way to the mail server.
const sendingTakes = time.Minute

func (s *Server) mountSignIn() {
	s.Mount([]Route{
		{Method: http.MethodGet, Path: "/signin", Right: access.Public, Handle: s.signInForm},
		{Method: http.MethodPost, Path: "/signin", Right: access.Public, Handle: s.requestLink},
		{Method: http.MethodGet, Path: "/signin/:token", Right: access.Public, Handle: s.confirmForm},
		{Method: http.MethodPost, Path: "/signin/:token", Right: access.Public, Handle: s.signIn},
		// Whoever is signed out already gets what they want as well.
		{Method: http.MethodPost, Path: "/signout", Right: access.Public, Handle: s.signOut},
		{Method: http.MethodPost, Path: "/signout/everywhere", Right: access.SignedIn, Handle: s.signOutEverywhere},
		{Method: http.MethodGet, Path: "/staff/account", Right: access.SignedIn, Handle: s.account},
		{Method: http.MethodPost, Path: "/staff/account", Right: access.SignedIn, Handle: s.wish},
		{Method: http.MethodGet, Path: "/staff/team", Right: access.ManageTeam, Handle: s.teamList},
		{Method: http.MethodPost, Path: "/staff/team", Right: access.ManageTeam, Handle: s.addPerson},
		{Method: http.MethodGet, Path: "/staff/team/:id", Right: access.ManageTeam, Handle: s.personForm},
		{Method: http.MethodPost, Path: "/staff/team/:id", Right: access.ManageTeam, Handle: s.changePerson},
		{Method: http.MethodPost, Path: "/staff/team/:id/end", Right: access.ManageTeam, Handle: s.endPerson},
		{Method: http.MethodPost, Path: "/staff/tokens", Right: access.ManageTeam, Handle: s.makeToken},
		{Method: http.MethodPost, Path: "/staff/tokens/:id/withdraw", Right: access.ManageTeam, Handle: s.withdrawToken},
	})
}

// signInPage asks for the mail address.
type signInPage struct {
	Page
	Email, Next, Fault, Problem string
	SignedOut                   bool
}

func newSignInPage(next string) *signInPage {
	return &signInPage{Page: Page{Title: "Sign in", Private: true}, Next: next}
}

func (s *Server) signInForm(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if _, ok := ActorOf(c.Request().Context()); ok {
		return c.Redirect(http.StatusSeeOther, next)
	}
	page := newSignInPage(next)
	page.SignedOut = c.QueryParam("out") != ""
	return s.Render(c, http.StatusOK, "signin", page)
}

// signInSentPage says the same whether the address is known or not.
type signInSentPage struct {
	Page
	Email   string
	Minutes int
}

var errTooManyFromHere = fault.New(fault.Unavailable, "Many links were asked for from your network. Please try again in a few minutes.")

func (s *Server) requestLink(c echo.Context) error {
	page := newSignInPage(localPath(c.FormValue("next")))
	page.Email = c.FormValue("email")
	link, known, err := access.Link{}, false, error(errTooManyFromHere)
	if s.clients.allow(clientOf(c.Request(), s.options.Proxies), s.options.Now()) {
		link, known, err = s.options.Team.RequestLink(c.Request().Context(), page.Email)
	}
	if page.Fault = fault.FieldsOf(err)["email"]; page.Fault != "" {
		return s.Render(c, http.StatusUnprocessableEntity, "signin", page)
	}
	if errors.Is(err, access.ErrTooOften) || errors.Is(err, errTooManyFromHere) {
		Note(c.Request().Context(), err)
		page.Problem = fault.TextOf(err)
		return s.Render(c, http.StatusTooManyRequests, "signin", page)
	}
	if err != nil {
		return err
	}
	s.send(c.Request().Context(), link, known, page.Next)
	minutes := int(access.LinkFor.Minutes())
	return s.Render(c, http.StatusOK, "signin_sent", &signInSentPage{
		Page: Page{Title: "Look into your mail", Private: true}, Email: strings.TrimSpace(page.Email), Minutes: minutes,
	})
}

// send brings a link on its way and does not wait for it: how long a mail
// server takes would tell strangers that an address is known. What fails is
// asked for again by whoever waits for it.
func (s *Server) send(ctx context.Context, link access.Link, known bool, next string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendingTakes)
	s.sending.Go(func() {
		defer cancel()
		if !known || s.options.SendLink == nil {
			return
		}
		minutes := int(link.Until.Sub(s.options.Now()).Round(time.Minute).Minutes())
		if err := s.options.SendLink(ctx, link.Person, s.linkURL(link.Token, next), minutes); err != nil {
			s.options.Log.Error("a sign-in link was not sent", slog.String("to", link.Person.ID), slog.String("error", err.Error()))
		}
	})
}

// Wait waits until the links that are on their way have been sent, or ctx has
// ended. It is called when no more requests come, before the store is closed.
func (s *Server) Wait(ctx context.Context) error {
	sent := make(chan struct{})
	go func() {
		s.sending.Wait()
		close(sent)
	}()
	select {
	case <-sent:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for sign-in links: %w", ctx.Err())
	}
}

func (s *Server) linkURL(token, next string) string {
	link := s.options.BaseURL + "/signin/" + token
	if next != afterSignIn {
		link += "?next=" + url.QueryEscape(next)
	}
	return link
}

// signInConfirmPage has the one button that uses the link up. Programs that
// check mail open the links in it, and must not have signed in by that.
type signInConfirmPage struct {
	Page
	Name, Email, Next string
}

func (s *Server) confirmForm(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	person, err := s.options.Team.LinkOf(c.Request().Context(), c.Param("token"))
	if err != nil {
		return s.linkOver(c, err, next)
	}
	return s.Render(c, http.StatusOK, "signin_confirm", &signInConfirmPage{
		Page: Page{Title: "Sign in", Private: true}, Name: person.Name, Email: person.Email, Next: next,
	})
}

// linkOver shows the way to a new link.
func (s *Server) linkOver(c echo.Context, err error, next string) error {
	if !errors.Is(err, access.ErrLinkOver) {
		return err
	}
	Note(c.Request().Context(), err)
	page := newSignInPage(next)
	page.Problem = fault.TextOf(err)
	return s.Render(c, http.StatusGone, "signin", page)
}

func (s *Server) signIn(c echo.Context) error {
	ctx, next := c.Request().Context(), localPath(c.FormValue("next"))
	secret, _, err := s.options.Team.SignIn(ctx, c.Param("token"))
	if err != nil {
		return s.linkOver(c, err, next)
	}
	// Who signs in as somebody else leaves no session behind.
	Note(ctx, s.endSession(c))
	s.setSession(c, secret, access.SessionFor)
	return c.Redirect(http.StatusSeeOther, next)
}

func (s *Server) signOut(c echo.Context) error {
	if err := s.endSession(c); err != nil {
		return err
	}
	s.setSession(c, "", -time.Second)
	return c.Redirect(http.StatusSeeOther, "/signin?out=1")
}

func (s *Server) signOutEverywhere(c echo.Context) error {
	actor, _ := ActorOf(c.Request().Context())
	if err := s.options.Team.SignOutEverywhere(c.Request().Context(), actor.ID); err != nil {
		return err
	}
	return s.signOut(c)
}

// mayDo says in words what the rights are.
var mayDo = []struct {
	right access.Right
	text  string
}{
	{access.ReadRoster, "see who has a place and what each couple still needs"},
	{access.ReadBookings, "see bookings and messages"},
	{access.RecordClearance, "record clearances"},
	{access.Attend, "note who came to a session"},
	{access.ManageConsultations, "fix first talks and note what came of them"},
	{access.ManageCohorts, "make and change retreats and cohorts"},
	{access.ManageWaitlist, "change whose turn it is on a waitlist"},
	{access.ManageTeam, "manage the team and API tokens"},
	{access.Refund, "give money back"},
}
