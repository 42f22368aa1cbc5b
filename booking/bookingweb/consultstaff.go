package bookingweb

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// talksPage lists the first talks in a state.
type talksPage struct {
	web.Page
	Filters  []linkView
	Talks    []talkRow
	State    string
	Next     string
	ZoneName string
}

type talkRow struct{ URL, Names, Ref, Asked, When, Suits string }

// talkWords name the states, for staff.
var talkWords = map[booking.ConsultationState]string{
	booking.TalkAsked: "To be fixed", booking.TalkFixed: "Fixed", booking.TalkMissed: "Did not come",
	booking.TalkInvited: "Invited to book", booking.TalkDeclined: "Declined", booking.TalkWithdrawn: "Given up",
}

const talksOnPage = 50

func talkURL(id string) string { return "/staff/consultations/" + url.PathEscape(id) }

func (h *Handlers) staffTalks(c echo.Context) error {
	ctx := c.Request().Context()
	state := booking.ConsultationState(c.QueryParam("state"))
	if talkWords[state] == "" {
		state = booking.TalkAsked
	}
	zone := h.options.Talks.Zone()
	data := &talksPage{
		Page: web.Page{Title: "First talks", Private: true}, State: talkWords[state], ZoneName: web.ZoneName(zone.String()),
	}
	for _, s := range booking.ConsultationStates {
		n, err := h.options.Talks.CountIn(ctx, s)
		if err != nil {
			return err
		}
		data.Filters = append(data.Filters, linkView{
			URL: "/staff/consultations?state=" + string(s), Text: talkWords[s] + " (" + strconv.FormatInt(n, 10) + ")", Here: s == state,
		})
	}
	page, err := h.options.Talks.InState(ctx, state, talksOnPage, c.QueryParam("after"))
	if err != nil {
		return err
	}
	for _, t := range page.Items {
		row := talkRow{URL: talkURL(t.ID), Names: talkNames(t), Ref: t.Ref, Asked: shortTime(t.CreatedAt, zone), Suits: suits(t)}
		if t.StartsAt != nil {
			row.When = shortTime(*t.StartsAt, zone)
		}
		data.Talks = append(data.Talks, row)
	}
	if page.Next != "" {
		data.Next = "/staff/consultations?state=" + string(state) + "&after=" + url.QueryEscape(page.Next)
	}
	return h.server.Render(c, http.StatusOK, "staff_talks", data)
}

func talkNames(t *booking.Consultation) string {
	var names []string
	for _, p := range t.People {
		names = append(names, p.Name)
	}
	return strings.Join(names, " & ")
}

// suits says what times suit, and where.
func suits(t *booking.Consultation) string {
	where := "at your place"
	if t.Online {
		where = "online"
	}
	words := append([]string{where}, t.Times...)
	if t.Wish != "" {
		words = append(words, "“"+t.Wish+"”")
	}
	return strings.Join(words, ", ")
}

// staffTalkPage is one first talk with what can be done about it.
type staffTalkPage struct {
	web.Page
	URL, Names, Ref, State, When, Where, Suits, ZoneName string
	Asked, About, AboutURL                               string
	People                                               []booking.Asker
	Over, MayMiss                                        bool
	Trail                                                []trailView
	Date, Clock, Minutes, Place                          string
	Faults                                               map[string]string
	Problem                                              string
}

// Field is a field of the form that fixes a time.
func (p *staffTalkPage) Field(name, label, hint, value string) talkField {
	return talkField{ID: name, Name: name, Label: label, Hint: hint, Value: value, Fault: p.Faults[name], Max: 250, IsDate: name == "date"}
}

// talkField has what the part "console-field" shows.
type talkField struct {
	ID, Name, Label, Hint, Value, Fault string
	Lines, Max                          int
	IsDate, Figures, Fixed              bool
	// Choices is empty: no field of a talk is a list.
	Choices []optionView
}

