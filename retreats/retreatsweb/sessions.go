package retreatsweb

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// sessionPage changes or adds one session of a cohort.
type sessionPage struct {
	web.Page
	Name, Dates, ZoneName, Heading, BackURL, Action, DropURL string
	Row                                                      planRow
	// Date is the day as couples see it; a plan counts from the first.
	Date    string
	Summary []faultView
}

// newSession is what stands in an address for a session that is to be added.
const newSession = "new"

func sessionURL(cohort, session string) string {
	return settingsURL(cohort) + "/sessions/" + url.PathEscape(session)
}

// sessionOf finds the session that the address names; one that is to be added
// has no id.
func (h *Handlers) sessionOf(c echo.Context) (*retreats.Cohort, retreats.Session, error) {
	cohort, err := h.retreats.Cohort(c.Request().Context(), c.Param("id"))
	if err != nil || c.Param("session") == newSession {
		return cohort, retreats.Session{}, err
	}
	session, ok := cohort.Session(c.Param("session"))
	if !ok {
		return nil, session, fault.New(fault.NotFound, "There is no such session any more.")
	}
	return cohort, session, nil
}

func (h *Handlers) sessionForm(c echo.Context) error {
	cohort, session, err := h.sessionOf(c)
	if err != nil {
		return err
	}
	row, date := planRow{Kind: string(retreats.Preparation), Minutes: "90"}, ""
	if session.ID != "" {
		plan := cohort.Planned(session)
		row, date = rowOf(plan), string(cohort.StartsOn.AddDays(plan.Day))
	}
	return h.renderSession(c, http.StatusOK, cohort, session, row, date)
}

func (h *Handlers) renderSession(c echo.Context, status int, cohort *retreats.Cohort, session retreats.Session, row planRow, date string) error {
	data := &sessionPage{
		Page: web.Page{Title: "Add a session", Private: true}, Name: cohort.Name, Dates: web.Dates(cohort.StartsOn, cohort.EndsOn),
		ZoneName: web.ZoneName(cohort.Zone), Heading: "Add a session", BackURL: settingsURL(cohort.ID), Action: sessionURL(cohort.ID, newSession),
		Row: row, Date: date, Summary: summaryOf(row.Faults),
	}
	if session.ID != "" {
		data.Title, data.Heading = session.Title, session.Title
		data.Action = sessionURL(cohort.ID, session.ID)
		if len(cohort.Sessions) > 1 {
			data.DropURL = data.Action + "/drop"
		}
	}
	return h.server.Render(c, status, "staff_cohort_session", data)
}

// typedSession reads the form. Its day is a date, which the plan counts from
// the cohort's first.
func typedSession(form url.Values, cohort *retreats.Cohort) (row planRow, plan retreats.PlannedSession) {
	row = planRow{
		Clock: at(form["clock"], 0), Minutes: at(form["minutes"], 0), Kind: at(form["kind"], 0),
		Receives: at(form["receives"], 0), Where: at(form["where"], 0), Title: at(form["title"], 0), Day: "0",
	}
	date, dateErr := civil.ParseDate(at(form["date"], 0))
	if dateErr == nil {
		row.Day = strconv.Itoa(cohort.StartsOn.DaysUntil(date))
	}
	plan, row.Faults = row.session()
	if dateErr != nil {
		if row.Faults == nil {
			row.Faults = fault.Fields{}
		}
		row.Faults["day"] = fault.TextOf(dateErr)
	}
	return row, plan
}

// sessionSave shows what the change would do, and does it once that has been
// seen.
func (h *Handlers) sessionSave(c echo.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	cohort, session, err := h.sessionOf(c)
	if err != nil {
		return err
	}
	row, plan := typedSession(form, cohort)
	if row.Faults != nil {
		return h.renderSession(c, http.StatusUnprocessableEntity, cohort, session, row, form.Get("date"))
	}
	if form.Get("intent") == "edit" {
		return h.renderSession(c, http.StatusOK, cohort, session, row, form.Get("date"))
	}
	return h.confirmSession(c, cohort, changing(cohort, session, plan, form), form, h.sessionSave)
}

func changing(cohort *retreats.Cohort, session retreats.Session, plan retreats.PlannedSession, form url.Values) planned {
	p := planned{
		heading: "Add " + plan.Title, action: sessionURL(cohort.ID, newSession), button: "Add the session", mayEdit: true,
		act: func(c *retreats.Cohort, now time.Time) error { return c.ChangeSession(session.ID, plan, now) },
	}
	if session.ID != "" {
		p.heading, p.action, p.button = "Change "+session.Title, sessionURL(cohort.ID, session.ID), "Change the session"
	}
	for _, name := range []string{"date", "clock", "minutes", "kind", "receives", "where", "title"} {
		p.hidden = append(p.hidden, hiddenField{name, form.Get(name)})
	}
	return p
}

// sessionDrop shows what taking a session out would do, and does it once that
// has been seen.
func (h *Handlers) sessionDrop(c echo.Context) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	cohort, session, err := h.sessionOf(c)
	if err != nil {
		return err
	}
	dropping := planned{
		heading: "Take out " + session.Title, action: sessionURL(cohort.ID, session.ID) + "/drop", button: "Take it out", danger: true,
		act: func(c *retreats.Cohort, now time.Time) error { return c.DropSession(session.ID, now) },
	}
	return h.confirmSession(c, cohort, dropping, form, h.sessionDrop)
}

// confirmSession makes a change of the sessions or shows what it would do; see
// confirm.
func (h *Handlers) confirmSession(c echo.Context, cohort *retreats.Cohort, p planned, form url.Values, again echo.HandlerFunc) error {
	changed, err := h.confirm(c, cohort, p, form)
	switch {
	case errors.Is(err, errMeanwhile):
		return again(c)
	case err != nil:
		return h.settingsAgain(c, err, nil)
	case !changed:
		return nil
	}
	return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done=session")
}
