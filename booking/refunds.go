package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// RefundReason says why money goes back.
type RefundReason string

// Why money goes back.
const (
	// RefundLate: it came after the hold had ended and there was no place [D3].
	RefundLate RefundReason = "late"
	// RefundCancelled: the couple has cancelled.
	RefundCancelled RefundReason = "cancelled"
	// RefundCalledOff: the practice has called the dates off [D17].
	RefundCalledOff RefundReason = "called_off"
	// RefundNotCleared: one of the two is not cleared to take part [D11].
	RefundNotCleared RefundReason = "not_cleared"
	// RefundRefilled: another couple has filled the place that was given up [D16].
	RefundRefilled RefundReason = "refilled"
	// RefundException: an organizer has given it back, with a reason [D17].
	RefundException RefundReason = "exception"
	// RefundPart: only a part of what makes the place theirs came in time.
	RefundPart RefundReason = "part"
	// RefundMoved: the dates that they were transferred to cost less.
	RefundMoved RefundReason = "moved"
	// RefundMistake: staff had recorded money that did not come.
	RefundMistake RefundReason = "mistake"
	// RefundTwice: the charge had been paid already.
	RefundTwice RefundReason = "twice"
	// RefundAgain: an earlier refund of this money has failed.
	RefundAgain RefundReason = "again"
	// RefundByHand: it was made at Stripe, not by this program.
	RefundByHand RefundReason = "by_hand"
)

// Refund is money that goes back. The line is written before Stripe is called.
type Refund struct {
	// ID is the idempotency key at Stripe.
	ID        string       `json:"id"`
	PaymentID string       `json:"payment_id"`
	Amount    money.Amount `json:"amount"`
	Reason    RefundReason `json:"reason"`
	At        time.Time    `json:"at"`
	// StripeID and State are empty until Stripe has answered; AskedAt is when
	// it last did.
	StripeID string                `json:"stripe_id,omitempty"`
	State    stripepay.RefundState `json:"state,omitempty"`
	AskedAt  time.Time             `json:"asked_at,omitzero"`
	// Try counts the refunds of the same money that failed before this one.
	Try int `json:"try,omitempty"`
	// Closed says of a failed refund that its money is not owed back by this
	// line any more: another one has taken over, or it pays for a place.
	Closed bool `json:"closed,omitempty"`
	// Waives says that the couple keeps its place without owing this again.
	Waives bool `json:"waives,omitempty"`
	// Reference and By are of a refund that staff made by hand.
	Reference string `json:"reference,omitempty"`
	By        string `json:"by,omitempty"`
}

const (
	// refundAgainTime is how long after a refund has failed it is tried again:
	// what a bank refuses now it will refuse in an hour, too.
	refundAgainTime = 24 * time.Hour
	// refundTries is how often that is done. What failed so often needs people;
	// the line stays there for them to see.
	refundTries = 5
)

// isStuck reports whether the refund has failed and its money is here.
func (r Refund) isStuck() bool { return r.State == stripepay.RefundFailed && !r.Closed }

// refund writes the line that returns what remains of a payment, up to the
// amount. It returns how much that is.
func (b *Booking) refund(paymentID string, most money.Amount, reason RefundReason, now time.Time) money.Amount {
	p, ok := b.payment(paymentID)
	if !ok {
		return b.zero()
	}
	amount := b.returnable(p)
	amount.Minor = min(amount.Minor, most.Minor)
	if amount.Minor <= 0 {
		return b.zero()
	}
	b.Refunds = append(slices.Clone(b.Refunds), Refund{
		ID:        fmt.Sprintf("%s-refund-%d", b.ID, len(b.Refunds)+1),
		PaymentID: paymentID, Amount: amount, Reason: reason, At: now,
	})
	b.attend(now)
	b.replan(now)
	return amount
}

// refunded notes what Stripe says of a refund.
func (b *Booking) refunded(id string, answer stripepay.Refund, now time.Time) {
	for i := range b.Refunds {
		if r := &b.Refunds[i]; r.ID == id {
			if r.State != answer.State {
				b.replan(now)
				b.attend(now)
			}
			r.StripeID, r.State, r.AskedAt = answer.ID, answer.State, now
		}
	}
}

