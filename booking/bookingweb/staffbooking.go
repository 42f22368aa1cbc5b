package bookingweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// staffBookingPage is one booking as staff see it.
type staffBookingPage struct {
	web.Page
	URL, Ref, Names, BoardURL, Cohort, Dates, ZoneName string
	Standing                                           string
	Partners                                           [2]staffPartnerView
	Needs                                              []needView
	// Money is nil for who does not read bookings.
	Money   *bookingMoneyView
	Drivers []driverView
	// Wishes are asked for by partners who would rather come at another time,
	// Unready are those of whom a person has to decide.
	Wishes    []wishView
	Unready   []optionView
	Unreached []unreachedView
	MayMark   bool
	Trail     []trailView
	EndReason string
	// Waits shows what can be done to a turn; Others are where it can be moved.
	Waits, HasOffer, KeptBack, Over bool
	Position, Priority              int
	Reason                          string
	Others                          []optionView
	// Targets are the dates that a couple with a place can be changed to.
	Targets []optionView
	// RemindURL is where they are reminded by hand, empty for who may not.
	RemindURL string
	// Full shows addresses, money, drivers, reasons and the trail; MayClear and
	// MayManage show the forms.
	Full, MayClear, MayManage bool
	// Faults are by form and field: "offer.reason".
	Faults map[string]string
	// Typed keeps what was typed, by the same names.
	Typed                  map[string]string
	Problem, ProblemAnchor string
	corrections            []correctView
	// FreePlaces are what can be offered by hand.
	FreePlaces int
}

// Fault gives what is wrong with a field of a form, for the template.
func (p *staffBookingPage) Fault(field string) string { return p.Faults[field] }

// Reasons are the fields that ask why, in the order of the page.
func (p *staffBookingPage) Reasons() []reasonField {
	var out []reasonField
	for _, form := range []string{"offer", "priority", "move", "remove"} {
		out = append(out, p.ReasonOf(form))
	}
	return out
}

// ReasonOf is the field of a form that asks why.
func (p *staffBookingPage) ReasonOf(form string) reasonField {
	return reasonField{Form: form, Typed: p.Typed[form+".reason"], Fault: p.Faults[form+".reason"]}
}

// Kept gives what was typed into it.
func (p *staffBookingPage) Kept(field string) string { return p.Typed[field] }

type staffPartnerView struct {
	Number                    int
	Name, Email, Phone, Zone  string
	Clearance, ClearanceWords string
	ClearedBy, Consent        string
	FormsReceived             bool
	FormsBy                   string
	// Texts is whether they want text messages, empty for who sees no numbers.
	Texts string
}

// reasonField is a field that asks why.
type reasonField struct{ Form, Typed, Fault string }

type needView struct {
	Title string
	cellView
}

type driverView struct {
	Session, Name, Phone, Relation string
	ByText                         bool
}

type optionView struct{ Value, Text string }

func (h *Handlers) staffBooking(c echo.Context) error {
	data, err := h.staffBookingData(c)
	if err != nil {
		return err
	}
	return h.server.Render(c, http.StatusOK, "staff_booking", data)
}

