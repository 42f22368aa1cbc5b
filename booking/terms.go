package booking

import (
	"context"
	"slices"
	"time"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// accept makes the cohort's terms, at the price that was quoted, those that the
// couple has agreed to.
func (b *Booking) accept(c *retreats.Cohort, q retreats.Quote, ip string, now time.Time) {
	b.Price, b.Reductions = q.Price, q.Reductions
	statement := c.Policy.Statement(c.StartsOn)
	b.Acceptance = Acceptance{
		At: now, Statement: statement, Hash: retreats.Hash(statement), Policy: c.Policy, Deposit: q.Deposit,
		ListPrice: c.Price, StartsOn: c.StartsOn, Rest: c.Instalments, IP: ip,
	}
}

// TermsChanged reports whether a couple that has no place yet would get one on
// other terms than those it has accepted: it was moved to other dates, or they
// were changed while it waited. Who holds a place keeps what it agreed to, and
// who waits keeps the price of the day on which it joined: an early bird's, or
// the one that an organizer has granted.
func (c Case) TermsChanged() bool {
	b := c.Booking
	if len(b.Charges) > 0 {
		return false
	}
	accepted := b.Acceptance
	if accepted.ListPrice.Currency == "" {
		accepted.ListPrice = b.Price // accepted when there were no reductions
	}
	return accepted.ListPrice != c.Cohort.Price || accepted.Deposit != c.Cohort.DepositOf(b.Price) ||
		accepted.Hash != retreats.Hash(c.Cohort.Policy.Statement(c.Cohort.StartsOn)) ||
		!slices.Equal(accepted.Rest, c.Cohort.Instalments)
}

// ErrRenew asks for what was not accepted.
var ErrRenew = fault.InvalidFields(fault.Fields{"accept_policy": "Please read the price and the refund policy of these dates and accept them to go on."})

// renewed is the price of the cohort's terms as they are now for a couple that
// came when it did, with the code that it had if that is good for these dates.
func (c Case) renewed() retreats.Quote {
	b := c.Booking
	q, err := c.Cohort.Quote(b.Code, b.CreatedAt)
	if err != nil {
		q, _ = c.Cohort.Quote("", b.CreatedAt) // without a code nothing is refused
	}
	sliding := slices.ContainsFunc(b.Reductions, func(r retreats.Reduction) bool { return r.Kind == retreats.SlidingReduction })
	if sliding && b.Price.Currency == q.Price.Currency && b.Price.Minor < q.Price.Minor {
		q.Reductions = append(slices.Clone(q.Reductions), retreats.Reduction{Kind: retreats.SlidingReduction, Amount: q.Price.Minus(b.Price)})
		q.Price, q.Deposit = b.Price, c.Cohort.DepositOf(b.Price)
	}
	return q
}

// AcceptTerms agrees to the cohort's terms as they are now, for a couple that
// waits or has an offer. IP is where the word came from.
func (s *Service) AcceptTerms(ctx context.Context, id, ip string) error {
	c, err := s.Case(ctx, id)
	if err != nil || !c.TermsChanged() {
		return err
	}
	return s.bookings.Update(ctx, id, func(b *Booking) error {
		if len(b.Charges) == 0 {
			b.accept(c.Cohort, Case{Booking: b, Cohort: c.Cohort}.renewed(), ip, s.now())
		}
		return nil
	})
}

// Cost is what a place costs and what of it is due at once.
type Cost struct{ Price, Now money.Amount }

// DueIfTaken is what the couple pays if it takes the place that it is offered.
func (c Case) DueIfTaken(now time.Time) Cost {
	b := *c.Booking
	if c.TermsChanged() {
		b.accept(c.Cohort, c.renewed(), "", now)
	}
	charges := b.Charges
	if len(charges) == 0 {
		charges = b.chargesFor(c.Cohort, now)
	}
	return Cost{Price: b.Price, Now: charges[0].Amount}
}
