package bookingweb

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// The driver: named on the couple's page, asked by a link of their own.

// driverForm is one session's part of the couple's page.
func driverForm(c booking.Case, s retreats.Session, now time.Time) driverFormView {
	zone, pickUp := c.Cohort.Location(), c.Cohort.PickUpAt(s)
	due := c.DriverDue(s, now)
	view := driverFormView{
		ID: s.ID, Title: s.Title, When: web.At(pickUp, zone).Text, Rides: rideWords[c.Cohort.Rides.Is()],
		By: dayOf(due, zone).Words(), Late: !now.Before(due), ConfirmBy: web.At(pickUp.Add(-24*time.Hour), zone).Text,
	}
	if d, ok := c.Booking.Driver(s.ID); ok {
		view.Name, view.Phone, view.Relation, view.Email = d.Name, d.Phone, d.Relation, d.Email
		view.Said, view.Asked, view.ByText = string(d.AnswerFor(s)), d.InvitedAt != nil, d.TextsTo() != ""
		view.Again = !d.IsFor(s) && view.Said == ""
	} else {
		view.Other = otherDriver(c)
	}
	return view
}

// otherDriver is who was named last for any session, if they can drive.
func otherDriver(c booking.Case) booking.DriverInput {
	for _, d := range slices.Backward(c.Booking.Drivers) {
		if s, ok := c.Cohort.Session(d.Session); ok && !d.HasRefused(s) {
			return booking.DriverInput{Name: d.Name, Phone: d.Phone, Relation: d.Relation, Email: d.Email}
		}
	}
	return booking.DriverInput{}
}

// addDriverLinks adds what the couple sends to those it has named.
func (h *Handlers) addDriverLinks(p *placePage, c booking.Case) {
	for i, view := range p.Drivers {
		d, named := c.Booking.Driver(view.ID)
		s, ok := c.Cohort.Session(view.ID)
		if named && ok {
			p.Drivers[i].Link = h.options.Bookings.DriverLink(c.Booking.ID, d)
			p.Drivers[i].ShareText = "Could you drive us home on " + web.Date(c.Cohort.PickUpAt(s), c.Cohort.Location()) + "? Please answer here: " + p.Drivers[i].Link
		}
	}
}

var rideWords = map[retreats.RidePolicy]string{
	retreats.RidesAccompanied: "You may go home by taxi if your driver sits in it with you.",
	retreats.RidesAllowed:     "If your driver cannot come after all, a taxi may take you home.",
	retreats.RidesNotAllowed:  "A taxi or a ride service cannot take you home.",
}

// rideWordsForDrivers say the same to the driver.
var rideWordsForDrivers = map[retreats.RidePolicy]string{
	retreats.RidesAccompanied: "You may take a taxi with them. Please stay with them until they are home.",
	retreats.RidesAllowed:     "You may take a taxi with them, or call one for them.",
	retreats.RidesNotAllowed:  "Please come with a car of your own: a taxi cannot take them home.",
}

func (h *Handlers) nameDriver(c echo.Context) error {
	ctx, session := c.Request().Context(), c.Param("session")
	return h.preparing(c, "driver."+session, func(visited booking.Case, partner int, form url.Values) error {
		return h.options.Bookings.NameDriver(ctx, visited.Booking.ID, session, partner, booking.DriverInput{
			Name: form.Get("name"), Phone: form.Get("phone"), Relation: form.Get("relation"), Email: form.Get("email"),
		})
	})
}

func (h *Handlers) driverAsked(c echo.Context) error {
	ctx, session := c.Request().Context(), c.Param("session")
	return h.preparing(c, "driver."+session, func(visited booking.Case, _ int, _ url.Values) error {
		return h.options.Bookings.DriverAsked(ctx, visited.Booking.ID, session)
	})
}

// ridePage is the driver's own page. It says when and where, and nothing of
// anybody or of what the day is about.
type ridePage struct {
	web.Page
	URL, Name, Where, MapURL, ZoneName, Contact, Taxi string
	Rides                                             []rideView
	// Texts is what the driver has said of text messages; nil where none are sent,
	// or nothing is left to drive.
	Texts         *textsView
	AgreeFault    string
	Problem, Goto string
}

// rideView is one drive home; Said is "yes", "no" or nothing yet.
type rideView struct {
	ID   string
	When web.Moment
	Said string
	Over bool
}

func (h *Handlers) ride(c echo.Context) error { return h.showRide(c, http.StatusOK, nil) }

func (h *Handlers) showRide(c echo.Context, status int, fail error) error {
	rides, err := h.options.Bookings.RidesOf(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	cohort := rides.Cohort
	data := &ridePage{
		Page: web.Page{Title: "A drive home", Private: true}, URL: "/d/" + url.PathEscape(c.Param("token")), Name: rides.List[0].Driver.Name,
		Where: cohort.Programme.Location, MapURL: mapURL(cohort.Programme.Location), ZoneName: web.ZoneName(cohort.Zone),
		Contact: h.options.Contact, Taxi: rideWordsForDrivers[cohort.Rides.Is()], Problem: fault.TextOf(fail),
	}
	for _, r := range rides.List {
		data.Rides = append(data.Rides, rideView{
			ID: r.Session.ID, When: web.At(r.PickUpAt, cohort.Location()), Said: string(r.Driver.AnswerFor(r.Session)),
			Over: h.options.Retreats.Now().After(r.PickUpAt),
		})
	}
	h.addRideTexts(data, rides, fail)
	return h.server.Render(c, status, "ride", data)
}

// mapURL leads to a map that nothing of is loaded before the reader asks for it.
func mapURL(place string) string {
	return "https://www.openstreetmap.org/search?" + url.Values{"query": {place}}.Encode()
}

func (h *Handlers) answerRide(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	err = h.options.Bookings.AnswerRide(ctx, c.Param("token"), form.Get("session"), booking.DriverAnswer(form.Get("answer")))
	switch {
	case fault.KindOf(err) == fault.Invalid:
		web.Note(ctx, err)
		return h.showRide(c, web.Status(err), err)
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/d/"+url.PathEscape(c.Param("token")))
}
