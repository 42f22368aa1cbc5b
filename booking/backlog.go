package booking

import (
	"context"
	"time"

	"lantern/internal/jobs"
	"lantern/internal/store"
)

// Backlogs are what waits although its time has come: bookings to be looked at
// (money, places, what a couple is told of it), bookings to plan messages for,
// and events of Stripe's to act on.
func (s *Service) Backlogs(ctx context.Context, now time.Time) ([]jobs.Backlog, error) {
	bookings, err := backlog(ctx, s.bookings, byAttend, "bookings", now, func(b *Booking) *time.Time { return b.AttendAt })
	if err != nil {
		return nil, err
	}
	plans, err := backlog(ctx, s.bookings, byPlan, "plans", now, func(b *Booking) *time.Time { return b.PlanAt })
	if err != nil {
		return nil, err
	}
	events, err := backlog(ctx, s.events, byPending, "stripe_events", now, func(e *event) *time.Time { return e.ActAt })
	return []jobs.Backlog{bookings, plans, events}, err
}

func backlog[T any](
	ctx context.Context, c *store.Collection[T], index, work string, now time.Time, due func(*T) *time.Time,
) (b jobs.Backlog, err error) {
	b.Work = work
	q := store.Query{Index: index, To: now}
	if b.Waiting, err = c.Count(ctx, q); err != nil || b.Waiting == 0 {
		return b, err
	}
	q.Limit = 1
	first, err := c.Find(ctx, q)
	for _, doc := range first.Items {
		b.Since = due(doc)
	}
	return b, err
}