func (h *Handlers) staffTalk(c echo.Context) error {
	data, err := h.staffTalkData(c)
	if err != nil {
		return err
	}
	return h.server.Render(c, http.StatusOK, "staff_talk", data)
}

func (h *Handlers) staffTalkData(c echo.Context) (*staffTalkPage, error) {
	ctx := c.Request().Context()
	t, err := h.options.Talks.Talk(ctx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	zone := h.options.Talks.Zone()
	data := &staffTalkPage{
		Page: web.Page{Title: "First talk " + t.Ref, Private: true}, URL: talkURL(t.ID), Names: talkNames(t), Ref: t.Ref,
		State: talkWords[t.State], Suits: suits(t), ZoneName: web.ZoneName(zone.String()), Asked: shortTime(t.CreatedAt, zone),
		People: t.People, Over: t.IsOver(), Trail: trailViews(t.Trail, zone, trailOnBoard), Minutes: number(booking.DefaultTalkMinutes),
	}
	if t.StartsAt != nil {
		data.When, data.Where = web.At(*t.StartsAt, zone).Text+" to "+web.Clock(*t.EndsAt, zone), t.Where
		data.Date, data.Clock, data.Place = string(civil.DateOf(*t.StartsAt, zone)), t.StartsAt.In(zone).Format("15:04"), t.Where
		data.Minutes = number(int(t.EndsAt.Sub(*t.StartsAt).Minutes()))
		data.MayMiss = t.State == booking.TalkFixed && !h.options.Talks.Now().Before(*t.StartsAt)
	}
	if t.CohortID != "" {
		if cohort, err := h.options.Retreats.Cohort(ctx, t.CohortID); err == nil {
			data.About, data.AboutURL = cohort.Name+", "+web.Dates(cohort.StartsOn, cohort.EndsOn), boardURL(cohort.ID)
		}
	}
	return data, nil
}

// decideTalk does what staff say about a talk, and draws the page again with
// what was typed if it is refused.
func (h *Handlers) decideTalk(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	id := c.Param("id")
	if form.Get("do") == "fix" {
		var fixing booking.Fixing
		if fixing, err = h.fixingOf(form); err == nil {
			err = h.options.Talks.Fix(ctx, id, fixing, actor.By())
		}
	} else {
		err = h.options.Talks.Conclude(ctx, id, booking.ConsultationState(form.Get("do")), actor.By())
	}
	switch fault.KindOf(err) {
	case "":
		return c.Redirect(http.StatusSeeOther, talkURL(id))
	case fault.Invalid, fault.Conflict:
	default:
		return err
	}
	web.Note(ctx, err)
	data, loadErr := h.staffTalkData(c)
	if loadErr != nil {
		return loadErr
	}
	data.Faults, data.Problem = fault.FieldsOf(err), fault.TextOf(err)
	if form.Get("do") == "fix" {
		data.Date, data.Clock, data.Minutes, data.Place = form.Get("date"), form.Get("clock"), form.Get("minutes"), form.Get("where")
	}
	return h.server.Render(c, web.Status(err), "staff_talk", data)
}

func (h *Handlers) fixingOf(form url.Values) (booking.Fixing, error) {
	faults := fault.Fields{}
	date, err := civil.ParseDate(strings.TrimSpace(form.Get("date")))
	if err != nil {
		faults["date"] = fault.TextOf(err)
	}
	clock, err := civil.ParseClock(strings.TrimSpace(form.Get("clock")))
	if err != nil {
		faults["clock"] = fault.TextOf(err)
	}
	minutes, err := strconv.Atoi(strings.TrimSpace(form.Get("minutes")))
	if err != nil {
		faults["minutes"] = "Please write a whole number."
	}
	if err := fault.InvalidFields(faults); err != nil {
		return booking.Fixing{}, err
	}
	return booking.Fixing{StartsAt: date.At(clock, h.options.Talks.Zone()), Minutes: minutes, Where: form.Get("where")}, nil
}
