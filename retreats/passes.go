package retreats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/store"
)

// SettleResult is what one SettleDue has done.
type SettleResult struct {
	Cohorts int
	// Offered names the bookings that have an offer which their booking does
	// not know of yet, by cohort.
	Offered []OfferedPlace
}

// OfferedPlace is an offer of a place to a booking.
type OfferedPlace struct{ Cohort, Booking string }

// settleBatch bounds how much one SettleDue does; the next tick does the rest.
const settleBatch = 500

// SettleDue settles every cohort whose deadline has passed. A cohort that
// cannot be settled does not keep the others from it.
func (s *Service) SettleDue(ctx context.Context, now time.Time) (SettleResult, error) {
	var result SettleResult
	due, err := s.cohorts.Find(ctx, store.Query{Index: byDeadline, To: now.Add(time.Millisecond), Limit: settleBatch})
	if err != nil {
		return result, err
	}
	var failed []error
	for _, found := range due.Items {
		var offered []OfferedPlace
		err := s.cohorts.Update(ctx, found.ID, func(c *Cohort) error {
			c.Settle(now)
			offered = nil
			for _, p := range c.Roster.Places {
				if p.Untold {
					offered = append(offered, OfferedPlace{Cohort: c.ID, Booking: p.Booking})
				}
			}
			return nil
		})
		if err != nil {
			failed = append(failed, fmt.Errorf("settling cohort %s: %w", found.ID, err))
			continue
		}
		result.Cohorts++
		result.Offered = append(result.Offered, offered...)
	}
	return result, errors.Join(failed...)
}
