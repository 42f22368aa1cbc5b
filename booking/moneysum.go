package booking

import "slices"

// MoneySum is what many bookings come to in one currency, in its minor units; see
// Totals.
type MoneySum struct {
	Currency string `json:"currency"`
	Expected int64  `json:"expected"`
	Received int64  `json:"received"`
	Refunded int64  `json:"refunded"`
	Disputed int64  `json:"disputed"`
	Due      int64  `json:"due"`
	Late     int64  `json:"late"`
}

func sumOf(t Totals) MoneySum {
	return MoneySum{
		Currency: t.Expected.Currency, Expected: t.Expected.Minor, Received: t.Received.Minor,
		Refunded: t.Refunded.Minor, Disputed: t.Disputed.Minor, Due: t.Due.Minor, Late: t.Late.Minor,
	}
}

// addMoney gives the sums with another one.
func addMoney(sums []MoneySum, more MoneySum) []MoneySum {
	sums = slices.Clone(sums)
	i := slices.IndexFunc(sums, func(s MoneySum) bool { return s.Currency == more.Currency })
	if i < 0 {
		return append(sums, more)
	}
	s := &sums[i]
	s.Expected += more.Expected
	s.Received += more.Received
	s.Refunded += more.Refunded
	s.Disputed += more.Disputed
	s.Due += more.Due
	s.Late += more.Late
	return sums
}

// hasOneCurrency reports whether all lines are in the currency of the price.
func (b *Booking) hasOneCurrency() bool {
	return !slices.ContainsFunc(b.Charges, func(c Charge) bool { return c.Amount.Currency != b.Price.Currency }) &&
		!slices.ContainsFunc(b.Payments, func(p Payment) bool { return p.Amount.Currency != b.Price.Currency })
}
