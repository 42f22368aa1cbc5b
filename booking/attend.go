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
	"lantern/retreats"
)

// maxSteps bounds one Attend. A booking needs a handful of steps; more means
// that two of them undo each other, which must not run for ever.
const maxSteps = 50

// Attend does whatever the booking needs done now, step by step, until it can
// rest. It may run at any time, twice, and in two processes at once.
//
// A step that fails does not keep the others waiting: a place is released
// whether or not Stripe makes a refund just now. The booking does not rest
// then; it stays due.
func (s *Service) Attend(ctx context.Context, id string) error {
	var failed []step
	var reasons []error
	for range maxSteps {
		c, err := s.Case(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return errors.Join(reasons...) // discarded
		}
		if err != nil {
			return errors.Join(append(reasons, err)...)
		}
		next := c.next(s.now(), failed...)
		switch {
		case next.kind != rest:
			if err := s.do(ctx, c, next); err != nil {
				failed = append(failed, next)
				reasons = append(reasons, fmt.Errorf("attending to booking %s: %w", id, err))
			}
		case len(failed) > 0:
			return errors.Join(append(reasons, s.noteNeeds(ctx, c))...)
		default:
			if done, err := s.rest(ctx, c, next.at); done || err != nil {
				return err
			}
		}
	}
	return errors.Join(append(reasons, fmt.Errorf("booking %s does not come to rest", id))...)
}

// attendFor attends to a booking for somebody who waits for the answer to what
// has been done already. What follows from it and cannot be done now is not
// their concern: the booking is due, a pass tries again, and reports it.
func (s *Service) attendFor(ctx context.Context, id string) {
	ctx, cancel := outlasting(ctx)
	defer cancel()
	s.unsaid.add(s.Attend(ctx, id))
}

// outlastTime bounds what is done for somebody who may have gone. It is shorter
// than insertGrace.
const outlastTime = 45 * time.Second

// outlasting is a context for what has to follow a first write, also when
// whoever asked for it has hung up.
func outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), outlastTime)
}

// rest writes down when to look again and whether a person has to, unless the booking has changed since it
// was looked at.
func (s *Service) rest(ctx context.Context, c Case, at *time.Time) (done bool, err error) {
	needs := c.needsAt(s.now())
	if same(c.Booking.AttendAt, at) && same(c.Booking.NeedsAt, needs) && c.Booking.Failures == 0 {
		return true, nil
	}
	err = s.bookings.Update(ctx, c.Booking.ID, func(b *Booking) error {
		done = b.restFrom(c.Booking.Rev, at, needs)
		return nil
	})
	return done, err
}

// restFrom lets the booking rest for who has looked at that revision. Another
// decision of the same batch leaves the revision as it is, but not AskedRev.
func (b *Booking) restFrom(rev int64, at, needs *time.Time) (done bool) {
	if b.Rev != rev || b.AskedRev >= rev {
		return false
	}
	b.AttendAt, b.NeedsAt, b.Failures = at, needs, 0
	return true
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Truncate(time.Millisecond).Equal(b.Truncate(time.Millisecond))
}

func (s *Service) do(ctx context.Context, c Case, next step) error {
	b := c.Booking
	if change := c.changeFor(next); change != nil {
		return s.update(ctx, b.ID, change)
	}
	switch next.kind {
	case discard:
		return s.discard(ctx, b)
	case claimPlace:
		return s.claim(ctx, b, next.line)
	case sendRefund:
		return s.sendRefund(ctx, b, next.line)
	case openCheckout:
		_, err := s.openCheckout(ctx, b, next.line)
		if neverOpened(err) {
			return nil // who still wants to pay presses again
		}
		return err
	case endCheckout:
		return s.endCheckout(ctx, b, next.line)
	case release:
		return s.release(ctx, b)
	case endHold:
		return s.retreats.EndHold(ctx, b.CohortID, b.ID)
	case startTry:
		return s.startTry(ctx, c)
	case sendTry:
		return s.sendTry(ctx, c, next.line)
	case lapse:
		return s.lapse(ctx, b.ID)
	case move:
		if b.Moving.Transfer {
			return s.transfer(ctx, c)
		}
		return s.move(ctx, c)
	case removeTurn:
		return s.removeTurn(ctx, c)
	}
	return fmt.Errorf("unknown step %d", next.kind)
}

