package booking

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lantern/internal/jobs"
	"lantern/internal/store"
)

// passBatch bounds how much one pass does; the next tick does the rest.
const passBatch = 200

// SettleCohorts brings about what time has in the cohorts, and lets the
// couples know that have been offered a place by it.
func (s *Service) SettleCohorts(ctx context.Context, now time.Time) error {
	result, err := s.retreats.SettleDue(ctx, now)
	failed := []error{err}
	for _, a := range result.Announced {
		if err := s.announce(ctx, a); err != nil {
			failed = append(failed, fmt.Errorf("announcing a change of cohort %s: %w", a.Cohort, err))
		}
	}
	for _, offered := range result.Offered {
		if err := s.tellOffer(ctx, offered); err != nil {
			failed = append(failed, fmt.Errorf("telling booking %s of its offer: %w", offered.Booking, err))
		}
	}
	for _, filled := range result.Refilled {
		if err := s.tellRefilled(ctx, filled); err != nil {
			failed = append(failed, fmt.Errorf("telling booking %s that its place was filled: %w", filled.Booking, err))
		}
	}
	return errors.Join(failed...)
}

// AttendDue attends to every booking that has something to do. One that fails
// does not keep the others from it; it is tried again later.
func (s *Service) AttendDue(ctx context.Context, now time.Time) error {
	due, err := s.bookings.Find(ctx, store.Query{Index: byAttend, To: now.Add(time.Millisecond), Limit: passBatch})
	if err != nil {
		return err
	}
	err = severally(due.Items, s.atOnce, func(b *Booking) error {
		if err := s.Attend(ctx, b.ID); err != nil {
			return errors.Join(err, s.postpone(ctx, b, now))
		}
		return nil
	})
	return errors.Join(append(s.unsaid.take(), err)...)
}

// atOnce is how many items of a pass are worked on at the same time: each may
// wait for Stripe, for half a minute if it does not answer.
const atOnce = 8

// severally does something with each item, so many at the same time, and joins
// the errors in the order of the items.
func severally[T any](items []T, atOnce int, do func(T) error) error {
	var all sync.WaitGroup
	failed := make([]error, len(items))
	slots := make(chan struct{}, atOnce)
	for i, item := range items {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			failed[i] = jobs.Safely(func() error { return do(item) })
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

const (
	// retryTime is how long after a failed attempt something is tried again.
	retryTime = time.Minute
	// maxRetryTime is the longest that this grows to.
	maxRetryTime = 6 * time.Hour
)

// retryAfter is how long to wait after so many failures in a row. It doubles,
// so that however many items always fail, they leave a pass to the others.
func retryAfter(failures int) time.Duration {
	return min(maxRetryTime, retryTime<<min(failures-1, 16))
}

// postpone puts a booking off that could not be attended to, unless something
// has happened to it since it was found.
func (s *Service) postpone(ctx context.Context, found *Booking, now time.Time) error {
	err := s.bookings.Update(ctx, found.ID, func(b *Booking) error {
		if b.AskedRev >= found.Rev {
			return nil
		}
		b.Failures++
		later := now.Add(retryAfter(b.Failures))
		b.AttendAt = &later
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // discarded
	}
	return err
}

// reports keeps what failed while somebody waited for the answer to something
// else, until a pass can say it.
type reports struct {
	mu   sync.Mutex
	errs []error
}

// mostReports bounds reports: when nothing works, more of the same says nothing.
const mostReports = 50

func (r *reports) add(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.errs) < mostReports {
		r.errs = append(r.errs, err)
	}
}

func (r *reports) take() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := r.errs
	r.errs = nil
	return errs
}

// ActOnEvents acts on the events that were stored and not acted on.
func (s *Service) ActOnEvents(ctx context.Context, now time.Time) error {
	pending, err := s.events.Find(ctx, store.Query{Index: byPending, To: now, Limit: passBatch})
	if err != nil {
		return err
	}
	return severally(pending.Items, s.atOnce, func(e *event) error {
		if err := s.act(ctx, e); err != nil {
			return errors.Join(err, s.postponeEvent(ctx, e.ID, now))
		}
		return nil
	})
}

func (s *Service) postponeEvent(ctx context.Context, id string, now time.Time) error {
	return s.events.Update(ctx, id, func(e *event) error {
		if e.ActAt != nil { // else it was acted on meanwhile
			e.Failures++
			later := now.Add(retryAfter(e.Failures))
			e.ActAt = &later
		}
		return nil
	})
}

// PlanDue returns bookings whose messages must be planned again.
func (s *Service) PlanDue(ctx context.Context, now time.Time) ([]*Booking, error) {
	due, err := s.bookings.Find(ctx, store.Query{Index: byPlan, To: now.Add(time.Millisecond), Limit: passBatch})
	return due.Items, err
}

// Planned notes that the booking's messages are planned for what it said at
// that revision. If planning was asked for since, it stays due.
func (s *Service) Planned(ctx context.Context, id string, rev int64) error {
	return s.bookings.Update(ctx, id, func(b *Booking) error {
		b.planned(rev)
		return nil
	})
}

func (b *Booking) planned(rev int64) {
	if b.PlanRev < rev {
		b.PlanAt = nil
	}
}
