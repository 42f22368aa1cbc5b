package retreats

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
)

// RefundPolicy says what share of all money paid a couple gets back, by how
// many days before the start they cancel.
type RefundPolicy struct {
	// Tiers go from the earliest to the day of the start itself.
	Tiers []RefundTier `json:"tiers"`
	// RefillFee is what is kept of everything paid when another couple takes
	// the place [D16]. Without a currency, as in policies that were accepted
	// before there was one, nothing is promised about such a place.
	RefillFee money.Amount `json:"refill_fee"`
}

// RefundTier holds from that many days before the start until the next tier.
type RefundTier struct {
	DaysBefore int `json:"days_before"`
	Percent    int `json:"percent"`
}

// DefaultRefundPolicy is [D16] but for its fee, which depends on the currency:
// terms fill it in.
func DefaultRefundPolicy() RefundPolicy {
	return RefundPolicy{Tiers: []RefundTier{{60, 100}, {30, 50}, {0, 0}}}
}

// defaultRefillFee is [D16]: $50, and about as much elsewhere, but never more
// than the deposit.
func defaultRefillFee(deposit money.Amount) money.Amount {
	fee := map[int]int64{0: 5000, 2: 50_00, 3: 20_000}[money.Digits(deposit.Currency)]
	return money.Of(min(fee, deposit.Minor), deposit.Currency)
}

// Check refuses tiers that leave a day without an answer or that give more to
// who cancels later [D18].
func (p RefundPolicy) Check() error {
	if len(p.Tiers) == 0 || len(p.Tiers) > 12 {
		return fault.New(fault.Invalid, "A refund policy has between 1 and 12 tiers.")
	}
	if p.Tiers[len(p.Tiers)-1].DaysBefore != 0 {
		return fault.New(fault.Invalid, "The last tier must begin 0 days before the start, so that every day is covered.")
	}
	for i, tier := range p.Tiers {
		if tier.Percent < 0 || tier.Percent > 100 {
			return fault.New(fault.Invalid, "A tier gives back between 0 and 100 per cent.")
		}
		if tier.DaysBefore < 0 || tier.DaysBefore > 730 {
			return fault.New(fault.Invalid, "A tier begins between 0 and 730 days before the start.")
		}
		if i == 0 {
			continue
		}
		if above := p.Tiers[i-1]; tier.DaysBefore >= above.DaysBefore || tier.Percent > above.Percent {
			return fault.New(fault.Invalid, "Each tier must begin later than the one above it and give back no more.")
		}
	}
	return nil
}

// Percent is the share given back to who cancels on this date of the cohort's
// zone. After the start it is the last tier's.
func (p RefundPolicy) Percent(startsOn, cancelledOn civil.Date) int {
	days := cancelledOn.DaysUntil(startsOn)
	for _, tier := range p.Tiers {
		if days >= tier.DaysBefore {
			return tier.Percent
		}
	}
	return p.Tiers[len(p.Tiers)-1].Percent
}

// Period is a tier with the dates it means for a start.
type Period struct {
	// From is empty for the first, Until (inclusive) is never empty.
	From, Until civil.Date
	Percent     int
}

// Periods gives the tiers as dates. Of the tiers that have begun before a
// start, the last one ends on the day of the start.
func (p RefundPolicy) Periods(startsOn civil.Date) []Period {
	var periods []Period
	for i, tier := range p.Tiers {
		period := Period{Until: startsOn.AddDays(-tier.DaysBefore), Percent: tier.Percent}
		if i > 0 {
			period.From = startsOn.AddDays(-p.Tiers[i-1].DaysBefore + 1)
		}
		periods = append(periods, period)
	}
	return periods
}

// Statement is the policy in words, as a couple accepts it for a start. It is
// stored with the booking, so its wording is kept here and not in a template:
// what was accepted must be the same text everywhere [D19].
func (p RefundPolicy) Statement(startsOn civil.Date) string {
	var b strings.Builder
	b.WriteString("If you cancel, you get back a share of everything you have paid, by the date on which you cancel (in the time zone of the place).\n")
	for _, period := range p.Periods(startsOn) {
		if period.From == "" {
			fmt.Fprintf(&b, "Until %s: %d %%.\n", period.Until.Words(), period.Percent)
		} else {
			fmt.Fprintf(&b, "From %s until %s: %d %%.\n", period.From.Words(), period.Until.Words(), period.Percent)
		}
	}
	if sentence := p.RefillSentence(); sentence != "" {
		b.WriteString(sentence + "\n")
	}
	b.WriteString("If one of you is not cleared to take part, or we cancel, you get everything back.\n")
	return b.String()
}

// HasRefill reports whether a place that another couple takes changes what is
// given back.
func (p RefundPolicy) HasRefill() bool {
	return p.RefillFee.Currency != "" && p.Tiers[len(p.Tiers)-1].Percent < 100
}

// RefillSentence says so to couples; it is empty when it changes nothing.
func (p RefundPolicy) RefillSentence() string {
	if !p.HasRefill() {
		return ""
	}
	back := "everything back"
	if !p.RefillFee.IsZero() {
		back += " less " + p.RefillFee.String()
	}
	return "If you cancel when less than everything comes back, and another couple takes your place (free places are filled first), you get " + back + "."
}

// Hash identifies the text of a statement.
func Hash(statement string) string {
	sum := sha256.Sum256([]byte(statement))
	return hex.EncodeToString(sum[:])
}
