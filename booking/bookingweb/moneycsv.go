package bookingweb

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay"
)

// cohortMoneyCSV is every line of a cohort's money, for the accountant.
func (h *Handlers) cohortMoneyCSV(c echo.Context) error {
	ledger, err := h.options.Bookings.Ledger(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	body, err := writeTable(moneyLines(ledger))
	if err != nil {
		return err
	}
	return sendCSV(c, "money-"+string(ledger.Cohort.StartsOn), body)
}

func sendCSV(c echo.Context, name string, body []byte) error {
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8; header=present", body)
}

// moneyLine is a line of a booking's money as an accountant reads it. What goes
// away is negative, and charges are not money that moved: the sum of all other
// lines is what the practice has.
type moneyLine struct {
	at                                 time.Time
	kind, what, how, reference, reason string
	amount                             money.Amount
}

var moneyHead = []string{
	"Date", "Time (UTC)", "Booking", "Kind", "What for", "How", "Reference", "Amount", "Currency", "Reason",
}

func moneyLines(l *booking.Ledger) [][]string {
	zone := l.Cohort.Location()
	lines := [][]string{moneyHead}
	for _, row := range l.Couples {
		for _, m := range linesOf(row.Case) {
			lines = append(lines, []string{
				m.at.In(zone).Format("2006-01-02"), m.at.UTC().Format(time.RFC3339), row.Booking.Ref, m.kind, m.what, m.how, m.reference,
				m.amount.Decimal(), m.amount.Currency, m.reason,
			})
		}
	}
	return lines
}

// linesOf are the booking's lines in the order of time.
func linesOf(c booking.Case) []moneyLine {
	b := c.Booking
	var lines []moneyLine
	for _, charge := range b.Charges {
		line := moneyLine{at: charge.DueAt, kind: "charge", what: chargeWords(b, charge.ID), amount: charge.Amount}
		if b.IsOver() {
			line.reason = "not owed any more"
		}
		lines = append(lines, line)
	}
	payments := map[string]booking.Payment{}
	for _, p := range b.Payments {
		payments[p.ID] = p
		what, reference := chargeWords(b, p.ChargeID), p.ID
		if p.Method != booking.ByCard {
			reference = p.Reference
		}
		lines = append(lines, moneyLine{at: p.At, kind: "payment", what: what, how: methodWords[p.Method], reference: reference, amount: p.Amount})
		if p.Fee != nil {
			lines = append(lines, moneyLine{at: p.At, kind: "fee", what: what, how: "Stripe", reference: p.ID, amount: negative(*p.Fee)})
		}
	}
	for _, r := range b.Refunds {
		lines = append(lines, refundLine(b, r, payments[r.PaymentID]))
	}
	for _, d := range b.Disputes {
		line := moneyLine{at: d.At, kind: "dispute", what: chargeWords(b, payments[d.PaymentID].ChargeID), how: "card", reference: d.ID, amount: money.Of(0, d.Amount.Currency)}
		line.reason = disputeStates[d.State] + "; " + disputeReason(d)
		if d.State.Takes() {
			line.amount = negative(d.Amount)
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(x, y moneyLine) int { return x.at.Compare(y.at) })
	return lines
}

func refundLine(b *booking.Booking, r booking.Refund, p booking.Payment) moneyLine {
	line := moneyLine{
		at: r.At, kind: "refund", what: chargeWords(b, p.ChargeID), how: methodWords[p.Method], reference: r.StripeID,
		amount: negative(r.Amount), reason: refundReasonWords[r.Reason],
	}
	if p.Method != booking.ByCard {
		line.reference = r.Reference
	}
	switch {
	case r.State == stripepay.RefundFailed:
		// The money is still here.
		line.kind, line.amount = "failed refund", money.Of(0, r.Amount.Currency)
	case r.Reason == booking.RefundMistake:
		line.kind = "struck out"
	case r.State != stripepay.RefundSucceeded:
		line.reason = strings.TrimPrefix(line.reason+", on its way", ", ")
	}
	return line
}

func negative(a money.Amount) money.Amount { return money.Of(-a.Minor, a.Currency) }
