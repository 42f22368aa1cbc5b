package booking

import (
	"iter"
	"slices"
	"time"

	"lantern/internal/stripepay"
	"lantern/retreats"
)

// A booking's way is driven by its state: next looks at the booking and at
// where the couple stands in its cohort and says the one thing to do. Doing it
// changes the state, so that next can be asked again until there is nothing
// left. Whoever dies between two steps loses nothing: the next one to look
// finds the same step.

type stepKind int

const (
	rest         stepKind = iota // nothing to do before step.at
	discard                      // the booking never came to be
	claimPlace                   // money came: make the place theirs
	returnMoney                  // money came that has nothing to be for
	sendRefund                   // a refund has not reached Stripe, or not its end there
	repeatRefund                 // a refund failed a while ago, and the money is still owed back
	useStuck                     // money that could not be returned is here, and a place is held
	openCheckout                 // a try to pay has not reached Stripe
	endCheckout                  // a card page is open that must not be paid
	makeCharges                  // the couple has come to hold a place
	noteJoined                   // the couple has come onto the waitlist
	noteLetGo                    // an offer has gone by, and the couple waits again
	release                      // the booking or its hold has ended, and it still stands somewhere
	lapse                        // the couple stands nowhere any more
	move                         // the couple is on its way to another cohort
	removeTurn                   // staff end the couple's turn
	callOff                      // the cohort does not take place
)

type step struct {
	kind stepKind
	// line is the id of the payment, refund or checkout it is about.
	line   string
	reason RefundReason
	at     *time.Time
}

const (
	// refundPollTime is how often a refund on its way is asked about, should
	// Stripe's word about it be lost.
	refundPollTime = 6 * time.Hour
	// insertGrace is how long a booking may stand nowhere because its couple
	// is only just being put onto the waitlist.
	insertGrace = 2 * time.Minute
)

// isLike reports whether both are the same thing to do.
func (s step) isLike(other step) bool { return s.kind == other.kind && s.line == other.line }

// next decides the booking's next step, apart from those that have failed just
// now. It changes nothing.
func (b *Booking) next(standing retreats.Standing, now time.Time, failed ...step) step {
	for s := range b.due(standing, now) {
		if !slices.ContainsFunc(failed, s.isLike) {
			return s
		}
	}
	return b.restUntil(standing, now)
}

// due gives the steps that the booking's state asks for, the most urgent
// first. Refunds come last: nothing else depends on when Stripe makes them.
func (b *Booking) due(standing retreats.Standing, now time.Time) iter.Seq[step] {
	return func(yield func(step) bool) {
		for _, p := range b.Payments {
			if p.SettledAt == nil && !yield(b.nextOfPayment(p)) {
				return
			}
		}
		if b.IsOver() && standing.State != retreats.None && !yield(step{kind: release}) {
			return
		}
		for _, c := range b.Checkouts {
			if s, due := b.nextOfCheckout(c, standing, now); due && !yield(s) {
				return
			}
		}
		if s, due := b.nextOfStanding(standing, now); due && !yield(s) {
			return
		}
		for _, r := range b.Refunds {
			if s, due := b.nextOfRefund(r, standing, now); due && !yield(s) {
				return
			}
		}
	}
}

func (b *Booking) nextOfPayment(p Payment) step {
	if b.Cancellation != nil {
		return step{kind: returnMoney, line: p.ID, reason: RefundCancelled}
	}
	charge, ok := b.Charge(p.ChargeID)
	others := b.Kept(p.ChargeID).Minus(b.remaining(p))
	if !ok || others.Minor >= charge.Amount.Minor {
		return step{kind: returnMoney, line: p.ID, reason: RefundTwice}
	}
	return step{kind: claimPlace, line: p.ID}
}

