package booking

import (
	"time"

	"lantern/internal/money"
)

// Due is what of a later charge is asked of one partner, or of both together,
// and how it is to come: what has to be said of it.
type Due struct {
	Charge Charge
	// Share is whose part it is; nil where the couple pays together.
	Share *int
	// Open is what is still owed of it.
	Open money.Amount
	// Card is what it is charged to, Owner whose that is; nil without one.
	Card  *SavedCard
	Owner int
	// ChargeAt is when the card is next charged by itself; nil if it is not.
	ChargeAt *time.Time
	// Since is when it began to be asked: on its day, or when what had held it
	// back went away after that [D13].
	Since time.Time
	// Last is the last try to charge it; nil if there was none.
	Last *Try
}

// Dues are the parts of the charges after the first that are open, in the order
// in which they are due. There are none once the booking is over.
func (c Case) Dues() []Due {
	b := c.Booking
	if b.IsOver() {
		return nil
	}
	var open []Due
	for _, p := range b.parts() {
		d := Due{Charge: p.charge, Share: p.share, Open: b.openShare(p.charge, p.share), Since: p.charge.DueAt}
		if d.Open.IsZero() {
			continue
		}
		d.Card, d.Owner = b.CardFor(p.share)
		if at, charges := c.chargeAt(p); charges {
			d.ChargeAt = &at
		}
		if free := b.freeSince(); free.After(d.Since) {
			d.Since = free
		}
		for _, t := range b.Tries {
			if t.isOf(p.charge.ID, p.share) {
				d.Last = &t
			}
		}
		open = append(open, d)
	}
	return open
}

// IsCharging reports whether a card is being charged for it now.
func (d Due) IsCharging() bool { return d.Last != nil && d.Last.isOpen() }

// Failed is the last try, if it failed and the card is still the one to charge
// or none is.
func (d Due) Failed() (Try, bool) {
	if d.Last == nil || d.Last.State != TryFailed || (d.Card != nil && d.Card.MethodID != d.Last.MethodID) {
		return Try{}, false
	}
	return *d.Last, true
}

// Left is what of a payment is with us.
func (b *Booking) Left(p Payment) money.Amount { return b.remaining(p) }

// Payment finds a payment by its id.
func (b *Booking) Payment(id string) (Payment, bool) { return b.payment(id) }

// Last4 is what the owner knows the card of a try by; empty if that is not
// known.
func (b *Booking) Last4(t Try) string {
	if card := b.Cards[t.Partner]; card != nil && card.MethodID == t.MethodID {
		return card.Last4
	}
	for _, past := range b.PastCards {
		if past.MethodID == t.MethodID {
			return past.Last4
		}
	}
	return ""
}

// GivenUp are the refunds that have failed and are not tried again: their money
// is owed back, and people have to see to it.
func (c Case) GivenUp() []Refund {
	var all []Refund
	for _, r := range c.Booking.Refunds {
		if r.isStuck() && r.Try+1 >= refundTries && !c.Booking.owedBack(r, c.Standing).IsZero() {
			all = append(all, r)
		}
	}
	return all
}
