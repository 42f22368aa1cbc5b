package retreatsweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/picture"
	"lantern/internal/web"
	"lantern/retreats"
)

// settingsPage is where an organizer sets up one cohort.
type settingsPage struct {
	web.Page
	Name, Dates, ZoneName, Location string
	RetreatURL, BoardURL, PublicURL string
	// URL is the page's own: what it does has addresses below that.
	URL           string
	State         stateView
	Means         string
	Done, Problem string
	Houses        picture.Houses
	Places        string
	OverFull      string
	CancelReason  string
	// What can be done now.
	MayPublish, MayClose, MayReopen, MayChange bool
	// MayMove says that sessions can be changed: those to come also after the
	// last day.
	MayMove bool
	// WhyNot says why what would come next cannot be done.
	WhyNot   string
	Sessions []sessionRow
	Terms    []factView
	Refunds  []factView
	Codes    []codeView
	NewCode  []fieldView
	// StartsOn is what stands in the form for another first day.
	StartsOn, StartsOnFault string
	Summary                 []faultView
	Trail                   []trailView
}

// sessionRow is a session in a table for staff.
type sessionRow struct{ URL, When, Title, What string }

// factView is a line of what a cohort says or sells.
type factView struct{ Name, Value string }

// stateMeans says what each state means for couples.
var stateMeans = map[retreats.CohortState]string{
	retreats.Draft:     "Seen by organizers only.",
	retreats.Open:      "On offer: couples can book or wait.",
	retreats.Closed:    "Takes place. No new couple can book or wait; who has a place or waits keeps that.",
	retreats.Cancelled: "Does not take place.",
	retreats.Finished:  "Has taken place.",
}

// doneWords are what is said after a change; their names stand in an address.
var doneWords = map[string]string{
	"made":        "These dates are made as a draft. Publish them when they are as they should be.",
	"published":   "These dates are on offer now.",
	"closed":      "Booking is closed. Who has a place or waits keeps that.",
	"reopened":    "These dates are on offer again.",
	"cancelled":   "These dates are cancelled. Every couple is told, with your reason, and gets everything back.",
	"saved":       "The change is saved.",
	"rescheduled": "These dates have moved, and the sessions with them.",
	"session":     "The sessions are changed.",
	"code":        "The code is made. Whoever knows it can use it from now on.",
	"code_ended":  "The code has ended. Who has used it keeps the price.",
}

func (h *Handlers) settings(c echo.Context) error {
	cohort, err := h.retreats.Cohort(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	data := h.settingsOf(cohort)
	data.Done = doneWords[c.QueryParam("done")]
	return h.server.Render(c, http.StatusOK, "staff_cohort_settings", data)
}

func (h *Handlers) settingsOf(c *retreats.Cohort) *settingsPage {
	now := h.retreats.Now()
	data := &settingsPage{
		Page: web.Page{Title: c.Name + ", " + web.Dates(c.StartsOn, c.EndsOn), Private: true}, Name: c.Name, Dates: web.Dates(c.StartsOn, c.EndsOn),
		ZoneName: web.ZoneName(c.Zone), Location: c.Programme.Location, RetreatURL: retreatURL(c.RetreatID), BoardURL: boardURL(c.ID),
		URL: settingsURL(c.ID), State: stateOf(c.State), Means: stateMeans[c.State], Houses: housesOf(c, now), CancelReason: c.CancelReason,
		Terms: termFacts(c), Refunds: refundFacts(c),
		Codes: codeViews(c), NewCode: newCodeFields(nil, nil), StartsOn: string(c.StartsOn), Trail: trailViews(c.Trail, c.Zone),
	}
	if c.State != retreats.Draft {
		data.PublicURL = "/cohorts/" + url.PathEscape(c.ID)
	}
	data.Places = placesForStaff(c)
	if tooMany := takenOf(c.Roster.Counts()) - c.Capacity; tooMany > 0 {
		data.OverFull = fmt.Sprintf("Over-full by %s. Nobody loses a place; the next ones that become free are not given to others.", web.Count(tooMany, "couple", "couples"))
	}
	started := !now.Before(c.Start())
	data.MayPublish, data.MayClose = c.State == retreats.Draft && !started, c.State == retreats.Open
	data.MayReopen, data.MayChange = c.State == retreats.Closed && !started, !c.IsOver()
	data.MayMove = c.State != retreats.Cancelled
	if c.State == retreats.Draft && started {
		data.WhyNot = "The first day has come, so these dates cannot be published. Move them to a day to come first."
	}
	for _, s := range c.Sessions {
		data.Sessions = append(data.Sessions, sessionRowOf(c, s))
	}
	return data
}

// placesForStaff counts all that can be in a cohort, in words.
func placesForStaff(c *retreats.Cohort) string {
	counts := c.Roster.Counts()
	var parts []string
	for _, group := range []struct {
		count int
		words string
	}{
		{counts.Confirmed, "confirmed"}, {counts.Held, "held"}, {counts.Offered, "offered"}, {counts.KeptBack, "kept back"},
		{counts.Waiting, "waiting"},
	} {
		if group.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", group.count, group.words))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s, none taken", web.Count(c.Capacity, "place", "places"))
	}
	return fmt.Sprintf("%s: %s", web.Count(c.Capacity, "place", "places"), strings.Join(parts, ", "))
}

func sessionRowOf(c *retreats.Cohort, s retreats.Session) sessionRow {
	return sessionRow{URL: sessionURL(c.ID, s.ID), When: shortTime(s, c.Location()), Title: s.Title, What: sessionWhat(s)}
}

