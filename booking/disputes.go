package booking

import (
	"context"
	"slices"
	"time"

	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// Dispute is a payment that the card's owner asks their bank to undo.
type Dispute struct {
	// ID is Stripe's.
	ID        string                 `json:"id"`
	PaymentID string                 `json:"payment_id"`
	Amount    money.Amount           `json:"amount"`
	Reason    string                 `json:"reason,omitempty"`
	State     stripepay.DisputeState `json:"state"`
	// DueBy is when evidence has to be at Stripe; zero if none is asked for.
	DueBy    time.Time  `json:"due_by,omitzero"`
	Answered bool       `json:"answered,omitempty"`
	At       time.Time  `json:"at"`
	ClosedAt *time.Time `json:"closed_at,omitempty"`
}

// HasOpenDispute reports whether a payment is disputed now.
func (b *Booking) HasOpenDispute() bool {
	return slices.ContainsFunc(b.Disputes, func(d Dispute) bool { return d.State.Open() })
}

// disputedAway is what of a payment Stripe has taken back because of disputes.
func (b *Booking) disputedAway(paymentID string) money.Amount {
	away := b.zero()
	for _, d := range b.Disputes {
		if d.PaymentID == paymentID && d.State.Takes() {
			away = away.Plus(d.Amount)
		}
	}
	return away
}

// DisputedAway is what of the couple's money Stripe has taken back because of
// disputes.
func (b *Booking) DisputedAway() money.Amount {
	return b.sum("", func(p Payment) money.Amount { return b.disputedAway(p.ID) })
}

// noteDispute takes in how a dispute stands. Hearing the same twice changes
// nothing; one that is closed stays so.
func (b *Booking) noteDispute(there stripepay.Dispute, now time.Time) {
	line := Dispute{
		ID: there.ID, PaymentID: there.PaymentIntentID, Amount: there.Amount, Reason: there.Reason,
		State: there.State, DueBy: there.DueBy, Answered: there.Answered, At: there.CreatedAt,
	}
	if line.Amount.Currency != b.Price.Currency {
		// It could not be added up: it counts as all of the payment.
		p, _ := b.payment(line.PaymentID)
		line.Amount = money.Of(p.Amount.Minor, b.Price.Currency)
	}
	if !there.State.Open() {
		line.ClosedAt = &now
	}
	b.Disputes = slices.Clone(b.Disputes)
	i := slices.IndexFunc(b.Disputes, func(d Dispute) bool { return d.ID == there.ID })
	switch {
	case i < 0:
		b.Disputes = append(b.Disputes, line)
	case b.Disputes[i].State == line.State && b.Disputes[i].Answered == line.Answered && b.Disputes[i].DueBy.Equal(line.DueBy):
		return
	case b.Disputes[i].ClosedAt != nil && line.ClosedAt == nil && b.Disputes[i].State != stripepay.DisputeWarningClosed:
		return // what was asked before came after; only a question may become a dispute yet
	default:
		if b.Disputes[i].ClosedAt != nil && line.ClosedAt != nil {
			line.ClosedAt = b.Disputes[i].ClosedAt
		}
		b.Disputes[i] = line
	}
	b.attend(now)
	b.replan(now)
}

// syncDispute asks Stripe how a dispute stands and notes it.
func (s *Service) syncDispute(ctx context.Context, disputeID string) error {
	there, err := s.pay.Dispute(ctx, disputeID)
	if err != nil {
		return ignoring(err, stripepay.ErrNotFound)
	}
	if there.BookingID == "" {
		return nil
	}
	err = s.update(ctx, there.BookingID, func(b *Booking, now time.Time) error {
		b.noteDispute(there, now)
		return nil
	})
	if err != nil {
		return ignoring(err, store.ErrNotFound)
	}
	s.attendFor(ctx, there.BookingID)
	return nil
}
