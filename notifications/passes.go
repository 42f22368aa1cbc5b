package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/store"
)

// passBatch bounds how much one pass does; the next tick does the rest.
const passBatch = 200

// PlanDue plans the messages of every booking that has changed.
func (s *Service) PlanDue(ctx context.Context, now time.Time) error {
	due, err := s.options.Bookings.PlanDue(ctx, now)
	failed := []error{err}
	for _, b := range due {
		failed = append(failed, s.Replan(ctx, b.ID, now))
	}
	return errors.Join(failed...)
}

// DispatchDue sends what is due, and takes up what a process that did not come
// back had claimed.
func (s *Service) DispatchDue(ctx context.Context, now time.Time) error {
	var failed []error
	for _, state := range []State{Planned, Sending} {
		due, err := s.messages.Find(ctx, store.Query{
			Index: byNext, Equal: []any{state}, To: now.Add(time.Millisecond), Limit: passBatch,
		})
		failed = append(failed, err)
		for _, m := range due.Items {
			if err := s.dispatch(ctx, m.ID, now); err != nil {
				failed = append(failed, fmt.Errorf("sending message %s: %w", m.ID, err))
			}
		}
	}
	return errors.Join(failed...)
}

// dispatch claims one message and brings it to its end or to its next try.
func (s *Service) dispatch(ctx context.Context, id string, now time.Time) error {
	var m Message
	claimed := false
	err := s.messages.Update(ctx, id, func(stored *Message) error {
		if claimed = stored.claim(now); claimed {
			m = *stored
		}
		return nil
	})
	if err != nil || !claimed {
		return err
	}
	state, sent, problem := s.attempt(ctx, m, now)
	err = s.messages.Update(ctx, id, func(stored *Message) error {
		if stored.State != Sending || stored.Tries != m.Tries {
			return nil // the lease has ended and somebody else has taken over
		}
		if problem != nil && state == "" {
			stored.retry(now)
			return nil
		}
		stored.end(state)
		stored.Copy = sent
		return nil
	})
	return errors.Join(problem, err)
}

// attempt decides once more whether the message is to be sent, and sends it.
// It returns the state in which the message ends; an empty one asks for
// another try.
func (s *Service) attempt(ctx context.Context, m Message, now time.Time) (State, *Copy, error) {
	c, err := s.options.Bookings.Case(ctx, m.BookingID)
	if errors.Is(err, store.ErrNotFound) {
		return Withdrawn, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	if _, applies := find(Plan(c, now), m.ID); !applies {
		return Withdrawn, nil, nil
	}
	if !now.Before(m.UsefulUntil) {
		return Missed, nil, nil
	}
	words, err := s.options.Render(m.Rule, s.mailData(c, m, now))
	if err != nil {
		return "", nil, err
	}
	sealed, err := s.seal(m.ID, Body{Text: words.Text, HTML: words.HTML})
	if err != nil {
		return "", nil, err
	}
	to := c.Booking.Partners[m.Partner]
	sent := &Copy{At: now, Name: to.Name, Email: to.Email, Subject: words.Subject, Sealed: sealed}
	if s.options.Send == nil {
		return Sent, sent, nil
	}
	err = s.options.Send(ctx, Outgoing{
		ID: m.ID, Name: to.Name, Email: to.Email, Subject: words.Subject, Text: words.Text, HTML: words.HTML, Date: now,
	})
	switch {
	case err == nil:
		return Sent, sent, nil
	case s.options.Permanent(err):
		return Failed, sent, err
	}
	return "", nil, err
}
