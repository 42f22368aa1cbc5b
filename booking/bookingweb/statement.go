package bookingweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// What a couple keeps of its money: a statement, and a receipt for each payment.
// Both may lie on a desk or go to an insurer, so they say nothing of what the
// reservation is for [D38].

func (h *Handlers) statement(c echo.Context) error {
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	b := visited.Booking
	m := newMoneyReader(visited, partner, "/b/"+c.Param("token"), h.options.Retreats.Now())
	received, kept := b.Received(), b.KeptInAll()
	data := &statementPage{
		Page: web.Page{Title: "Statement " + b.Ref, Private: true}, URL: m.url, Ref: b.Ref,
		Dates: web.Dates(visited.Cohort.StartsOn, visited.Cohort.EndsOn), ZoneName: zoneWords(visited), MadeOn: m.at(m.now),
		Names: [2]string{b.Partners[0].Name, b.Partners[1].Name}, Money: m.named().view(),
		Received: received.String(), Returned: received.Minus(kept).String(), Kept: kept.String(),
		Policy: strings.Split(strings.TrimSpace(b.Acceptance.Statement), "\n"), AcceptedOn: m.at(b.Acceptance.At),
	}
	if b.Cancellation != nil {
		data.Cancelled = m.at(b.Cancellation.At)
	}
	return h.server.Render(c, http.StatusOK, "statement", data)
}

// named writes for both of them: nobody is called "you".
func (m moneyReader) named() moneyReader {
	m.reader = nobody
	return m
}

// nobody is the reader of what both of them, or others, read.
const nobody = -1

var errNoReceipt = fault.New(fault.NotFound, "There is no such payment.")

func (h *Handlers) receipt(c echo.Context) error {
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	b := visited.Booking
	i := slices.IndexFunc(b.Payments, func(p booking.Payment) bool { return p.ID == c.Param("payment") })
	if i < 0 {
		return errNoReceipt
	}
	p := b.Payments[i]
	m := newMoneyReader(visited, partner, "/b/"+c.Param("token"), h.options.Retreats.Now())
	data := &receiptPage{
		Page: web.Page{Title: "Receipt " + b.Ref, Private: true}, URL: m.url, Ref: b.Ref, Number: b.Ref + "-" + strconv.Itoa(i+1),
		Dates: web.Dates(visited.Cohort.StartsOn, visited.Cohort.EndsOn), ZoneName: zoneWords(visited),
		Names:  [2]string{b.Partners[0].Name, b.Partners[1].Name},
		Amount: p.Amount.String(), For: chargeName(b.Charges, p.ChargeID), From: b.Partners[p.Partner].Name,
		How: paidHow[p.Method], When: m.at(p.At), Reference: p.Reference, Refunds: m.refundsOf(p),
	}
	if open := b.OpenInAll(); !open.IsZero() {
		data.Open = open.String()
	}
	return h.server.Render(c, http.StatusOK, "receipt", data)
}

// refundsOf are the lines of what went back of a payment.
func (m moneyReader) refundsOf(p booking.Payment) []lineView {
	only := *m.Booking
	only.Refunds = slices.DeleteFunc(slices.Clone(only.Refunds), func(r booking.Refund) bool { return r.PaymentID != p.ID })
	m.Booking = &only
	return m.refunds()
}
