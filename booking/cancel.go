package booking

import (
	"context"
	"errors"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/retreats"
)

// Cancellation is the end of the booking by the couple or by the practice.
type Cancellation struct {
	At time.Time `json:"at"`
	// ByPractice says that the practice ended it: the cohort was called off, or
	// staff ended this booking.
	ByPractice bool `json:"by_practice,omitempty"`
	// Quote is what comes back, as it was shown to who confirmed it; Paid is
	// what of their money was with us then, Percent the share, Why its reason.
	Quote   money.Amount `json:"quote"`
	Paid    money.Amount `json:"paid"`
	Percent int          `json:"percent,omitempty"`
	Why     QuoteReason  `json:"why,omitempty"`
	// ReturnAt is when the refunds are written: after the time in which the
	// booking can be taken back. ReturnedAt is when they were.
	ReturnAt   *time.Time `json:"return_at,omitempty"`
	ReturnedAt *time.Time `json:"returned_at,omitempty"`
	// RefilledAt is when another couple filled the place [D16], Refilled what
	// came back because of it.
	RefilledAt *time.Time    `json:"refilled_at,omitempty"`
	Refilled   *money.Amount `json:"refilled,omitempty"`
}

// refundReason is what the refunds of the cancellation say.
func (c *Cancellation) refundReason() RefundReason {
	switch c.Why {
	case ByNotCleared:
		return RefundNotCleared
	case ByCalledOff:
		return RefundCalledOff
	case ByException:
		return RefundException
	}
	return RefundCancelled
}

// ErrQuoteChanged answers who confirms a quote that does not hold any more:
// midnight has passed, or money has come or gone.
var ErrQuoteChanged = fault.New(fault.Conflict, "What you get back has changed since you saw it. Please look again.")

// ErrBegun answers a couple that cancels when its dates have begun.
var ErrBegun = fault.New(fault.Conflict, "Your dates have begun, so this cannot be done here any more. Please write to us or call us.")

// MayCancel says why the couple cannot cancel by itself, or nil: after the start
// it speaks to people.
func (c Case) MayCancel(now time.Time) error {
	switch {
	case c.Booking.IsOver():
		return ErrOver
	case !now.Before(c.Cohort.Start()):
		return ErrBegun
	}
	return nil
}

// Cancel ends a booking for its couple and returns what the accepted policy
// says. With the quote that the couple has seen it does so only as long as that
// holds. Cancelling twice is harmless.
func (s *Service) Cancel(ctx context.Context, id string, seen *money.Amount) error {
	return s.cancelIf(ctx, id, func(c Case, q Quote) error {
		if err := c.MayCancel(s.now()); err != nil {
			return err
		}
		if seen != nil && *seen != q.Back {
			return ErrQuoteChanged
		}
		return nil
	})
}

// errHasPlace answers who leaves a waitlist with a page from before.
var errHasPlace = fault.New(fault.Conflict, "You have a place by now. If you want to give it up, cancel your booking: you see before what comes back.")

// leave ends the booking of a couple that waits or has not paid. Nobody was
// shown what would come back, so a paid place is not given up by it.
func (s *Service) leave(ctx context.Context, id string) error {
	return s.cancelIf(ctx, id, func(c Case, q Quote) error {
		if c.Standing.State == retreats.Confirmed || !q.Paid.IsZero() {
			return errHasPlace
		}
		return nil
	})
}

// cancelIf ends a booking with its quote, unless that is refused.
func (s *Service) cancelIf(ctx context.Context, id string, refuse func(Case, Quote) error) error {
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	err = s.bookings.Update(ctx, id, func(b *Booking) error {
		now := s.now()
		fresh := c.with(b)
		switch {
		case b.Cancellation != nil:
			return nil
		case b.LapsedAt != nil:
			return ErrOver
		case b.isTransferring():
			return errMoving // what comes back depends on where it goes
		}
		q := fresh.Quote(now)
		if err := refuse(fresh, q); err != nil {
			return err
		}
		fresh.cancel(q, now)
		return nil
	})
	if err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
}

// ReturnAt is when the money of a quote goes back to a couple that cancels now:
// when the place cannot be taken back any more.
func (c Case) ReturnAt(q Quote, now time.Time) time.Time {
	undoable := q.Why == ByPolicy || q.Why == ByNothingPaid
	if undoable && prepares(c.Standing) && c.Cohort.UndoMinutes > 0 {
		return now.Add(time.Duration(c.Cohort.UndoMinutes) * time.Minute)
	}
	return now
}

// cancel ends the booking with a quote.
func (c Case) cancel(q Quote, now time.Time) {
	b, returnAt := c.Booking, c.ReturnAt(q, now)
	b.Cancellation = &Cancellation{At: now, Quote: q.Back, Paid: q.Paid, Percent: q.Percent, Why: q.Why, ReturnAt: &returnAt}
	b.attend(now)
	b.replan(now)
}

// returnQuoted writes the refunds that were quoted, once.
func (b *Booking) returnQuoted(now time.Time) {
	end := b.Cancellation
	if end == nil || end.ReturnAt == nil || end.ReturnedAt != nil || now.Before(*end.ReturnAt) {
		return
	}
	changed := *end
	changed.ReturnedAt = &now
	b.Cancellation = &changed
	b.payBack(changed.Quote, changed.refundReason(), now)
	b.attend(now)
	b.replan(now)
}

