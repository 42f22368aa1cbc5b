package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// teamPage lists who works here and the tokens of programs, with a form to add
// one of each.
type teamPage struct {
	Page
	People, Left []personView
	Tokens       []tokenView
	Roles        []access.Role
	TokenRoles   []access.Role
	Person       personInput
	Token        tokenInput
	// Faults are by field, those of the token's form with "token_" before.
	Faults fault.Fields
	Done   string
}

// Fault gives what is wrong with a field, for the template.
func (p *teamPage) Fault(field string) string { return p.Faults[field] }

type personView struct {
	URL, Name, Email, Since, Until string
	Role                           access.Role
	MayRefund, Self, OnDuty        bool
}

type tokenView struct {
	ID, URL, Label, Since, Used string
	Role                        access.Role
	MayRefund                   bool
}

type personInput struct {
	Email, Name string
	Role        access.Role
	MayRefund   bool
}

type tokenInput struct {
	Label     string
	Role      access.Role
	MayRefund bool
}

// done are the words after a change; their names stand in an address.
var done = map[string]string{
	"added":     "They are in the team now, and a sign-in link is on its way to them. It works for 24 hours.",
	"unsent":    "They are in the team now. This service sends no mail: make a link for them with the command “lantern staff link”.",
	"changed":   "The change is made. It counts from their next click.",
	"ended":     "They are signed out everywhere and cannot sign in any more.",
	"withdrawn": "The token does not work any more.",
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

func (s *Server) newTeamPage(c echo.Context) (*teamPage, error) {
	ctx := c.Request().Context()
	people, err := s.options.Team.People(ctx)
	if err != nil {
		return nil, err
	}
	tokens, err := s.options.Tokens.List(ctx)
	if err != nil {
		return nil, err
	}
	actor, _ := ActorOf(ctx)
	page := &teamPage{
		Page: Page{Title: "Team", Private: true}, Roles: access.Roles, TokenRoles: access.TokenRoles,
		Person: personInput{Role: access.Staff}, Token: tokenInput{Role: access.Viewer}, Faults: fault.Fields{},
	}
	for _, p := range people {
		view := personView{
			URL: personURL(p.ID), Name: p.Name, Email: p.Email, Role: p.Role, MayRefund: p.MayRefund,
			Since: day(p.AddedAt), Self: p.ID == actor.ID, OnDuty: p.IsOnDuty(),
		}
		if p.Works() {
			page.People = append(page.People, view)
			continue
		}
		view.Until = day(*p.EndedAt)
		page.Left = append(page.Left, view)
	}
	for _, t := range tokens {
		view := tokenView{
			ID: t.PublicID(), URL: "/staff/tokens/" + url.PathEscape(t.PublicID()), Label: t.Label, Since: day(t.CreatedAt),
			Role: t.Role, MayRefund: t.MayRefund,
		}
		if t.UsedAt != nil {
			view.Used = day(*t.UsedAt)
		}
		page.Tokens = append(page.Tokens, view)
	}
	return page, nil
}

func personURL(id string) string { return "/staff/team/" + url.PathEscape(id) }

func (s *Server) teamList(c echo.Context) error {
	page, err := s.newTeamPage(c)
	if err != nil {
		return err
	}
	page.Done = done[c.QueryParam("done")]
	return s.Render(c, http.StatusOK, "team", page)
}

func backToTeam(c echo.Context, what string) error {
	return c.Redirect(http.StatusSeeOther, "/staff/team?done="+what)
}

// addPerson takes somebody in and sends them their first link.
func (s *Server) addPerson(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := ActorOf(ctx)
	in := personInput{
		Email: c.FormValue("email"), Name: c.FormValue("name"),
		Role: access.Role(c.FormValue("role")), MayRefund: c.FormValue("may_refund") != "",
	}
	person, err := s.options.Team.Add(ctx, actor, in.Email, in.Name, in.Role, in.MayRefund)
	if fields := fault.FieldsOf(err); fields != nil {
		Note(ctx, err)
		page, err := s.newTeamPage(c)
		if err != nil {
			return err
		}
		page.Person, page.Faults = in, fields
		return s.Render(c, http.StatusUnprocessableEntity, "team", page)
	}
	if err != nil {
		return err
	}
	if s.options.SendLink == nil {
		return backToTeam(c, "unsent")
	}
	link, err := s.options.Team.LinkFor(ctx, actor, person.ID)
	if err != nil {
		return err
	}
	s.send(ctx, link, true, afterSignIn)
	return backToTeam(c, "added")
}

// personPage changes one person.
type personPage struct {
	Page
	URL, Email, Since string
	Person            personInput
	Roles             []access.Role
	Faults            fault.Fields
	Problem           string
	Trail             []trailView
}

// Fault gives what is wrong with a field, for the template.
func (p *personPage) Fault(field string) string { return p.Faults[field] }

type trailView struct{ When, By, What, From, To string }

func newPersonPage(p access.Person) *personPage {
	page := &personPage{
		Page: Page{Title: p.Name, Private: true}, URL: personURL(p.ID), Email: p.Email, Since: day(p.AddedAt), Roles: access.Roles,
		Person: personInput{Name: p.Name, Role: p.Role, MayRefund: p.MayRefund},
	}
	for _, line := range p.Trail {
		page.Trail = append(page.Trail, trailView{When: At(line.At, time.UTC).Text, By: line.By, What: line.What, From: line.From, To: line.To})
	}
	return page
}

func (s *Server) personForm(c echo.Context) error {
	person, err := s.options.Team.Person(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "team_person", newPersonPage(person))
}

func (s *Server) changePerson(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := ActorOf(ctx)
	in := personInput{Name: c.FormValue("name"), Role: access.Role(c.FormValue("role")), MayRefund: c.FormValue("may_refund") != ""}
	if _, err := s.options.Team.Change(ctx, actor, c.Param("id"), in.Name, in.Role, in.MayRefund); err != nil {
		return s.personAgain(c, err, &in)
	}
	return backToTeam(c, "changed")
}

func (s *Server) endPerson(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := ActorOf(ctx)
	form, err := Form(c)
	if err != nil {
		return err
	}
	if form.Get("sure") == "" {
		return s.personAgain(c, fault.InvalidFields(fault.Fields{"sure": "Please tick the box if they have left."}), nil)
	}
	if _, err := s.options.Team.End(ctx, actor, c.Param("id")); err != nil {
		return s.personAgain(c, err, nil)
	}
	return backToTeam(c, "ended")
}

// personAgain shows the form again with what was typed and what is wrong.
func (s *Server) personAgain(c echo.Context, problem error, typed *personInput) error {
	status, kind, text := answerOf(problem)
	if kind != fault.Invalid && !isLastOrganizer(problem) {
		return problem
	}
	ctx := c.Request().Context()
	Note(ctx, problem)
	person, err := s.options.Team.Person(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	page := newPersonPage(person)
	if typed != nil {
		page.Person = *typed
	}
	if page.Faults = fault.FieldsOf(problem); page.Faults == nil {
		page.Problem = text
	}
	return s.Render(c, status, "team_person", page)
}
