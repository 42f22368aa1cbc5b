package booking

import (
	"context"
	"errors"
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
// ErrPaid, ErrOver, ErrCharging and retreats.ErrNotHeld when there is nothing
// to pay.
func (s *Service) Pay(ctx context.Context, id string, o Order) (string, error) {
	if err := o.check(); err != nil {
		return "", err
	}
	for range payTries {
		try, fresh, err := s.startPage(ctx, id, o)
		switch {
		case errors.Is(err, errOtherPage):
			if err := s.endPage(ctx, id, try.ID); err != nil {
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
		ours := !errors.Is(err, stripepay.ErrKeyReused)
		if (fresh && ours) || !neverOpened(err) {
			return page.URL, err
		}
		// A try of some minutes ago whose opening failed, and which is too
		// short for Stripe by now, or one whose key Stripe knows from before:
		// another one begins.
	}
	return "", errOtherPage
}

func (o Order) check() error {
	if err := checkPartner(o.Partner); err != nil || o.Share == nil {
		return err
	}
	return checkPartner(*o.Share)
}

func (s *Service) startPage(ctx context.Context, id string, o Order) (try Checkout, fresh bool, err error) {
	c, err := s.Case(ctx, id)
	if err != nil {
		return Checkout{}, false, err
	}
	err = s.bookings.Update(ctx, id, func(b *Booking) (err error) {
		before := len(b.Checkouts)
		try, err = c.with(b).startCheckout(o, s.now())
		fresh = len(b.Checkouts) > before
		return err
	})
	return try, fresh, err
}

// endPage closes another card page for the same money. If it was paid in the
// meantime, that money is taken in.
func (s *Service) endPage(ctx context.Context, id, try string) error {
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
		Meta: store.Meta{ID: e.ID}, Type: e.Type, ObjectID: e.ObjectID, PaymentID: e.PaymentIntentID, ReceivedAt: now, ActAt: &now,
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
