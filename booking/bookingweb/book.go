package bookingweb

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/seal"
	"lantern/internal/web"
	"lantern/retreats"
)

// bookForm shows the empty form.
func (h *Handlers) bookForm(c echo.Context) error {
	cohort, err := h.options.Retreats.OfferedCohort(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	now := h.options.Retreats.Now()
	if err := cohort.Bookable(now); err != nil {
		return err
	}
	data := h.formData(cohort)
	data.FormID = seal.NewID("form")
	data.Wait = cohort.Free(now) == 0
	return h.server.Render(c, http.StatusOK, "book", data)
}

// book takes the form. What is wrong is shown next to the fields, with all
// that was typed kept.
func (h *Handlers) book(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	a := applicationOf(form)
	done, err := h.options.Bookings.Book(ctx, c.Param("id"), a)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/b/"+h.options.Bookings.Token(done.Booking.ID, 0))
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
	default:
		return err
	}
	web.Note(ctx, err)
	cohort, loadErr := h.options.Retreats.OfferedCohort(ctx, c.Param("id"))
	if loadErr != nil {
		return loadErr
	}
	data := h.formData(cohort)
	data.fill(form, a)
	data.complain(err)
	status := http.StatusUnprocessableEntity
	if fault.KindOf(err) == fault.Conflict {
		status = http.StatusConflict
		// The places went while the form was filled in: it can wait instead.
		data.Wait = errors.Is(err, retreats.ErrFull)
	}
	return h.server.Render(c, status, "book", data)
}

func applicationOf(form url.Values) booking.Application {
	a := booking.Application{
		SharedEmail:  form.Get("shared_email") != "",
		AcceptPolicy: form.Get("accept_policy") != "",
		Wait:         form.Get("wait") != "",
		Key:          form.Get("form_id"),
	}
	for i, prefix := range []string{"partner1", "partner2"} {
		a.Partners[i] = booking.PartnerInput{
			Name: form.Get(prefix + "_name"), Email: form.Get(prefix + "_email"),
			Phone: form.Get(prefix + "_phone"), Zone: form.Get(prefix + "_zone"),
		}
	}
	return a
}

func (h *Handlers) formData(c *retreats.Cohort) *bookPage {
	now := h.options.Retreats.Now()
	data := &bookPage{
		Page:      web.Page{Title: "Book: " + c.Name},
		CohortURL: "/cohorts/" + url.PathEscape(c.ID), Name: c.Name, Location: c.Programme.Location,
		Dates: web.Dates(c.StartsOn, c.EndsOn), Price: c.Price.String(), DueNow: c.Price.String(),
		Statement: strings.Split(strings.TrimSpace(c.Policy.Statement(c.StartsOn)), "\n"),
		Zones:     people.Zones(),
		Partners:  [2]partnerView{{Prefix: "partner1", Legend: "You"}, {Prefix: "partner2", Legend: "Your partner"}},
	}
	for i := range data.Partners {
		data.Partners[i].Zone = c.Zone
	}
	if !slices.Contains(data.Zones, c.Zone) {
		data.Zones = append([]string{c.Zone}, data.Zones...)
	}
	if rest := c.Price.Minus(c.Deposit); !rest.IsZero() && now.Before(c.BalanceDue()) {
		data.DueNow = c.Deposit.String()
		data.DueLater, data.LaterOn = rest.String(), web.Date(c.BalanceDue(), c.Location())
	}
	return data
}

// fill keeps what was typed.
func (p *bookPage) fill(form url.Values, a booking.Application) {
	p.FormID, p.Wait, p.SharedEmail, p.AcceptPolicy = a.Key, a.Wait, a.SharedEmail, a.AcceptPolicy
	for i, typed := range a.Partners {
		v := &p.Partners[i]
		v.Name, v.Email, v.Phone = typed.Name, typed.Email, typed.Phone
		if typed.Zone != "" {
			v.Zone = typed.Zone
		}
		if typed.Zone != "" && !slices.Contains(p.Zones, typed.Zone) && len(typed.Zone) < 60 {
			p.Zones = append(p.Zones, typed.Zone)
		}
	}
}

// fieldOrder is the order of the form, in which its faults are listed.
var fieldOrder = []string{
	"partner1.name", "partner1.email", "partner1.phone", "partner1.zone",
	"partner2.name", "partner2.email", "partner2.phone", "partner2.zone", "accept_policy",
}

func (p *bookPage) complain(err error) {
	p.Page.Title = "Please check: " + p.Name
	p.Faults = fault.FieldsOf(err)
	for _, field := range fieldOrder {
		if text := p.Faults[field]; text != "" {
			p.Summary = append(p.Summary, faultView{ID: strings.ReplaceAll(field, ".", "_"), Text: whose(field) + text})
		}
	}
	if len(p.Summary) == 0 {
		p.Problem = fault.TextOf(err)
	}
}

// whose tells the partners apart where the faults are listed together.
func whose(field string) string {
	switch {
	case strings.HasPrefix(field, "partner1."):
		return "You: "
	case strings.HasPrefix(field, "partner2."):
		return "Your partner: "
	}
	return ""
}
