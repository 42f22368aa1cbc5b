package booking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// tryAskAfter is how long after a try was written down its first call, which may
// have been cut off, has arrived if it ever does.
const tryAskAfter = 30 * time.Second

// startTry writes down what is charged to a saved card, decided anew on what
// the booking says when it is saved.
func (s *Service) startTry(ctx context.Context, c Case) error {
	return s.bookings.Update(ctx, c.Booking.ID, func(b *Booking) error {
		now := s.now()
		fresh := c.with(b)
		if p, due, _ := fresh.chargeDue(now); due {
			b.startTry(p, now)
		}
		return nil
	})
}

// sendTry charges the card of a try, or finds out what came of it.
func (s *Service) sendTry(ctx context.Context, c Case, id string) error {
	b := c.Booking
	var line Try
	for _, t := range b.Tries {
		if t.ID == id {
			line = t
		}
	}
	intent, err := s.askTry(ctx, c, line)
	switch {
	case err == nil:
		return s.hear(ctx, b.ID, intent)
	case errors.Is(err, errDropped):
		return s.update(ctx, b.ID, func(b *Booking, now time.Time) error {
			b.endTry(id, TryDropped, "", now)
			return nil
		})
	case isRefusal(err):
		code, _ := stripepay.Code(err)
		if code == "" {
			code = "refused"
		}
		return errors.Join(fmt.Errorf("try %s was refused: %w", id, err), s.update(ctx, b.ID, func(b *Booking, now time.Time) error {
			b.endTry(id, TryFailed, code, now)
			return nil
		}))
	}
	return err
}

// errDropped: Stripe has not heard of the try, and must not hear of it now.
var errDropped = errors.New("the try is not to be sent any more")

func (s *Service) askTry(ctx context.Context, c Case, line Try) (stripepay.PaymentIntent, error) {
	if line.IntentID != "" {
		return s.pay.PaymentIntent(ctx, line.IntentID)
	}
	b := c.Booking
	// Stripe forgets a key after 24 hours, but not the payment: one whose answer
	// was lost, or that our records are too old to know, as after a backup was put
	// back.
	there, err := s.pay.IntentsOf(ctx, line.CustomerID, b.CreatedAt.Add(-time.Hour))
	if err != nil && !errors.Is(err, stripepay.ErrNotFound) {
		return stripepay.PaymentIntent{}, err
	}
	for _, intent := range there {
		if intent.TryID == line.ID {
			return intent, nil
		}
	}
	for _, intent := range there {
		if _, known := b.payment(intent.ID); known || intent.BookingID != b.ID || intent.State != stripepay.IntentSucceeded {
			continue
		}
		// What is owed then is charged by another try.
		return stripepay.PaymentIntent{}, cmp.Or(s.hear(ctx, b.ID, intent), errDropped)
	}
	if !c.maySend(line, s.now()) {
		return stripepay.PaymentIntent{}, errDropped
	}
	return s.pay.ChargeCard(ctx, stripepay.ChargeParams{
		Key: line.ID, BookingID: b.ID, ChargeID: line.ChargeID, TryID: line.ID, Amount: line.Amount,
		Description: describe(b), StatementSuffix: suffix(b), CustomerID: line.CustomerID, PaymentMethodID: line.MethodID,
	})
}

// describe and suffix are what a payer reads of the booking, on card pages and
// on the card's statement. They stay discreet [D38].
func describe(b *Booking) string { return "Reservation " + b.Ref }

func suffix(b *Booking) string { return "REF " + b.Ref }

// hear takes in how a payment intent stands.
func (s *Service) hear(ctx context.Context, bookingID string, intent stripepay.PaymentIntent) error {
	return s.update(ctx, bookingID, func(b *Booking, now time.Time) error {
		if intent.Amount.Currency != b.Price.Currency {
			return fmt.Errorf("money in %s came for a price in %s", intent.Amount.Currency, b.Price.Currency)
		}
		b.heard(intent, now)
		return nil
	})
}

// syncIntent asks Stripe how a payment intent stands and acts on it.
func (s *Service) syncIntent(ctx context.Context, intentID string) error {
	intent, err := s.pay.PaymentIntent(ctx, intentID)
	if err != nil {
		return ignoring(err, stripepay.ErrNotFound)
	}
	if intent.BookingID == "" {
		return nil // of somebody else in the same account
	}
	if err := s.hear(ctx, intent.BookingID, intent); err != nil {
		return ignoring(err, store.ErrNotFound)
	}
	s.attendFor(ctx, intent.BookingID)
	return nil
}

// ignoring drops an error that says what may well be.
func ignoring(err, harmless error) error {
	if errors.Is(err, harmless) || (harmless == stripepay.ErrNotFound && fault.KindOf(err) == fault.NotFound) {
		return nil
	}
	return err
}
