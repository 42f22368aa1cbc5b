package booking

import (
	"context"
	"slices"
	"time"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// Split says that the two partners pay a part of each charge.
type Split struct {
	// First is the first partner's part, in per cent; the second pays the rest.
	First int       `json:"first"`
	At    time.Time `json:"at"`
	// By is the partner who said so.
	By int `json:"by"`
}

var errSplit = fault.InvalidFields(fault.Fields{"first": "Say what the first of you pays, from 1 to 99 per cent."})

// share is what the partner pays of the charge, all told.
func (b *Booking) share(c Charge, partner int) money.Amount {
	if b.Split == nil {
		return c.Amount
	}
	return c.Amount.Split([]int{b.Split.First, 100 - b.Split.First})[partner]
}

// openShare is what is still owed of a partner's part of the charge, nil
// meaning all of it. The parts always make up what is open: what one has paid
// beyond the own part lessens the other's.
func (b *Booking) openShare(c Charge, partner *int) money.Amount {
	open := b.Open(c)
	if partner == nil || b.Split == nil {
		return open
	}
	own := b.share(c, 0)
	for _, p := range b.Payments {
		if p.ChargeID == c.ID && p.Share != nil && *p.Share == 0 {
			own = own.Minus(b.remaining(p)).Minus(b.waivedOf(p))
		}
	}
	first := money.Of(min(open.Minor, max(0, own.Minor)), open.Currency)
	if *partner == 0 {
		return first
	}
	return open.Minus(first)
}

// OpenShare is what is still owed of the partner's part of the charge: all that
// is open where the couple has not split its payments.
func (b *Booking) OpenShare(c Charge, partner int) money.Amount { return b.openShare(c, &partner) }

// SplitPayments says that each partner pays a part of every charge, or (with
// first 0) that the couple pays together again. It holds for what is still
// open. Pages that are open for another amount end, and who would be charged
// more has to agree anew.
func (s *Service) SplitPayments(ctx context.Context, id string, first, partner int) error {
	if first < 0 || first > 99 {
		return errSplit
	}
	err := s.update(ctx, id, func(b *Booking, now time.Time) error {
		if b.IsOver() {
			return ErrOver
		}
		before := *b
		b.Split = nil
		if first > 0 {
			b.Split = &Split{First: first, At: now, By: partner}
		}
		b.endCardsBeyond(&before, now)
		b.attend(now)
		b.replan(now)
		return nil
	})
	if err == nil {
		s.attendFor(ctx, id)
	}
	return err
}

// endCardsBeyond ends the cards that would be charged more than before: their
// owners have agreed to other amounts, and either partner can split anew.
func (b *Booking) endCardsBeyond(before *Booking, now time.Time) {
	for partner := range b.Cards {
		if slices.ContainsFunc(b.Charges, func(c Charge) bool {
			return b.OpenShare(c, partner).Minor > before.OpenShare(c, partner).Minor
		}) {
			b.endCard(partner, now)
		}
	}
}

// CanPay lists what a partner can pay now, in the order in which it is due.
func (c Case) CanPay() []Charge {
	var open []Charge
	for _, charge := range c.Booking.Charges {
		if _, err := c.payableNow(charge.ID); err == nil {
			open = append(open, charge)
		}
		if c.Standing.State == retreats.Held {
			break // the place first
		}
	}
	return open
}
