package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/retreats"
)

// Consent is one partner's own decision to take part, given on their own link
// for themselves alone. It can be withdrawn at any time before the last
// session.
type Consent struct {
	At time.Time `json:"at"`
	// StartsOn is the first day of the dates that it was given for.
	StartsOn civil.Date `json:"starts_on"`
	// Statement is what was agreed to, word by word; Hash identifies it.
	Statement string `json:"statement"`
	Hash      string `json:"hash"`
}

// PastConsent is a consent that does not hold any more. It stays on record:
// what was agreed to, and until when.
type PastConsent struct {
	Consent
	Partner int       `json:"partner"`
	Until   time.Time `json:"until"`
}

// endConsent puts the partner's consent on record as past, if there is one.
func (b *Booking) endConsent(partner int, now time.Time) {
	if given := b.Consents[partner]; given != nil {
		b.PastConsents = append(slices.Clone(b.PastConsents), PastConsent{Consent: *given, Partner: partner, Until: now})
		b.Consents[partner] = nil
	}
}

// ConsentOf is the partner's consent to the dates as they are now, or nil. One
// for other dates stays in the booking until another is given.
func (c Case) ConsentOf(partner int) *Consent {
	if given := c.Booking.Consents[partner]; given != nil && given.StartsOn == c.Cohort.StartsOn {
		return given
	}
	return nil
}

// ConsentStatement is what a partner agrees to. It is stored with the consent,
// so its wording is kept here and not in a template.
func ConsentStatement(c *retreats.Cohort) string {
	return fmt.Sprintf("I take part in %s, beginning on %s, because I want to. Nobody has pressed me, and my partner decides for themselves. "+
		"I have read what was sent to me and could ask what I wanted to ask. "+
		"I do not drive after a medicine session until the next day, after a night's sleep. "+
		"I can change my mind at any time before a session, and I say so on this page or to those who guide us.",
		c.Name, c.StartsOn.Words())
}

// The named refusals of consent.
var (
	errNoPlaceYet = fault.New(fault.Conflict, "This can be done once you have a place.")
	errNoPartner  = fault.New(fault.NotFound, "There is no such partner.")
)

func checkPartner(partner int) error {
	if partner != 0 && partner != 1 {
		return errNoPartner
	}
	return nil
}

// prepares reports whether the couple has a place to prepare for.
func prepares(s retreats.Standing) bool {
	return s.State == retreats.Held || s.State == retreats.Confirmed
}

// change changes a booking of a couple that has a place.
func (s *Service) change(ctx context.Context, id string, act func(Case, *Booking, time.Time) error) error {
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	if c.Booking.IsOver() {
		return ErrOver
	}
	if !prepares(c.Standing) {
		return errNoPlaceYet
	}
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		if b.IsOver() {
			return ErrOver
		}
		return act(c, b, now)
	})
}

// GiveConsent notes that the partner takes part. Giving it twice is harmless.
func (s *Service) GiveConsent(ctx context.Context, id string, partner int) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		c.Booking = b
		if c.ConsentOf(partner) == nil {
			b.endConsent(partner, now) // one for other dates
			statement := ConsentStatement(c.Cohort)
			b.Consents[partner] = &Consent{At: now, StartsOn: c.Cohort.StartsOn, Statement: statement, Hash: retreats.Hash(statement)}
			b.replan(now)
		}
		return nil
	})
}

// WithdrawConsent notes that the partner does not take part, or not yet. The
// place stays: the couple and those who guide it decide what follows.
func (s *Service) WithdrawConsent(ctx context.Context, id string, partner int) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	return s.change(ctx, id, func(_ Case, b *Booking, now time.Time) error {
		if b.Consents[partner] != nil {
			b.endConsent(partner, now)
			b.replan(now)
		}
		return nil
	})
}
