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
	// Transfer tells a couple with a place from one that waits. ByCouple says
	// that it changes by itself and has accepted the terms there, from IP.
	Transfer bool   `json:"transfer,omitempty"`
	ByCouple bool   `json:"by_couple,omitempty"`
	IP       string `json:"ip,omitempty"`
}

// The named refusals of a move.
var (
	errSameCohort = fault.InvalidFields(fault.Fields{"to": "Choose other dates than those they wait for."})
	errNotWaiting = fault.New(fault.Conflict, "Only a couple that waits can be moved.")
	errBeingMoved = fault.New(fault.Conflict, "You are being moved to other dates at this moment. Please look again in a minute.")
	errMoving     = fault.New(fault.Conflict, "This couple is being moved already. Please look again in a minute.")
	errThere      = fault.InvalidFields(fault.Fields{"to": "This couple waits or has a place there already."})
	errCurrency   = fault.InvalidFields(fault.Fields{"to": "This couple has paid before, in another currency than that of those dates."})
)

// MoveWaiting moves a couple that waits to the waitlist of another cohort,
// where it waits since when it joined here. If a place is free for it there,
// it is offered.
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
	if err := s.mayMove(ctx, c.Booking, target); err != nil {
		return err
	}
	// What would be refused there is refused before anything is written.
	trial := *target
	if _, err := trial.JoinAt(id, c.Standing.Since, s.now()); err != nil {
		return err
	}
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		if b.Moving != nil || b.Removing != nil || b.CohortID != c.Booking.CohortID {
			return errMoving
		}
		b.Moving = &Move{From: b.CohortID, To: to, JoinedAt: c.Standing.Since, Reason: reason, ByID: by.ID, By: by.Name}
		b.attend(now)
		return nil
	})
	if err != nil {
		return err
	}
	return s.Attend(ctx, id)
}

// mayMove refuses what would leave a couple with two turns or two currencies.
func (s *Service) mayMove(ctx context.Context, b *Booking, to *retreats.Cohort) error {
	if len(b.Payments) > 0 && to.Price.Currency != b.Price.Currency {
		return errCurrency
	}
	others, err := s.Others(ctx, b)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.Booking.CohortID == to.ID {
			return errThere
		}
	}
	return nil
}

// move does the next part of a move: the turn there, the booking, the turn
// here. Each part can be done twice.
func (s *Service) move(ctx context.Context, c Case) error {
	b, m := c.Booking, *c.Booking.Moving
	by := audit.By{ID: m.ByID, Name: m.By}
	if b.CohortID == m.From {
		if c.Standing.State == retreats.Held || c.Standing.State == retreats.Confirmed {
			// It has taken a place since: it keeps that, and its money.
			return errors.Join(errNotWaiting, s.endMove(ctx, b.ID, m))
		}
		_, err := s.retreats.JoinAt(ctx, m.To, b.ID, m.JoinedAt)
		if refused(err) {
			// Full or closed since it was begun: the couple stays where it is.
			return errors.Join(err, s.endMove(ctx, b.ID, m))
		}
		if err != nil {
			return err
		}
		return s.arrive(ctx, b.ID, m, by)
	}
	_, err := s.retreats.Remove(ctx, m.From, b.ID, fmt.Sprintf("Moved to other dates: %s", m.Reason), by)
	if errors.Is(err, retreats.ErrNotWaiting) {
		// A place may have been offered to it there in the meantime.
		err = s.retreats.Release(ctx, m.From, b.ID)
	}
	if err != nil {
		return err
	}
	return s.endMove(ctx, b.ID, m)
}

// isOn reports whether the couple is still on this way: another process may have
// come to its end.
func (b *Booking) isOn(m Move) bool {
	on := b.Moving
	return on != nil && on.From == m.From && on.To == m.To && on.JoinedAt.Equal(m.JoinedAt)
}

// endMove notes that the couple is not on its way any more.
func (s *Service) endMove(ctx context.Context, id string, m Move) error {
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		if !b.isOn(m) {
			return nil
		}
		b.Moving = nil
		b.attend(now)
		return nil
	})
}

// arrive makes the booking one of the other cohort. What belonged to the dates
// it waited for stays behind; the terms of these are accepted with the couple's
// answer to an offer.
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
		if b.CohortID != m.From || !b.isOn(m) {
			return nil
		}
		b.CohortID, b.LinksUntil = m.To, linksUntil(to)
		b.Charges, b.Replies, b.Attendance, b.Consents = nil, nil, nil, [2]*Consent{}
		b.leaveDrivers()
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
