package booking

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Pay opens a card page for a charge and returns its address. Stripe is called
// after the try has been written down, and nothing is locked meanwhile.
// ErrPaid, ErrOver and retreats.ErrNotHeld when there is nothing to pay.
func (s *Service) Pay(ctx context.Context, id, chargeID string, partner int) (string, error) {
	c, err := s.Case(ctx, id)
	if err != nil {
		return "", err
	}
	var try Checkout
	err = s.bookings.Update(ctx, id, func(b *Booking) error {
		var err error
		try, err = b.startCheckout(chargeID, partner, c.Standing, s.now())
		return err
	})
	if err != nil {
		return "", err
	}
	if try.URL != "" {
		return try.URL, nil
	}
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return "", err
	}
	page, err := s.openCheckout(ctx, b, try.ID)
	return page.URL, err
}

// SyncCheckout asks Stripe what is true of a card page now and acts on it. It
// does nothing for a page that is not ours or belongs to another booking.
func (s *Service) SyncCheckout(ctx context.Context, bookingID, sessionID string) error {
	b, err := s.bookings.Get(ctx, bookingID)
	if err != nil {
		return err
	}
	for _, c := range b.Checkouts {
		if c.SessionID == sessionID && !c.Ended {
			return s.sync(ctx, sessionID)
		}
	}
	return nil
}

func (s *Service) sync(ctx context.Context, sessionID string) error {
	page, err := s.pay.Checkout(ctx, sessionID)
	if errors.Is(err, stripepay.ErrNotFound) {
		return nil // of another account, or of a sandbox that was emptied
	}
	if err != nil {
		return err
	}
	if page.BookingID == "" {
		return nil // a page that somebody else opened in the same account
	}
	err = s.observe(ctx, page.BookingID, page)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Attend(ctx, page.BookingID)
}

// TakeEvent stores a word from Stripe and acts on it. An error asks Stripe to
// say it again; a pass takes up what was stored and not acted on.
func (s *Service) TakeEvent(ctx context.Context, e stripepay.Event) error {
	now := s.now()
	err := s.events.Insert(ctx, &event{
		Meta: store.Meta{ID: e.ID}, Type: e.Type, ObjectID: e.ObjectID, ReceivedAt: now, PendingSince: &now,
	})
	if err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	stored, err := s.events.Get(ctx, e.ID)
	if err != nil {
		return err
	}
	return s.act(ctx, stored)
}

// act does what an event is about, by asking for the object's present state:
// events come late, twice and out of order.
func (s *Service) act(ctx context.Context, e *event) error {
	if e.PendingSince == nil {
		return nil
	}
	var err error
	switch {
	case strings.HasPrefix(e.Type, "checkout.session."):
		err = s.sync(ctx, e.ObjectID)
	case strings.HasPrefix(e.Type, "refund."), e.Type == "charge.refund.updated":
		err = s.syncRefund(ctx, e.ObjectID)
	}
	if err != nil {
		return fmt.Errorf("acting on event %s (%s): %w", e.ID, e.Type, err)
	}
	return s.events.Update(ctx, e.ID, func(e *event) error {
		e.PendingSince = nil
		return nil
	})
}

func (s *Service) syncRefund(ctx context.Context, refundID string) error {
	answer, err := s.pay.Refund(ctx, refundID)
	if errors.Is(err, stripepay.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if answer.BookingID == "" {
		return nil
	}
	err = s.noteRefund(ctx, answer.BookingID, answer.RefundID, answer)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// ParseEvent checks the signature of what came to the webhook and reads it.
func (s *Service) ParseEvent(payload []byte, signature string) (stripepay.Event, error) {
	return s.pay.ParseEvent(payload, signature)
}

// tellOffer lets a booking know that its couple has been offered a place.
func (s *Service) tellOffer(ctx context.Context, offered retreats.OfferedPlace) error {
	err := s.update(ctx, offered.Booking, func(b *Booking, now time.Time) error {
		b.attend(now)
		b.replan(now)
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		// The booking is gone: nobody could take the place.
		return s.retreats.Release(ctx, offered.Cohort, offered.Booking)
	}
	if err != nil {
		return err
	}
	return s.retreats.Told(ctx, offered.Cohort, offered.Booking)
}
