package booking

import (
	"slices"
	"time"

	"lantern/internal/money"
	"lantern/retreats"
)

// A booking whose money a dispute has taken ends like one that was never paid.
// Should the bank decide for us, the money is here again, and nothing to be for.

// wonAfterwards finds a payment that a dispute has given back after the booking
// had lapsed. What was cancelled has its quote, and a person sees to it.
func (c Case) wonAfterwards() (paymentID string, ok bool) {
	b := c.Booking
	if b.LapsedAt == nil || b.Cancellation != nil || c.Standing.State != retreats.None {
		return "", false
	}
	i := slices.IndexFunc(b.Payments, func(p Payment) bool {
		disputed := slices.ContainsFunc(b.Disputes, func(d Dispute) bool { return d.PaymentID == p.ID })
		return disputed && p.SettledAt != nil && b.returnable(p).Minor > b.stuck(p).Minor
	})
	if i < 0 {
		return "", false
	}
	return b.Payments[i].ID, true
}

// wonTwice is what of a payment paid for something that was paid already, and is
// here since a dispute about it was won: when the payment was decided about,
// nothing of it could go back. While the booking has not ended, nobody else sees
// it.
func (b *Booking) wonTwice(p Payment) money.Amount {
	charge, known := b.Charge(p.ChargeID)
	disputed := slices.ContainsFunc(b.Disputes, func(d Dispute) bool { return d.PaymentID == p.ID && !d.State.Open() })
	if !known || !disputed || p.SettledAt == nil || b.IsOver() {
		return b.zero()
	}
	rest := b.returnable(p).Minus(b.stuck(p))
	rest.Minor = max(0, min(rest.Minor, b.overHere(*charge).Minor))
	return rest
}

// returnWon writes the line that returns it.
func (b *Booking) returnWon(paymentID string, now time.Time) {
	p, ok := b.payment(paymentID)
	if !ok {
		return
	}
	if b.LapsedAt == nil {
		b.refund(paymentID, b.wonTwice(p), RefundTwice, now)
		return
	}
	reason := RefundLate
	if charge, known := b.Charge(p.ChargeID); known && p.Amount.Minor < charge.Amount.Minor {
		reason = RefundPart
	}
	b.refund(paymentID, b.returnable(p).Minus(b.stuck(p)), reason, now)
}
