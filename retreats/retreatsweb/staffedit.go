package retreatsweb

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// What a cohort says and sells, on the form that retreats have too.

func seenOfCohort(c *retreats.Cohort) string { return fingerprint(c.Programme, c.Terms) }

func (h *Handlers) cohortEdit(c echo.Context) error {
	cohort, err := h.retreats.Cohort(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if cohort.IsOver() {
		return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID))
	}
	return h.cohortForm(c, http.StatusOK, cohort, typedOffer{values: valuesOf(cohort.Programme, cohort.Terms)}, nil)
}

func (h *Handlers) cohortForm(c echo.Context, status int, cohort *retreats.Cohort, o typedOffer, change func(*offerFormPage)) error {
	data := &offerFormPage{
		Page: web.Page{Title: "Change " + cohort.Name, Private: true}, Heading: cohort.Name, CrumbURL: settingsURL(cohort.ID),
		Crumb:  web.Dates(cohort.StartsOn, cohort.EndsOn),
		About:  "This counts for these dates alone. Couples that have booked keep the price and the refunds they agreed to.",
		Action: settingsURL(cohort.ID) + "/edit", Button: "Save the change", Seen: seenOfCohort(cohort), Trail: trailViews(cohort.Trail, cohort.Zone),
	}
	data.fillOffer(o, true)
	if change != nil {
		change(data)
	}
	return h.server.Render(c, status, "staff_retreat_form", data)
}

func (h *Handlers) cohortSave(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	cohort, err := h.retreats.Cohort(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	form.Set("currency", cohort.Price.Currency)
	o := readOffer(form, false)
	if wantsPreview(form) {
		return h.cohortForm(c, http.StatusOK, cohort, typedOffer{values: form}, func(p *offerFormPage) { p.Seen = form.Get("seen"); p.preview(o) })
	}
	if len(o.faults) > 0 {
		tried := *cohort // only to hear what else is wrong
		o.complain(tried.Edit(o.programme, o.terms, audit.By{}, h.retreats.Now()))
		return h.cohortForm(c, http.StatusUnprocessableEntity, cohort, o, func(p *offerFormPage) { p.Seen = form.Get("seen") })
	}
	actor, _ := web.ActorOf(ctx)
	_, err = h.retreats.AmendCohort(ctx, cohort.ID, actor.By(), func(p *retreats.Programme, t *retreats.Terms) error {
		if form.Get("seen") != fingerprint(*p, *t) {
			return errStale
		}
		*p, *t = o.programme, o.terms
		return nil
	})
	if errors.Is(err, errStale) {
		if cohort, err = h.retreats.Cohort(ctx, cohort.ID); err != nil {
			return err
		}
		return h.cohortForm(c, http.StatusConflict, cohort, o, func(p *offerFormPage) { p.Problem = fault.TextOf(errStale) })
	}
	if fault.FieldsOf(err) != nil {
		o.complain(err)
		return h.cohortForm(c, http.StatusUnprocessableEntity, cohort, o, nil)
	}
	if err != nil {
		return h.settingsAgain(c, err, nil)
	}
	return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done=saved")
}
