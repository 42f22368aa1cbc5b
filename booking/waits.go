package booking

import (
	"context"
	"errors"

	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/retreats"
)

// maxWaits is for how many cohorts a couple may wait at once.
const maxWaits = 6

var errTooManyWaits = fault.Newf(fault.Conflict, "You can wait for %d dates at once. Leave one of them to wait for others.", maxWaits)

// AlsoWait lets a couple that waits for one cohort wait for another as well,
// as the same people. It accepts that cohort's refund policy. If a place is
// free there, it is held.
func (s *Service) AlsoWait(ctx context.Context, id, cohortID string, acceptPolicy bool) (Case, error) {
	c, err := s.Case(ctx, id)
	if err != nil {
		return Case{}, err
	}
	b := c.Booking
	if b.IsOver() {
		return Case{}, ErrOver
	}
	others, err := s.Others(ctx, b)
	if err != nil {
		return Case{}, err
	}
	for _, other := range append(others, c) {
		if other.Booking.CohortID == cohortID {
			return other, nil
		}
	}
	if len(others)+1 >= maxWaits {
		return Case{}, errTooManyWaits
	}
	// A turn that was left and is taken again is a new one.
	ended, err := s.ended(ctx, b.GroupID)
	if err != nil {
		return Case{}, err
	}
	a := Application{
		SharedEmail: b.SharedEmail, AcceptPolicy: acceptPolicy, Wait: true, group: b.GroupID,
		Key: "also " + b.GroupID + " " + retreats.Hash(ended)[:12],
	}
	for i, p := range b.Partners {
		a.Partners[i] = PartnerInput{Name: p.Name, Email: p.Email, Phone: p.Phone, Zone: p.Zone}
	}
	return s.Book(ctx, cohortID, a)
}

// ended names the couple's bookings that are over.
func (s *Service) ended(ctx context.Context, group string) (string, error) {
	var ids string
	err := s.ofGroup(ctx, group, func(b *Booking) {
		if b.IsOver() {
			ids += b.ID + " "
		}
	})
	return ids, err
}

func (s *Service) ofGroup(ctx context.Context, group string, visit func(*Booking)) error {
	return s.bookings.All(ctx, store.Query{Index: byGroup, Equal: []any{group}}, func(b *Booking) error {
		visit(b)
		return nil
	})
}

// Others are the couple's other living bookings: what it also waits for, or
// has a place in.
func (s *Service) Others(ctx context.Context, b *Booking) ([]Case, error) {
	var living []*Booking
	err := s.ofGroup(ctx, b.GroupID, func(other *Booking) {
		if other.ID != b.ID && !other.IsOver() {
			living = append(living, other)
		}
	})
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, other := range living {
		c, err := s.CaseOf(ctx, other)
		if err != nil {
			return nil, err
		}
		if c.Standing.State != retreats.None {
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// LeaveOthers ends the couple's turns in other cohorts that it names, after it
// has taken a place. Only what waits or is offered is left: a place that is
// held or paid is given up on its own page.
func (s *Service) LeaveOthers(ctx context.Context, b *Booking, ids []string) error {
	others, err := s.Others(ctx, b)
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range others {
		for _, id := range ids {
			waits := c.Standing.State == retreats.WaitingOn || c.Standing.State == retreats.Offered
			if c.Booking.ID == id && waits {
				failed = append(failed, s.leave(ctx, id))
			}
		}
	}
	return errors.Join(failed...)
}
