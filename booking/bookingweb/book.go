package bookingweb

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

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
	data := h.formData(cohort, c.QueryParam("code"))
	data.FormID = seal.NewID("form")
	data.Wait = cohort.Free(now) == 0
	return h.server.Render(c, http.StatusOK, "book", data)
}

// book takes the form. What is wrong is shown next to the fields, with all
// that was typed kept. Who only asks what a code makes of the price is shown that.
func (h *Handlers) book(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	a := applicationOf(form)
	a.IP = web.AddressOf(ctx)
	if form.Get("show_price") != "" {
		return h.showPrice(c, form, a)
	}
	done, err := h.options.Bookings.Book(ctx, c.Param("id"), a)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/b/"+h.options.Bookings.TokenOf(done.Booking, 0))
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
	data := h.formData(cohort, a.Code)
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

// showPrice shows the form again with the price that the code makes, and takes
// nothing.
func (h *Handlers) showPrice(c echo.Context, form url.Values, a booking.Application) error {
	cohort, err := h.options.Retreats.OfferedCohort(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	data := h.formData(cohort, a.Code)
	data.fill(form, a)
	if _, err := cohort.Quote(a.Code, h.options.Retreats.Now()); err != nil {
		data.complain(err)
		return h.server.Render(c, web.Status(err), "book", data)
	}
	return h.server.Render(c, http.StatusOK, "book", data)
}

func applicationOf(form url.Values) booking.Application {
	a := booking.Application{
		SharedEmail:  form.Get("shared_email") != "",
		AcceptPolicy: form.Get("accept_policy") != "",
		Wait:         form.Get("wait") != "",
		Key:          form.Get("form_id"),
		Code:         strings.TrimSpace(form.Get("code")),
	}
	for i, prefix := range []string{"partner1", "partner2"} {
		a.Partners[i] = booking.PartnerInput{
			Name: form.Get(prefix + "_name"), Email: form.Get(prefix + "_email"),
			Phone: form.Get(prefix + "_phone"), Zone: form.Get(prefix + "_zone"),
		}
	}
	return a
}

func (h *Handlers) formData(c *retreats.Cohort, code string) *bookPage {
	data := &bookPage{
		Page:      web.Page{Title: "Book: " + c.Name},
		CohortURL: "/cohorts/" + url.PathEscape(c.ID), Name: c.Name, Location: c.Programme.Location,
		Dates: web.Dates(c.StartsOn, c.EndsOn), Code: code,
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
	data.addPrice(c, h.options.Retreats.Now())
	return data
}

// addPrice says what the place costs today and when that is due. A code that is
// refused lowers nothing.
func (p *bookPage) addPrice(c *retreats.Cohort, now time.Time) {
	q, err := c.Quote(p.Code, now)
	if err != nil {
		q = c.PriceNow(now)
	}
	p.Price = q.Price.String()
	for i, line := range reductionLines(q.Reductions) {
		if q.Reductions[i].Kind == retreats.EarlyBirdReduction {
			line.What += " until " + c.EarlyBirdLastDay().Words()
		}
		p.List, p.Reductions = q.List.String(), append(p.Reductions, line)
	}
	plan := booking.PlanFor(c, q, now)
	for _, charge := range plan {
		line := lineView{What: chargeName(plan, charge.ID), Amount: charge.Amount.String(), When: "on " + web.Date(charge.DueAt, c.Location())}
		if charge.DueAt.Equal(now) {
			line.When = "now"
		}
		p.Due = append(p.Due, line)
	}
}

// fill keeps what was typed.
func (p *bookPage) fill(form url.Values, a booking.Application) {
	p.FormID, p.Wait, p.SharedEmail, p.AcceptPolicy, p.Typed = a.Key, a.Wait, a.SharedEmail, a.AcceptPolicy, true
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
	"partner2.name", "partner2.email", "partner2.phone", "partner2.zone", "code", "accept_policy",
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