// EndingKind is how an organizer ends a booking.
type EndingKind string

// How an organizer ends a booking.
const (
	// EndNotCleared returns everything, since one of the two is not cleared [D11].
	EndNotCleared EndingKind = "not_cleared"
	// EndByPolicy returns what the couple would get back by cancelling.
	EndByPolicy EndingKind = "policy"
	// EndWithAmount returns an amount that the organizer names [D17].
	EndWithAmount EndingKind = "amount"
)

// Ending is what an organizer decides.
type Ending struct {
	Kind EndingKind
	// Amount is what comes back, of EndWithAmount.
	Amount money.Amount
	// Reason is for the couple to read, and for the trail.
	Reason string
	// Seen is what was said to come back when it was decided, nil if nobody
	// looked.
	Seen *money.Amount
}

// errQuoteMoved is ErrQuoteChanged for who works here.
var errQuoteMoved = fault.New(fault.Conflict, "What comes back by the policy has changed since you saw it. Please look again.")

var errNobodyRefused = fault.InvalidFields(fault.Fields{"kind": "Neither of the two is recorded as not cleared."})

// End ends a couple's booking by the practice's decision and returns money. A
// booking that is over already is refused with ErrOver.
func (s *Service) End(ctx context.Context, id string, e Ending, by audit.By) error {
	reason, err := audit.Reason(e.Reason)
	if err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	err = s.bookings.Update(ctx, id, func(b *Booking) error {
		now := s.now()
		switch {
		case b.IsOver():
			return ErrOver
		case b.isTransferring():
			return errMoving
		}
		fresh := c.with(b)
		q, err := fresh.ending(e, now)
		if err != nil {
			return err
		}
		if e.Seen != nil && *e.Seen != fresh.Quote(now).Back {
			return errQuoteMoved
		}
		fresh.cancel(q, now)
		b.Cancellation.ByPractice, b.EndReason = true, reason
		b.Cancellation.ReturnAt = &now
		b.Trail = b.Trail.Add(by, now, audit.Line{
			What: "booking ended", From: q.Paid.String() + " paid", To: q.Back.String() + " goes back", Reason: reason,
		})
		return nil
	})
	if err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
}

// ending is the quote of an organizer's decision.
func (c Case) ending(e Ending, now time.Time) (Quote, error) {
	q := c.Quote(now)
	switch e.Kind {
	case EndNotCleared:
		if !c.Booking.IsNotCleared() {
			return q, errNobodyRefused
		}
		return q, nil
	case EndByPolicy:
		return q, nil
	case EndWithAmount:
		if err := c.Booking.checkBack(e.Amount, q.Paid); err != nil {
			return q, err
		}
		q.Back, q.Why, q.Percent = e.Amount, ByException, 0
		return q, nil
	}
	return q, fault.InvalidFields(fault.Fields{"kind": "Choose what comes back."})
}

// checkBack refuses an amount that cannot be given back.
func (b *Booking) checkBack(amount, most money.Amount) error {
	switch {
	case amount.Currency != b.Price.Currency:
		return fault.InvalidFields(fault.Fields{"amount": "Give the amount in " + b.Price.Currency + ", in which this couple pays."})
	case amount.Minor < 0:
		return fault.InvalidFields(fault.Fields{"amount": "The amount must not be negative."})
	case amount.Minor > most.Minor:
		return fault.InvalidFields(fault.Fields{"amount": "At most " + most.String() + " can go back."})
	}
	return amountFault("amount", amount)
}

// amountFault says by field what is wrong with an amount as such, if anything is.
func amountFault(field string, amount money.Amount) error {
	if err := amount.CheckPrice(); err != nil {
		return fault.InvalidFields(fault.Fields{field: fault.TextOf(err)})
	}
	return nil
}

// tellRefilled lets a booking that was cancelled know that another couple has
// filled its place: all comes back now, less the fee [D16].
func (s *Service) tellRefilled(ctx context.Context, filled retreats.RefilledPlace) error {
	err := s.update(ctx, filled.Booking, func(b *Booking, now time.Time) error {
		b.refilled(now)
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return s.retreats.RefillTold(ctx, filled.Cohort, filled.Booking)
}

// refilled returns what a filled place gives back beyond the quote, once.
func (b *Booking) refilled(now time.Time) {
	end := b.Cancellation
	policy := b.Acceptance.Policy
	if end == nil || end.RefilledAt != nil || end.Why != ByPolicy || end.ByPractice || !policy.HasRefill() {
		return
	}
	b.returnQuoted(now) // what was quoted first
	changed := *b.Cancellation
	changed.RefilledAt = &now
	if extra := changed.Paid.Minus(changed.Quote).Minus(policy.RefillFee); extra.Minor > 0 {
		back := b.payBack(extra, RefundRefilled, now)
		changed.Refilled = &back
	}
	b.Cancellation = &changed
	b.attend(now)
	b.replan(now)
}
