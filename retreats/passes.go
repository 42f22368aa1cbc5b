package retreats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lantern/internal/jobs"
	"lantern/internal/store"
)

// SettleResult is what one SettleDue has done.
type SettleResult struct {
	Cohorts int
	// Offered names the bookings that have an offer which their booking does
	// not know of yet, by cohort.
	Offered []OfferedPlace
	// Refilled are the places that were given up and that another couple has,
	// which the booking that gave them up does not know of yet [D16].
	Refilled []RefilledPlace
	// Announced are the cohorts whose bookings are all to be looked at.
	Announced []Announcement
}

// OfferedPlace is an offer of a place to a booking.
type OfferedPlace struct{ Cohort, Booking string }

// RefilledPlace is a place that a booking gave up and that was filled then.
type RefilledPlace struct {
	Cohort, Booking string
	At              time.Time
}

// Announcement is something that changed for all bookings of a cohort.
type Announcement struct {
	Cohort string
	At     time.Time
}

const (
	// settleBatch bounds how much one SettleDue does; the next tick does the
	// rest.
	settleBatch = 500
	// settleAtOnce is how many cohorts are settled at the same time: the store
	// saves those together.
	settleAtOnce = 16
)

// SettleDue settles every cohort whose deadline has passed. A cohort that
// cannot be settled does not keep the others from it.
func (s *Service) SettleDue(ctx context.Context, now time.Time) (SettleResult, error) {
	if !s.lingered.Load() {
		if err := s.lingerAll(ctx, now); err != nil {
			return SettleResult{}, err
		}
		s.lingered.Store(true)
	}
	due, err := s.cohorts.Find(ctx, store.Query{Index: byDeadline, To: now.Add(time.Millisecond), Limit: settleBatch})
	if err != nil {
		return SettleResult{}, err
	}
	var (
		result SettleResult
		failed []error
		mu     sync.Mutex
		all    sync.WaitGroup
		slots  = make(chan struct{}, s.atOnce)
	)
	for _, found := range due.Items {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			var settled SettleResult
			err := jobs.Safely(func() (err error) {
				settled, err = s.settle(ctx, found.ID, now)
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, fmt.Errorf("settling cohort %s: %w", found.ID, err))
				return
			}
			result.Cohorts++
			result.Offered = append(result.Offered, settled.Offered...)
			result.Refilled = append(result.Refilled, settled.Refilled...)
			result.Announced = append(result.Announced, settled.Announced...)
		})
	}
	all.Wait()
	return result, errors.Join(failed...)
}

// settle settles one cohort and gives what others have to be told of it.
func (s *Service) settle(ctx context.Context, id string, now time.Time) (SettleResult, error) {
	var told SettleResult
	err := s.cohorts.Update(ctx, id, func(c *Cohort) error {
		told = SettleResult{}
		c.Settle(now)
		// The deadline of a document from before a rule was changed.
		c.keep(c.Roster)
		for _, p := range c.Roster.Places {
			if p.Untold {
				told.Offered = append(told.Offered, OfferedPlace{Cohort: c.ID, Booking: p.Booking})
			}
		}
		for _, g := range c.Roster.filled() {
			told.Refilled = append(told.Refilled, RefilledPlace{Cohort: c.ID, Booking: g.Booking, At: *g.FilledAt})
		}
		if c.AnnounceAt != nil {
			told.Announced = append(told.Announced, Announcement{Cohort: c.ID, At: *c.AnnounceAt})
		}
		return nil
	})
	return told, err
}

// Announced notes that all bookings of the cohort have been asked to look.
func (s *Service) Announced(ctx context.Context, a Announcement) error {
	return s.cohorts.Update(ctx, a.Cohort, func(c *Cohort) error {
		c.announced(a.At)
		return nil
	})
}
