package booking

import (
	"slices"
	"time"

	"lantern/internal/money"
)

// Part is what is open of a charge for one card: all of it, or one partner's
// part where the couple has split its payments.
type Part struct {
	// Share is whose part it is, nil for all of it.
	Share  *int
	Amount money.Amount
	// Card is the saved card that pays it, nil without one; Partner is whose.
	Card    *SavedCard
	Partner int
	// At is when the card is next charged by itself, nil when it is not: there
	// is no card, something holds charges back, or it is not tried again.
	At *time.Time
	// Failed is the last try of this card for the part, nil if it did not fail.
	// Without a card it is that of the last one.
	Failed *Try
}

// OpenParts are the parts of a charge that are still owed, with what becomes of
// them if nobody does anything.
func (c Case) OpenParts(charge Charge) []Part {
	b := c.Booking
	shares := []*int{nil}
	if b.Split != nil {
		shares = []*int{new(0), new(1)}
	}
	first := len(b.Charges) > 0 && charge.ID == b.Charges[0].ID
	var open []Part
	for _, share := range shares {
		p := Part{Share: share, Amount: b.openShare(charge, share)}
		if p.Amount.IsZero() {
			continue
		}
		if !first { // what makes the place theirs is never charged by itself
			p.Card, p.Partner = b.CardFor(share)
			if at, charges := c.chargeAt(part{charge: charge, share: share}); charges {
				p.At = &at
			}
			p.Failed = b.failedTry(charge.ID, share, p.Card)
		}
		open = append(open, p)
	}
	return open
}

// failedTry is the last try of the part, if it failed and the card has not been
// changed since.
func (b *Booking) failedTry(chargeID string, share *int, card *SavedCard) *Try {
	for _, t := range slices.Backward(b.Tries) {
		if !t.isOf(chargeID, share) {
			continue
		}
		if t.State != TryFailed || (card != nil && card.MethodID != t.MethodID) {
			return nil
		}
		return &t
	}
	return nil
}
