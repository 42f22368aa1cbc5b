package retreats

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"lantern/internal/civil"
	"lantern/internal/store"
)

// Service loads, decides and saves retreats and cohorts.
type Service struct {
	collections
	now func() time.Time
	// atOnce is how many cohorts are settled at the same time.
	atOnce int
	// lingered says that lingerAll has been.
	lingered atomic.Bool
}

// NewService defines the slice's collections in the store.
func NewService(ctx context.Context, db *store.DB, now func() time.Time) (*Service, error) {
	c, err := define(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("opening the retreats' documents: %w", err)
	}
	return &Service{collections: c, now: now, atOnce: settleAtOnce}, nil
}

// InTurn has passes take one cohort after the other, so that what they do can be
// repeated exactly.
func (s *Service) InTurn() { s.atOnce = 1 }

// Now is the service's clock.
func (s *Service) Now() time.Time { return s.now() }

// AddRetreat saves a new retreat; store.ErrExists when its id is taken.
func (s *Service) AddRetreat(ctx context.Context, r *Retreat) error { return s.retreats.Insert(ctx, r) }

// Retreat returns a retreat or store.ErrNotFound.
func (s *Service) Retreat(ctx context.Context, id string) (*Retreat, error) {
	return s.retreats.Get(ctx, id)
}

// AddCohort saves a new cohort; store.ErrExists when its id is taken.
func (s *Service) AddCohort(ctx context.Context, c *Cohort) error { return s.cohorts.Insert(ctx, c) }

// Cohort returns a cohort as it is now, or store.ErrNotFound. It is to look at:
// its lists are shared with others who look.
func (s *Service) Cohort(ctx context.Context, id string) (*Cohort, error) {
	shared, err := s.cohorts.Peek(ctx, id)
	if err != nil {
		return nil, err
	}
	// Settling replaces the roster and leaves the shared one as it was.
	c := *shared
	c.Settle(s.now())
	return &c, nil
}

// OfferedCohort is Cohort for the public: ErrDraft for what is not published.
func (s *Service) OfferedCohort(ctx context.Context, id string) (*Cohort, error) {
	c, err := s.Cohort(ctx, id)
	if err == nil && c.State == Draft {
		return nil, ErrDraft
	}
	return c, err
}

// CohortRev returns the revision of a cohort, or store.ErrNotFound.
func (s *Service) CohortRev(ctx context.Context, id string) (int64, error) {
	return s.cohorts.Rev(ctx, id)
}

// Cohorts returns the cohorts in a state by their first day, as they are now.
// Those of a state that time brings about may be in the one before until they
// have been settled.
func (s *Service) Cohorts(ctx context.Context, state CohortState, limit int, after string) (store.Page[Cohort], error) {
	page, err := s.cohorts.Find(ctx, store.Query{Index: byOffer, Equal: []any{state}, Limit: limit, After: after})
	for _, c := range page.Items {
		c.Settle(s.now())
	}
	return page, err
}

// Retreats returns the retreats by name.
func (s *Service) Retreats(ctx context.Context, limit int, after string) (store.Page[Retreat], error) {
	return s.retreats.Find(ctx, store.Query{Index: byName, Limit: limit, After: after})
}

// Offer returns the open cohorts that begin today or later, by their first
// day, as they are now. A cohort that has just begun may still be in it.
func (s *Service) Offer(ctx context.Context, limit int, after string) (store.Page[Cohort], error) {
	now := s.now()
	// The earliest date that any zone calls today.
	today := civil.DateOf(now.Add(-12*time.Hour), time.UTC)
	page, err := s.cohorts.Find(ctx, store.Query{
		Index: byOffer, Equal: []any{Open}, From: today, Limit: limit, After: after,
	})
	for _, c := range page.Items {
		c.Settle(now)
	}
	return page, err
}

// decide runs one of the roster's decisions and saves what it decided.
func (s *Service) decide(ctx context.Context, id string, decision func(*Cohort, time.Time) (Standing, error)) (Standing, error) {
	var standing Standing
	err := s.cohorts.Update(ctx, id, func(c *Cohort) (err error) {
		standing, err = decision(c, s.now())
		return err
	})
	return standing, err
}

// Reserve holds a place; see Cohort.Reserve.
func (s *Service) Reserve(ctx context.Context, id, booking, code string) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) { return c.Reserve(booking, code, now) })
}

// Join holds a place or joins the waitlist; see Cohort.Join.
func (s *Service) Join(ctx context.Context, id, booking, code string) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) { return c.Join(booking, code, now) })
}

// Accept takes the couple's offer; see Cohort.Accept.
func (s *Service) Accept(ctx context.Context, id, booking string) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) { return c.Accept(booking, now) })
}

// Pass lets the couple's offer go by; see Cohort.Pass.
func (s *Service) Pass(ctx context.Context, id, booking string) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) { return c.Pass(booking, now) })
}

// Release gives back whatever the couple has; see Cohort.Release.
func (s *Service) Release(ctx context.Context, id, booking string) error {
	_, err := s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) {
		c.Release(booking, now)
		return Standing{}, nil
	})
	return err
}

// ReleaseMoved is Release without a question about the place; see
// Cohort.ReleaseMoved.
func (s *Service) ReleaseMoved(ctx context.Context, id, booking string) error {
	_, err := s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) {
		c.ReleaseMoved(booking, now)
		return Standing{}, nil
	})
	return err
}

// Seat gives a couple that has paid for other dates a place; see Cohort.Seat.
func (s *Service) Seat(ctx context.Context, id, booking string) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) { return c.Seat(booking, now) })
}

// EndHold frees a held place whose time is over; see Cohort.EndHold.
func (s *Service) EndHold(ctx context.Context, id, booking string) error {
	_, err := s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) {
		c.EndHold(booking, now)
		return Standing{}, nil
	})
	return err
}

// ConfirmPaid makes the place of a couple that has paid theirs, or finds one
// for money that came too late; see Cohort.ConfirmLate.
func (s *Service) ConfirmPaid(ctx context.Context, id, booking string) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) {
		return c.ConfirmLate(booking, now), nil
	})
}

// Told notes that the couple's booking knows of its offer.
func (s *Service) Told(ctx context.Context, id, booking string) error {
	return s.cohorts.Update(ctx, id, func(c *Cohort) error {
		c.Told(booking)
		return nil
	})
}

// RefillTold notes that the couple's booking knows that another couple has the
// place that it gave up.
func (s *Service) RefillTold(ctx context.Context, id, booking string) error {
	return s.cohorts.Update(ctx, id, func(c *Cohort) error {
		c.RefillTold(booking)
		return nil
	})
}