// stuck is what of a payment could not be returned.
func (b *Booking) stuck(p Payment) money.Amount {
	sum := b.zero()
	for _, r := range b.Refunds {
		if r.PaymentID == p.ID && r.isStuck() {
			sum = sum.Plus(r.Amount)
		}
	}
	sum.Minor = min(sum.Minor, b.remaining(p).Minor)
	return sum
}

// HasNothing reports whether no money is with us but what could not be
// returned and still has to be. What a dispute has taken is not with us; should
// it come back, see Case.wonAfterwards.
func (b *Booking) HasNothing() bool {
	return !slices.ContainsFunc(b.Payments, func(p Payment) bool {
		return b.returnable(p).Minor > b.stuck(p).Minor
	})
}

// stuckMoney finds a payment that could not be returned and that the place
// which the couple holds now has to be paid with: they shall not pay twice.
func (b *Booking) stuckMoney() (paymentID string, ok bool) {
	for _, p := range b.Payments {
		charge, known := b.Charge(p.ChargeID)
		if !known || b.stuck(p).IsZero() {
			continue
		}
		if others := b.Kept(p.ChargeID).Minus(b.remaining(p)); others.Minor < charge.Amount.Minor {
			return p.ID, true
		}
	}
	return "", false
}

// useStuck takes money that could not be returned for money that has just come,
// so that it is decided about again.
func (b *Booking) useStuck(paymentID string, now time.Time) {
	p, ok := b.payment(paymentID)
	if !ok || b.stuck(p).IsZero() {
		return // it is on its way back by now
	}
	b.closeRefunds(func(r Refund) bool { return r.PaymentID == paymentID })
	b.Payments = slices.Clone(b.Payments)
	for i := range b.Payments {
		if b.Payments[i].ID == paymentID {
			b.Payments[i].SettledAt = nil
		}
	}
	b.attend(now)
}

func (b *Booking) closeRefunds(which func(Refund) bool) {
	b.Refunds = slices.Clone(b.Refunds)
	for i := range b.Refunds {
		if r := &b.Refunds[i]; r.isStuck() && which(*r) {
			r.Closed = true
		}
	}
}

// owedBack is how much of a refund that failed has to go back: nothing of what
// pays for a place by now, unless it was a present, and nothing that a dispute
// has taken. What was given as a present meanwhile does not make it less.
func (b *Booking) owedBack(r Refund, standing retreats.Standing) money.Amount {
	p, ok := b.payment(r.PaymentID)
	if !ok || !r.isStuck() {
		return b.zero()
	}
	owed := min(r.Amount.Minor, b.returnable(p).Minor)
	charge, known := b.Charge(p.ChargeID)
	hasPlace := standing.State == retreats.Held || standing.State == retreats.Confirmed
	given := r.Waives && r.Reason != RefundByHand // what was made at Stripe is seen to there
	if known && hasPlace && !b.IsOver() && !given {
		owed = min(owed, b.over(*charge).Minor)
	}
	return money.Of(max(0, owed), b.Price.Currency)
}

// refundAgainAt says when a refund that failed is tried again, if it is.
func (b *Booking) refundAgainAt(r Refund, standing retreats.Standing) (time.Time, bool) {
	again := r.isStuck() && r.Try+1 < refundTries && !b.owedBack(r, standing).IsZero()
	return r.AskedAt.Add(refundAgainTime), again
}

// repeatRefund writes a new line for a refund that failed, with a key of its
// own: Stripe answers the old one as before.
func (b *Booking) repeatRefund(id string, standing retreats.Standing, now time.Time) {
	for _, r := range b.Refunds {
		owed := b.owedBack(r, standing)
		if r.ID != id || owed.IsZero() {
			continue
		}
		b.closeRefunds(func(r Refund) bool { return r.ID == id })
		if !b.refund(r.PaymentID, owed, RefundAgain, now).IsZero() {
			again := &b.Refunds[len(b.Refunds)-1]
			again.Try, again.Waives = r.Try+1, r.Waives
		}
		return
	}
}

