package booking

import (
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/retreats"
)

// Quote is what comes back to a couple that cancels now.
type Quote struct {
	// Paid is what of its money is with us.
	Paid money.Amount
	// Percent is the share that comes back, Back how much that is.
	Percent int
	Back    money.Amount
	Why     QuoteReason
}

// QuoteReason is why so much comes back.
type QuoteReason string

// Why so much comes back.
const (
	ByPolicy      QuoteReason = "policy"      // by the tiers that the couple accepted [D16]
	ByNotCleared  QuoteReason = "not_cleared" // one of the two is not cleared [D11]
	ByCalledOff   QuoteReason = "called_off"  // the practice cancels [D17]
	ByException   QuoteReason = "exception"   // an organizer said so, with a reason [D17]
	ByNothingPaid QuoteReason = "nothing_paid"
)

// Quote says what comes back if the booking is cancelled now, by the policy
// that the couple accepted. The days are those of the cohort's zone. Where the
// practice has moved the dates since, the ones that give more back count: the
// couple has not moved them.
func (c Case) Quote(now time.Time) Quote {
	b := c.Booking
	q := Quote{Paid: b.quotable(), Why: ByPolicy}
	switch {
	case q.Paid.IsZero():
		q.Why, q.Percent = ByNothingPaid, 100
	case c.Cohort.State == retreats.Cancelled:
		q.Why, q.Percent = ByCalledOff, 100
	case b.IsNotCleared():
		q.Why, q.Percent = ByNotCleared, 100
	default:
		today := civil.DateOf(now, c.Cohort.Location())
		q.Percent = b.Acceptance.Policy.Percent(c.Cohort.StartsOn, today)
		if accepted := b.Acceptance.StartsOn; accepted != "" {
			q.Percent = max(q.Percent, b.Acceptance.Policy.Percent(accepted, today))
		}
		for _, t := range b.Transfers {
			if t.ByCouple {
				q.Percent = min(q.Percent, t.Most)
			}
		}
	}
	q.Back = q.Paid.Percent(q.Percent)
	return q
}

// quotable is the money a refund policy is about: what has been settled and can
// be returned. Money that nobody has decided about, and what a refund that
// failed still owes, goes back in full anyway.
func (b *Booking) quotable() money.Amount {
	return b.sum("", func(p Payment) money.Amount {
		if p.SettledAt == nil {
			return b.zero()
		}
		rest := b.returnable(p).Minus(b.stuck(p))
		return money.Of(max(0, rest.Minor), rest.Currency)
	})
}

// IsNotCleared reports whether one of the two may not take part.
func (b *Booking) IsNotCleared() bool {
	return b.Clearances[0].Is() == NotCleared || b.Clearances[1].Is() == NotCleared
}

// Return is what goes back of one payment.
type Return struct {
	Payment Payment
	Amount  money.Amount
}

// Returns says how so much would go back: from the newest payment to the oldest
// [D16], never more of one than came by it. What nobody has decided about yet is
// left out: it has a line of its own coming.
func (b *Booking) Returns(total money.Amount) []Return {
	newest := slices.Clone(b.Payments)
	slices.Reverse(newest)
	slices.SortStableFunc(newest, func(x, y Payment) int { return y.At.Compare(x.At) })
	var all []Return
	for _, p := range newest {
		rest := b.returnable(p).Minus(b.stuck(p))
		rest.Minor = min(rest.Minor, total.Minor)
		if p.SettledAt == nil || rest.Minor <= 0 {
			continue
		}
		all = append(all, Return{Payment: p, Amount: rest})
		total = total.Minus(rest)
	}
	return all
}

// payBack writes the lines that return so much, and gives what it could.
func (b *Booking) payBack(total money.Amount, reason RefundReason, now time.Time) money.Amount {
	back := b.zero()
	for _, r := range b.Returns(total) {
		back = back.Plus(b.refund(r.Payment.ID, r.Amount, reason, now))
	}
	return back
}
