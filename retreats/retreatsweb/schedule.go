package retreatsweb

import (
	"context"
	"errors"
	"fmt"
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

// Changes of what people have in their calendars go through a page that shows
// what they do before they are made.

// previewPage shows what a change of the sessions would do.
type previewPage struct {
	web.Page
	Name, Dates, Heading, BackURL, BackText, Action, Button string
	// Danger colours the button of what takes something away.
	Danger  bool
	Hidden  []hiddenField
	Problem string
	// Nothing is so when the change would change nothing.
	Nothing   bool
	ZoneName  string
	Draft     bool
	Moves     []moveView
	Past      int
	Deadlines []deadlineView
	Concerned concernedView
	// MayEdit offers the way back to the form with what was typed.
	MayEdit bool
}

// hiddenField carries what was shown to where it is confirmed.
type hiddenField struct{ Name, Value string }

// moveView is a session before and after.
type moveView struct{ Title, Before, BeforeWhat, After, AfterWhat string }

// deadlineView is a date that a change would move.
type deadlineView struct{ What, Before, After string }

// concernedView is who a change concerns: numbers, and names where they are
// known.
type concernedView struct {
	Couples int
	Words   string
	Names   []Couple
}

func (h *Handlers) concerned(ctx context.Context, c *retreats.Cohort) (concernedView, error) {
	counts := c.Roster.Counts()
	view := concernedView{Couples: len(c.Roster.Places) + len(c.Roster.Waitlist) + len(c.Roster.KeptBack), Words: placesForStaff(c)}
	if h.options.Couples == nil || counts == (retreats.Counts{}) {
		return view, nil
	}
	var err error
	view.Names, err = h.options.Couples(ctx, c.ID)
	return view, err
}

// planned is a change of a cohort that is shown before it is made.
type planned struct {
	heading, action, button string
	danger, mayEdit         bool
	hidden                  []hiddenField
	// act makes the change on a cohort of its own.
	act func(*retreats.Cohort, time.Time) error
}

// preview shows what the change would do. The error is the change's own.
func (h *Handlers) preview(c echo.Context, cohort *retreats.Cohort, p planned, stale bool) error {
	ctx, now := c.Request().Context(), h.retreats.Now()
	after := *cohort
	if err := p.act(&after, now); err != nil {
		return err
	}
	concerned, err := h.concerned(ctx, cohort)
	if err != nil {
		return err
	}
	data := &previewPage{
		Page: web.Page{Title: p.heading, Private: true}, Name: cohort.Name, Dates: web.Dates(cohort.StartsOn, cohort.EndsOn), Heading: p.heading,
		BackURL: settingsURL(cohort.ID), Action: p.action, Button: p.button, Danger: p.danger, MayEdit: p.mayEdit,
		Hidden:   append(p.hidden, hiddenField{"rev", strconv.FormatInt(cohort.Rev, 10)}),
		ZoneName: web.ZoneName(cohort.Zone), Draft: cohort.State == retreats.Draft, Deadlines: deadlinesOf(cohort, &after), Concerned: concerned,
	}
	for _, m := range retreats.Moves(cohort, &after) {
		data.Moves = append(data.Moves, moveOf(m, cohort.Location()))
		if m.After.ID != "" && m.After.StartsAt.Before(now) {
			data.Past++
		}
	}
	data.Nothing = len(data.Moves) == 0 && len(data.Deadlines) == 0
	status := http.StatusOK
	if stale {
		data.Problem = "These dates have changed since you looked, so nothing was done. This is what it would do now."
		status = http.StatusConflict
	}
	return h.server.Render(c, status, "staff_cohort_preview", data)
}

func moveOf(m retreats.SessionMove, zone *time.Location) moveView {
	view := moveView{Title: m.After.Title, Before: "new", After: "taken out"}
	if m.Before.ID != "" {
		view.Before, view.BeforeWhat = shortTime(m.Before, zone), sessionWhat(m.Before)
		if m.Before.Title != m.After.Title && m.After.ID != "" {
			view.BeforeWhat = m.Before.Title + ". " + view.BeforeWhat
		}
	}
	if m.After.ID == "" {
		view.Title = m.Before.Title
		return view
	}
	view.After, view.AfterWhat = shortTime(m.After, zone), sessionWhat(m.After)
	return view
}

// deadlinesOf are the dates besides the sessions that differ.
func deadlinesOf(before, after *retreats.Cohort) []deadlineView {
	var list []deadlineView
	add := func(what, was, is string) {
		if was != is {
			list = append(list, deadlineView{what, was, is})
		}
	}
	add("The dates", web.Dates(before.StartsOn, before.EndsOn), web.Dates(after.StartsOn, after.EndsOn))
	add("The rest of the price is due", balanceWords(before), balanceWords(after))
	if before.EarlyBird != nil {
		add("The early price holds until", before.EarlyBirdLastDay().Words(), after.EarlyBirdLastDay().Words())
	}
	was, is := before.Policy.Periods(before.StartsOn), after.Policy.Periods(after.StartsOn)
	for i := range was {
		add(fmt.Sprintf("%d %% back until", was[i].Percent), was[i].Until.Words(), is[i].Until.Words())
	}
	return list
}

func balanceWords(c *retreats.Cohort) string {
	return restWords(c, func(due time.Time) string { return web.Date(due, c.Location()) })
}

// errMeanwhile says that a cohort was changed between being read and being
// changed: what is confirmed is not what was shown any more.
var errMeanwhile = errors.New("the cohort was changed meanwhile")

// confirm makes a change if what is confirmed is what was shown, and says so.
// Else it shows what the change would do now. The error is the change's own, or
// errMeanwhile: then the request is handled again from its beginning.
func (h *Handlers) confirm(c echo.Context, cohort *retreats.Cohort, p planned, form url.Values) (changed bool, err error) {
	if !isCurrent(form, cohort) {
		return false, h.preview(c, cohort, p, form.Has("rev"))
	}
	actor, _ := web.ActorOf(c.Request().Context())
	seen := fingerprint(cohort.StartsOn, cohort.Sessions)
	_, err = h.retreats.AmendSchedule(c.Request().Context(), cohort.ID, actor.By(), func(current *retreats.Cohort, now time.Time) error {
		// Changes that are saved together have one revision.
		if current.Rev != cohort.Rev || fingerprint(current.StartsOn, current.Sessions) != seen {
			return errMeanwhile
		}
		return p.act(current, now)
	})
	return err == nil, err
}

// isCurrent says whether what is confirmed is what was shown.
func isCurrent(form url.Values, c *retreats.Cohort) bool {
	return form.Get("rev") == strconv.FormatInt(c.Rev, 10)
}

func rescheduling(c *retreats.Cohort, startsOn civil.Date) planned {
	p := planned{
		heading: "Move these dates", action: settingsURL(c.ID) + "/reschedule", button: "Move the dates",
		hidden: []hiddenField{{"starts_on", string(startsOn)}},
		act:    func(c *retreats.Cohort, now time.Time) error { return c.Reschedule(startsOn, now) },
	}
	if _, err := civil.ParseDate(string(startsOn)); err == nil {
		p.heading = "Move these dates to " + startsOn.Words()
	}
	return p
}

// rescheduleAgain shows the settings with what is wrong with the day.
func (h *Handlers) rescheduleAgain(c echo.Context, problem error, startsOn string) error {
	return h.settingsAgain(c, problem, func(p *settingsPage) {
		p.StartsOn, p.StartsOnFault = startsOn, fault.FieldsOf(problem)["starts_on"]
	})
}

func (h *Handlers) reschedulePreview(c echo.Context) error {
	cohort, err := h.retreats.Cohort(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	startsOn := c.QueryParam("starts_on")
	if err := h.preview(c, cohort, rescheduling(cohort, civil.Date(startsOn)), false); err != nil {
		return h.rescheduleAgain(c, err, startsOn)
	}
	return nil
}

func (h *Handlers) reschedule(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	cohort, err := h.retreats.Cohort(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	startsOn := civil.Date(form.Get("starts_on"))
	changed, err := h.confirm(c, cohort, rescheduling(cohort, startsOn), form)
	switch {
	case errors.Is(err, errMeanwhile):
		return h.reschedule(c)
	case err != nil:
		return h.rescheduleAgain(c, err, string(startsOn))
	case !changed:
		return nil
	}
	return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done=rescheduled")
}
