package booking

import (
	"context"
	"time"

	"lantern/internal/store"
)

// NextLooks are the bookings that must be looked at next, from that time on, by
// AttendAt.
func (s *Service) NextLooks(ctx context.Context, from time.Time, most int) ([]*Booking, error) {
	page, err := s.bookings.Find(ctx, store.Query{Index: byAttend, From: from, Limit: most})
	return page.Items, err
}

// NextUnheard is when messages have to be planned or an event of Stripe's has to
// be acted on next, from that time on; nil if nothing of the kind is to come.
func (s *Service) NextUnheard(ctx context.Context, from time.Time) (*time.Time, error) {
	plans, err := s.bookings.Find(ctx, store.Query{Index: byPlan, From: from, Limit: 1})
	if err != nil {
		return nil, err
	}
	events, err := s.events.Find(ctx, store.Query{Index: byPending, From: from, Limit: 1})
	if err != nil {
		return nil, err
	}
	var next *time.Time
	for _, b := range plans.Items {
		next = b.PlanAt
	}
	for _, e := range events.Items {
		if next == nil || e.ActAt.Before(*next) {
			next = e.ActAt
		}
	}
	return next, nil
}