// changeFor is what a step changes that needs nothing but the booking's own
// document; nil for all others.
func (c Case) changeFor(next step) func(*Booking, time.Time) error {
	plainly := func(change func(*Booking, time.Time)) func(*Booking, time.Time) error {
		return func(b *Booking, now time.Time) error {
			change(b, now)
			return nil
		}
	}
	switch next.kind {
	case returnMoney:
		return func(b *Booking, now time.Time) error { return b.settlePayment(next.line, next.reason, now) }
	case returnWon:
		return plainly(func(b *Booking, now time.Time) { b.returnWon(next.line, now) })
	case repeatRefund:
		return plainly(func(b *Booking, now time.Time) { b.repeatRefund(next.line, c.Standing, now) })
	case useStuck:
		return plainly(func(b *Booking, now time.Time) { b.useStuck(next.line, now) })
	case returnQuoted:
		return plainly((*Booking).returnQuoted)
	case makeCharges:
		return plainly(func(b *Booking, now time.Time) { b.makeCharges(c.Cohort, now) })
	case noteJoined:
		return plainly(func(b *Booking, now time.Time) {
			b.JoinedAt = &c.Standing.Since
			b.replan(now)
		})
	case noteLetGo:
		return plainly(func(b *Booking, now time.Time) {
			b.LetGo = c.Standing.LetGo
			b.replan(now)
		})
	case callOff:
		return plainly(func(b *Booking, now time.Time) { b.callOff(c.Cohort.CancelReason, now) })
	}
	return nil
}

// update changes the booking and lets its messages be planned.
func (s *Service) update(ctx context.Context, id string, change func(*Booking, time.Time) error) error {
	err := s.bookings.Update(ctx, id, func(b *Booking) error { return change(b, s.now()) })
	if err == nil {
		s.changed()
	}
	return err
}

// release gives back what a booking that has ended has in its cohort, unless it
// has changed since it was looked at: the cohort was read after it, and may have
// found a place for money that the booking did not have then.
func (s *Service) release(ctx context.Context, b *Booking) error {
	rev, err := s.bookings.Rev(ctx, b.ID)
	if err != nil || rev != b.Rev {
		return err
	}
	return s.retreats.Release(ctx, b.CohortID, b.ID)
}

// discard removes a booking that never came to be, unless it has changed since it
// was looked at.
func (s *Service) discard(ctx context.Context, b *Booking) error {
	err := s.bookings.Delete(ctx, b.ID, b.Rev)
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

// claim brings money and place together [D3].
func (s *Service) claim(ctx context.Context, b *Booking, paymentID string) error {
	standing, err := s.retreats.ConfirmPaid(ctx, b.CohortID, b.ID)
	if err != nil {
		return err
	}
	return s.update(ctx, b.ID, func(b *Booking, now time.Time) error {
		if b.Cancellation != nil {
			// In between: what was quoted did not count this money.
			return b.settlePayment(paymentID, RefundCancelled, now)
		}
		if standing.State == retreats.Confirmed {
			b.LapsedAt, b.EndReason = nil, ""
			return b.settlePayment(paymentID, "", now)
		}
		if err := b.settlePayment(paymentID, RefundLate, now); err != nil {
			return err
		}
		switch {
		case standing.State == retreats.None:
			b.LapsedAt = &now
		default:
			// Back on the waitlist, with the charges of the next hold to come.
			b.LapsedAt, b.EndReason, b.JoinedAt = nil, "", &standing.Since
		}
		return nil
	})
}

// lapse ends a booking whose hold has run out or whose turn has ended, unless
// money has come in between: another process may have found a place for it.
func (s *Service) lapse(ctx context.Context, id string) error {
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		unsettled := false
		for _, p := range b.Payments {
			unsettled = unsettled || p.SettledAt == nil
		}
		if !unsettled && b.HasNothing() && !b.IsOver() {
			b.LapsedAt = &now
			b.replan(now)
		}
		return nil
	})
}

