package booking

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// act does what an event is about, by asking for the object's present state:
// events come late, twice and out of order.
func (s *Service) act(ctx context.Context, e *event) error {
	if e.ActAt == nil {
		return nil
	}
	var err error
	switch {
	case strings.HasPrefix(e.Type, "checkout.session."):
		err = s.sync(ctx, e.ObjectID)
	case strings.HasPrefix(e.Type, "payment_intent."):
		err = s.syncIntent(ctx, e.ObjectID)
	case strings.HasPrefix(e.Type, "refund."), e.Type == stripepay.EventChargeRefundUpdated:
		err = s.syncRefund(ctx, e.ObjectID)
	case e.Type == stripepay.EventChargeRefunded:
		err = s.syncRefunds(ctx, e.PaymentID)
	case strings.HasPrefix(e.Type, "charge.dispute."):
		err = s.syncDispute(ctx, e.ObjectID)
	}
	if err != nil {
		return fmt.Errorf("acting on event %s (%s): %w", e.ID, e.Type, err)
	}
	return s.events.Update(ctx, e.ID, func(e *event) error {
		e.ActAt = nil
		return nil
	})
}

// syncRefund asks Stripe how a refund stands and notes it. One that was made
// there by hand becomes a line of the booking whose payment it returns.
func (s *Service) syncRefund(ctx context.Context, refundID string) error {
	there, err := s.pay.Refund(ctx, refundID)
	if err != nil {
		return ignoring(err, stripepay.ErrNotFound)
	}
	return s.noteRefunds(ctx, []stripepay.Refund{there})
}

// syncRefunds is syncRefund for all of a payment.
func (s *Service) syncRefunds(ctx context.Context, paymentID string) error {
	if paymentID == "" {
		return nil
	}
	there, err := s.pay.Refunds(ctx, paymentID)
	if err != nil {
		return ignoring(err, stripepay.ErrNotFound)
	}
	return s.noteRefunds(ctx, there)
}

// noteRefunds takes in refunds of one payment as they stand at Stripe.
func (s *Service) noteRefunds(ctx context.Context, there []stripepay.Refund) error {
	if len(there) == 0 || there[0].OfBooking == "" {
		return nil
	}
	id := there[0].OfBooking
	c, err := s.Case(ctx, id)
	if err != nil {
		return ignoring(err, store.ErrNotFound)
	}
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		fresh := c.with(b)
		for _, r := range there {
			fresh.hearRefund(r, now)
		}
		return nil
	})
	if err != nil {
		return ignoring(err, store.ErrNotFound)
	}
	s.attendFor(ctx, id)
	return nil
}
