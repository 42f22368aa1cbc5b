package retreatsweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// retreatsPage lists the retreats with their cohorts.
type retreatsPage struct {
	web.Page
	Retreats []retreatView
	// MayManage shows what changes something.
	MayManage bool
	// Past is so when what is over is shown as well.
	Past bool
	Next string
}

type retreatView struct {
	URL, Name, Facts string
	Cohorts          []cohortRow
	// More says that there are other cohorts, which the overview has.
	More bool
}

// cohortRow is a cohort where many are listed.
type cohortRow struct {
	BoardURL, SettingsURL, Dates, Places, Waiting string
	State                                         stateView
	OverFull                                      bool
	zone                                          string
}

// stateView is the state of a cohort in words, with the colour of its badge.
type stateView struct{ Text, Class string }

func stateOf(state retreats.CohortState) stateView {
	switch state {
	case retreats.Draft:
		return stateView{"draft", "full"}
	case retreats.Open:
		return stateView{"on offer", "free"}
	}
	return stateView{string(state), "closed"}
}

const retreatsOnPage = 50

// The states of what is ahead, and of what is over, as they are listed.
var (
	ahead = []retreats.CohortState{retreats.Draft, retreats.Open, retreats.Closed}
	over  = []retreats.CohortState{retreats.Finished, retreats.Cancelled}
)

func retreatURL(id string) string  { return "/staff/retreats/" + url.PathEscape(id) }
func boardURL(id string) string    { return "/staff/cohorts/" + url.PathEscape(id) }
func settingsURL(id string) string { return boardURL(id) + "/settings" }

func (h *Handlers) retreatList(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := h.retreats.Retreats(ctx, retreatsOnPage, c.QueryParam("after"))
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	data := &retreatsPage{
		Page: web.Page{Title: "Retreats", Private: true}, MayManage: actor.Has(access.ManageCohorts), Past: c.QueryParam("past") != "",
	}
	states := ahead
	if data.Past {
		states = append(states[:len(states):len(states)], over...)
	}
	for _, r := range page.Items {
		rows, more, err := h.cohortRows(ctx, r.ID, states)
		if err != nil {
			return err
		}
		data.Retreats = append(data.Retreats, retreatView{
			URL: retreatURL(r.ID), Name: r.Name, Cohorts: rows, More: more,
			Facts: fmt.Sprintf("%s · %s · %s", web.Count(r.Capacity, "couple", "couples"), r.Price, web.Count(len(r.Plan), "session", "sessions")),
		})
	}
	if page.Next != "" {
		data.Next = "/staff/retreats?after=" + url.QueryEscape(page.Next)
	}
	return h.server.Render(c, http.StatusOK, "staff_retreats", data)
}

// datesOnPage is how many cohorts of a retreat and a state are listed.
const datesOnPage = 25

// cohortRows are cohorts of a retreat in the states, by state and first day. More
// says that there are others.
func (h *Handlers) cohortRows(ctx context.Context, retreat string, states []retreats.CohortState) (rows []cohortRow, more bool, err error) {
	for _, state := range states {
		cohorts, others, err := h.retreats.OfRetreat(ctx, retreat, state, datesOnPage)
		if err != nil {
			return nil, false, err
		}
		for _, c := range cohorts {
			rows = append(rows, rowOfCohort(c))
		}
		more = more || others
	}
	return rows, more, nil
}

func rowOfCohort(c *retreats.Cohort) cohortRow {
	counts := c.Roster.Counts()
	row := cohortRow{
		BoardURL: boardURL(c.ID), SettingsURL: settingsURL(c.ID), Dates: web.Dates(c.StartsOn, c.EndsOn), State: stateOf(c.State),
		Places: takenInWords(c), OverFull: takenOf(counts) > c.Capacity, zone: c.Zone,
	}
	if counts.Waiting > 0 {
		row.Waiting = fmt.Sprintf("%d waiting", counts.Waiting)
	}
	return row
}

func takenOf(counts retreats.Counts) int {
	return counts.Confirmed + counts.Held + counts.Offered + counts.KeptBack
}

