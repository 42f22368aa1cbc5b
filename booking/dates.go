package booking

import (
	"slices"
	"time"

	"lantern/retreats"
)

// What of a booking's money follows the cohort's dates.

// MovedDue is when a charge was due until the cohort's dates moved.
type MovedDue struct {
	DueAt time.Time `json:"due_at"`
	// At is when that ended, For the cohort's own date of the charge then.
	At  time.Time `json:"at"`
	For time.Time `json:"for"`
}

// shortestNotice is how long from now a charge is due at the soonest whose date
// would have passed by the cohort's new dates: at the next 10:00 after it [D12].
const shortestNotice = 3 * 24 * time.Hour

// datesOf is the cohort's date that the charge is due by.
func (c Charge) datesOf() time.Time {
	if n := len(c.MovedFrom); n > 0 {
		return c.MovedFrom[n-1].For
	}
	return c.DueAt
}

// ownDue is the cohort's date for a charge, if it has one.
func ownDue(c *retreats.Cohort, charge Charge) (time.Time, bool) {
	switch {
	case charge.ID == BalanceCharge:
		return c.BalanceDue(), true
	case charge.Instalment() > 0 && charge.DaysBefore > 0:
		return c.DueBefore(charge.DaysBefore), true
	}
	return time.Time{}, false
}

// followDates makes what is not paid due by the cohort's new dates. Doing it
// twice for the same dates changes nothing.
func (b *Booking) followDates(c *retreats.Cohort, now time.Time) {
	if b.IsOver() || c.State == retreats.Cancelled {
		return
	}
	for i, charge := range b.Charges {
		due, dated := ownDue(c, charge)
		if !dated || b.IsPaid(charge) || due.Equal(charge.datesOf()) {
			continue
		}
		charge.MovedFrom = append(slices.Clone(charge.MovedFrom), MovedDue{DueAt: charge.DueAt, At: now, For: due})
		charge.DueAt = due
		if !now.Before(due) {
			charge.DueAt = nextTen(c, now.Add(shortestNotice))
		}
		b.Charges = slices.Clone(b.Charges)
		b.Charges[i] = charge
	}
}
