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
	release                      // the booking has ended and still stands somewhere
	endHold                      // the hold is over, and no money is on its way
	lapse                        // the couple stands nowhere any more
	move                         // the couple is on its way to another cohort
	removeTurn                   // staff end the couple's turn
	callOff                      // the cohort does not take place
	returnQuoted                 // the booking was cancelled, and its refunds are not written yet
	startTry                     // a saved card is to be charged
	returnWon                    // a dispute has given back what a booking had paid that has ended, or had paid already
	sendTry                      // a try has not reached Stripe, or not its end there
)

type step struct {
	kind stepKind
	// line is the id of the payment, refund, checkout or try it is about.
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
	// forgottenTime is after how long a booking that stands nowhere may have
	// stood somewhere, although it does not say so: nobody has looked at it, and
	// its turn may have come and gone. It is not forgotten then, but has ended.
	forgottenTime = time.Hour
)

// isLike reports whether both are the same thing to do.
func (s step) isLike(other step) bool { return s.kind == other.kind && s.line == other.line }

// next decides the next step of the booking in its cohort, apart from those
// that have failed just now. It changes nothing.
func (c Case) next(now time.Time, failed ...step) step {
	if s, first := c.nextOfCohort(); first {
		if slices.ContainsFunc(failed, s.isLike) {
			return step{kind: rest} // what else there is to do follows from it
		}
		return s
	}
	for s := range c.due(now) {
		if !slices.ContainsFunc(failed, s.isLike) {
			return s
		}
	}
	return c.restUntil(now)
}

// nextOfCohort is what comes before everything else: it changes where the
// booking belongs.
func (c Case) nextOfCohort() (step, bool) {
	switch {
	case c.Booking.Moving != nil:
		return step{kind: move}, true
	case c.Booking.Removing != nil:
		return step{kind: removeTurn}, true
	case c.Cohort.State == retreats.Cancelled && !c.Booking.IsOver():
		return step{kind: callOff}, true
	}
	return step{}, false
}

// due gives the steps that the booking's state asks for, the most urgent
// first. Refunds come last: nothing else depends on when Stripe makes them.
func (c Case) due(now time.Time) iter.Seq[step] {
	return func(yield func(step) bool) {
		for _, list := range []func(time.Time) []step{
			c.dueOfPayments, c.dueOfPages, c.dueOfStanding, c.dueOfCards, c.dueOfRefunds,
		} {
			for _, s := range list(now) {
				if !yield(s) {
					return
				}
			}
		}
	}
}

func (c Case) dueOfPayments(time.Time) (due []step) {
	for _, p := range c.Booking.Payments {
		if s, ok := c.nextOfPayment(p); ok {
			due = append(due, s)
		}
	}
	return due
}

// nextOfPayment decides about money that came. What makes the place theirs may
// come in parts, from the two of them: until all of it is there, it waits with
// the hold.
func (c Case) nextOfPayment(p Payment) (step, bool) {
	b := c.Booking
	if p.SettledAt != nil {
		return step{kind: returnWon, line: p.ID}, !b.wonTwice(p).IsZero()
	}
	if b.Cancellation != nil {
		return step{kind: returnMoney, line: p.ID, reason: RefundCancelled}, true
	}
	charge, ok := b.Charge(p.ChargeID)
	others := b.Kept(p.ChargeID).Minus(b.remaining(p))
	if !ok || others.Minor >= charge.Amount.Minor {
		return step{kind: returnMoney, line: p.ID, reason: RefundTwice}, true
	}
	if charge.ID == b.Charges[0].ID && !b.IsPaid(*charge) && c.Standing.State != retreats.Confirmed {
		switch {
		case b.hasOpenPage(charge.ID), c.Standing.State == retreats.Held && !c.Standing.Ending:
			return step{}, false
		}
		return step{kind: returnMoney, line: p.ID, reason: RefundPart}, true
	}
	return step{kind: claimPlace, line: p.ID}, true
}

func (c Case) dueOfPages(now time.Time) (due []step) {
	if c.Booking.IsOver() && c.Standing.State != retreats.None {
		due = append(due, step{kind: release})
	}
	for _, line := range c.Booking.Checkouts {
		if s, ok := c.nextOfCheckout(line, now); ok {
			due = append(due, s)
		}
	}
	return due
}

// nextOfCheckout ends card pages that must not be paid any more, and opens
// those whose opening was cut off.
func (c Case) nextOfCheckout(line Checkout, now time.Time) (step, bool) {
	if line.Ended {
		return step{}, false
	}
	if c.isUnwanted(line) || !now.Before(line.ExpiresAt) {
		return step{kind: endCheckout, line: line.ID}, true
	}
	if line.SessionID == "" && !now.Before(line.StartedAt.Add(checkoutGrace)) {
		return step{kind: openCheckout, line: line.ID}, true
	}
	return step{}, false
}

// isUnwanted reports whether a card page would take what is not owed, or not in
// this way: the booking or the hold has ended, somebody has paid, or less is
// asked by now.
func (c Case) isUnwanted(line Checkout) bool {
	b := c.Booking
	if b.IsOver() || !prepares(c.Standing) || c.Standing.Ending {
		return true
	}
	if line.ChargeID == "" {
		return c.Standing.State != retreats.Confirmed
	}
	charge, ok := b.Charge(line.ChargeID)
	if !ok {
		return true
	}
	open := b.openShare(*charge, line.Share)
	return open.IsZero() || open.Minor < line.Amount.Minor
}

