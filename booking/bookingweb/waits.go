package bookingweb

import (
	"context"
	"net/url"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// addOthers shows the couple's other turns and places, each with the reader's
// own link, and where it could wait as well.
func (h *Handlers) addOthers(ctx context.Context, data *placePage, visited booking.Case, partner int) error {
	if visited.Booking.IsOver() {
		return nil
	}
	others, err := h.options.Bookings.Others(ctx, visited.Booking)
	if err != nil {
		return err
	}
	stands := map[string]bool{visited.Booking.CohortID: true}
	for _, other := range others {
		stands[other.Booking.CohortID] = true
		data.Others = append(data.Others, otherView{
			ID: other.Booking.ID, URL: "/b/" + h.options.Bookings.TokenOf(other.Booking, partner), Name: other.Cohort.Name,
			Dates:    web.Dates(other.Cohort.StartsOn, other.Cohort.EndsOn),
			Standing: otherWords(other.Standing),
		})
	}
	waits := visited.Standing.State == retreats.WaitingOn || visited.Standing.State == retreats.Offered
	if !waits {
		return nil
	}
	page, err := h.options.Retreats.Offer(ctx, 50, "")
	if err != nil {
		return err
	}
	now := h.options.Retreats.Now()
	for _, c := range page.Items {
		if stands[c.ID] || c.Bookable(now) != nil {
			continue
		}
		address := "/cohorts/" + url.PathEscape(c.ID)
		if c.Free(now) > 0 { // there one would not wait, but hold a place that ends unpaid
			data.Free = append(data.Free, datesView{ID: c.ID, URL: address + "/book", Text: datesWords(c)})
			continue
		}
		data.Cohorts = append(data.Cohorts, datesView{ID: c.ID, URL: address + "#refunds", Text: datesWords(c)})
	}
	return nil
}

// datesView are dates that the couple could also wait for, or book.
type datesView struct{ ID, URL, Text string }

func datesWords(c *retreats.Cohort) string {
	return web.Dates(c.StartsOn, c.EndsOn) + ": " + c.Name + ", " + c.Price.String()
}

// movedBecause is why staff changed when it is the couple's own turn, or
// empty.
func movedBecause(c booking.Case) string {
	for _, w := range c.Cohort.Roster.Waitlist {
		if w.Booking != c.Booking.ID || w.Reason == retreats.LateReason {
			continue
		}
		for _, e := range w.History {
			if e.What == retreats.TurnMoved {
				return sentence(w.Reason)
			}
		}
	}
	return ""
}

func otherWords(s retreats.Standing) string {
	switch s.State {
	case retreats.WaitingOn:
		return "You are number " + number(s.Position) + " there."
	case retreats.Offered:
		return "A place is offered to you there."
	case retreats.Held:
		return "A place is held for you there."
	}
	return "You have a place there."
}

// alsoWait joins another waitlist with the same two people.
func (h *Handlers) alsoWait(c echo.Context) error {
	ctx := c.Request().Context()
	return h.preparing(c, "waits", func(visited booking.Case, _ int, form url.Values) error {
		if form.Get("cohort") == "" {
			return fault.InvalidFields(fault.Fields{"cohort": "Please choose dates."})
		}
		if form.Get("accept_policy") == "" {
			return fault.InvalidFields(fault.Fields{"accept_policy": "Please accept the refund policy of these dates to go on. It is on their page."})
		}
		if cohort, err := h.options.Retreats.OfferedCohort(ctx, form.Get("cohort")); err == nil && cohort.Free(h.options.Retreats.Now()) > 0 {
			return fault.InvalidFields(fault.Fields{"cohort": "These dates have a free place now, so there is nothing to wait for. You can book it on their page."})
		}
		_, err := h.options.Bookings.AlsoWait(ctx, visited.Booking.ID, form.Get("cohort"), true)
		if fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.Gone || fault.KindOf(err) == fault.NotFound {
			return fault.InvalidFields(fault.Fields{"cohort": fault.TextOf(err)})
		}
		return err
	})
}
