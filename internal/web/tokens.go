package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

func isLastOrganizer(err error) bool { return errors.Is(err, access.ErrLastOrganizer) }

// tokenPage shows a token, this once.
type tokenPage struct {
	Page
	Label, Secret string
	Role          access.Role
	MayRefund     bool
}

func (s *Server) makeToken(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := ActorOf(ctx)
	in := tokenInput{Label: c.FormValue("label"), Role: access.Role(c.FormValue("role")), MayRefund: c.FormValue("may_refund") != ""}
	secret, err := s.options.Tokens.Create(ctx, actor, in.Label, in.Role, in.MayRefund)
	if fields := fault.FieldsOf(err); fields != nil {
		Note(ctx, err)
		page, err := s.newTeamPage(c)
		if err != nil {
			return err
		}
		for name, text := range fields {
			page.Faults["token_"+name] = text
		}
		page.Token = in
		return s.Render(c, http.StatusUnprocessableEntity, "team", page)
	}
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "team_token", &tokenPage{
		Page: Page{Title: "A new token", Private: true}, Label: in.Label, Secret: secret, Role: in.Role, MayRefund: in.MayRefund,
	})
}

func (s *Server) withdrawToken(c echo.Context) error {
	actor, _ := ActorOf(c.Request().Context())
	if err := s.options.Tokens.Withdraw(c.Request().Context(), actor, c.Param("id")); err != nil {
		return err
	}
	return backToTeam(c, "withdrawn")
}
