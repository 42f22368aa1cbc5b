package retreatsweb

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/web"
	"lantern/retreats"
)

// retreatParts are what the page of a retreat has besides its form.
type retreatParts struct {
	Cohorts []cohortRow
	// More says that there are other cohorts, which the overview has.
	More bool
	// The form for a new cohort.
	CohortsURL, StartsOn, Zone string
	StartsOnFault, ZoneFault   string
	Zones                      []string
}

// offerZone chooses a zone, which may be one that is not usually offered.
func (p *retreatParts) offerZone(zone string) {
	p.Zone = zone
	if zone != "" && len(zone) < 60 && !slices.Contains(p.Zones, zone) {
		p.Zones = append([]string{zone}, p.Zones...)
	}
}

// savedWords are what is said after a change; their names stand in an address.
var savedWords = map[string]string{
	"made":  "The retreat is made. Make a cohort of it when you know the first day.",
	"saved": "The change is saved.",
}

// errStale is for those who save what somebody else has changed meanwhile.
var errStale = fault.New(fault.Conflict, "Somebody else has changed this since you opened it, so nothing was saved. The changes below say what. Save again to replace theirs by what stands here.")

func seenOfRetreat(r *retreats.Retreat) string { return fingerprint(r.Programme, r.Terms, r.Plan) }

func (h *Handlers) retreatEdit(c echo.Context) error {
	r, err := h.retreats.Retreat(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.retreatForm(c, http.StatusOK, r, offerOf(r), func(p *offerFormPage) { p.Done = savedWords[c.QueryParam("done")] })
}

// offerOf is the form of a retreat as it is stored.
func offerOf(r *retreats.Retreat) typedOffer {
	values := valuesOf(r.Programme, r.Terms)
	addPlan(values, r.Plan)
	return typedOffer{values: values, rows: typedPlan(values)}
}

func (h *Handlers) retreatForm(c echo.Context, status int, r *retreats.Retreat, o typedOffer, change func(*offerFormPage)) error {
	data := &offerFormPage{
		Page: web.Page{Title: r.Name, Private: true}, Heading: r.Name, Crumb: "Retreats", CrumbURL: "/staff/retreats",
		About:  "Changes count for cohorts that are made from now on. Those that are there keep what they have.",
		Action: retreatURL(r.ID), Button: "Save the retreat", HasPlan: true, Seen: seenOfRetreat(r), Trail: trailViews(r.Trail, "UTC"),
		Retreat: &retreatParts{CohortsURL: retreatURL(r.ID) + "/cohorts", Zones: people.Zones()},
	}
	rows, more, err := h.cohortRows(c.Request().Context(), r.ID, append(ahead[:len(ahead):len(ahead)], over...))
	if err != nil {
		return err
	}
	data.Retreat.Cohorts, data.Retreat.More = rows, more
	if n := len(rows); n > 0 {
		data.Retreat.offerZone(rows[n-1].zone) // where the others are, the next will be
	}
	data.fillOffer(o, false)
	if change != nil {
		change(data)
	}
	return h.server.Render(c, status, "staff_retreat_form", data)
}

func (h *Handlers) retreatSave(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	r, err := h.retreats.Retreat(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	o := readOffer(form, true)
	if wantsPreview(form) {
		typed := typedOffer{values: form, rows: typedPlan(form)}
		return h.retreatForm(c, http.StatusOK, r, typed, func(p *offerFormPage) { p.Seen = form.Get("seen"); p.preview(o) })
	}
	if len(o.faults) > 0 {
		_, err = retreats.NewRetreat("", o.programme, o.terms, o.plan)
		o.complain(err)
		return h.retreatForm(c, http.StatusUnprocessableEntity, r, o, func(p *offerFormPage) { p.Seen = form.Get("seen") })
	}
	actor, _ := web.ActorOf(ctx)
	_, err = h.retreats.AmendRetreat(ctx, r.ID, actor.By(), func(p *retreats.Programme, t *retreats.Terms, plan *[]retreats.PlannedSession) error {
		if form.Get("seen") != fingerprint(*p, *t, *plan) {
			return errStale
		}
		*p, *t, *plan = o.programme, o.terms, o.plan
		return nil
	})
	if errors.Is(err, errStale) {
		if r, err = h.retreats.Retreat(ctx, r.ID); err != nil {
			return err
		}
		return h.retreatForm(c, http.StatusConflict, r, o, func(p *offerFormPage) { p.Problem = fault.TextOf(errStale) })
	}
	if fault.FieldsOf(err) != nil {
		o.complain(err)
		return h.retreatForm(c, http.StatusUnprocessableEntity, r, o, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, retreatURL(r.ID)+"?done=saved")
}

// cohortMake makes a cohort of a retreat by its first day.
func (h *Handlers) cohortMake(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	startsOn, zone := form.Get("starts_on"), form.Get("time_zone")
	cohort, err := h.retreats.MakeCohort(ctx, c.Param("id"), zone, civil.Date(startsOn), actor.By())
	if fields := fault.FieldsOf(err); fields != nil {
		web.Note(ctx, err)
		return h.cohortMakeAgain(c, form, fields)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done=made")
}

func (h *Handlers) cohortMakeAgain(c echo.Context, form url.Values, faults fault.Fields) error {
	r, err := h.retreats.Retreat(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.retreatForm(c, http.StatusUnprocessableEntity, r, offerOf(r), func(p *offerFormPage) {
		p.Retreat.StartsOn = form.Get("starts_on")
		p.Retreat.offerZone(form.Get("time_zone"))
		p.Retreat.StartsOnFault, p.Retreat.ZoneFault = faults["starts_on"], faults["time_zone"]
		p.Summary = summaryOf(faults)
	})
}
