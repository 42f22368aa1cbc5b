package booking

import (
	"slices"
	"time"

	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// How a booking and Stripe agree. Nothing here changes anything or asks anybody.

// missesPage says what of a card page at Stripe the booking has not taken in.
func (b *Booking) missesPage(page stripepay.Checkout) (Difference, bool) {
	d := Difference{BookingID: b.ID, Object: page.ID, At: page.CreatedAt}
	if page.Paid && page.PaymentIntentID != "" {
		if _, known := b.payment(page.PaymentIntentID); !known {
			d.Kind, d.Object, d.Theirs, d.At = DiffPayment, page.PaymentIntentID, page.Amount, page.PaidAt
			return d, true
		}
	}
	d.Kind = DiffPage
	return d, page.State != stripepay.CheckoutOpen && slices.ContainsFunc(b.Checkouts, func(c Checkout) bool {
		return !c.Ended && (c.SessionID == page.ID || (c.SessionID == "" && page.TryID != "" && c.ID == page.TryID))
	})
}

// missesIntent says what of a payment intent the booking has not heard.
func (b *Booking) missesIntent(intent stripepay.PaymentIntent) (Difference, bool) {
	d := Difference{BookingID: b.ID, Object: intent.ID, At: intent.CreatedAt}
	if intent.State == stripepay.IntentSucceeded {
		if _, known := b.payment(intent.ID); !known {
			d.Kind, d.Theirs, d.At = DiffPayment, intent.Received, intent.PaidAt
			return d, true
		}
	}
	d.Kind, d.Theirs = DiffTry, intent.Amount
	return d, slices.ContainsFunc(b.Tries, func(t Try) bool {
		return t.ID == intent.TryID && t.maySurprise() && t.State != tryStateOf(intent)
	})
}

// contradicts says how a payment that both sides know differs.
func (b *Booking) contradicts(intent stripepay.PaymentIntent) (Difference, bool) {
	p, known := b.payment(intent.ID)
	if !known {
		return Difference{}, false
	}
	d := Difference{BookingID: b.ID, Kind: DiffAmount, Object: p.ID, Ours: p.Amount, At: p.At}
	switch {
	case intent.State != stripepay.IntentSucceeded:
		return d, true
	case intent.Received != p.Amount:
		d.Theirs = intent.Received
		return d, true
	case b.isReturning(p.ID):
		return d, false // its refund is between here and there
	}
	d.Kind, d.Ours, d.Theirs = DiffRefunded, b.returned(p), intent.Refunded
	return d, d.Ours != d.Theirs
}

// returned is what of a card payment Stripe has been told to return.
func (b *Booking) returned(p Payment) money.Amount {
	back := b.zero()
	for _, r := range b.Refunds {
		if r.PaymentID == p.ID && r.StripeID != "" && r.State != stripepay.RefundFailed {
			back = back.Plus(r.Amount)
		}
	}
	return back
}

// isReturning reports whether a refund of the payment is written and Stripe has
// not answered yet.
func (b *Booking) isReturning(paymentID string) bool {
	return slices.ContainsFunc(b.Refunds, func(r Refund) bool {
		return r.PaymentID == paymentID && r.StripeID == "" && r.State == ""
	})
}

// missesRefund says what of a refund at Stripe the booking has not heard.
func (b *Booking) missesRefund(there stripepay.Refund) (Difference, bool) {
	d := Difference{BookingID: b.ID, Kind: DiffRefund, Object: there.ID, Theirs: there.Amount, At: there.CreatedAt}
	for _, own := range b.Refunds {
		if own.ID == there.RefundID || own.StripeID == there.ID {
			d.Ours = own.Amount
			return d, own.State != there.State || own.StripeID != there.ID
		}
	}
	// One that failed before anybody heard of it has moved nothing.
	return d, there.State != stripepay.RefundFailed
}

// missesDispute says whether the booking has heard how a dispute stands.
func (b *Booking) missesDispute(there stripepay.Dispute) (Difference, bool) {
	d := Difference{BookingID: b.ID, Kind: DiffDispute, Object: there.ID, Theirs: there.Amount, At: there.CreatedAt}
	return d, !slices.ContainsFunc(b.Disputes, func(own Dispute) bool {
		return own.ID == there.ID && own.State == there.State && own.Answered == there.Answered && own.DueBy.Equal(there.DueBy)
	})
}

// isAgreed reports whether Stripe need not be asked about the payment. That of a
// booking which is over stays as it was found.
func (b *Booking) isAgreed(p Payment, now time.Time) bool {
	switch {
	case p.Method != ByCard:
		return true
	case p.AgreedAt == nil:
		return false
	}
	return b.IsOver() || now.Sub(*p.AgreedAt) < agreedFor
}

// agree notes of payments that Stripe says the same, and what it took for them.
func (b *Booking) agree(intents []stripepay.PaymentIntent, now time.Time) {
	for _, intent := range intents {
		b.changePayment(intent.ID, func(p *Payment) {
			p.AgreedAt = &now
			if p.Fee == nil && intent.Fee.Currency != "" {
				p.Fee = &intent.Fee
			}
		})
	}
}

// lacksAgreement reports whether noting that the payment agrees would change
// anything: not every night does.
func (b *Booking) lacksAgreement(intent stripepay.PaymentIntent, now time.Time) bool {
	p, known := b.payment(intent.ID)
	return known && (p.AgreedAt == nil || now.Sub(*p.AgreedAt) >= agreedFor || (p.Fee == nil && intent.Fee.Currency != ""))
}

// forgottenAfter is how long something about the money may be due before a
// comparison sees to it. The passes do it within minutes.
const forgottenAfter = time.Hour

// forgotten finds a line that should have been seen to long ago.
func (b *Booking) forgotten(now time.Time) (Difference, bool) {
	long := now.Add(-forgottenAfter)
	d := Difference{BookingID: b.ID, Kind: DiffForgotten}
	for _, c := range b.Checkouts {
		if !c.Ended && c.ExpiresAt.Before(long) {
			d.Object, d.Ours, d.At = c.ID, c.Amount, c.ExpiresAt
			return d, true
		}
	}
	for _, t := range b.Tries {
		if t.isOpen() && t.askAt().Before(long) {
			d.Object, d.Ours, d.At = t.ID, t.Amount, t.At
			return d, true
		}
	}
	for _, r := range b.Refunds {
		unsent := r.State == "" && r.StripeID == "" && !b.isByHand(r) && r.At.Before(long)
		pending := r.State == stripepay.RefundPending && r.AskedAt.Add(refundPollTime).Before(long)
		if unsent || pending {
			d.Object, d.Ours, d.At = r.ID, r.Amount, r.At
			return d, true
		}
	}
	for _, p := range b.Payments {
		// One that waits with a hold for the rest is looked at with the hold.
		if p.SettledAt == nil && p.At.Before(now.Add(-24*time.Hour)) {
			d.Object, d.Ours, d.At = p.ID, p.Amount, p.At
			return d, true
		}
	}
	return d, false
}

// recount goes through our own lines: what does not add up, and money that is
// here for nothing. Disputes are told that have ended since the time given.
func (c Case) recount(now, since time.Time) (found []Difference) {
	b := c.Booking
	for _, p := range b.Payments {
		d := Difference{BookingID: b.ID, Kind: DiffSum, Object: p.ID, At: p.At}
		if p.Amount.Currency != b.Price.Currency {
			d.Kind, d.Theirs = DiffCurrency, p.Amount
			return []Difference{d} // nothing can be summed up
		}
		if d.Ours = b.remaining(p); d.Ours.Minor < 0 {
			found = append(found, d)
		}
	}
	for _, r := range b.Refunds {
		if owed := b.owedBack(r, c.Standing); r.isStuck() && r.Try+1 >= refundTries && !owed.IsZero() {
			found = append(found, Difference{BookingID: b.ID, Kind: DiffStuck, Object: r.ID, Ours: owed, At: r.AskedAt})
		}
	}
	if d, is := c.returnedWithPlace(now); is {
		found = append(found, d)
	}
	if d, is := c.nobodys(since); is {
		found = append(found, d)
	}
	return found
}

// returnedWithPlace: all that the couple paid went back at Stripe, and it has
// its place.
func (c Case) returnedWithPlace(now time.Time) (Difference, bool) {
	b := c.Booking
	byHand := slices.ContainsFunc(b.Refunds, func(r Refund) bool {
		return r.Reason == RefundByHand && r.State != stripepay.RefundFailed
	})
	has := !b.IsOver() && c.Standing.State == retreats.Confirmed && now.Before(c.Cohort.End())
	if !byHand || !has || !b.KeptInAll().IsZero() {
		return Difference{}, false
	}
	last := b.Payments[len(b.Payments)-1]
	return Difference{BookingID: b.ID, Kind: DiffReturned, Ours: b.zero(), Theirs: b.Received(), At: last.At}, true
}

// nobodys is money that is here for nothing: the couple has no place, or gets
// more back than it did. What is disputed away is not here; what waits for its
// refund is on its way.
func (c Case) nobodys(since time.Time) (Difference, bool) {
	b, end := c.Booking, c.Booking.Cancellation
	d := Difference{BookingID: b.ID, Kind: DiffNobodys, Ours: b.quotable()}
	switch {
	case end != nil:
		if end.ReturnedAt == nil {
			return d, false // what comes back is not written yet
		}
		// An amount of zero is stored without its currency.
		kept := end.Paid.Minor - end.Quote.Minor
		if end.Refilled != nil {
			kept -= end.Refilled.Minor
		}
		d.Ours.Minor, d.At = d.Ours.Minor-kept, end.At
	case c.Standing.State == retreats.None:
		d.At = b.CreatedAt
	default:
		return d, false
	}
	if d.Ours.Minor <= 0 {
		return d, false
	}
	for _, dispute := range b.Disputes {
		if dispute.ClosedAt == nil || dispute.State.Takes() {
			continue
		}
		d.Kind, d.Object, d.At = DiffWon, dispute.ID, *dispute.ClosedAt
	}
	// Who keeps what was won has decided so; it is not asked for ever.
	return d, d.Kind == DiffNobodys || d.At.After(since)
}
