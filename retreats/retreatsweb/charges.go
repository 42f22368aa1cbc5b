package retreatsweb

import (
	"strings"
	"time"

	"lantern/internal/money"
	"lantern/internal/web"
	"lantern/retreats"
)

// charge is what a couple that books now pays, and when; nil is at once.
type charge struct {
	amount money.Amount
	dueAt  *time.Time
}

// chargesOf gives the deposit and the charges after it, or the whole price.
func chargesOf(c *retreats.Cohort, now time.Time) []charge {
	quote := c.PriceNow(now)
	planned := c.Rest(quote.Price.Minus(quote.Deposit), now)
	if len(planned) == 0 {
		return []charge{{amount: quote.Price}}
	}
	charges := []charge{{amount: quote.Deposit}}
	for _, p := range planned {
		charges = append(charges, charge{amount: p.Amount, dueAt: ptr(p.DueAt.UTC())})
	}
	return charges
}

// dueOf says what a couple that books now pays when.
func dueOf(c *retreats.Cohort, now time.Time) []dueView {
	charges := chargesOf(c, now)
	if len(charges) == 1 {
		return []dueView{{"The whole price", charges[0].amount.String(), "when you book"}}
	}
	views := []dueView{{"Deposit", charges[0].amount.String(), "when you book"}}
	for i, charge := range charges[1:] {
		what := "The rest"
		if len(charges) > 2 {
			what = []string{"First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth", "Eleventh", "Twelfth"}[i] + " instalment"
		}
		views = append(views, dueView{what, charge.amount.String(), web.Date(*charge.dueAt, c.Location())})
	}
	return views
}

// earlyOf says until when the early price holds; empty when it does not.
func earlyOf(c *retreats.Cohort, now time.Time) string {
	if !c.IsEarly(now) {
		return ""
	}
	return "until " + c.EarlyBirdLastDay().Words() + ", instead of " + c.Price.String()
}

// restWords says when the rest is due, for staff.
func restWords(c *retreats.Cohort, word func(time.Time) string) string {
	if len(c.Instalments) == 0 {
		return word(c.BalanceDue())
	}
	var parts []string
	for _, in := range c.Instalments {
		parts = append(parts, retreats.ShareWords(in.Share)+" %: "+word(c.DueBefore(in.DaysBefore)))
	}
	return strings.Join(parts, "; ")
}

// depositWords is the deposit, for staff.
func depositWords(c *retreats.Cohort) string {
	if c.DepositPercent == 0 {
		return c.Deposit.String()
	}
	return percentWords(c.DepositPercent) + " (" + c.Deposit.String() + ")"
}
