package bookingweb

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/web"
	"lantern/retreats"
)

// cancelForm asks before it cancels, and says what comes back.
func (h *Handlers) cancelForm(c echo.Context) error {
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	if visited.MayCancel(h.options.Retreats.Now()) != nil {
		return h.back(c)
	}
	return h.server.Render(c, http.StatusOK, "cancel", h.cancelData(visited, partner, c.Param("token")))
}

// cancel ends the booking if what comes back is what the reader was shown; else
// it shows what comes back now.
func (h *Handlers) cancel(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if visited.MayCancel(h.options.Retreats.Now()) != nil {
		return h.back(c)
	}
	seen, _ := strconv.ParseInt(form.Get("back"), 10, 64) // what was not sent was not seen
	err = h.options.Bookings.Cancel(c.Request().Context(), visited.Booking.ID, new(money.Of(seen, visited.Booking.Price.Currency)))
	switch {
	case errors.Is(err, booking.ErrQuoteChanged):
		web.Note(c.Request().Context(), err)
		fresh, partner, err := h.visit(c)
		if err != nil {
			return err
		}
		data := h.cancelData(fresh, partner, c.Param("token"))
		data.Problem = fault.TextOf(booking.ErrQuoteChanged)
		return h.server.Render(c, http.StatusConflict, "cancel", data)
	case err != nil && !errors.Is(err, booking.ErrOver):
		return err
	}
	return h.back(c)
}

func (h *Handlers) cancelData(c booking.Case, partner int, token string) *cancelPage {
	now, b := h.options.Retreats.Now(), c.Booking
	m := newMoneyReader(c, partner, "/b/"+token, now)
	q := c.Quote(now)
	data := &cancelPage{
		Page: web.Page{Title: "Give up your place", Private: true}, URL: m.url, Name: c.Cohort.Name,
		Dates: web.Dates(c.Cohort.StartsOn, c.Cohort.EndsOn), Ref: b.Ref,
		Waiting: c.Standing.State == retreats.WaitingOn, Seen: q.Back,
	}
	for _, p := range b.Payments {
		if p.SettledAt == nil { // it is not what the policy is about
			data.Also = append(data.Also, p.Amount.String())
		}
	}
	if q.Why == booking.ByNothingPaid {
		return data
	}
	data.Paid, data.Back, data.None, data.Why = q.Paid.String(), q.Back.String(), q.Back.IsZero(), quoteWords(q)
	if q.Why == booking.ByPolicy {
		data.Periods = m.periods(q)
		data.Refill = m.refill(&booking.Cancellation{Why: q.Why, Paid: q.Paid, Quote: q.Back})
	}
	data.Returns = m.returns(q.Back)
	if at := c.ReturnAt(q, now); at.After(now) && !data.None {
		data.When = web.Count(int(at.Sub(now).Minutes()), "minute", "minutes")
	}
	return data
}

// quoteWords say by what so much comes back. Who is not cleared, or that
// somebody is not, is for nobody to read here.
func quoteWords(q booking.Quote) string {
	switch q.Why {
	case booking.ByCalledOff:
		return "We have called these dates off, so you get everything back."
	case booking.ByNotCleared:
		return "As things stand with your preparation, you get everything back, whatever the date."
	}
	return "By the refund policy that you accepted, you get back " + number(q.Percent) + " % today."
}

// periods are the policy's, with what each gives back of what was paid. Where
// the dates have moved it is the start whose dates give more today.
func (m moneyReader) periods(q booking.Quote) (views []periodView) {
	policy := m.Booking.Acceptance.Policy
	today := civil.DateOf(m.now, m.zone)
	start := m.Cohort.StartsOn
	if accepted := m.Booking.Acceptance.StartsOn; accepted != "" && policy.Percent(accepted, today) > policy.Percent(start, today) {
		start = accepted
	}
	for _, p := range policy.Periods(start) {
		view := periodView{
			When: "until " + p.Until.Words(), Share: number(p.Percent) + " %", Back: q.Paid.Percent(p.Percent).String(),
			Today: (p.From == "" || today >= p.From) && today <= p.Until,
		}
		if p.From != "" {
			view.When = "from " + p.From.Words() + " until " + p.Until.Words()
		}
		views = append(views, view)
	}
	return views
}

// returns say where the money goes back to.
func (m moneyReader) returns(back money.Amount) (lines []lineView) {
	b := m.Booking
	for _, r := range b.Returns(back) {
		line := lineView{
			What:   chargeName(b.Charges, r.Payment.ChargeID) + ", paid by " + m.who(r.Payment.Partner) + " on " + m.date(r.Payment.At),
			Amount: r.Amount.String(), State: "Back " + whereTo(r.Payment.Method), Kind: "none",
		}
		if r.Payment.Method != booking.ByCard {
			line.State += "; we return it by hand"
		}
		lines = append(lines, line)
	}
	return lines
}

// answer takes what the couple says to its offer.
func (h *Handlers) answer(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get("accept_policy") != "" {
		if err := h.options.Bookings.AcceptTerms(c.Request().Context(), visited.Booking.ID, web.AddressOf(c.Request().Context())); err != nil {
			return err
		}
	}
	answer := booking.Answer(form.Get("answer"))
	err = h.options.Bookings.AnswerOffer(c.Request().Context(), visited.Booking.ID, answer)
	if err == nil && answer == booking.AcceptOffer {
		// What becomes of the couple's other turns is theirs to say.
		err = h.options.Bookings.LeaveOthers(c.Request().Context(), visited.Booking, form["leave"])
	}
	if fault.KindOf(err) == fault.Invalid {
		return h.redrawPlace(c, form, "offer", err)
	}
	if err != nil && fault.KindOf(err) != fault.Conflict && !errors.Is(err, booking.ErrOver) {
		return err
	}
	return h.back(c)
}
