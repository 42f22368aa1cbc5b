package booking

import (
	"fmt"
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Try is one charge of a saved card. The line is written before Stripe is
// called, with the key that makes the call repeatable.
type Try struct {
	// ID is the idempotency key at Stripe, and stands in the payment intent.
	ID       string       `json:"id"`
	ChargeID string       `json:"charge_id"`
	Amount   money.Amount `json:"amount"`
	// Share is whose part of the charge it is, nil for all of it; Partner is
	// whose card is charged.
	Share      *int      `json:"share,omitempty"`
	Partner    int       `json:"partner"`
	CustomerID string    `json:"customer_id"`
	MethodID   string    `json:"method_id"`
	At         time.Time `json:"at"`
	// State is empty until Stripe has answered.
	State    TryState `json:"state,omitempty"`
	IntentID string   `json:"intent_id,omitempty"`
	// Code and DeclineCode are Stripe's for a try that failed.
	Code        string    `json:"code,omitempty"`
	DeclineCode string    `json:"decline_code,omitempty"`
	HeardAt     time.Time `json:"heard_at,omitzero"`
}

// TryState is what came of a try.
type TryState string

// What comes of a try.
const (
	TryUnheard    TryState = ""
	TryProcessing TryState = "processing"
	TrySucceeded  TryState = "succeeded"
	TryFailed     TryState = "failed"
	// TryDropped: it did not reach Stripe in time, and must not any more.
	TryDropped TryState = "dropped"
)

// isOpen reports whether money may still come from the try.
func (t Try) isOpen() bool { return t.State == TryUnheard || t.State == TryProcessing }

// maySurprise reports whether Stripe may still say otherwise: a request can
// arrive after nobody waits for it any more.
func (t Try) maySurprise() bool { return t.isOpen() || t.State == TryFailed || t.State == TryDropped }

func (t Try) isOf(chargeID string, share *int) bool {
	return t.ChargeID == chargeID && (t.Share == nil) == (share == nil) && (share == nil || *t.Share == *share)
}

const (
	// maxTries is how often a card is charged for one thing [D15].
	maxTries = 3
	// tryPollTime is how often a try is asked about whose answer is not final.
	tryPollTime = 10 * time.Minute
	// OrganizerAfter is how long after a charge was due and could not be had an
	// organizer is asked to see to it [D15]. Nothing is cancelled by itself.
	OrganizerAfter = 7
)

// retryDays are the days after the first try on which a declined card is tried
// again [D15].
var retryDays = [maxTries]int{0, 2, 5}

// IsCharging reports whether a saved card is being charged for it now.
func (b *Booking) IsCharging(chargeID string) bool {
	return slices.ContainsFunc(b.Tries, func(t Try) bool { return t.ChargeID == chargeID && t.isOpen() })
}

// HeldBack says why nothing is charged by itself.
type HeldBack string

// Why nothing is charged by itself.
const (
	NotHeldBack   HeldBack = ""
	HeldByPlace   HeldBack = "place"     // there is none to pay for
	HeldByPapers  HeldBack = "clearance" // not both are cleared [D13]
	HeldByDispute HeldBack = "dispute"   // a payment is disputed [D13]
)

// ChargesHeldBack says why the couple's cards are not charged at the moment.
func (c Case) ChargesHeldBack() HeldBack {
	b := c.Booking
	switch {
	case b.IsOver(), c.Standing.State != retreats.Confirmed, c.Cohort.State == retreats.Cancelled:
		return HeldByPlace
	case b.Clearances[0].Is() != Cleared, b.Clearances[1].Is() != Cleared:
		return HeldByPapers
	case b.HasOpenDispute():
		return HeldByDispute
	}
	return NotHeldBack
}

// freeSince is when the last of what had held charges back went away.
func (b *Booking) freeSince() time.Time {
	var since time.Time
	for _, cleared := range b.Clearances {
		if cleared.At != nil && cleared.At.After(since) {
			since = *cleared.At
		}
	}
	for _, d := range b.Disputes {
		if d.ClosedAt != nil && d.ClosedAt.After(since) {
			since = *d.ClosedAt
		}
	}
	return since
}

// part is what of a charge is charged to one card.
type part struct {
	charge Charge
	share  *int
}

// parts are what can be charged by itself: the charges after the first one,
// which is what the couple pays to have its place.
func (b *Booking) parts() []part {
	var all []part
	for i, charge := range b.Charges {
		switch {
		case i == 0:
		case b.Split == nil:
			all = append(all, part{charge: charge})
		default:
			for partner := range b.Partners {
				all = append(all, part{charge: charge, share: &partner})
			}
		}
	}
	return all
}

// ChargeAt is when the part is next charged to a saved card, if it is. [D12]:
// at 10:00 in the cohort's zone on its day; [D13]: what held it back and went
// away later moves it to the next 10:00; [D15]: a declined card is tried again
// after two and after five days, but not one that must not be, or whose owner
// has to be asked: they are sent a link.
func (c Case) chargeAt(p part) (time.Time, bool) {
	b := c.Booking
	card, _ := b.CardFor(p.share)
	if card == nil || b.openShare(p.charge, p.share).IsZero() || c.ChargesHeldBack() != NotHeldBack {
		return time.Time{}, false
	}
	if b.isForbidden(card.MethodID) {
		return time.Time{}, false
	}
	since := b.freeSince()
	if card.SavedAt.After(since) {
		since = card.SavedAt
	}
	first := p.charge.DueAt
	if since.After(first) {
		first = c.nextTen(since)
	}
	var failed []Try
	for _, t := range b.Tries {
		if t.isOf(p.charge.ID, p.share) && t.State == TryFailed && t.MethodID == card.MethodID {
			failed = append(failed, t)
		}
	}
	switch n := len(failed); {
	case n == 0:
		return first, true
	case n >= maxTries || stripepay.CardAdvice(failed[n-1].Code, failed[n-1].DeclineCode) != stripepay.TryAgain:
		return time.Time{}, false
	default:
		zone := c.Cohort.Location()
		// From the last one, which may have been late: two never come together.
		again := civil.DateOf(failed[n-1].At, zone).AddDays(retryDays[n]-retryDays[n-1]).At("10:00", zone)
		if again.Before(first) {
			again = first // the dates have moved, or something held it back since
		}
		return again, true
	}
}

// isForbidden reports whether a card must not be tried again, for whatever it
// was that it was declined [D15].
func (b *Booking) isForbidden(methodID string) bool {
	return slices.ContainsFunc(b.Tries, func(t Try) bool {
		return t.MethodID == methodID && t.State == TryFailed &&
			stripepay.CardAdvice(t.Code, t.DeclineCode) == stripepay.NeverAgain
	})
}

// maySend reports whether a try that Stripe has not heard of is still to be
// charged: hours may have passed since it was written down, in which the couple
// has cancelled, paid or taken its agreement back, or charges are held back.
func (c Case) maySend(t Try, now time.Time) bool {
	for _, p := range c.Booking.parts() {
		if !t.isOf(p.charge.ID, p.share) {
			continue
		}
		at, charges := c.chargeAt(p)
		if !charges || now.Before(at) {
			return false
		}
		card, _ := c.Booking.CardFor(p.share)
		return card.MethodID == t.MethodID && t.Amount.Minor <= c.Booking.openShare(p.charge, p.share).Minor
	}
	return false
}

// tryAskAt is when a try is sent, or asked about. One that must not be sent any
// more is only looked for, when its first call, if there was one, has arrived.
func (c Case) tryAskAt(t Try, now time.Time) time.Time {
	if t.State == TryUnheard && !c.maySend(t, now) {
		return t.At.Add(tryAskAfter)
	}
	return t.askAt()
}

// nextTen is the first 10:00 of the cohort's clocks at or after t.
func (c Case) nextTen(t time.Time) time.Time {
	zone := c.Cohort.Location()
	day := civil.DateOf(t, zone)
	if ten := day.At("10:00", zone); !ten.Before(t) {
		return ten
	}
	return day.AddDays(1).At("10:00", zone)
}

// chargeDue finds what has to be charged now, and else when to look again.
func (c Case) chargeDue(now time.Time) (due part, ok bool, next *time.Time) {
	for _, p := range c.Booking.parts() {
		at, charges := c.chargeAt(p)
		switch {
		case !charges || c.Booking.IsCharging(p.charge.ID):
		case now.Before(at):
			if next == nil || at.Before(*next) {
				next = &at
			}
		case c.Booking.hasOpenPage(p.charge.ID):
			// Somebody is about to pay it; when the page ends it is looked at again.
		default:
			return p, true, nil
		}
	}
	return part{}, false, next
}

// ChargesNext says when the charge is next taken from a saved card by itself, if
// it is.
func (c Case) ChargesNext(chargeID string) (at time.Time, ok bool) {
	for _, p := range c.Booking.parts() {
		if p.charge.ID != chargeID {
			continue
		}
		if when, charges := c.chargeAt(p); charges && (!ok || when.Before(at)) {
			at, ok = when, true
		}
	}
	return at, ok
}

// startTry writes the line of a try.
func (b *Booking) startTry(p part, now time.Time) {
	card, partner := b.CardFor(p.share)
	b.Tries = append(slices.Clone(b.Tries), Try{
		ID: fmt.Sprintf("%s-%s-try-%d", b.ID, p.charge.ID, len(b.Tries)+1), ChargeID: p.charge.ID,
		Amount: b.openShare(p.charge, p.share), Share: p.share, Partner: partner,
		CustomerID: card.CustomerID, MethodID: card.MethodID, At: now,
	})
	b.attend(now)
}

// heard takes in what is true of a payment intent at Stripe now, of a try or of
// a card page. Hearing the same twice, late or out of order changes nothing.
func (b *Booking) heard(intent stripepay.PaymentIntent, now time.Time) {
	var p Payment
	for i := range b.Tries {
		t := b.Tries[i]
		if t.ID != intent.TryID || !t.maySurprise() {
			continue
		}
		p.Partner, p.Share = t.Partner, t.Share
		state := tryStateOf(intent)
		if state == t.State {
			b.Tries = slices.Clone(b.Tries)
			b.Tries[i].HeardAt = now
			continue
		}
		b.Tries = slices.Clone(b.Tries)
		b.Tries[i].State, b.Tries[i].IntentID, b.Tries[i].HeardAt = state, intent.ID, now
		b.Tries[i].Code, b.Tries[i].DeclineCode = intent.Code, intent.DeclineCode
		b.attend(now)
		b.replan(now)
	}
	if line, ok := b.checkout(intent.TryID); ok {
		p.Partner, p.Share = line.Partner, line.Share
	}
	if intent.State != stripepay.IntentSucceeded {
		return
	}
	p.ID, p.ChargeID, p.Amount, p.At, p.TryID = intent.ID, intent.ChargeID, intent.Received, now, intent.TryID
	if intent.Fee.Currency != "" {
		p.Fee = &intent.Fee
	}
	b.pay(p, now)
}

func tryStateOf(intent stripepay.PaymentIntent) TryState {
	switch intent.State {
	case stripepay.IntentSucceeded:
		return TrySucceeded
	case stripepay.IntentProcessing:
		return TryProcessing
	}
	return TryFailed
}

// endTry notes that a try never reached the card: Stripe refuses it, or it is
// dropped.
func (b *Booking) endTry(id string, state TryState, code string, now time.Time) {
	b.Tries = slices.Clone(b.Tries)
	for i := range b.Tries {
		if t := &b.Tries[i]; t.ID == id && t.isOpen() {
			t.State, t.Code, t.HeardAt = state, code, now
			b.attend(now)
			b.replan(now)
		}
	}
}

// LastFailure is the last try of a charge, if it failed and nothing was charged
// since.
func (b *Booking) LastFailure(chargeID string) (Try, bool) {
	for _, t := range slices.Backward(b.Tries) {
		if t.ChargeID == chargeID {
			return t, t.State == TryFailed
		}
	}
	return Try{}, false
}