func (h *Handlers) staffBookingData(c echo.Context) (*staffBookingPage, error) {
	ctx := c.Request().Context()
	seen, err := h.options.Bookings.Case(ctx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	actor, _ := web.ActorOf(ctx)
	sees := sightOf(ctx)
	b, zone, now := seen.Booking, seen.Cohort.Location(), h.options.Retreats.Now()
	data := &staffBookingPage{
		Page: web.Page{Title: "Booking " + b.Ref, Private: true}, URL: bookingURL(b.ID), Ref: b.Ref, Names: namesOf(b),
		BoardURL: boardURL(b.CohortID), Cohort: seen.Cohort.Name, Dates: web.Dates(seen.Cohort.StartsOn, seen.Cohort.EndsOn),
		ZoneName: web.ZoneName(seen.Cohort.Zone), Standing: standingWords(seen, zone), Over: b.IsOver(),
		Full: sees.bookings, MayClear: actor.Has(access.RecordClearance), MayManage: actor.Has(access.ManageWaitlist),
		Waits: seen.Standing.State == retreats.WaitingOn, HasOffer: seen.Standing.State == retreats.Offered,
		KeptBack: seen.Cohort.IsKeptBack(b.ID), Position: seen.Standing.Position,
	}
	for i := range b.Partners {
		data.Partners[i] = partnerOf(seen, i, zone, sees)
	}
	if seen.Standing.State == retreats.Held || seen.Standing.State == retreats.Confirmed {
		for _, cell := range sees.cells(seen.Readiness(booking.Needs(seen.Cohort), now)) {
			column := columnOf(cell.Need, zone)
			data.Needs = append(data.Needs, needView{Title: strings.TrimSpace(column.Title + " " + column.When), cellView: cellView{State: string(cell.State), Text: cell.Text}})
		}
	}
	if sees.bookings {
		data.addTheRest(seen)
		data.addPresence(seen, actor)
		data.addUnreached(seen, now)
		data.Money = moneyOf(seen, actor, now)
		if actor.Has(access.ManageCohorts) {
			data.addCorrections(b)
		}
	}
	data.FreePlaces = seen.Cohort.ByHand(now)
	if data.Waits && data.MayManage {
		if data.Others, err = h.otherCohorts(ctx, b.CohortID); err != nil {
			return nil, err
		}
	}
	if seen.Standing.State == retreats.Confirmed && !b.IsOver() && actor.Has(access.ManageCohorts) {
		data.RemindURL = data.BoardURL + "/remind?booking=" + url.QueryEscape(b.ID)
		if data.Targets, err = h.transferTargets(ctx, seen, now); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// addTheRest adds what is for those who read bookings.
func (p *staffBookingPage) addTheRest(c booking.Case) {
	b, zone := c.Booking, c.Cohort.Location()
	p.addDrivers(c)
	p.Trail, p.Reason, p.EndReason = trailViews(trailOf(c), zone, trailOnBoard), c.Standing.Reason, b.EndReason
}

// endedByStaff reports whether staff ended this couple's booking, and not with
// the dates.
func endedByStaff(b *booking.Booking) bool {
	end := b.Cancellation
	return end != nil && end.ByPractice && end.Why != "" && end.Why != booking.ByCalledOff
}

func standingWords(c booking.Case, zone *time.Location) string {
	until := ""
	if c.Standing.Until != nil {
		until = " until " + shortTime(*c.Standing.Until, zone)
	}
	switch b := c.Booking; {
	case endedByStaff(b):
		return "ended by the practice"
	case b.Cancellation != nil && b.Cancellation.ByPractice:
		return "called off with the dates"
	case b.Cancellation != nil:
		return "given up by the couple"
	case b.LapsedAt != nil:
		return "ended"
	}
	switch c.Standing.State {
	case retreats.Held:
		return "place held" + until
	case retreats.Offered:
		return "place offered" + until
	case retreats.Confirmed:
		return "place confirmed"
	case retreats.WaitingOn:
		return "number " + number(c.Standing.Position) + " on the waitlist"
	}
	return "without a place"
}

func number(n int) string { return strconv.Itoa(n) }

func partnerOf(c booking.Case, i int, zone *time.Location, s sight) staffPartnerView {
	b := c.Booking
	p, cleared := b.Partners[i], b.Clearances[i]
	view := staffPartnerView{
		Number: i + 1, Name: p.Name,
		Clearance: string(cleared.Is()), ClearanceWords: cleared.Is().Words(), Consent: "not given",
	}
	if cleared.At != nil {
		view.ClearedBy = cleared.By + ", " + shortTime(*cleared.At, zone)
	}
	if given := b.Consents[i]; given != nil {
		view.Consent = "given"
		if s.bookings {
			view.Consent += " " + shortTime(given.At, zone)
		}
		if c.ConsentOf(i) == nil {
			view.Consent += ", for other dates"
		}
	}
	if s.bookings {
		view.Email, view.Phone, view.Zone = p.Email, p.Phone, web.ZoneName(p.Zone)
		view.Texts = textsFact(b, i, func(t time.Time) string { return shortTime(t, zone) })
	}
	if mark := b.Forms[i]; mark != nil {
		view.FormsReceived, view.FormsBy = true, mark.By+", "+shortTime(mark.At, zone)
	}
	return view
}

func (p *staffBookingPage) addDrivers(c booking.Case) {
	for _, d := range c.Booking.Drivers {
		view := driverView{Name: d.Name, Phone: d.Phone, Relation: d.Relation, ByText: d.TextsTo() != ""}
		if s, ok := c.Cohort.Session(d.Session); ok {
			view.Session = s.Title + ", " + shortTime(s.StartsAt, c.Cohort.Location())
			if !d.IsFor(s) {
				view.Session += " (to be asked again: it has moved)"
			}
		}
		p.Drivers = append(p.Drivers, view)
	}
}

// trailOf is what staff changed of a booking, in it and in its cohort.
func trailOf(c booking.Case) audit.Trail {
	trail := slices.Clone(c.Booking.Trail)
	for _, line := range c.Cohort.Trail {
		twice := slices.ContainsFunc(trail, func(l audit.Line) bool { return l.What == line.What && l.Reason == line.Reason })
		if line.Booking == c.Booking.ID && !twice {
			line.Booking = "" // the reader is there
			trail = append(trail, line)
		}
	}
	slices.SortStableFunc(trail, func(a, b audit.Line) int { return a.At.Compare(b.At) })
	return trail
}

// otherCohorts are where a waiting couple can be moved.
func (h *Handlers) otherCohorts(ctx context.Context, not string) ([]optionView, error) {
	page, err := h.options.Retreats.Offer(ctx, 100, "")
	var out []optionView
	for _, c := range page.Items {
		if c.ID != not {
			out = append(out, optionView{Value: c.ID, Text: c.Name + ", " + web.Dates(c.StartsOn, c.EndsOn)})
		}
	}
	return out, err
}

// act is something that staff do to a booking from its page. A fault draws the
// page again, with what was typed.
type act func(ctx context.Context, id string, form url.Values, by audit.By) error

func (h *Handlers) acting(name string, do act) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		form, err := web.Form(c)
		if err != nil {
			return err
		}
		actor, _ := web.ActorOf(ctx)
		err = do(ctx, c.Param("id"), form, actor.By())
		switch fault.KindOf(err) {
		case "":
			return c.Redirect(http.StatusSeeOther, bookingURL(c.Param("id")))
		case fault.Invalid, fault.Conflict:
		default:
			return err
		}
		web.Note(ctx, err)
		data, loadErr := h.staffBookingData(c)
		if loadErr != nil {
			return loadErr
		}
		data.complain(name, form, err)
		return h.server.Render(c, web.Status(err), "staff_booking", data)
	}
}

func (p *staffBookingPage) complain(name string, form url.Values, err error) {
	p.Faults, p.Typed = map[string]string{}, map[string]string{}
	for field, text := range fault.FieldsOf(err) {
		p.Faults[name+"."+field] = text
	}
	for field := range form {
		p.Typed[name+"."+field] = form.Get(field)
	}
	p.Problem = fault.TextOf(err)
	p.typeOver(form)
	for field := range p.Faults {
		form, field, _ := strings.Cut(field, ".")
		if field == "reason" || moneyForms[form] {
			field = form + "_" + field
		}
		p.ProblemAnchor = field
	}
}

// cohortIDOf gives the cohort that a booking stands in.
func (h *Handlers) cohortIDOf(ctx context.Context, id string) (string, error) {
	c, err := h.options.Bookings.Case(ctx, id)
	if err != nil {
		return "", err
	}
	return c.Booking.CohortID, nil
}

func partnerIn(form url.Values) int {
	n, err := strconv.Atoi(form.Get("partner"))
	if err != nil {
		return -1
	}
	return n - 1
}

func (h *Handlers) recordClearance(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.RecordClearance(ctx, id, partnerIn(form), booking.ClearanceState(form.Get("state")), by)
}

func (h *Handlers) recordForms(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.RecordForms(ctx, id, partnerIn(form), form.Get("received") == "1", by)
}

func (h *Handlers) offerByHand(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.OfferByHand(ctx, id, form.Get("reason"), by)
}

func (h *Handlers) prioritise(ctx context.Context, id string, form url.Values, by audit.By) error {
	priority, err := strconv.Atoi(form.Get("priority"))
	if err != nil {
		return fault.InvalidFields(fault.Fields{"priority": "Please write a whole number, for example 10."})
	}
	cohortID, err := h.cohortIDOf(ctx, id)
	if err != nil {
		return err
	}
	_, err = h.options.Retreats.Prioritise(ctx, cohortID, id, priority, form.Get("reason"), by)
	return err
}

func (h *Handlers) removeWaiting(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.RemoveWaiting(ctx, id, form.Get("reason"), by)
}

func (h *Handlers) moveWaiting(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.MoveWaiting(ctx, id, form.Get("to"), form.Get("reason"), by)
}

func (h *Handlers) giveBack(ctx context.Context, id string, _ url.Values, by audit.By) error {
	return h.options.Bookings.GiveBack(ctx, id, by)
}
