package booking

import (
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/retreats"
)

// DueNext is the first day in the cohort's zone on which money in that currency is
// due that is neither here nor late, and how much is on that day; ok is false if
// none is.
func (l *Ledger) DueNext(currency string) (day civil.Date, amount money.Amount, ok bool) {
	for _, row := range l.Couples {
		if row.Booking.Price.Currency != currency || !row.owes() {
			continue
		}
		for _, charge := range row.Booking.Charges {
			open := row.Booking.Open(charge)
			if open.IsZero() || row.isLate(charge, l.At) {
				continue
			}
			switch due := row.dueOn(charge); {
			case !ok || due < day:
				day, amount, ok = due, open, true
			case due == day:
				amount = amount.Plus(open)
			}
		}
	}
	return day, amount, ok
}

// dueOn is the day on which a charge is due: what makes a held place theirs has
// time until the hold ends.
func (c Case) dueOn(charge Charge) civil.Date {
	at := charge.DueAt
	if until := c.Standing.Until; c.Standing.State == retreats.Held && until != nil && at.Before(*until) {
		at = *until
	}
	return civil.DateOf(at, c.Cohort.Location())
}