// nextOfCheckout ends card pages that must not be paid any more, and opens
// those whose opening was cut off.
func (b *Booking) nextOfCheckout(c Checkout, standing retreats.Standing, now time.Time) (step, bool) {
	if c.Ended {
		return step{}, false
	}
	charge, ok := b.Charge(c.ChargeID)
	unwanted := b.IsOver() || !ok || b.IsPaid(*charge) || !now.Before(c.ExpiresAt) || standing.Ending
	switch standing.State {
	case retreats.Held, retreats.Confirmed:
	default:
		unwanted = true
	}
	if unwanted {
		return step{kind: endCheckout, line: c.ID}, true
	}
	if c.SessionID == "" && !now.Before(c.StartedAt.Add(checkoutGrace)) {
		return step{kind: openCheckout, line: c.ID}, true
	}
	return step{}, false
}

// nextOfRefund sends refunds, asks how they are, and sees to those that failed.
func (b *Booking) nextOfRefund(r Refund, standing retreats.Standing, now time.Time) (step, bool) {
	switch {
	case r.isStuck():
		at, again := b.refundAgainAt(r, standing)
		return step{kind: repeatRefund, line: r.ID}, again && !now.Before(at)
	case r.State == stripepay.RefundFailed:
		return step{}, false
	case r.State == stripepay.RefundPending:
		return step{kind: sendRefund, line: r.ID}, !now.Before(r.AskedAt.Add(refundPollTime))
	}
	return step{kind: sendRefund, line: r.ID}, r.StripeID == ""
}

func (b *Booking) nextOfStanding(standing retreats.Standing, now time.Time) (step, bool) {
	if b.IsOver() {
		return step{}, false
	}
	switch standing.State {
	case retreats.Held:
		if payment, ok := b.stuckMoney(); ok {
			return step{kind: useStuck, line: payment}, true
		}
		if standing.Ending {
			// Where a card page could not be asked, the cohort's grace decides.
			asked := !slices.ContainsFunc(b.Checkouts, func(c Checkout) bool { return !c.Ended })
			return step{kind: release}, asked
		}
		return step{kind: makeCharges}, len(b.Charges) == 0
	case retreats.WaitingOn, retreats.Offered:
		if gone := standing.LetGo; gone != nil && (b.LetGo == nil || !b.LetGo.At.Equal(gone.At)) {
			return step{kind: noteLetGo}, true
		}
		return step{kind: noteJoined}, b.JoinedAt == nil
	case retreats.None:
		if !b.HasNothing() {
			return step{}, false // never ends a booking whose money is with us
		}
		if !b.isBlank() {
			return step{kind: lapse}, true
		}
		return step{kind: discard}, !now.Before(b.CreatedAt.Add(insertGrace))
	}
	return step{}, false
}

// isBlank reports whether the couple has never stood anywhere.
func (b *Booking) isBlank() bool {
	return len(b.Charges) == 0 && b.JoinedAt == nil && len(b.Payments) == 0
}

// restUntil says when the booking must be looked at again, if ever.
func (b *Booking) restUntil(standing retreats.Standing, now time.Time) step {
	s := step{kind: rest}
	sooner := func(t time.Time) {
		if !t.After(now) {
			// Nothing could be done when it came. A moment that has passed
			// would make every pass look again.
			t = now.Add(retryTime)
		}
		if s.at == nil || t.Before(*s.at) {
			s.at = &t
		}
	}
	for _, r := range b.Refunds {
		if r.State == stripepay.RefundPending {
			sooner(r.AskedAt.Add(refundPollTime))
		}
		if at, again := b.refundAgainAt(r, standing); again {
			sooner(at)
		}
	}
	for _, c := range b.Checkouts {
		if c.Ended {
			continue
		}
		sooner(c.ExpiresAt)
		if c.SessionID == "" {
			sooner(c.StartedAt.Add(checkoutGrace))
		}
	}
	if !b.IsOver() {
		if standing.Until != nil {
			sooner(*standing.Until)
		}
		if standing.State == retreats.None && b.isBlank() {
			sooner(b.CreatedAt.Add(insertGrace))
		}
	}
	return s
}
