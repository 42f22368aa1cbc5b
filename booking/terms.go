package booking

import (
	"context"
	"time"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

// acceptanceOf is what a couple agrees to that accepts the cohort's terms.
func acceptanceOf(c *retreats.Cohort, now time.Time) Acceptance {
	statement := c.Policy.Statement(c.StartsOn)
	return Acceptance{At: now, Statement: statement, Hash: retreats.Hash(statement), Policy: c.Policy, Deposit: c.Deposit}
}

// TermsChanged reports whether a couple that has no place yet would get one on
// other terms than those it has accepted: it was moved to other dates, or they
// were changed while it waited. Who holds a place keeps what it agreed to.
func (c Case) TermsChanged() bool {
	b := c.Booking
	if len(b.Charges) > 0 {
		return false
	}
	now := acceptanceOf(c.Cohort, b.Acceptance.At)
	return b.Price != c.Cohort.Price || b.Acceptance.Deposit != now.Deposit || b.Acceptance.Hash != now.Hash
}

// ErrRenew asks for what was not accepted.
var ErrRenew = fault.InvalidFields(fault.Fields{"accept_policy": "Please read the price and the refund policy of these dates and accept them to go on."})

// AcceptTerms agrees to the cohort's terms as they are now, for a couple that
// waits or has an offer.
func (s *Service) AcceptTerms(ctx context.Context, id string) error {
	c, err := s.Case(ctx, id)
	if err != nil || !c.TermsChanged() {
		return err
	}
	return s.bookings.Update(ctx, id, func(b *Booking) error {
		if len(b.Charges) == 0 {
			b.Price, b.Acceptance = c.Cohort.Price, acceptanceOf(c.Cohort, s.now())
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
		b.Price, b.Acceptance = c.Cohort.Price, acceptanceOf(c.Cohort, now)
	}
	charges := b.Charges
	if len(charges) == 0 {
		charges = b.chargesFor(c.Cohort, now)
	}
	return Cost{Price: b.Price, Now: charges[0].Amount}
}