// hearRefund takes in a refund as it stands at Stripe: one of ours, or one that
// was made there by hand and becomes a line. Who still has its place afterwards
// does not owe that money again. Hearing the same twice changes nothing.
func (c Case) hearRefund(there stripepay.Refund, now time.Time) {
	b := c.Booking
	for _, own := range b.Refunds {
		if own.ID == there.RefundID || own.StripeID == there.ID {
			if own.State != there.State || own.StripeID != there.ID {
				b.refunded(own.ID, there, now)
			}
			return
		}
	}
	p, ok := b.payment(there.PaymentIntentID)
	if !ok || there.State == stripepay.RefundFailed {
		return
	}
	b.Refunds = append(slices.Clone(b.Refunds), Refund{
		ID: there.ID, PaymentID: p.ID, Amount: there.Amount, Reason: RefundByHand, At: there.CreatedAt,
		StripeID: there.ID, State: there.State, AskedAt: now,
		Waives: p.SettledAt != nil && !b.IsOver() && c.Standing.State == retreats.Confirmed,
	})
	b.attend(now)
	b.replan(now)
}

// takeOver brings a refund that Stripe refuses in line with what is true there:
// it was made after all, or it has failed. Money that went back by other hands
// gets a line too. It reports whether the refund was made.
func (c Case) takeOver(line Refund, there []stripepay.Refund, now time.Time) (made bool) {
	b := c.Booking
	for _, r := range there {
		made = made || r.RefundID == line.ID
		c.hearRefund(r, now)
	}
	unheard := slices.ContainsFunc(b.Refunds, func(r Refund) bool {
		return r.ID == line.ID && r.StripeID == line.StripeID && r.State == line.State
	})
	if !made && unheard {
		b.refunded(line.ID, stripepay.Refund{ID: line.StripeID, State: stripepay.RefundFailed}, now)
	}
	return made || !unheard // somebody else has heard of it meanwhile
}

func (s *Service) sendRefund(ctx context.Context, b *Booking, id string) error {
	var line Refund
	for _, r := range b.Refunds {
		if r.ID == id {
			line = r
		}
	}
	answer, err := s.askRefund(ctx, b.ID, line)
	switch {
	case err == nil:
		return s.noteRefund(ctx, b.ID, line.ID, answer)
	case isRefusal(err):
		return s.endRefund(ctx, b.ID, line, err)
	}
	return err
}

// askRefund asks for a refund, or how it is. A line is looked for before it is
// sent: Stripe forgets its key after 24 hours, but not the refund, which our
// records may be too old to know, as after a backup was put back.
func (s *Service) askRefund(ctx context.Context, bookingID string, line Refund) (stripepay.Refund, error) {
	if line.StripeID != "" {
		return s.pay.Refund(ctx, line.StripeID)
	}
	there, err := s.pay.Refunds(ctx, line.PaymentID)
	if err != nil && !errors.Is(err, stripepay.ErrNotFound) {
		return stripepay.Refund{}, err
	}
	for _, r := range there {
		if r.RefundID == line.ID {
			return r, nil
		}
	}
	return s.pay.CreateRefund(ctx, stripepay.RefundParams{
		Key: line.ID, PaymentIntentID: line.PaymentID, Amount: line.Amount, BookingID: bookingID, RefundID: line.ID,
	})
}

// isRefusal reports whether Stripe will answer the same however often it is
// asked.
func isRefusal(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.Conflict || kind == fault.NotFound || kind == fault.Invalid || stripepay.Replayed(err)
}

// endRefund brings a refund that Stripe refuses to its end by what is true
// there. One that was not made is an error, once.
func (s *Service) endRefund(ctx context.Context, bookingID string, line Refund, refusal error) error {
	there, err := s.pay.Refunds(ctx, line.PaymentID)
	if err != nil && !errors.Is(err, stripepay.ErrNotFound) {
		return errors.Join(refusal, err)
	}
	c, err := s.Case(ctx, bookingID)
	if err != nil {
		return errors.Join(refusal, err)
	}
	made := false
	err = s.update(ctx, bookingID, func(b *Booking, now time.Time) error {
		made = c.with(b).takeOver(line, there, now)
		return nil
	})
	if made || err != nil {
		return err
	}
	return fmt.Errorf("refund %s was not made: %w", line.ID, refusal)
}

func (s *Service) noteRefund(ctx context.Context, bookingID, lineID string, answer stripepay.Refund) error {
	return s.update(ctx, bookingID, func(b *Booking, now time.Time) error {
		b.refunded(lineID, answer, now)
		return nil
	})
}
