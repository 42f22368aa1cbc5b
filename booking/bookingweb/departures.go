package bookingweb

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/web"
	"lantern/retreats"
)

// doorPage is the departure board of one session: who is still here, and whom
// they go home with.
type doorPage struct {
	web.Page
	URL, BoardURL, Cohort, Title, When, ZoneName string
	Here, Gone                                   []doorView
	MayRelease                                   bool
	// At is when the page was made, by the clocks of the place.
	At      string
	Problem string
	// Begins is when departures can be noted, in words, while that is to come.
	Begins string
	// Asked is the booking whose reason is missing.
	Asked string
}

type doorView struct {
	ID, URL, Names, Ref string
	// Driver is who is on record; Confirmed says that they have said yes.
	Driver, Phone, Relation string
	OnRecord, Confirmed     bool
	// State says it in words.
	State string
	// Key makes the form repeatable.
	Key string
	// Left is what was noted, and CanUndo that it can be taken back.
	Left    string
	CanUndo bool
	// Typed is what was written as the reason, Fault what is wrong with it.
	Typed, Fault string
}

func departuresURL(cohort, session string) string {
	return "/staff/sessions/" + url.PathEscape(cohort) + "/" + url.PathEscape(session) + "/departures"
}

// doorsOf are links to the departure boards of a cohort.
func doorsOf(c *retreats.Cohort) (doors []linkView) {
	for _, s := range c.Sessions {
		if c.NeedsDriver(s) {
			doors = append(doors, linkView{URL: departuresURL(c.ID, s.ID), Text: "Departures " + c.PickUpAt(s).In(c.Location()).Format("2 Jan")})
		}
	}
	return doors
}

func (h *Handlers) departures(c echo.Context) error {
	data, err := h.doorData(c)
	if err != nil {
		return err
	}
	return h.server.Render(c, http.StatusOK, "staff_departures", data)
}

func (h *Handlers) doorData(c echo.Context) (*doorPage, error) {
	ctx := c.Request().Context()
	door, err := h.options.Bookings.Door(ctx, c.Param("cohort"), c.Param("session"))
	if err != nil {
		return nil, err
	}
	actor, _ := web.ActorOf(ctx)
	data := &doorPage{
		Page: web.Page{Title: "Departures", Private: true, Wide: true}, URL: departuresURL(door.Cohort.ID, door.Session.ID),
		BoardURL: boardURL(door.Cohort.ID), Cohort: door.Cohort.Name, Title: door.Session.Title,
		When: web.At(door.PickUpAt, door.Cohort.Location()).Text, ZoneName: web.ZoneName(door.Cohort.Zone),
		MayRelease: actor.Has(access.Attend), At: web.At(h.options.Retreats.Now(), door.Cohort.Location()).Text,
	}
	if door.Session.StartsAt.After(h.options.Retreats.Now()) && data.MayRelease {
		data.MayRelease, data.Begins = false, web.At(door.Session.StartsAt, door.Cohort.Location()).Text
	}
	for _, couple := range door.Couples {
		view := doorOf(door, couple, h.options.Retreats.Now())
		if view.Left != "" {
			data.Gone = append(data.Gone, view)
		} else {
			data.Here = append(data.Here, view)
		}
	}
	return data, nil
}

func doorOf(door *booking.Door, c booking.Case, now time.Time) doorView {
	b, zone := c.Booking, door.Cohort.Location()
	view := doorView{ID: b.ID, URL: bookingURL(b.ID), Names: namesOf(b), Ref: b.Ref, Key: seal.NewID("door")}
	d, onRecord := b.DriverOnRecord(door.Session)
	view.Driver, view.Phone, view.Relation, view.OnRecord = d.Name, d.Phone, d.Relation, onRecord
	view.Confirmed = onRecord && d.HasConfirmed(door.Session)
	switch {
	case view.Confirmed:
		view.State = "said yes"
	case onRecord:
		view.State = "has not said yes"
	case d.HasRefused(door.Session):
		view.State = "said that they cannot"
	case d.Name != "":
		view.State = "was asked for another time"
	default:
		view.State = "no driver on record"
	}
	if left, gone := b.Departure(door.Session.ID); gone {
		view.Left = "at " + web.Clock(left.At, zone) + " by " + left.By
		if left.Driver != "" {
			view.Left = "released to " + left.Driver + " " + view.Left
		} else {
			view.Left = "released " + view.Left + ": " + left.Reason
		}
		view.CanUndo = !now.After(left.UndoUntil())
	}
	return view
}

func (h *Handlers) release(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	in := booking.ReleaseInput{Session: c.Param("session"), Driver: form.Get("driver"), Reason: form.Get("reason"), Key: form.Get("key")}
	if at, err := time.Parse(time.RFC3339, form.Get("at")); err == nil {
		in.At = at.UTC().Truncate(time.Millisecond)
	}
	actor, _ := web.ActorOf(ctx)
	return h.answerDoor(c, form, h.inCohort(c, form, func(id string) error {
		return h.options.Bookings.Release(ctx, id, in, actor.By())
	}))
}

func (h *Handlers) undoRelease(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	return h.answerDoor(c, form, h.inCohort(c, form, func(id string) error {
		return h.options.Bookings.UndoRelease(ctx, id, c.Param("session"), actor.By())
	}))
}

// inCohort does something to the couple that the form is about, if it is one of
// the cohort on whose board it stands.
func (h *Handlers) inCohort(c echo.Context, form url.Values, do func(id string) error) error {
	cohort, err := h.cohortIDOf(c.Request().Context(), form.Get("booking"))
	if err != nil {
		return err
	}
	if cohort != c.Param("cohort") {
		return errOtherDoor
	}
	return do(form.Get("booking"))
}

var errOtherDoor = fault.New(fault.Conflict, "This couple is not of these dates any more.")

// answerDoor goes back to the board, or says on it why nothing was noted. A page
// that sends what it has kept is answered in short.
func (h *Handlers) answerDoor(c echo.Context, form url.Values, fail error) error {
	kept := c.Request().Header.Get("Lantern-Keep") != ""
	kind := fault.KindOf(fail)
	switch {
	case fail == nil && kept:
		return c.NoContent(http.StatusNoContent)
	case fail == nil:
		return c.Redirect(http.StatusSeeOther, departuresURL(c.Param("cohort"), c.Param("session")))
	case kind != fault.Invalid && kind != fault.Conflict:
		return fail
	}
	web.Note(c.Request().Context(), fail)
	text := fault.TextOf(fail)
	if reason := fault.FieldsOf(fail)["reason"]; reason != "" {
		text = reason
	}
	if kept {
		return c.String(web.Status(fail), text)
	}
	data, err := h.doorData(c)
	if err != nil {
		return err
	}
	data.Problem, data.Asked = text, form.Get("booking")
	for i := range data.Here {
		if data.Here[i].ID == data.Asked {
			data.Here[i].Typed, data.Here[i].Fault = form.Get("reason"), text
		}
	}
	return h.server.Render(c, web.Status(fail), "staff_departures", data)
}
