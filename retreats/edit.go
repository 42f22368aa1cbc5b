package retreats

import (
	"strconv"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
)

func number(n int) string { return strconv.Itoa(n) }

// change is a field before and after.
type change struct{ what, from, to string }

// trailOf adds a line for each field that has changed.
func trailOf(t audit.Trail, by audit.By, now time.Time, changes []change) audit.Trail {
	for _, ch := range changes {
		if ch.from != ch.to {
			t = t.Add(by, now, audit.Line{What: ch.what, From: shorten(ch.from), To: shorten(ch.to)})
		}
	}
	return t
}

// shorten keeps long texts out of the trail: what matters of them is that they
// have changed.
func shorten(text string) string {
	const longest = 80
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

func (p Programme) changes(to Programme) []change {
	return []change{
		{"name", p.Name, to.Name}, {"summary", p.Summary, to.Summary}, {"text", p.Text, to.Text},
		{"location", p.Location, to.Location}, {"guides", strings.Join(p.Guides, ", "), strings.Join(to.Guides, ", ")},
	}
}

func (t Terms) changes(to Terms) []change {
	return []change{
		{"capacity", number(t.Capacity), number(to.Capacity)},
		{"price", amountWords(t.Price), amountWords(to.Price)},
		{"deposit", t.depositWords(), to.depositWords()},
		{"days before the start on which the balance is due", number(t.BalanceDays), number(to.BalanceDays)},
		{"instalments", instalmentWords(t.Instalments), instalmentWords(to.Instalments)},
		{"early price", t.EarlyBird.words(), to.EarlyBird.words()},
		{"refund policy", t.Policy.words(), to.Policy.words()},
		{"kept when another couple takes the place", amountWords(t.Policy.RefillFee), amountWords(to.Policy.RefillFee)},
		{"minutes of a hold", number(t.HoldMinutes), number(to.HoldMinutes)},
		{"hours of an offer", number(t.OfferHours), number(to.OfferHours)},
		{"longest waitlist", number(t.WaitlistCap), number(to.WaitlistCap)},
		{"offers a couple may let go by", number(t.MaxPasses), number(to.MaxPasses)},
		{"minutes for undoing", number(t.UndoMinutes), number(to.UndoMinutes)},
		{"guests", t.stayWords(), to.stayWords()},
		{"a taxi home", t.Rides.Words(), to.Rides.Words()},
	}
}

// amountWords is empty for an amount that was never given.
func amountWords(a money.Amount) string {
	if a.Currency == "" {
		return ""
	}
	return a.String()
}

func (t Terms) depositWords() string {
	if t.DepositPercent == 0 {
		return amountWords(t.Deposit)
	}
	return number(t.DepositPercent) + " %"
}

func (t Terms) stayWords() string {
	if t.GuestsStay {
		return "stay on the site"
	}
	return "leave each day"
}

// words writes the tiers in short: "60 days 100 %, 30 days 50 %, 0 days 0 %".
func (p RefundPolicy) words() string {
	var tiers []string
	for _, t := range p.Tiers {
		tiers = append(tiers, number(t.DaysBefore)+" days "+number(t.Percent)+" %")
	}
	return strings.Join(tiers, ", ")
}

// Edit changes what a retreat says and sells. Cohorts that were made of it
// stay as they are.
func (r *Retreat) Edit(programme Programme, terms Terms, plan []PlannedSession, by audit.By, now time.Time) error {
	edited, err := NewRetreat(r.ID, programme, terms, plan)
	if err != nil {
		return err
	}
	changes := append(r.Programme.changes(edited.Programme), r.Terms.changes(edited.Terms)...)
	changes = append(changes, change{"plan", planWords(r.Plan), planWords(edited.Plan)})
	r.Trail = trailOf(r.Trail, by, now, changes)
	r.Programme, r.Terms, r.Plan = edited.Programme, edited.Terms, edited.Plan
	return nil
}

// Edit changes what a cohort says and sells. Couples that have booked keep the
// price and the policy they agreed to. More places go to those who wait in the
// same change; fewer take nobody's place away.
func (c *Cohort) Edit(programme Programme, terms Terms, by audit.By, now time.Time) error {
	if c.ended(now) {
		return errEnded
	}
	terms = terms.withDefaults()
	fields := fault.Fields{}
	programme.check(fields)
	terms.check(fields)
	if terms.Price.Currency != c.Price.Currency && fields["price"] == "" {
		fields["price"] = "The currency of a cohort stays as it is."
	}
	if err := fault.InvalidFields(fields); err != nil {
		return err
	}
	c.Settle(now)
	c.Trail = trailOf(c.Trail, by, now, append(c.Programme.changes(programme), c.Terms.changes(terms)...))
	if terms.Capacity > c.Capacity {
		c.Roster = c.Roster.clone()
		c.Roster.askAgain() // there are other places now
	}
	c.Programme, c.Terms = programme, terms
	c.Settle(now)
	c.keep(c.Roster)
	return nil
}
