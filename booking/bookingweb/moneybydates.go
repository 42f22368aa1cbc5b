package bookingweb

import (
	"context"

	"lantern/booking"
	"lantern/internal/web"
	"lantern/retreats"
)

// datesMoneyView is what the couples of one cohort have paid and owe, in a line,
// with the way to the whole.
type datesMoneyView struct {
	URL, Name, Dates string
	Kept, Due, Late  string
	// IsLate marks what should be here; Next is how much is due on the next day on
	// which something is, empty if nothing is.
	IsLate bool
	Next   string
}

// cohortsWithMoney is of how many cohorts the page shows the money, the soonest
// first.
const cohortsWithMoney = 25

// moneyByDates shows what money comes when, cohort by cohort. Those whom nobody
// has paid or owes anything are left out.
func (h *Handlers) moneyByDates(ctx context.Context) ([]datesMoneyView, error) {
	cohorts, _, err := h.options.Retreats.Running(ctx, cohortsWithMoney, retreats.Cursor{})
	if err != nil {
		return nil, err
	}
	var all []datesMoneyView
	for _, cohort := range cohorts {
		ledger, err := h.options.Bookings.Ledger(ctx, cohort.ID)
		if err != nil {
			return nil, err
		}
		if len(ledger.Couples) > 0 {
			all = append(all, datesMoney(ledger)...)
		}
	}
	return all, nil
}

// datesMoney gives a line for each currency.
func datesMoney(l *booking.Ledger) []datesMoneyView {
	c := l.Cohort
	var lines []datesMoneyView
	for _, sum := range l.Sums {
		line := datesMoneyView{
			URL: moneyURL(c.ID), Name: c.Name, Dates: web.Dates(c.StartsOn, c.EndsOn), Kept: sum.Kept.String(), Due: sum.Due.String(),
			Late: sum.Late.String(), IsLate: !sum.Late.IsZero(),
		}
		if day, amount, ok := l.DueNext(sum.Kept.Currency); ok {
			line.Next = amount.String() + " on " + day.Words()
		}
		lines = append(lines, line)
	}
	return lines
}