// openCheckout asks Stripe for the card page of a line. All it sends is
// computed from the line, so that a repeated call with the same key is the
// same call. If Stripe refuses, see neverOpened, the line has ended.
func (s *Service) openCheckout(ctx context.Context, b *Booking, id string) (stripepay.Checkout, error) {
	line, ok := b.checkout(id)
	if !ok {
		return stripepay.Checkout{}, errNoPage
	}
	page, err := s.pay.CreateCheckout(ctx, s.pageOf(b, line))
	if neverOpened(err) {
		if failed := s.endLine(ctx, b.ID, line); failed != nil {
			return page, failed
		}
	}
	if err != nil {
		return page, err
	}
	return page, s.bookings.Update(ctx, b.ID, func(b *Booking) error {
		b.opened(line.ID, page)
		return nil
	})
}

// neverOpened tells of the opening of a card page that it will never be: Stripe
// refuses it, such as one that would be open for less than half an hour by now,
// or keeps giving the failure of the first call for this key. Nobody has been
// given the address of such a page. So it is with a key that belongs to another
// page, from before a backup was put back or our address was changed: should
// money come by that one, Stripe tells.
func neverOpened(err error) bool {
	return fault.KindOf(err) == fault.Invalid || stripepay.Replayed(err) || errors.Is(err, stripepay.ErrKeyReused)
}

// pageOf is what Stripe is asked for. It follows from the line alone.
func (s *Service) pageOf(b *Booking, line Checkout) stripepay.CheckoutParams {
	// The address and the link are as they were when the line was written: the
	// same key is the same call, whatever staff put right meanwhile.
	link := s.baseURL + "/b/" + s.token(b.ID, line.Partner, line.Links)
	params := stripepay.CheckoutParams{
		Key: line.ID, TryID: line.ID, BookingID: b.ID, ChargeID: line.ChargeID, Amount: line.Amount, Setup: line.ChargeID == "",
		Description: describe(b), StatementSuffix: suffix(b), Email: cmp.Or(line.Email, b.Partners[line.Partner].Email),
		SuccessURL: link + "?paid={CHECKOUT_SESSION_ID}", CancelURL: link, ExpiresAt: line.ExpiresAt, SaveCard: line.Consent != nil,
	}
	if line.CustomerID != "" {
		params.CustomerID, params.Email = line.CustomerID, ""
	}
	return params
}

// endCheckout closes a card page at Stripe and takes in what had happened on
// it. A page whose opening got no answer is opened by its key first, which
// gives the page that there is.
func (s *Service) endCheckout(ctx context.Context, b *Booking, id string) error {
	line, _ := b.checkout(id)
	if line.SessionID == "" {
		page, err := s.openCheckout(ctx, b, id)
		if neverOpened(err) {
			return nil
		}
		if err != nil {
			return err
		}
		line.SessionID = page.ID
	}
	page, err := s.pay.ExpireCheckout(ctx, line.SessionID)
	if errors.Is(err, stripepay.ErrNotFound) {
		return s.endLine(ctx, b.ID, line) // a page that is not there takes no money
	}
	if err != nil {
		return err
	}
	return s.observe(ctx, b.ID, page)
}

// endLine notes that no money can come from a try, if it is still the page, or
// none, that it was.
func (s *Service) endLine(ctx context.Context, bookingID string, line Checkout) error {
	return s.bookings.Update(ctx, bookingID, func(b *Booking) error {
		for i := range b.Checkouts {
			if c := &b.Checkouts[i]; c.ID == line.ID && c.SessionID == line.SessionID {
				c.Ended = true
			}
		}
		return nil
	})
}

func (s *Service) observe(ctx context.Context, bookingID string, page stripepay.Checkout) error {
	return s.update(ctx, bookingID, func(b *Booking, now time.Time) error {
		if page.Paid && page.Amount.Currency != b.Price.Currency {
			return fmt.Errorf("money in %s came for a price in %s", page.Amount.Currency, b.Price.Currency)
		}
		b.observe(page, now)
		return nil
	})
}
