package bookingweb

import (
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/picture"
	"lantern/internal/web"
	"lantern/retreats"
)

// overviewPage is where staff begin the day: all cohorts, and what needs
// attention.
type overviewPage struct {
	web.Page
	Tabs    []linkView
	Cohorts []cohortView
	Next    string
	// CanManage shows the way to new dates.
	CanManage bool
	// Concerns is how many bookings' money needs a person, in words, or empty.
	Concerns string
}

// linkView is a link of which one may be where the reader is.
type linkView struct {
	URL, Text string
	Here      bool
}

type cohortView struct {
	URL, Name, Dates string
	Houses           picture.Houses
	// Waiting is in words, or empty.
	Waiting string
	Tasks   []taskView
}

// taskView is something to look at, with the way there.
type taskView struct{ URL, Text string }

// overviewOnPage is how many cohorts one page shows.
const overviewOnPage = 25

// running stands in addresses for the cohorts that take place, whatever their
// state.
const running = "running"

// overviewStates are the tabs, in order.
var overviewStates = []struct {
	state retreats.CohortState
	text  string
}{
	{running, "Now and to come"}, {retreats.Open, "On offer"}, {retreats.Closed, "Closed"}, {retreats.Draft, "Drafts"},
	{retreats.Finished, "Finished"}, {retreats.Cancelled, "Called off"},
}

func (h *Handlers) overview(c echo.Context) error {
	ctx := c.Request().Context()
	state := retreats.CohortState(c.QueryParam("state"))
	if state == "" {
		state = running
	}
	actor, _ := web.ActorOf(ctx)
	data := &overviewPage{Page: web.Page{Title: "Overview", Private: true, Wide: true}, CanManage: actor.Has(access.ManageCohorts)}
	known := false
	for _, o := range overviewStates {
		data.Tabs = append(data.Tabs, linkView{URL: "/staff?state=" + string(o.state), Text: o.text, Here: o.state == state})
		known = known || o.state == state
	}
	if !known {
		return errNoPage
	}
	if actor.Has(access.ReadBookings) {
		n, err := h.options.Bookings.CountConcerns(ctx, mostConcerns)
		if err != nil {
			return err
		}
		if n > 0 {
			data.Concerns = needAttention(n) + " because of money"
		}
	}
	all, next, err := h.cohortsIn(ctx, state, overviewOnPage, c.QueryParam("after"))
	if err != nil {
		return err
	}
	for _, a := range all {
		data.Cohorts = append(data.Cohorts, viewOf(a, sightOf(ctx)))
	}
	if next != "" {
		data.Next = "/staff?" + url.Values{"state": {string(state)}, "after": {next}}.Encode()
	}
	return h.server.Render(c, http.StatusOK, "staff_overview", data)
}

// cohortsIn gives a page of the cohorts in a state, or of those that run.
func (h *Handlers) cohortsIn(ctx context.Context, state retreats.CohortState, limit int, after string) ([]booking.Attention, string, error) {
	if state == running {
		return h.options.Bookings.Running(ctx, limit, after)
	}
	return h.options.Bookings.Overview(ctx, state, limit, after)
}

var errNoPage = fault.New(fault.NotFound, "There is no page at this address.")

func boardURL(cohortID string) string { return "/staff/cohorts/" + url.PathEscape(cohortID) }

func viewOf(a booking.Attention, s sight) cohortView {
	c, address := a.Cohort, boardURL(a.Cohort.ID)
	view := cohortView{URL: address, Name: c.Name, Dates: web.Dates(c.StartsOn, c.EndsOn), Houses: housesOf(c.Capacity, a.Counts)}
	if a.Counts.Waiting > 0 {
		view.Waiting = web.Count(a.Counts.Waiting, "couple waits", "couples wait")
	}
	if a.OverBy > 0 {
		view.Tasks = append(view.Tasks, taskView{address, web.Count(a.OverBy, "couple too many", "couples too many")})
	}
	if a.ByHand > 0 {
		view.Tasks = append(view.Tasks, taskView{address + "#waitlist", web.Count(a.ByHand, "free place to offer by hand", "free places to offer by hand")})
	}
	for _, kind := range booking.NeedKinds {
		if n := a.Late[kind]; n > 0 && s.sees(kind) {
			view.Tasks = append(view.Tasks, taskView{address + "?show=" + string(kind), web.Count(n, "couple", "couples") + " " + lateWords[kind]})
		}
	}
	return view
}

// lateWords go after "3 couples".
var lateWords = map[booking.NeedKind]string{
	booking.NeedDeposit: "without a paid deposit", booking.NeedBalance: "with a late balance", booking.NeedConsent: "without consent of both",
	booking.NeedClearance: "without clearance of both", booking.NeedForms: "with missing forms",
	booking.NeedPreparation: "not confirmed for preparation", booking.NeedDriver: "without a driver",
}

func housesOf(capacity int, counts retreats.Counts) picture.Houses {
	return picture.Places{
		Capacity: capacity, Taken: counts.Confirmed, Held: counts.Held, Offered: counts.Offered, KeptBack: counts.KeptBack,
	}.Draw()
}
