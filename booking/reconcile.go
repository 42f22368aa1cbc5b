package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lantern/internal/store"
	"lantern/retreats"
)

// reconciledAtOnce is how many bookings are loaded before they are looked at.
const reconciledAtOnce = 500

// Reconcile brings cohorts and bookings together that were not read at one
// moment: each cohort before the bookings that it names. Such records come from
// a backup of an engine that has no transactions. What a booking says is then as
// new as what its cohort says, or newer: it counts, and the cohort follows as
// far as it can. The passes do the rest: each booking is looked at again and its
// messages are planned anew.
func (s *Service) Reconcile(ctx context.Context) error {
	for _, state := range retreats.CohortStates {
		for after := ""; ; {
			page, err := s.retreats.Cohorts(ctx, state, reconciledAtOnce, after)
			if err != nil {
				return err
			}
			for _, c := range page.Items {
				if err := s.releaseStrangers(ctx, c); err != nil {
					return fmt.Errorf("reconciling the places of %s: %w", c.ID, err)
				}
			}
			if after = page.Next; after == "" {
				break
			}
		}
	}
	for q := (store.Query{Index: byCreated, Limit: reconciledAtOnce}); ; {
		page, err := s.bookings.Find(ctx, q)
		if err != nil {
			return err
		}
		if err := store.AtOnce(page.Items, func(b *Booking) error { return s.reconcile(ctx, b) }); err != nil {
			return err
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// releaseStrangers takes those out of a cohort whose booking is not there or
// belongs to other dates by now. Who is on the way stays: its way goes on.
func (s *Service) releaseStrangers(ctx context.Context, c *retreats.Cohort) error {
	for _, id := range c.Roster.Bookings() {
		b, err := s.bookings.Get(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return err
		case b.CohortID == c.ID, b.Moving != nil:
			continue
		}
		if err := s.retreats.ReleaseMoved(ctx, c.ID, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) reconcile(ctx context.Context, b *Booking) error {
	cohort, err := s.retreats.Cohort(ctx, b.CohortID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // made after the cohorts were read; lantern check names it
	}
	if err != nil {
		return err
	}
	now := s.now()
	standing := cohort.Settled(now).Of(b.ID)
	err = s.bookings.Update(ctx, b.ID, func(b *Booking) error {
		b.reconcile(standing, now)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reconciling booking %s: %w", b.ID, err)
	}
	return nil
}

// reconcile lets the money for a place be decided about anew if the cohort does
// not know that the place is confirmed, and asks for everything else to be
// looked at.
func (b *Booking) reconcile(standing retreats.Standing, now time.Time) {
	if !b.IsOver() && standing.State != retreats.Confirmed && len(b.Charges) > 0 && b.IsPaid(b.Charges[0]) {
		b.Payments = slices.Clone(b.Payments)
		for i, p := range b.Payments {
			if p.ChargeID == b.Charges[0].ID && !b.remaining(p).IsZero() {
				b.Payments[i].SettledAt = nil
			}
		}
	}
	b.attend(now)
	b.replan(now)
}