// takenInWords says how full a cohort is.
func takenInWords(c *retreats.Cohort) string {
	return fmt.Sprintf("%d of %d taken", takenOf(c.Roster.Counts()), c.Capacity)
}

// shapesPage offers the shapes to make a retreat from.
type shapesPage struct {
	web.Page
	Shapes []shapeView
}

type shapeView struct {
	URL, Name, Summary, Facts string
	Contains                  []string
}

// shapeFromNothing is what a shape is called that is none.
const shapeFromNothing = "none"

func (h *Handlers) retreatNew(c echo.Context) error {
	id := c.QueryParam("shape")
	if id == shapeFromNothing {
		return h.newRetreatForm(c, http.StatusOK, typedOffer{values: emptyValues()}, nil)
	}
	data := &shapesPage{Page: web.Page{Title: "A new retreat", Private: true}}
	for _, shape := range retreats.Shapes() {
		if shape.ID == id {
			values := valuesOf(shape.Programme, shape.Terms)
			addPlan(values, shape.Plan)
			return h.newRetreatForm(c, http.StatusOK, typedOffer{values: values, rows: typedPlan(values)}, nil)
		}
		data.Shapes = append(data.Shapes, shapeView{
			URL: "/staff/retreats/new?shape=" + url.QueryEscape(shape.ID), Name: shape.Name, Summary: shape.Summary,
			Facts: fmt.Sprintf("%s, %s", web.Count(shape.Capacity, "couple", "couples"), shape.Price), Contains: contents(shape.Plan),
		})
	}
	return h.server.Render(c, http.StatusOK, "staff_retreat_shapes", data)
}

// contents counts the sessions of a plan by kind: "3 integrations".
func contents(plan []retreats.PlannedSession) []string {
	counts := map[retreats.SessionKind]int{}
	for _, p := range plan {
		counts[p.Kind]++
	}
	var parts []string
	for _, kind := range []struct {
		kind      retreats.SessionKind
		one, many string
	}{
		{retreats.Consultation, "consultation", "consultations"}, {retreats.Preparation, "preparation", "preparations"},
		{retreats.Medicine, "medicine session", "medicine sessions"}, {retreats.Gathering, "gathering", "gatherings"},
		{retreats.Integration, "integration", "integrations"},
	} {
		if n := counts[kind.kind]; n > 0 {
			parts = append(parts, web.Count(n, kind.one, kind.many))
		}
	}
	return parts
}

func (h *Handlers) newRetreatForm(c echo.Context, status int, o typedOffer, change func(*offerFormPage)) error {
	data := &offerFormPage{
		Page: web.Page{Title: "A new retreat", Private: true}, Heading: "A new retreat", Crumb: "Shapes", CrumbURL: "/staff/retreats/new",
		About:  "Nobody sees it before you make a cohort of it and publish that.",
		Action: "/staff/retreats/new", Button: "Make the retreat", HasPlan: true,
	}
	data.fillOffer(o, false)
	if change != nil {
		change(data)
	}
	return h.server.Render(c, status, "staff_retreat_form", data)
}

// wantsPreview tells the button that shows the text from the one that saves.
func wantsPreview(v url.Values) bool { return v.Get("intent") == "preview" }

func (h *Handlers) retreatMake(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	o := readOffer(form, true)
	if wantsPreview(form) {
		return h.newRetreatForm(c, http.StatusOK, typedOffer{values: form, rows: typedPlan(form)}, func(p *offerFormPage) { p.preview(o) })
	}
	if len(o.faults) > 0 {
		_, err = retreats.NewRetreat("", o.programme, o.terms, o.plan)
		o.complain(err)
		return h.newRetreatForm(c, http.StatusUnprocessableEntity, o, nil)
	}
	actor, _ := web.ActorOf(ctx)
	r, err := h.retreats.MakeRetreat(ctx, o.programme, o.terms, o.plan, actor.By())
	if fault.FieldsOf(err) != nil {
		o.complain(err)
		return h.newRetreatForm(c, http.StatusUnprocessableEntity, o, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, retreatURL(r.ID)+"?done=made")
}
