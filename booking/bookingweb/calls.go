package bookingweb

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// callsPage is today's call list, the most urgent first.
type callsPage struct {
	web.Page
	Calls, Waiting []callView
	Problem        string
	// Next is where the calls about cohorts are that begin after Until, empty if
	// there are none.
	Next, Until string
	// Later says that it is not the first page.
	Later bool
}

type callView struct {
	ID, Call, URL, Names, Ref, Cohort string
	// What is what it is about, About the session, By what it must be settled.
	What, About, By string
	Phones          []booking.PhoneLine
	// Last says what came of the last call, Again until when it waits.
	Last, Again, Later, Zone string
	Action                   string
	// MayRecord shows the buttons for what came of a call.
	MayRecord bool
}

// Anchor is the call's on the page.
func (v callView) Anchor() string { return v.ID + "-" + v.Call }

var callTitles = map[booking.CallKind]string{
	booking.CallRefused:     "Their driver cannot",
	booking.CallUnconfirmed: "Their driver has not said yes",
	booking.CallUnnamed:     "No driver is named",
	booking.CallPreparation: "Has not said whether they come",
	booking.CallMissed:      "Was not there",
	booking.CallUnreached:   "Our mail does not arrive",
	booking.CallPapers:      "Consent or forms are missing",
}

func (h *Handlers) calls(c echo.Context) error { return h.showCalls(c, http.StatusOK, "") }

func (h *Handlers) showCalls(c echo.Context, status int, problem string) error {
	ctx := c.Request().Context()
	after := c.QueryParam("after")
	list, err := h.options.Bookings.CallList(ctx, after)
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	now := h.options.Retreats.Now()
	data := &callsPage{
		Page: web.Page{Title: "Calls", Private: true, Wide: true}, Problem: problem, Later: after != "",
	}
	if list.Next != "" {
		data.Next, data.Until = callsURL(list.Next), list.Until.Words()
	}
	for _, line := range list.Now {
		view := callOf(line, now)
		view.Action += here(after)
		view.MayRecord = actor.Has(access.Attend)
		data.Calls = append(data.Calls, view)
	}
	for _, line := range list.Later {
		data.Waiting = append(data.Waiting, callOf(line, now))
	}
	return h.server.Render(c, status, "staff_calls", data)
}

// callsURL is the page of calls that goes on there.
func callsURL(after string) string { return "/staff/calls" + here(after) }

func here(after string) string {
	if after == "" {
		return ""
	}
	return "?" + url.Values{"after": {after}}.Encode()
}

func callOf(line booking.CallLine, now time.Time) callView {
	zone, call := line.Cohort.Location(), line.Call
	view := callView{
		ID: line.Booking.ID, Call: call.ID(), URL: bookingURL(line.Booking.ID), Names: namesOf(line.Booking), Ref: line.Booking.Ref,
		Cohort: line.Cohort.Name + ", " + web.Dates(line.Cohort.StartsOn, line.Cohort.EndsOn), What: callTitles[call.Kind],
		By: shortTime(call.By, zone), Phones: call.Phones, Zone: web.ZoneName(line.Cohort.Zone),
		Later: now.In(zone).Add(2 * time.Hour).Format(localTime), Action: "/staff/calls/" + url.PathEscape(line.Booking.ID),
	}
	if call.Partner > 0 {
		view.What = line.Booking.Partners[call.Partner-1].Name + ": " + view.What
	}
	if call.Session.ID != "" {
		view.About = call.Session.Title + ", " + shortTime(call.Session.StartsAt, zone)
	}
	if d, ok := line.Booking.Driver(call.Session.ID); ok && call.Kind == booking.CallUnreached {
		view.What = d.Name + " (driver): what we write does not arrive"
	}
	if d, ok := line.Booking.Driver(call.Session.ID); ok && call.Kind == booking.CallRefused {
		view.What = d.Name + " cannot drive"
	}
	if call.Last != nil {
		view.Last = call.Last.Outcome.Words() + ", " + call.Last.By + ", " + shortTime(call.Last.At, zone)
	}
	if until := call.Waits(now); !until.IsZero() {
		view.Again = shortTime(until, zone)
	}
	return view
}

// localTime is how a browser's field for date and time writes it.
const localTime = "2006-01-02T15:04"

func (h *Handlers) recordCall(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	err = h.noteCall(c, form)
	switch fault.KindOf(err) {
	case "":
		return c.Redirect(http.StatusSeeOther, callsURL(c.QueryParam("after")))
	case fault.Invalid, fault.Conflict:
		web.Note(ctx, err)
		text := fault.TextOf(err)
		for _, said := range fault.FieldsOf(err) {
			text = said
		}
		return h.showCalls(c, web.Status(err), text)
	}
	return err
}

func (h *Handlers) noteCall(c echo.Context, form url.Values) error {
	ctx, id := c.Request().Context(), c.Param("id")
	var again time.Time
	outcome := booking.CallOutcome(form.Get("outcome"))
	if outcome == booking.CallLater {
		about, err := h.options.Bookings.Case(ctx, id)
		if err != nil {
			return err
		}
		if again, err = time.ParseInLocation(localTime, form.Get("again"), about.Cohort.Location()); err != nil {
			return errAgain.Because(err)
		}
	}
	actor, _ := web.ActorOf(ctx)
	return h.options.Bookings.RecordCall(ctx, id, form.Get("call"), outcome, again.UTC(), actor.By())
}

var errAgain = fault.New(fault.Invalid, "Please choose the day and the time at which to call again.")
