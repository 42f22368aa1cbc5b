package notifications

import (
	"lantern/booking"
	"lantern/retreats"
)

// The three ways in which a booking ends that had a place or a turn.
func endedByCouple(end booking.Cancellation) bool { return !end.ByPractice }

func endedByDates(end booking.Cancellation) bool {
	return end.ByPractice && (end.Why == booking.ByCalledOff || end.Why == "")
}

func endedByStaff(end booking.Cancellation) bool { return end.ByPractice && !endedByDates(end) }

// whenCancelled tells of an end of that kind, and what comes back. An end that
// was undone is not told any more.
func whenCancelled(is func(booking.Cancellation) bool) func(booking.Case) []occasion {
	return func(c booking.Case) []occasion {
		end := c.Booking.Cancellation
		if end == nil || !is(*end) {
			return nil
		}
		told := once(end.At, end.At.Add(moneyUse))
		told[0].tell = func(m *MailData) { tellEnd(c.Booking, *end, m) }
		return told
	}
}

// tellEnd says what comes back, and by which share. Why one of the two may not
// take part is said to nobody, so the reason is left out then.
func tellEnd(b *booking.Booking, end booking.Cancellation, m *MailData) {
	if end.Why == booking.ByNotCleared {
		m.Reason = ""
	}
	if end.Paid.Minor > 0 {
		m.Paid = end.Paid.String()
	}
	tellShare(b, end, m)
	if end.Quote.IsZero() {
		return
	}
	m.Returned, m.All = end.Quote.String(), end.Quote == end.Paid || end.Paid.Currency == ""
	m.WayBack = wayBack(b.Payments)
}

// tellShare says by which share of the policy it comes back, and to a couple
// that cancelled by itself what another couple in its place would change [D16].
func tellShare(b *booking.Booking, end booking.Cancellation, m *MailData) {
	if end.Why != booking.ByPolicy {
		return
	}
	m.ByPolicy, m.Percent = true, end.Percent
	policy := b.Acceptance.Policy
	if more := end.Paid.Minus(end.Quote); !end.ByPractice && policy.HasRefill() && more.Minor > policy.RefillFee.Minor {
		m.Refill, m.Fee = true, feeOf(policy)
	}
}

// feeOf is what is kept when another couple takes the place; empty for nothing.
func feeOf(policy retreats.RefundPolicy) string {
	if policy.RefillFee.Minor == 0 {
		return ""
	}
	return policy.RefillFee.String()
}

// wayBack says how the money of these payments goes back.
func wayBack(payments []booking.Payment) WayBack {
	var w WayBack
	for _, p := range payments {
		if p.Method == booking.ByCard {
			w.Card = true
		} else {
			w.Hand = true
		}
	}
	return w
}

// lateRefunds tell of money that came too late for a place [D3].
func lateRefunds(c booking.Case) []occasion {
	return returns(c, func(r booking.Refund) bool { return r.Reason == booking.RefundLate }, false)
}

// moneyReturned tells of money that goes back and of which no other mail tells.
func moneyReturned(c booking.Case) []occasion {
	return returns(c, func(r booking.Refund) bool { return isOfItsOwn(c.Booking, r) }, true)
}

// isOfItsOwn reports whether nothing else tells of the refund. Of an end's
// refunds the end tells, but not of those of money that came after it.
func isOfItsOwn(b *booking.Booking, r booking.Refund) bool {
	switch r.Reason {
	case booking.RefundByHand, booking.RefundPart, booking.RefundTwice:
		return true
	case booking.RefundException:
		return r.Waives
	case booking.RefundCancelled:
		p, ok := b.Payment(r.PaymentID)
		return ok && b.Cancellation != nil && p.SettledAt != nil && p.SettledAt.After(b.Cancellation.At) && p.SettledAt.Equal(r.At)
	}
	return false
}

// returns gives an occasion for each refund. Together are those that were made
// at the same moment for the same reason: a sum that comes from several
// payments is one for who gets it.
func returns(c booking.Case, which func(booking.Refund) bool, together bool) []occasion {
	b := c.Booking
	var all []occasion
	var last booking.Refund
	var group []booking.Refund
	add := func() {
		if len(group) > 0 {
			first, same := group[0], group
			all = append(all, occasion{key: first.ID, due: first.At, until: first.At.Add(moneyUse), tell: func(m *MailData) { tellRefunds(b, same, m) }})
		}
		group = nil
	}
	for _, r := range b.Refunds {
		if !which(r) {
			continue
		}
		if !together || r.Reason != last.Reason || !r.At.Equal(last.At) {
			add()
		}
		group, last = append(group, r), r
	}
	add()
	return all
}

func tellRefunds(b *booking.Booking, refunds []booking.Refund, m *MailData) {
	sum := refunds[0].Amount
	var payments []booking.Payment
	for i, r := range refunds {
		if i > 0 {
			sum = sum.Plus(r.Amount)
		}
		if p, ok := b.Payment(r.PaymentID); ok {
			payments = append(payments, p)
		}
	}
	m.Returned, m.Why, m.Waived = sum.String(), refunds[0].Reason, refunds[0].Waives
	m.WayBack = wayBack(payments)
}

// refilled tells a couple that cancelled what comes back in addition, since
// another couple has its place now [D16].
func refilled(c booking.Case) []occasion {
	end := c.Booking.Cancellation
	if end == nil || end.RefilledAt == nil || end.Refilled == nil || end.Refilled.IsZero() {
		return nil
	}
	told := once(*end.RefilledAt, end.RefilledAt.Add(moneyUse))
	told[0].tell = func(m *MailData) {
		m.Returned, m.WayBack = end.Refilled.String(), wayBack(c.Booking.Payments)
		m.Fee = feeOf(c.Booking.Acceptance.Policy)
	}
	return told
}

// refundsGivenUp tell of money that the bank has not taken, when no other try
// is made: until then it may still come.
func refundsGivenUp(c booking.Case) []occasion {
	var all []occasion
	for _, r := range c.GivenUp() {
		all = append(all, occasion{
			key: r.ID, due: r.AskedAt, until: r.AskedAt.Add(moneyUse),
			tell: func(m *MailData) { m.Returned = r.Amount.String() },
		})
	}
	return all
}