// shortTime writes a session's time for a table: "Fri 9 Apr 2027, 9:30 to 12:30".
func shortTime(s retreats.Session, zone *time.Location) string {
	return s.StartsAt.In(zone).Format("Mon 2 Jan 2006, ") + web.Clock(s.StartsAt, zone) + " to " + web.Clock(s.EndsAt, zone)
}

// sessionWhat says what kind of session it is, for whom and where.
func sessionWhat(s retreats.Session) string {
	words := kindNames[s.Kind]
	for _, receives := range receivesChoices {
		if s.Receives != retreats.ReceivesNobody && receives.Value == string(s.Receives) {
			words += ", " + receives.Text
		}
	}
	if s.Online {
		return words + ", by video"
	}
	return words
}

func termFacts(c *retreats.Cohort) []factView {
	undo := web.Count(c.UndoMinutes, "minute", "minutes")
	if c.UndoMinutes == 0 {
		undo = "none: it is offered at once"
	}
	facts := []factView{{"Price for a couple", c.Price.String()}}
	if c.EarlyBird != nil {
		facts = append(facts, factView{"Early price", c.EarlyBird.Price.String() + " until " + c.EarlyBirdLastDay().Words()})
	}
	rest := restWords(c, func(due time.Time) string { return due.In(c.Location()).Format("Mon 2 Jan 2006, 15:04") })
	if len(c.Instalments) == 0 {
		rest += " (" + web.Count(c.BalanceDays, "day", "days") + " before)"
	}
	return append(facts, []factView{
		{"Deposit", depositWords(c)}, {"Rest due", rest},
		{"A place is held", web.Count(c.HoldMinutes, "minute", "minutes")}, {"An offer stands", web.Count(c.OfferHours, "hour", "hours")},
		{"Longest waitlist", web.Count(c.WaitlistCap, "couple", "couples")}, {"Offers to let go by", strconv.Itoa(c.MaxPasses)},
		{"Time to undo", undo}, {"Nights", nightWords(c.GuestsStay)}, {"A taxi home", c.Rides.Words()},
	}...)
}

func percentWords(percent int) string { return fmt.Sprintf("%d\u00a0%%", percent) }

func refundFacts(c *retreats.Cohort) []factView {
	var facts []factView
	for _, p := range c.Policy.Periods(c.StartsOn) {
		facts = append(facts, factView{"Until " + p.Until.Words(), percentWords(p.Percent)})
	}
	if c.Policy.HasRefill() {
		facts = append(facts, factView{"When another couple takes the place", "all but " + c.Policy.RefillFee.String()})
	}
	return facts
}

// settingsAgain shows the page with why nothing was done. What is no fault for
// people is answered as everywhere.
func (h *Handlers) settingsAgain(c echo.Context, problem error, change func(*settingsPage)) error {
	if kind := fault.KindOf(problem); kind != fault.Conflict && kind != fault.Gone && kind != fault.Invalid {
		return problem
	}
	ctx := c.Request().Context()
	web.Note(ctx, problem)
	cohort, err := h.retreats.Cohort(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	data := h.settingsOf(cohort)
	if data.Summary = summaryOf(fault.FieldsOf(problem)); len(data.Summary) == 0 {
		data.Problem = fault.TextOf(problem)
	}
	if change != nil {
		change(data)
	}
	return h.server.Render(c, web.Status(problem), "staff_cohort_settings", data)
}

// turning makes the handler of a button that turns a cohort's state.
func (h *Handlers) turning(done string, act func(ctx context.Context, id string, by audit.By) (*retreats.Cohort, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		actor, _ := web.ActorOf(c.Request().Context())
		cohort, err := act(c.Request().Context(), c.Param("id"), actor.By())
		if err != nil {
			return h.settingsAgain(c, err, nil)
		}
		return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done="+done)
	}
}

// cancelPage asks once more before dates are called off.
type cancelPage struct {
	web.Page
	Name, Dates, BackURL, Action string
	Draft                        bool
	Concerned                    concernedView
	Reason, ReasonFault          string
	Summary                      []faultView
}

func (h *Handlers) cancelForm(c echo.Context) error { return h.askToCancel(c, http.StatusOK, "", nil) }

func (h *Handlers) askToCancel(c echo.Context, status int, reason string, faults fault.Fields) error {
	ctx := c.Request().Context()
	cohort, err := h.retreats.Cohort(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if cohort.IsOver() {
		return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID))
	}
	concerned, err := h.concerned(ctx, cohort)
	if err != nil {
		return err
	}
	return h.server.Render(c, status, "staff_cohort_cancel", &cancelPage{
		Page: web.Page{Title: "Cancel " + cohort.Name, Private: true}, Name: cohort.Name, Dates: web.Dates(cohort.StartsOn, cohort.EndsOn),
		BackURL: settingsURL(cohort.ID), Action: settingsURL(cohort.ID) + "/cancel", Draft: cohort.State == retreats.Draft,
		Concerned: concerned, Reason: reason, ReasonFault: faults["reason"], Summary: summaryOf(faults),
	})
}

func (h *Handlers) cancel(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	cohort, err := h.retreats.Cancel(ctx, c.Param("id"), form.Get("reason"), actor.By())
	if faults := fault.FieldsOf(err); faults != nil {
		web.Note(ctx, err)
		return h.askToCancel(c, http.StatusUnprocessableEntity, form.Get("reason"), faults)
	}
	if err != nil {
		return h.settingsAgain(c, err, nil)
	}
	return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done=cancelled")
}
