package bookingweb

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// What a partner does on their own link to prepare.

func (p *placePage) addPreparing(c booking.Case, partner int, now time.Time) {
	b, zone := c.Booking, readerZone(c.Booking.Partners[partner])
	p.Consent = &consentView{Statement: booking.ConsentStatement(c.Cohort)}
	if given := c.ConsentOf(partner); given != nil {
		p.Consent.Statement, p.Consent.Given = given.Statement, web.At(given.At, zone).Text
	} else if before := b.Consents[partner]; before != nil {
		p.Consent.Before = before.StartsOn.Words()
	}
	for _, s := range c.Cohort.Sessions {
		switch {
		case s.Kind == retreats.Preparation:
			p.Preparations = append(p.Preparations, preparationView{
				ID: s.ID, Title: s.Title, When: web.At(s.StartsAt, zone).Text,
				Mine: b.HasReplied(s, partner), Over: now.After(s.EndsAt),
			})
		case c.Cohort.NeedsDriver(s) && now.Before(c.Cohort.PickUpAt(s)):
			p.Drivers = append(p.Drivers, driverForm(c, s, now))
		}
	}
}

// dayOf is the day by which something is due; a day's end is said as that day.
func dayOf(due time.Time, zone *time.Location) civil.Date {
	return civil.DateOf(due.Add(-time.Second), zone)
}

// preparing does something for the partner whose link it is and shows the page
// again; a fault is shown where it belongs.
func (h *Handlers) preparing(c echo.Context, name string, do func(visited booking.Case, partner int, form url.Values) error) error {
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	err = do(visited, partner, form)
	switch {
	case fault.KindOf(err) == fault.Invalid:
		return h.redrawPlace(c, form, name, err)
	case fault.KindOf(err) == fault.Conflict, errors.Is(err, booking.ErrOver):
		return h.back(c) // the page says what is so
	case err != nil:
		return err
	}
	// Back to where the reader was, which now says that it is done.
	return c.Redirect(http.StatusSeeOther, "/b/"+url.PathEscape(c.Param("token"))+"#"+anchorOf(name))
}

// anchorOf is where on the page a form stands: "driver.s4" at "driver-s4".
func anchorOf(form string) string {
	switch form {
	case "waits":
		return "others"
	case "pay", "card", "split":
		return "money"
	}
	return strings.ReplaceAll(form, ".", "-")
}

// redrawPlace shows the couple's page with what is wrong beside what was typed.
func (h *Handlers) redrawPlace(c echo.Context, form url.Values, name string, fail error) error {
	web.Note(c.Request().Context(), fail)
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	data := h.placeData(visited, partner, c.Param("token"))
	data.Faults, data.Typed = map[string]string{}, map[string]string{}
	for field, text := range fault.FieldsOf(fail) {
		data.Faults[name+"."+field] = text
	}
	for field := range form {
		data.Typed[name+"."+field] = form.Get(field)
	}
	data.Problem, data.ProblemAnchor = fault.TextOf(fail), anchorOf(name)
	return h.showPlace(c, web.Status(fail), visited, partner, data)
}

func (h *Handlers) consent(c echo.Context) error {
	ctx := c.Request().Context()
	return h.preparing(c, "consent", func(visited booking.Case, partner int, form url.Values) error {
		switch form.Get("answer") {
		case "give":
			if form.Get("agree") == "" {
				return fault.InvalidFields(fault.Fields{"agree": "Please tick the box if this is what you want."})
			}
			return h.options.Bookings.GiveConsent(ctx, visited.Booking.ID, partner)
		case "withdraw":
			return h.options.Bookings.WithdrawConsent(ctx, visited.Booking.ID, partner)
		}
		return fault.InvalidFields(fault.Fields{"answer": "Answer with give or withdraw."})
	})
}

func (h *Handlers) confirmSession(c echo.Context) error {
	ctx := c.Request().Context()
	return h.preparing(c, "session."+c.Param("session"), func(visited booking.Case, partner int, _ url.Values) error {
		return h.options.Bookings.ConfirmSession(ctx, visited.Booking.ID, c.Param("session"), partner)
	})
}
