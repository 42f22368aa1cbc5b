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

// payTries bounds how often Pay starts anew, so that two partners who both
// press the button do not take the page from each other for ever.
const payTries = 4

// Pay opens a card page for a charge and returns its address. Stripe is called
// after the try has been written down, and nothing is locked meanwhile.
// ErrPaid, ErrOver and retreats.ErrNotHeld when there is nothing to pay.
func (s *Service) Pay(ctx context.Context, id, chargeID string, partner int) (string, error) {
	for range payTries {
		try, fresh, err := s.startTry(ctx, id, chargeID, partner)
		switch {
		case errors.Is(err, errPartnerPays):
			if err := s.endPartners(ctx, id, try.ID); err != nil {
				return "", err
			}
			continue
		case err != nil:
			return "", err
		case try.URL != "":
			return try.URL, nil
		}
		b, err := s.bookings.Get(ctx, id)
		if err != nil {
			return "", err
		}
		page, err := s.openCheckout(ctx, b, try.ID)
		if fresh || !neverOpened(err) {
			return page.URL, err
		}
		// A try of some minutes ago whose opening failed, and which is too
		// short for Stripe by now: another one begins.
	}
	return "", errPartnerPays
}

func (s *Service) startTry(ctx context.Context, id, chargeID string, partner int) (try Checkout, fresh bool, err error) {
	c, err := s.Case(ctx, id)
	if err != nil {
		return Checkout{}, false, err
	}
	err = s.bookings.Update(ctx, id, func(b *Booking) (err error) {
		before := len(b.Checkouts)
		try, err = b.startCheckout(chargeID, partner, c.Standing, s.now())
		fresh = len(b.Checkouts) > before
		return err
	})
	return try, fresh, err
}

// endPartners closes the other partner's card page. If it was paid in the
// meantime, that money is taken in.
func (s *Service) endPartners(ctx context.Context, id, try string) error {
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := s.endCheckout(ctx, b, try); err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
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
	s.attendFor(ctx, page.BookingID)
	return nil
}

// TakeEvent stores a word from Stripe and acts on it. An error asks Stripe to
// say it again; a pass takes up what was stored and not acted on.
func (s *Service) TakeEvent(ctx context.Context, e stripepay.Event) error {
	now := s.now()
	err := s.events.Insert(ctx, &event{
		Meta: store.Meta{ID: e.ID}, Type: e.Type, ObjectID: e.ObjectID, ReceivedAt: now, ActAt: &now,
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
	if e.ActAt == nil {
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
		e.ActAt = nil
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
