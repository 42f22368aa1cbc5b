package bookingweb

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/calendar"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/seal"
	"lantern/internal/web"
)

// First talks: who asks for one, and what they see of it.

// mountTalks adds the URL table of first talks.
func (h *Handlers) mountTalks(server *web.Server) {
	server.Mount([]web.Route{
		{Method: http.MethodGet, Path: "/talk", Right: access.Public, Handle: h.talkForm},
		{Method: http.MethodPost, Path: "/talk", Right: access.Public, Handle: h.askForTalk},
		// The address itself holds the link of one person.
		{Method: http.MethodGet, Path: "/talk/:token", Right: access.Public, Handle: h.talk},
		{Method: http.MethodPost, Path: "/talk/:token", Right: access.Public, Handle: h.withdrawTalk},
		{Method: http.MethodGet, Path: "/talk/:token/talk.ics", Right: access.Public, Handle: h.talkCalendar},
		{Method: http.MethodGet, Path: "/staff/consultations", Right: access.ManageConsultations, Handle: h.staffTalks},
		{Method: http.MethodGet, Path: "/staff/consultations/:id", Right: access.ManageConsultations, Handle: h.staffTalk},
		{Method: http.MethodPost, Path: "/staff/consultations/:id", Right: access.ManageConsultations, Handle: h.decideTalk},
	})
	h.registerTalksAPI(server.API())
	h.registerTalksStaffAPI(server.API())
}

// talkFormPage asks for a first talk.
type talkFormPage struct {
	web.Page
	FormID, CohortID, Dates string
	Partners                [2]partnerView
	Zones                   []string
	Parts                   []partChoice
	Wish                    string
	Online, Understood      bool
	Typed                   bool
	Faults                  map[string]string
	Summary                 []faultView
	Problem                 string
}

type partChoice struct {
	Value, Text string
	Chosen      bool
}

// Fault gives what is wrong with a field, for the template.
func (p *talkFormPage) Fault(field string) string { return p.Faults[field] }

func (h *Handlers) talkForm(c echo.Context) error {
	data := h.talkFormData(c, c.QueryParam("cohort"))
	data.FormID, data.Online = seal.NewID("form"), true
	return h.server.Render(c, http.StatusOK, "talk_form", data)
}

// talkFormData is the empty form. Dates that are not on offer are left out: the
// talk is of use all the same.
func (h *Handlers) talkFormData(c echo.Context, cohortID string) *talkFormPage {
	zone := h.options.Talks.Zone().String()
	data := &talkFormPage{
		Page: web.Page{Title: "Ask for a first talk"}, Zones: people.Zones(),
		Partners: [2]partnerView{
			{Prefix: "partner1", Legend: "You", Zone: zone}, {Prefix: "partner2", Legend: "Your partner, if they come too", Zone: zone},
		},
	}
	if cohortID != "" {
		if cohort, err := h.options.Retreats.OfferedCohort(c.Request().Context(), cohortID); err == nil {
			data.CohortID, data.Dates = cohort.ID, cohort.Name+", "+web.Dates(cohort.StartsOn, cohort.EndsOn)
		}
	}
	for _, part := range booking.DayParts {
		data.Parts = append(data.Parts, partChoice{Value: part, Text: strings.ToUpper(part[:1]) + part[1:]})
	}
	return data
}

func talkInput(form url.Values) booking.ConsultationInput {
	in := booking.ConsultationInput{
		Times: form["times"], Wish: form.Get("wish"), Online: form.Get("place") != "place",
		CohortID: form.Get("cohort"), Understood: form.Get("understood") != "", Key: form.Get("form_id"),
	}
	for i, prefix := range []string{"partner1", "partner2"} {
		in.People[i] = booking.PartnerInput{
			Name: form.Get(prefix + "_name"), Email: form.Get(prefix + "_email"), Phone: form.Get(prefix + "_phone"), Zone: form.Get(prefix + "_zone"),
		}
	}
	return in
}

var errAskedFromHere = fault.New(fault.Unavailable, "Many talks were asked for from your network. Please try again in a few minutes.")

