package retreats_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/retreats"
)

// TestRest is [D12].
func TestRest(t *testing.T) {
	t.Parallel()
	words := func(charges []retreats.PlannedCharge) string {
		var words []string
		for _, p := range charges {
			words = append(words, fmt.Sprintf("%d: %s %s", p.Number, p.DueAt.UTC().Format("2006-01-02 15:04"), p.Amount))
		}
		return strings.Join(words, ", ")
	}
	rest := money.Of(384000, "USD")
	once, often := cohort(t, 4), sold(t, func(t *retreats.Terms) { t.Instalments = thirds() })
	first := time.Date(2027, 1, 21, 18, 0, 0, 0, time.UTC) // 10:00 there, fifty days before
	last := once.BalanceDue()
	for _, test := range []struct {
		about string
		c     *retreats.Cohort
		now   time.Time
		want  string
	}{
		{"one balance", once, morning, "1: 2027-02-10 18:00 $3,840.00"},
		{"until it is due", once, last.Add(-time.Millisecond), "1: 2027-02-10 18:00 $3,840.00"},
		{"and not then", once, last, ""},
		{"three instalments", often, morning, "1: 2027-01-21 18:00 $1,279.87, 2: 2027-01-31 18:00 $1,279.87, 3: 2027-02-10 18:00 $1,280.26"},
		{"with three days' notice", often, first.AddDate(0, 0, -3), "1: 2027-01-21 18:00 $1,279.87, 2: 2027-01-31 18:00 $1,279.87, 3: 2027-02-10 18:00 $1,280.26"},
		{"two that remain", often, first.AddDate(0, 0, -3).Add(1), "1: 2027-01-31 18:00 $1,919.71, 2: 2027-02-10 18:00 $1,920.29"},
		{"the last", often, last.AddDate(0, 0, -3), "1: 2027-02-10 18:00 $3,840.00"},
		{"none", often, last.AddDate(0, 0, -3).Add(1), ""},
	} {
		if got := words(test.c.Rest(rest, test.now)); got != test.want {
			t.Errorf("%s: %s, want %s", test.about, got, test.want)
		}
	}
	if charges := often.Rest(money.Of(0, "USD"), morning); len(charges) != 0 {
		t.Errorf("of nothing there are %v", charges)
	}
	if got := words(often.Rest(money.Of(2, "USD"), morning)); got != "1: 2027-01-31 18:00 $0.01, 2: 2027-02-10 18:00 $0.01" {
		t.Errorf("charges of nothing are not left out: %s", got)
	}
}

// TestTheRestIsPaidToTheUnit: whatever the terms, the currency and the day.
func TestTheRestIsPaidToTheUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := *cohort(t, 4)
		c.Zone = rapid.SampledFrom([]string{"America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland"}).Draw(rt, "zone")
		c.StartsOn = civil.Date("2027-01-01").AddDays(rapid.IntRange(0, 400).Draw(rt, "start"))
		c.BalanceDays = rapid.IntRange(1, 365).Draw(rt, "balance")
		c.Instalments = drawInstalments(rt)
		currency := rapid.SampledFrom([]string{"USD", "JPY", "KWD", "ISK"}).Draw(rt, "currency")
		step := money.Step(currency)
		rest := money.Of(step*rapid.Int64Range(0, 2_000_000/step).Draw(rt, "rest"), currency)
		now := c.Start().Add(-time.Duration(rapid.IntRange(1, 800*24).Draw(rt, "hours")) * time.Hour)
		charges := c.Rest(rest, now)
		checkCharges(rt, &c, charges, rest, now)
		later := c.Rest(rest, now.Add(time.Duration(rapid.IntRange(0, 60).Draw(rt, "days"))*24*time.Hour))
		for on := range 400 { // who books later has never paid more by any day that both pay on
			at := c.StartsOn.AddDays(-on).At("12:00", c.Location())
			if len(later) > 0 && paidBy(later, at) > paidBy(charges, at) {
				rt.Fatalf("by %s %d are paid, by who books later %d", at, paidBy(charges, at), paidBy(later, at))
			}
		}
	})
}

func paidBy(charges []retreats.PlannedCharge, at time.Time) (paid int64) {
	for _, p := range charges {
		if !p.DueAt.After(at) {
			paid += p.Amount.Minor
		}
	}
	return paid
}

func drawInstalments(rt *rapid.T) []retreats.Instalment {
	days := rapid.SliceOfNDistinct(rapid.IntRange(1, 730), 0, 12, rapid.ID).Draw(rt, "days")
	slices.Sort(days)
	slices.Reverse(days)
	var list []retreats.Instalment
	left := 10_000
	for i, d := range days {
		share := left
		if remain := len(days) - i - 1; remain > 0 {
			share = rapid.IntRange(1, left-remain).Draw(rt, "share")
		}
		list, left = append(list, retreats.Instalment{DaysBefore: d, Share: share}), left-share
	}
	return list
}

func checkCharges(rt *rapid.T, c *retreats.Cohort, charges []retreats.PlannedCharge, rest money.Amount, now time.Time) {
	sum := money.Of(0, rest.Currency)
	for i, p := range charges {
		sum = sum.Plus(p.Amount)
		if p.Amount.Minor <= 0 || p.Amount.CheckPrice() != nil || p.Number != i+1 {
			rt.Fatalf("charge %+v", p)
		}
		if !p.DueAt.After(now) || !p.DueAt.Before(c.Start()) || p.DueAt.In(c.Location()).Format("15:04") != "10:00" {
			rt.Fatalf("charge %+v; it is %s, the start is %s", p, now, c.Start())
		}
		if i > 0 && !p.DueAt.After(charges[i-1].DueAt) {
			rt.Fatalf("charge %+v is not after %+v", p, charges[i-1])
		}
	}
	if len(charges) > 0 && sum != rest {
		rt.Fatalf("%s are %s in charges", rest, sum)
	}
	last := c.BalanceDue()
	if n := len(c.Instalments); n > 0 {
		last = c.StartsOn.AddDays(-c.Instalments[n-1].DaysBefore).At("10:00", c.Location()).Add(-3 * 24 * time.Hour)
	}
	if atOnce := len(charges) == 0; !rest.IsZero() && atOnce != (now.After(last) || len(c.Instalments) == 0 && now.Equal(last)) {
		rt.Fatalf("it is %s; everything is due at once: %t; it has to be from %s on", now, atOnce, last)
	}
}
