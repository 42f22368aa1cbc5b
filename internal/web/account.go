package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/jobs"
)

// accountPage is about whoever looks at it, with what they are told by mail.
type accountPage struct {
	Page
	May []string
	// CanHear says that their role shows what reminders for staff are about,
	// CanTalk that it shows first talks.
	CanHear, CanTalk bool
	Wishes           access.Wishes
	Digests          []digestChoice
	// Own is the expression in the free field, Next the digests to come.
	Own, ZoneName string
	Next          []Moment
	Faults        fault.Fields
	Saved         bool
}

// Fault gives what is wrong with a field, for the template.
func (p *accountPage) Fault(field string) string { return p.Faults[field] }

// digestChoice is one way to get the digest.
type digestChoice struct {
	Value, Text string
	Here        bool
}

// ownDigest stands in forms for an expression of one's own.
const ownDigest = "own"

// digestTimes are the schedules that need no expression.
var digestTimes = []struct{ name, expr, text string }{
	{"off", "", "No digest"},
	{"workdays", "0 7 * * 1-5", "Every working day at 7:00"},
	{"daily", "0 7 * * *", "Every day at 7:00"},
}

// nextDigests is how many digests to come are shown.
const nextDigests = 3

func (s *Server) newAccountPage(person access.Person, actor access.Actor) *accountPage {
	zone := s.options.zone()
	page := &accountPage{
		Page: Page{Title: actor.Name, Private: true}, Wishes: person.Wishes, ZoneName: ZoneName(zone.String()),
		CanHear: actor.Has(access.ReadBookings), CanTalk: actor.Has(access.ManageConsultations),
	}
	for _, line := range mayDo {
		if actor.Has(line.right) {
			page.May = append(page.May, line.text)
		}
	}
	page.choose(person.Wishes.Digest)
	if schedule, err := jobs.ParseSchedule(person.Wishes.Digest); err == nil {
		at := s.options.today()
		for range nextDigests {
			if at = schedule.Next(at, zone); at.IsZero() {
				break
			}
			page.Next = append(page.Next, At(at, zone))
		}
	}
	return page
}

// choose marks the choice that an expression is.
func (p *accountPage) choose(expr string) {
	p.Digests = nil
	known := false
	for _, d := range digestTimes {
		p.Digests = append(p.Digests, digestChoice{Value: d.name, Text: d.text, Here: d.expr == expr})
		known = known || d.expr == expr
	}
	p.Digests = append(p.Digests, digestChoice{Value: ownDigest, Text: "At other times", Here: !known})
	if !known {
		p.Own = expr
	}
}

func (s *Server) account(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := ActorOf(ctx)
	person, err := s.options.Team.Person(ctx, actor.ID)
	if err != nil {
		return err
	}
	page := s.newAccountPage(person, actor)
	page.Saved = c.QueryParam("saved") != ""
	return s.Render(c, http.StatusOK, "account", page)
}

// wish takes down what somebody wants to be told.
func (s *Server) wish(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := ActorOf(ctx)
	form, err := Form(c)
	if err != nil {
		return err
	}
	wishes := access.Wishes{OnDuty: form.Get("on_duty") != "", Requests: form.Get("requests") != ""}
	chosen := form.Get("digest")
	for _, d := range digestTimes {
		if d.name == chosen {
			wishes.Digest = d.expr
		}
	}
	if chosen == ownDigest {
		wishes.Digest = form.Get("own")
	}
	if chosen == ownDigest && wishes.Digest == "" {
		err = fault.InvalidFields(fault.Fields{"digest": "Please write when it is to come, or choose one of the others."})
	} else {
		_, err = s.options.Team.Wish(ctx, actor.ID, wishes, s.options.today(), s.options.zone())
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/staff/account?saved=1")
	}
	if fault.FieldsOf(err) == nil {
		return err
	}
	Note(ctx, err)
	person, loadErr := s.options.Team.Person(ctx, actor.ID)
	if loadErr != nil {
		return loadErr
	}
	page := s.newAccountPage(person, actor)
	page.choose("") // what was typed stays in the field, whatever it is
	for i := range page.Digests {
		page.Digests[i].Here = page.Digests[i].Value == ownDigest
	}
	page.Wishes, page.Own, page.Faults = wishes, form.Get("own"), fault.FieldsOf(err)
	return s.Render(c, Status(err), "account", page)
}

// zone is that of the practice.
func (o Options) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

// today is the time by which work goes.
func (o Options) today() time.Time {
	if o.Today == nil {
		return o.Now()
	}
	return o.Today()
}
