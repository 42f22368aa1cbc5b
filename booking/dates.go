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
	// At is when that ended, For the cohort's own date of the balance then.
	At  time.Time `json:"at"`
	For time.Time `json:"for"`
}

// shortestNotice is when a balance is due whose date would have passed by the
// cohort's new dates.
const shortestNotice = 3 * 24 * time.Hour

// datesOf is the cohort's date that the charge is due by.
func (c Charge) datesOf() time.Time {
	if n := len(c.MovedFrom); n > 0 {
		return c.MovedFrom[n-1].For
	}
	return c.DueAt
}

// followDates makes a balance that is not paid due by the cohort's new dates.
// Doing it twice for the same dates changes nothing.
func (b *Booking) followDates(c *retreats.Cohort, now time.Time) {
	i := slices.IndexFunc(b.Charges, func(c Charge) bool { return c.ID == BalanceCharge })
	if i < 0 || b.IsOver() || b.IsPaid(b.Charges[i]) || c.State == retreats.Cancelled {
		return
	}
	due := c.BalanceDue()
	charge := b.Charges[i]
	if due.Equal(charge.datesOf()) {
		return
	}
	charge.MovedFrom = append(slices.Clone(charge.MovedFrom), MovedDue{DueAt: charge.DueAt, At: now, For: due})
	charge.DueAt = due
	if !now.Before(due) {
		charge.DueAt = now.Add(shortestNotice)
	}
	b.Charges = slices.Clone(b.Charges)
	b.Charges[i] = charge
}
