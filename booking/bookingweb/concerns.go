package bookingweb

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/store"
	"lantern/internal/web"
)

// concernsPage is what of the practice's money needs a person.
type concernsPage struct {
	web.Page
	Groups []concernGroup
	// Count is how many bookings need somebody, in words.
	Count string
	Next  string
	// Dates is the money of each cohort that is to come or runs.
	Dates      []datesMoneyView
	Comparison comparisonView
	// Endpoint is what is wrong with the way by which Stripe tells us of
	// payments, a sentence each.
	Endpoint []string
	CanAsk   bool
}

// concernGroup are the concerns of one kind.
type concernGroup struct {
	ID, Title, Advice string
	Lines             []concernView
}

type concernView struct{ URL, Ref, Names, What, When, Cohort string }

// comparisonView is how our books and Stripe's agree.
type comparisonView struct {
	// When is when the last comparison ended, empty if there has been none.
	When, Looked string
	Agreed       bool
	Mended       []differenceView
	Left         []differenceView
	More         int
	// Running says that one is being made, Trouble why it does not get on.
	Running bool
	Trouble string
}

type differenceView struct{ URL, Ref, Text, Object string }

// concernTitles say what a kind of matter is and what there is to do.
var concernTitles = map[booking.MatterKind][2]string{
	booking.MatterDispute:      {"Disputes", "The couple's bank asks. Send the evidence at Stripe before the day; no card of theirs is charged meanwhile."},
	booking.MatterNotCleared:   {"Not cleared, and still with a place", "End the booking: everything goes back, and the place becomes free."},
	booking.MatterRefundFailed: {"Refunds that failed", "They were tried five times. Ask the couple for an account, and send the money there."},
	booking.MatterToSend:       {"Refunds to make by hand", "This money did not come by card. Send it, and note where it is found in your books."},
	booking.MatterLate:         {"A week late, or more", "Write to the couple or call them. Nothing is cancelled by itself."},
}

const concernsOnPage = 100

// mostConcerns is how many bookings that need somebody are counted.
const mostConcerns = 100

// needAttention says how many bookings do.
func needAttention(n int) string {
	if n >= mostConcerns {
		return strconv.Itoa(n) + " or more bookings need your attention"
	}
	return web.Count(n, "booking needs your attention", "bookings need your attention")
}

func (h *Handlers) concerns(c echo.Context) error {
	ctx := c.Request().Context()
	all, next, err := h.options.Bookings.Concerns(ctx, concernsOnPage, c.QueryParam("after"))
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	data := &concernsPage{
		Page: web.Page{Title: "Money", Private: true, Wide: true}, Groups: concernGroups(all), CanAsk: actor.Has(access.ManageCohorts),
	}
	if next != "" {
		data.Next = "/staff/money?" + url.Values{"after": {next}}.Encode()
	}
	n, err := h.options.Bookings.CountConcerns(ctx, mostConcerns)
	if err != nil {
		return err
	}
	data.Count = needAttention(n)
	if data.Dates, err = h.moneyByDates(ctx); err != nil {
		return err
	}
	if data.Comparison, data.Endpoint, err = h.comparison(ctx, nil, h.options.Bookings.Zone()); err != nil {
		return err
	}
	return h.server.Render(c, http.StatusOK, "staff_concerns", data)
}

func concernGroups(all []booking.Concern) []concernGroup {
	var groups []concernGroup
	for _, kind := range booking.MatterKinds {
		group := concernGroup{ID: string(kind), Title: concernTitles[kind][0], Advice: concernTitles[kind][1]}
		for _, c := range all {
			for _, m := range c.Matters {
				if m.Kind == kind {
					group.Lines = append(group.Lines, concernOf(c.Case, m))
				}
			}
		}
		if len(group.Lines) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

func concernOf(c booking.Case, m booking.Matter) concernView {
	b, zone := c.Booking, c.Cohort.Location()
	view := concernView{
		URL: bookingURL(b.ID) + "#money", Ref: b.Ref, Names: namesOf(b), What: m.Amount.String(),
		When: "since " + shortDay(m.Since, zone), Cohort: c.Cohort.Name + ", " + web.Dates(c.Cohort.StartsOn, c.Cohort.EndsOn),
	}
	switch m.Kind {
	case booking.MatterDispute:
		view.URL, view.When = disputeURL(b.ID, m.Line), "answered, the bank decides"
		if m.By != nil {
			view.When = "evidence by " + web.At(*m.By, zone).Text
		}
	case booking.MatterNotCleared:
		view.What += " to return"
	case booking.MatterLate:
		view.What = chargeWords(b, m.Line) + ", " + view.What
		if charge, ok := b.Charge(m.Line); ok {
			view.When = "due " + web.Date(charge.DueAt, zone)
		}
		if failed, ok := b.LastFailure(m.Line); ok {
			view.When += "; last try failed: " + failureOf(failed)
		}
	}
	return view
}

// comparison is the last comparison with Stripe, and what is wrong with the
// endpoint, in a zone. With ids it shows the differences of these bookings alone.
func (h *Handlers) comparison(ctx context.Context, only map[string]string, zone *time.Location) (comparisonView, []string, error) {
	view, faults := comparisonView{}, []string(nil)
	last, err := h.options.Bookings.LastComparison(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return view, nil, err
	}
	if err == nil {
		view.add(last, only, zone)
		faults = last.Endpoint.Faults()
	}
	runs, err := h.options.Bookings.Comparisons(ctx, 3)
	if err != nil {
		return view, nil, err
	}
	for _, run := range runs {
		if run.EndedAt == nil {
			view.Running, view.Trouble = true, run.Trouble
		}
	}
	wrong, err := h.options.Bookings.WrongVersion(ctx)
	if err == nil && wrong.Count > 0 {
		faults = append(faults, wrongVersionWords(wrong, zone))
	}
	return view, faults, err
}

func wrongVersionWords(w booking.WrongVersion, zone *time.Location) string {
	return web.Count(w.Count, "event", "events") + " came from Stripe in version " + w.Version + " of its API, the last on " + shortTime(w.LastAt, zone) +
		", and could not be read: the endpoint has to be made for the version that this program needs. What they said is found by the comparison."
}

func (v *comparisonView) add(last *booking.Comparison, only map[string]string, zone *time.Location) {
	v.When = shortTime(*last.EndedAt, zone)
	v.Looked = web.Count(last.Bookings, "booking", "bookings") + " and " + web.Count(last.Payments, "card payment", "card payments")
	for _, d := range last.Differences {
		line := differenceView{Text: d.Words(), Object: d.Object}
		if d.BookingID != "" {
			line.URL, line.Ref = bookingURL(d.BookingID)+"#money", "Booking"
		}
		if only != nil {
			ref, ok := only[d.BookingID]
			if !ok {
				continue
			}
			line.Ref = ref
		}
		if d.Mended {
			v.Mended = append(v.Mended, line)
		} else {
			v.Left = append(v.Left, line)
		}
	}
	v.Agreed = len(v.Left) == 0 && (last.HasAgreed() || (only != nil && last.More == 0))
	v.More = last.More
}

// askComparison lets our books be compared with Stripe's now.
func (h *Handlers) askComparison(c echo.Context) error {
	actor, _ := web.ActorOf(c.Request().Context())
	if err := h.options.Bookings.AskComparison(c.Request().Context(), actor.By()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/staff/money#stripe")
}
