package bookingweb

import (
	"lantern/booking"
	"lantern/retreats"
)

// ended says what comes back to a couple whose booking has ended, in sentences.
func (m moneyReader) ended() []string {
	b, end := m.Booking, m.Booking.Cancellation
	if end == nil || end.Why == booking.ByNothingPaid || end.Paid.IsZero() {
		if len(b.Payments) > 0 {
			return []string{"Nothing is owed. What goes back to you is listed below."}
		}
		return []string{"You had paid nothing, so nothing is owed and nothing comes back."}
	}
	say := []string{}
	switch {
	case end.Quote == end.Paid:
		say = append(say, "Everything you paid, "+end.Paid.String()+", comes back.")
	case end.Why == booking.ByException:
		say = append(say, "Of the "+end.Paid.String()+" that you paid, "+end.Quote.String()+" comes back.")
	case end.Quote.IsZero():
		say = append(say, "You had paid "+end.Paid.String()+". By the refund policy that you accepted, none of it comes back.")
	default:
		say = append(say, "You had paid "+end.Paid.String()+". By the refund policy that you accepted, "+number(end.Percent)+" % of it, "+end.Quote.String()+", comes back.")
	}
	if end.ReturnAt != nil && end.ReturnedAt == nil && !end.Quote.IsZero() {
		say = append(say, "It is sent on "+m.at(*end.ReturnAt)+" ("+zoneWords(m.Case)+").")
	}
	if words := m.refill(end); words != "" {
		say = append(say, words)
	}
	if len(b.ToSend()) > 0 {
		say = append(say, "What came by bank transfer or in cash we return by hand.")
	}
	return say
}

// refill says what another couple in the place changes [D16].
func (m moneyReader) refill(end *booking.Cancellation) string {
	policy := m.Booking.Acceptance.Policy
	switch {
	case end.Refilled != nil:
		return "Another couple has taken your place, so another " + end.Refilled.String() + " comes back."
	case end.Why != booking.ByPolicy, end.ByPractice, end.RefilledAt != nil, !policy.HasRefill(),
		!m.now.Before(m.Cohort.Start()), m.Cohort.State == retreats.Cancelled:
		return ""
	}
	more := end.Paid.Minus(end.Quote).Minus(policy.RefillFee)
	if more.Minor <= 0 {
		return ""
	}
	return "If another couple takes your place, another " + more.String() + " comes back. We write to you then."
}