func (h *Handlers) askForTalk(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	in := talkInput(form)
	data := h.talkFormData(c, in.CohortID)
	in.CohortID = data.CohortID
	if !h.server.MayAsk(ctx) {
		err = errAskedFromHere
	}
	var asked *booking.Consultation
	if err == nil {
		asked, err = h.options.Talks.Ask(ctx, in)
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/talk/"+h.options.Talks.Token(asked.ID, 0))
	}
	status := web.Status(err)
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
	case fault.Unavailable:
		status = http.StatusTooManyRequests
		if err != errAskedFromHere {
			return err
		}
	default:
		return err
	}
	web.Note(ctx, err)
	data.fill(in)
	data.complain(err)
	return h.server.Render(c, status, "talk_form", data)
}

// fill keeps what was typed.
func (p *talkFormPage) fill(in booking.ConsultationInput) {
	p.FormID, p.Wish, p.Online, p.Understood, p.Typed = in.Key, in.Wish, in.Online, in.Understood, true
	for i, typed := range in.People {
		v := &p.Partners[i]
		v.Name, v.Email, v.Phone = typed.Name, typed.Email, typed.Phone
		if _, err := people.Zone(typed.Zone); err == nil {
			v.Zone = typed.Zone
		}
	}
	for i := range p.Parts {
		for _, chosen := range in.Times {
			p.Parts[i].Chosen = p.Parts[i].Chosen || chosen == p.Parts[i].Value
		}
	}
}

func (p *talkFormPage) complain(err error) {
	p.Page.Title = "Please check: a first talk"
	p.Faults = fault.FieldsOf(err)
	for _, field := range append(fieldOrder[:8:8], "times", "wish", "understood") {
		if text := p.Faults[field]; text != "" {
			p.Summary = append(p.Summary, faultView{ID: strings.ReplaceAll(field, ".", "_"), Text: whose(field) + text})
		}
	}
	if len(p.Summary) == 0 {
		p.Problem = fault.TextOf(err)
	}
}

// talkPage is what one person sees of the talk that was asked for.
type talkPage struct {
	web.Page
	URL, State, Reader, When, Where, ZoneName, Ref string
	Over, Past                                     bool
}

func (h *Handlers) talk(c echo.Context) error {
	asked, person, err := h.options.Talks.ByToken(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	data := &talkPage{
		Page: web.Page{Title: "Your first talk", Private: true}, URL: "/talk/" + c.Param("token"),
		State: string(asked.State), Reader: asked.People[person].Name, Ref: asked.Ref, Over: asked.IsOver(),
	}
	if asked.StartsAt != nil {
		zone := civil.ZoneOrUTC(asked.People[person].Zone)
		data.When = web.At(*asked.StartsAt, zone).Text + " to " + web.Clock(*asked.EndsAt, zone)
		data.ZoneName, data.Where = web.ZoneName(zone.String()), asked.Where
		data.Past = h.options.Talks.Now().After(*asked.EndsAt)
	}
	return h.server.Render(c, http.StatusOK, "talk", data)
}

func (h *Handlers) withdrawTalk(c echo.Context) error {
	ctx := c.Request().Context()
	asked, _, err := h.options.Talks.ByToken(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	if err := h.options.Talks.Withdraw(ctx, asked.ID); err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	// The page says what is so.
	return c.Redirect(http.StatusSeeOther, "/talk/"+url.PathEscape(c.Param("token")))
}

func (h *Handlers) talkCalendar(c echo.Context) error {
	asked, _, err := h.options.Talks.ByToken(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	event, ok := TalkEvent(asked, h.server.Renderer().Practice().Name)
	if !ok {
		return fault.New(fault.NotFound, "No time has been fixed yet.")
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="appointment.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", calendar.File(calendar.Publish, []calendar.Event{event}))
}

// TalkEvent is the talk for a calendar, if it has a time. Its words say nothing of
// what it is about [D38].
func TalkEvent(talk *booking.Consultation, practice string) (calendar.Event, bool) {
	if talk.StartsAt == nil {
		return calendar.Event{}, false
	}
	return calendar.Event{
		UID: talk.ID + "@lantern", Sequence: talk.Step, Start: *talk.StartsAt, End: *talk.EndsAt, Stamp: talk.CreatedAt,
		Title: "Appointment with " + practice, Location: talk.Where, Cancelled: talk.State == booking.TalkWithdrawn,
	}, true
}
