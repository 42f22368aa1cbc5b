package retreats

import (
	"strings"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
)

// Instalment is a part of the rest of the price, and when it is due.
type Instalment struct {
	// DaysBefore the start, at 10:00 in the cohort's zone [D12].
	DaysBefore int `json:"days_before"`
	// Share of the rest, in hundredths of a per cent.
	Share int `json:"share"`
}

// PlannedCharge is a part of the rest as it is due for one couple. Number
// counts from 1 in the order of time.
type PlannedCharge struct {
	Number int
	Amount money.Amount
	DueAt  time.Time
}

const (
	maxInstalments = 12
	maxDaysBefore  = 730
	allShares      = 100 * 100 // the whole, in hundredths of a per cent
	chargeClock    = civil.Clock("10:00")
	// shortestNotice is how long before it is due a couple has to know of an
	// instalment [D14]: the last notice of a balance goes out three days before.
	shortestNotice = 3 * 24 * time.Hour
)

// checkInstalments refuses instalments that are no plan for the whole rest.
func checkInstalments(instalments []Instalment) error {
	if len(instalments) > maxInstalments {
		return fault.Newf(fault.Invalid, "There can be %d instalments at most.", maxInstalments)
	}
	all := 0
	for i, in := range instalments {
		if in.DaysBefore < 1 || in.DaysBefore > maxDaysBefore {
			return fault.Newf(fault.Invalid, "An instalment is due between 1 and %d days before the start.", maxDaysBefore)
		}
		if i > 0 && in.DaysBefore >= instalments[i-1].DaysBefore {
			return fault.New(fault.Invalid, "Each instalment must be due later than the one above it.")
		}
		if in.Share < 1 || in.Share > allShares {
			return fault.New(fault.Invalid, "Each instalment must be more than 0 and at most 100 per cent of the rest.")
		}
		all += in.Share
	}
	if len(instalments) > 0 && all != allShares {
		return fault.Newf(fault.Invalid, "The instalments must make 100 %% of the rest together; these make %s %%.", ShareWords(all))
	}
	return nil
}

// ShareWords writes hundredths of a per cent as per cent: "33.34", "50".
func ShareWords(share int) string {
	return strings.TrimSuffix(money.Of(int64(share), "").Decimal(), ".00")
}

// instalmentWords writes a plan in short: "60 days 50 %, 30 days 50 %".
func instalmentWords(instalments []Instalment) string {
	var words []string
	for _, in := range instalments {
		words = append(words, number(in.DaysBefore)+" days "+ShareWords(in.Share)+" %")
	}
	return strings.Join(words, ", ")
}

// Rest is how the rest of a price (what it is more than the deposit) is paid
// by a couple that books now: as one balance, or in instalments. What would be
// due already, or sooner than a couple can be told, is spread over the
// instalments that remain, in proportion to their shares. The charges are the
// rest to the unit, in amounts that the currency can be charged in, and none is
// 0. No charges mean that the whole price is due at once [D12].
func (c *Cohort) Rest(rest money.Amount, now time.Time) []PlannedCharge {
	var (
		shares []int
		dues   []time.Time
	)
	for _, in := range c.Instalments {
		if due := c.dueBefore(in.DaysBefore); !due.Before(now.Add(shortestNotice)) {
			shares, dues = append(shares, in.Share), append(dues, due)
		}
	}
	if len(c.Instalments) == 0 && now.Before(c.BalanceDue()) {
		shares, dues = []int{allShares}, []time.Time{c.BalanceDue()}
	}
	var charges []PlannedCharge
	for i, amount := range rest.Split(shares) {
		if !amount.IsZero() {
			charges = append(charges, PlannedCharge{Number: len(charges) + 1, Amount: amount, DueAt: dues[i]})
		}
	}
	return charges
}

// InstalmentDue is when an instalment is due, for couples that book in time.
func (c *Cohort) InstalmentDue(in Instalment) time.Time { return c.dueBefore(in.DaysBefore) }

// dueBefore is the moment of a charge that many days before the start.
func (c *Cohort) dueBefore(days int) time.Time {
	return c.StartsOn.AddDays(-days).At(chargeClock, c.Location())
}
