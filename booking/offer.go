package booking

import (
	"context"
	"time"

	"lantern/internal/fault"
)

// Answer is what a couple says to an offer.
type Answer string

// The answers to an offer. Leave also ends a turn on the waitlist.
const (
	AcceptOffer Answer = "accept"
	PassOffer   Answer = "pass"
	LeaveList   Answer = "leave"
)

// AnswerOffer does what the couple says to its offer.
func (s *Service) AnswerOffer(ctx context.Context, id string, answer Answer) error {
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return err
	}
	if b.IsOver() {
		return ErrOver
	}
	say := s.retreats.Pass
	switch answer {
	case AcceptOffer:
		c, err := s.CaseOf(ctx, b)
		if err != nil {
			return err
		}
		if c.TermsChanged() {
			return ErrRenew
		}
		say = s.retreats.Accept
	case PassOffer:
	case LeaveList:
		return s.leave(ctx, id)
	default:
		return fault.InvalidFields(fault.Fields{"answer": "Answer with accept, pass or leave."})
	}
	// The answer is the cohort's to keep, and the booking does not see it. Who
	// dies before the booking has been attended to must not leave a couple with
	// a place and nothing to pay for it with.
	err = s.bookings.Update(ctx, id, func(b *Booking) error {
		if b.Moving != nil {
			return errBeingMoved
		}
		later := s.now().Add(answerGrace)
		b.attend(later)
		b.replan(later)
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := say(ctx, b.CohortID, id); err != nil {
		return err
	}
	s.attendFor(ctx, id)
	// Should this fail, the messages are planned a minute later.
	s.unsaid.add(s.update(ctx, id, func(b *Booking, now time.Time) error {
		b.replan(now)
		return nil
	}))
	return nil
}

// answerGrace is when an answer to an offer is taken up that was cut off.
const answerGrace = time.Minute
