package bookingweb

import (
	"net/http"
	"net/url"
	"slices"
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
	Calls, Waiting []phoneCall
	Problem        string
	// Next is where the calls about cohorts are that begin after Until, empty if
	// there are none.
	Next, Until string
	// Later says that it is not the first page.
	Later bool
}

// phoneCall is one call to the same people, about all that they are asked.
type phoneCall struct {
	// Anchor is the call's on the page, booking whose it is.
	Anchor, booking, URL, Names, Ref, Cohort, Zone string

	phones []booking.PhoneLine
	Phones []phoneView
	About  []callView
	// Later is when to call again, as a browser's field has it; Action is where
	// what came of it is noted, empty for who may not.
	Later, Action string
}

// phoneView is somebody to call, or to write to if no number is known.
type phoneView struct{ Name, Number, Mail string }

// callView is one thing that a call is about.
type callView struct {
	// Call names it, What is what it is, Session when that is, By what it must be
	// settled.
	Call, What, Session, By string
	// Last says what came of the last call, Again until when it waits.
	Last, Again string
}

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
	data.Calls, data.Waiting = phoneCalls(list.Now, now), phoneCalls(list.Later, now)
	for i, call := range data.Calls {
		if actor.Has(access.Attend) {
			data.Calls[i].Action = "/staff/calls/" + url.PathEscape(call.booking) + here(after)
		}
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

// phoneCalls puts what the same people are called about into one call, where the
// first of it stands.
func phoneCalls(lines []booking.CallLine, now time.Time) []phoneCall {
	var all []phoneCall
	for _, line := range lines {
		i := slices.IndexFunc(all, func(c phoneCall) bool {
			return c.booking == line.Booking.ID && slices.Equal(c.phones, line.Call.Phones)
		})
		if i < 0 {
			i, all = len(all), append(all, phoneCallOf(line, now))
		}
		all[i].About = append(all[i].About, callOf(line, now))
	}
	return all
}

func phoneCallOf(line booking.CallLine, now time.Time) phoneCall {
	call := phoneCall{
		Anchor: line.Booking.ID + "-" + line.Call.ID(), booking: line.Booking.ID, URL: bookingURL(line.Booking.ID), Names: namesOf(line.Booking), Ref: line.Booking.Ref,
		Cohort: line.Cohort.Name + ", " + web.Dates(line.Cohort.StartsOn, line.Cohort.EndsOn), Zone: web.ZoneName(line.Cohort.Zone),
		phones: line.Call.Phones, Later: now.In(line.Cohort.Location()).Add(2 * time.Hour).Format(localTime),
	}
	for _, phone := range line.Call.Phones {
		view := phoneView{Name: phone.Name, Number: phone.Number}
		for _, p := range line.Booking.Partners {
			if phone.Number == "" && p.Name == phone.Name {
				view.Mail = p.Email
			}
		}
		call.Phones = append(call.Phones, view)
	}
	return call
}

func callOf(line booking.CallLine, now time.Time) callView {
	zone, call := line.Cohort.Location(), line.Call
	view := callView{Call: call.ID(), What: callTitles[call.Kind], By: shortTime(call.By, zone)}
	if call.Partner > 0 {
		view.What = line.Booking.Partners[call.Partner-1].Name + ": " + view.What
	}
	if call.Session.ID != "" {
		view.Session = call.Session.Title + ", " + shortTime(call.Session.StartsAt, zone)
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
	return h.options.Bookings.RecordCall(ctx, id, form["call"], outcome, again.UTC(), actor.By())
}

var errAgain = fault.New(fault.Invalid, "Please choose the day and the time at which to call again.")
