package booking

import (
	"context"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// PlanFor is what a couple would owe that came to hold a place now, at the price
// that it was quoted: the deposit at once and the rest later as the cohort says,
// or the whole price when nothing of the rest would be due later [D12].
func PlanFor(c *retreats.Cohort, q retreats.Quote, now time.Time) []Charge {
	rest := q.Price.Minus(q.Deposit)
	planned := c.Rest(rest, now)
	if rest.IsZero() || len(planned) == 0 {
		return []Charge{{ID: FullCharge, Amount: q.Price, DueAt: now}}
	}
	charges := []Charge{{ID: DepositCharge, Amount: q.Deposit, DueAt: now}}
	for _, p := range planned {
		id := BalanceCharge
		if len(c.Instalments) > 0 {
			id = InstalmentCharge(p.Number)
		}
		charges = append(charges, Charge{ID: id, Amount: p.Amount, DueAt: p.DueAt, DaysBefore: p.DaysBefore})
	}
	return charges
}

// chargesFor is what the couple owes that comes to hold a place now, of the
// price that it agreed to.
func (b *Booking) chargesFor(c *retreats.Cohort, now time.Time) []Charge {
	return PlanFor(c, retreats.Quote{Price: b.Price, Deposit: b.Acceptance.Deposit}, now)
}

// makeCharges notes what the couple owes, once.
func (b *Booking) makeCharges(c *retreats.Cohort, now time.Time) {
	if len(b.Charges) == 0 {
		b.Charges = b.chargesFor(c, now)
		b.replan(now)
	}
}

// Grant gives a couple a lower price, such as by a sliding scale, with a
// reason. What is still open gets less, from the last charge back; what has been
// paid stays paid.
func (s *Service) Grant(ctx context.Context, id string, price money.Amount, reason string, by audit.By) error {
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		before := b.Price
		if err := b.grant(price, c.Cohort, now); err != nil {
			return err
		}
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "price", From: before.String(), To: price.String(), Reason: reason})
		return nil
	})
	if err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
}

func (b *Booking) grant(price money.Amount, c *retreats.Cohort, now time.Time) error {
	least := b.KeptInAll()
	for _, charge := range b.Charges {
		least = least.Plus(b.waived(charge.ID))
	}
	text := ""
	switch {
	case b.IsOver():
		return ErrOver
	case price.Currency != b.Price.Currency:
		text = "Give the price in " + b.Price.Currency + ", in which this couple pays."
	case price.Minor <= 0:
		text = "The price must be more than nothing."
	case price.Minor >= b.Price.Minor:
		text = "A price that is granted is lower than " + b.Price.String() + "."
	case price.Minor < least.Minor:
		text = "They have paid " + least.String() + " already. Give that much, and what is more back as money."
	}
	if text != "" {
		return fault.InvalidFields(fault.Fields{"price": text})
	}
	if err := amountFault("price", price); err != nil {
		return err
	}
	less := b.Price.Minus(price)
	b.Reductions = append(slices.Clone(b.Reductions), retreats.Reduction{Kind: retreats.SlidingReduction, Amount: less})
	b.Price = price
	b.Acceptance.Deposit = c.DepositOf(price)
	b.lower(less, now)
	b.attend(now)
	b.replan(now)
	return nil
}

// lower takes so much off what is open, from the last charge back.
func (b *Booking) lower(less money.Amount, now time.Time) {
	b.Charges = slices.Clone(b.Charges)
	for i := len(b.Charges) - 1; i >= 0 && !less.IsZero(); i-- {
		charge := &b.Charges[i]
		off := money.Of(min(less.Minor, b.Open(*charge).Minor), less.Currency)
		if off.IsZero() {
			continue
		}
		charge.ChangedFrom = append(slices.Clone(charge.ChangedFrom), ChangedAmount{Amount: charge.Amount, At: now})
		charge.Amount = charge.Amount.Minus(off)
		less = less.Minus(off)
	}
}
