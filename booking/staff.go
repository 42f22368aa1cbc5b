package booking

import (
	"context"
	"errors"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/retreats"
)

// OfferByHand offers a free place to a couple that waits, and lets it know.
func (s *Service) OfferByHand(ctx context.Context, id, reason string, by audit.By) error {
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return err
	}
	if _, err := s.retreats.OfferByHand(ctx, b.CohortID, id, reason, by); err != nil {
		return err
	}
	return s.tellOffer(ctx, retreats.OfferedPlace{Cohort: b.CohortID, Booking: id})
}

var errNotGivenUp = fault.New(fault.Conflict, "This place was not given up a moment ago.")

// GiveBack gives a couple the place again that it gave up by mistake, while
// the place is kept back [D8].
func (s *Service) GiveBack(ctx context.Context, id string, by audit.By) error {
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return err
	}
	if b.Cancellation == nil || b.Cancellation.ByPractice || b.Cancellation.ReturnedAt != nil {
		return errNotGivenUp
	}
	// Should this be cut off in between, the booking is still over, and whoever
	// looks at it then releases the place again.
	err = s.bookings.Update(ctx, id, func(b *Booking) error {
		b.attend(s.now().Add(checkoutGrace))
		return nil
	})
	if err != nil {
		return err
	}
	standing, err := s.retreats.TakeBack(ctx, b.CohortID, id, by)
	if err != nil {
		return err
	}
	ctx, cancel := outlasting(ctx)
	defer cancel()
	ended := *b.Cancellation
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		if b.Cancellation != nil && b.Cancellation.ReturnedAt != nil {
			return errNotGivenUp // its money is on the way back by now
		}
		b.Cancellation = nil
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "place given back"})
		if standing.Until != nil {
			b.attend(*standing.Until)
		}
		b.replan(now)
		return nil
	})
	if err != nil {
		s.attendFor(ctx, id) // it is over as before, and gives the place up again
		return err
	}
	// Whoever looked in between has seen a booking that was over with a place,
	// and has released it. Nobody does so any more.
	_, err = s.retreats.TakeBack(ctx, b.CohortID, id, by)
	if errors.Is(err, retreats.ErrNotKeptBack) {
		return errors.Join(err, s.endAgain(ctx, id, ended))
	}
	return err
}

// endAgain is for a booking that was to go on and whose place is gone by now.
func (s *Service) endAgain(ctx context.Context, id string, ended Cancellation) error {
	err := s.update(ctx, id, func(b *Booking, now time.Time) error {
		if !b.IsOver() {
			b.Cancellation = &ended
			b.attend(now)
			b.replan(now)
		}
		return nil
	})
	s.attendFor(ctx, id)
	return err
}