func (c Case) dueOfStanding(now time.Time) []step {
	b := c.Booking
	if end := b.Cancellation; end != nil && end.ReturnAt != nil && end.ReturnedAt == nil && !now.Before(*end.ReturnAt) {
		return []step{{kind: returnQuoted}}
	}
	if s, due := c.nextOfStanding(now); due {
		return []step{s}
	}
	return nil
}

func (c Case) nextOfStanding(now time.Time) (step, bool) {
	b, standing := c.Booking, c.Standing
	if b.IsOver() {
		payment, won := c.wonAfterwards()
		return step{kind: returnWon, line: payment}, won
	}
	switch standing.State {
	case retreats.Held:
		return c.nextOfHold()
	case retreats.WaitingOn, retreats.Offered:
		if gone := standing.LetGo; gone != nil && (b.LetGo == nil || !b.LetGo.At.Equal(gone.At)) {
			return step{kind: noteLetGo}, true
		}
		return step{kind: noteJoined}, b.JoinedAt == nil
	case retreats.None:
		if !b.HasNothing() {
			return step{}, false // never ends a booking whose money is with us
		}
		if !b.isBlank() || !now.Before(b.CreatedAt.Add(forgottenTime)) {
			return step{kind: lapse}, true
		}
		return step{kind: discard}, !now.Before(b.CreatedAt.Add(insertGrace))
	}
	return step{}, false
}

// nextOfHold goes on with a place that is held. One whose time is over ends only
// when every card page for it has been ended at Stripe, which tells whether
// money is on its way; should Stripe not answer, the cohort ends it a little
// later by itself.
func (c Case) nextOfHold() (step, bool) {
	b := c.Booking
	if payment, ok := b.stuckMoney(); ok {
		return step{kind: useStuck, line: payment}, true
	}
	if len(b.Charges) == 0 {
		return step{kind: makeCharges}, true
	}
	moneyComes := slices.ContainsFunc(b.Payments, func(p Payment) bool { return p.SettledAt == nil })
	return step{kind: endHold}, c.Standing.Ending && !moneyComes && !b.hasOpenPage(b.Charges[0].ID)
}

// isBlank reports whether the couple has never stood anywhere.
func (b *Booking) isBlank() bool {
	return len(b.Charges) == 0 && b.JoinedAt == nil && len(b.Payments) == 0
}

func (c Case) dueOfCards(now time.Time) (due []step) {
	for _, t := range c.Booking.Tries {
		if t.isOpen() && !now.Before(c.tryAskAt(t, now)) {
			due = append(due, step{kind: sendTry, line: t.ID})
		}
	}
	if p, ok, _ := c.chargeDue(now); ok {
		due = append(due, step{kind: startTry, line: p.charge.ID})
	}
	return due
}

// askAt is when a try is sent, or asked about.
func (t Try) askAt() time.Time {
	if t.State == TryUnheard {
		return t.At
	}
	return t.HeardAt.Add(tryPollTime)
}

func (c Case) dueOfRefunds(now time.Time) (due []step) {
	for _, r := range c.Booking.Refunds {
		if s, ok := c.nextOfRefund(r, now); ok {
			due = append(due, s)
		}
	}
	return due
}

// nextOfRefund sends refunds, asks how they are, and sees to those that failed.
func (c Case) nextOfRefund(r Refund, now time.Time) (step, bool) {
	switch {
	case c.Booking.isByHand(r):
		return step{}, false // staff make it
	case r.isStuck():
		at, again := c.Booking.refundAgainAt(r, c.Standing)
		return step{kind: repeatRefund, line: r.ID}, again && !now.Before(at)
	case r.State == stripepay.RefundFailed:
		return step{}, false
	case r.State == stripepay.RefundPending:
		return step{kind: sendRefund, line: r.ID}, !now.Before(r.AskedAt.Add(refundPollTime))
	}
	return step{kind: sendRefund, line: r.ID}, r.StripeID == ""
}

// restUntil says when the booking must be looked at again, if ever.
func (c Case) restUntil(now time.Time) step {
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
	c.linesUntil(now, sooner)
	c.mattersUntil(now, sooner)
	if _, _, next := c.chargeDue(now); next != nil {
		sooner(*next)
	}
	b := c.Booking
	if end := b.Cancellation; end != nil && end.ReturnAt != nil && end.ReturnedAt == nil {
		sooner(*end.ReturnAt)
	}
	if !b.IsOver() {
		if c.Standing.Until != nil {
			sooner(*c.Standing.Until)
		}
		if c.Standing.State == retreats.None && b.isBlank() {
			sooner(b.CreatedAt.Add(insertGrace))
		}
		if c.Standing.State == retreats.WaitingOn {
			sooner(c.Cohort.Start()) // where waiting ends
		}
	}
	return s
}

// linesUntil says when lines that are on their way must be looked at.
func (c Case) linesUntil(now time.Time, sooner func(time.Time)) {
	for _, r := range c.Booking.Refunds {
		if r.State == stripepay.RefundPending {
			sooner(r.AskedAt.Add(refundPollTime))
		}
		if at, again := c.Booking.refundAgainAt(r, c.Standing); again {
			sooner(at)
		}
	}
	for _, line := range c.Booking.Checkouts {
		if line.Ended {
			continue
		}
		sooner(line.ExpiresAt)
		if line.SessionID == "" {
			sooner(line.StartedAt.Add(checkoutGrace))
		}
	}
	for _, t := range c.Booking.Tries {
		if t.isOpen() {
			sooner(c.tryAskAt(t, now))
		}
	}
}
