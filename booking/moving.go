package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/retreats"
)

// Move is a waiting couple's way from one cohort's waitlist to another's. It
// spans three documents, so it is written into the booking first and found
// there again if the process dies on the way.
type Move struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	JoinedAt time.Time `json:"joined_at"`
	Reason   string    `json:"reason"`
	ByID     string    `json:"by_id"`
	By       string    `json:"by"`
}

// The named refusals of a move.
var (
	errSameCohort = fault.InvalidFields(fault.Fields{"to": "Choose other dates than those they wait for."})
	errNotWaiting = fault.New(fault.Conflict, "Only a couple that waits can be moved.")
)

// MoveWaiting moves a couple that waits to the waitlist of another cohort,
// where it waits since when it joined here. If a place is free there and
// nobody waits, it is held.
func (s *Service) MoveWaiting(ctx context.Context, id, to, reason string, by audit.By) error {
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	if c.Booking.CohortID == to {
		return errSameCohort
	}
	if c.Standing.State != retreats.WaitingOn {
		return errNotWaiting
	}
	target, err := s.retreats.Cohort(ctx, to)
	if err != nil {
		return fault.InvalidFields(fault.Fields{"to": "There are no such dates."})
	}
	// What would be refused there is refused before anything is written.
	trial := *target
	if _, err := trial.JoinAt(id, c.Standing.Since, s.now()); err != nil {
		return err
	}
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		if b.Moving == nil {
			b.Moving = &Move{From: b.CohortID, To: to, JoinedAt: c.Standing.Since, Reason: reason, ByID: by.ID, By: by.Name}
			b.attend(now)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.Attend(ctx, id)
}

// move does the next part of a move: the turn there, the booking, the turn
// here. Each part can be done twice.
func (s *Service) move(ctx context.Context, b *Booking) error {
	m := *b.Moving
	by := audit.By{ID: m.ByID, Name: m.By}
	if b.CohortID == m.From {
		_, err := s.retreats.JoinAt(ctx, m.To, b.ID, m.JoinedAt)
		if refused(err) {
			// Full or closed since it was begun: the couple stays where it is.
			return errors.Join(err, s.update(ctx, b.ID, func(b *Booking, _ time.Time) error {
				b.Moving = nil
				return nil
			}))
		}
		if err != nil {
			return err
		}
		return s.arrive(ctx, b.ID, m, by)
	}
	_, err := s.retreats.Remove(ctx, m.From, b.ID, fmt.Sprintf("Moved to other dates: %s", m.Reason), by)
	if err != nil && !errors.Is(err, retreats.ErrNotWaiting) {
		return err
	}
	return s.update(ctx, b.ID, func(b *Booking, _ time.Time) error {
		b.Moving = nil
		return nil
	})
}

// arrive makes the booking one of the other cohort, at its price. Its policy
// is accepted with the couple's answer to an offer.
func (s *Service) arrive(ctx context.Context, id string, m Move, by audit.By) error {
	to, err := s.retreats.Cohort(ctx, m.To)
	if err != nil {
		return err
	}
	from, err := s.retreats.Cohort(ctx, m.From)
	if err != nil {
		return err
	}
	dates := func(c *retreats.Cohort) string { return c.Name + ", " + c.StartsOn.Words() }
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		if b.CohortID != m.From {
			return nil
		}
		b.CohortID, b.Price, b.Acceptance.Renew = m.To, to.Price, true
		b.LinksUntil = linksUntil(to)
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "moved", From: dates(from), To: dates(to), Reason: m.Reason})
		b.replan(now)
		return nil
	})
}

// refused tells a cohort's word from a failure to ask it.
func refused(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.Conflict || kind == fault.Gone || kind == fault.NotFound
}

// RemoveWaiting takes a couple off the waitlist. The couple reads the reason,
// which is therefore in the booking before the turn ends.
func (s *Service) RemoveWaiting(ctx context.Context, id, reason string, by audit.By) error {
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	if c.Standing.State != retreats.WaitingOn {
		return retreats.ErrNotWaiting
	}
	if err := s.setEndReason(ctx, id, reason); err != nil {
		return err
	}
	if _, err := s.retreats.Remove(ctx, c.Booking.CohortID, id, reason, by); err != nil {
		if refused(err) {
			return errors.Join(err, s.setEndReason(ctx, id, ""))
		}
		return err
	}
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "taken off the waitlist", Reason: reason})
		if b.LapsedAt == nil {
			b.LapsedAt = &now
			b.attend(now)
			b.replan(now)
		}
		return nil
	})
}

func (s *Service) setEndReason(ctx context.Context, id, reason string) error {
	return s.bookings.Update(ctx, id, func(b *Booking) error {
		b.EndReason = reason
		return nil
	})
}

// renew accepts the terms of the cohort that the couple was moved to.
func (b *Booking) renew(c *retreats.Cohort, now time.Time) {
	statement := c.Policy.Statement(c.StartsOn)
	b.Acceptance = Acceptance{At: now, Statement: statement, Hash: retreats.Hash(statement), Policy: c.Policy}
}

// ErrRenew asks for what was not accepted.
var ErrRenew = fault.InvalidFields(fault.Fields{"accept_policy": "Please read the refund policy of these dates and accept it to go on."})

// AcceptTerms renews the acceptance of a couple that was moved here: it agrees
// to this cohort's policy.
func (s *Service) AcceptTerms(ctx context.Context, id string) error {
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	return s.bookings.Update(ctx, id, func(b *Booking) error {
		if b.Acceptance.Renew {
			b.renew(c.Cohort, s.now())
		}
		return nil
	})
}
