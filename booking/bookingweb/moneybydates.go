package bookingweb

import (
	"context"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/web"
	"lantern/retreats"
)

// datesMoneyView is what the couples of one cohort have paid and owe, in a line,
// with the way to the whole.
type datesMoneyView struct {
	URL, Name, Dates string
	Kept, Due, Late  string
	// IsLate marks what should be here; Next is the next day on which money is
	// expected and how much, empty if none is.
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
	c, today := l.Cohort, civil.DateOf(l.At, l.Cohort.Location())
	var lines []datesMoneyView
	for _, sum := range l.Sums {
		lines = append(lines, datesMoneyView{
			URL: moneyURL(c.ID), Name: c.Name, Dates: web.Dates(c.StartsOn, c.EndsOn), Kept: sum.Kept.String(), Due: sum.Due.String(),
			Late: sum.Late.String(), IsLate: !sum.Late.IsZero(), Next: nextMoney(sum, today),
		})
	}
	return lines
}

// nextMoney says when more is expected for the first time after a day, and how
// much more.
func nextMoney(s booking.LedgerSum, today civil.Date) string {
	for i, day := range s.Days {
		more := day.Expected
		if i > 0 {
			more = more.Minus(s.Days[i-1].Expected)
		}
		if day.Date > today && more.Minor > 0 {
			return more.String() + " on " + day.Date.Words()
		}
	}
	return ""
}
