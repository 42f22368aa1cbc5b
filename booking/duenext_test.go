package booking

import (
	"fmt"
	"testing"

	"lantern/retreats"
)

// TestTheNextMoneyIsWhatIsNotHereAndNotLate, on one day, of all couples.
func TestTheNextMoneyIsWhatIsNotHereAndNotLate(t *testing.T) {
	t.Parallel()
	confirmed := retreats.Standing{State: retreats.Confirmed, Since: noon}
	holds := retreats.Standing{State: retreats.Held, Since: noon, Until: at(31)}
	deposited := func() Case { return Case{Booking: paid(held(), "pi", DepositCharge, 960, true), Standing: confirmed} }
	holding := Case{Booking: held(), Standing: holds}
	all := Case{Booking: paid(paid(held(), "pi", DepositCharge, 960, true), "pj", BalanceCharge, 3840, true), Standing: confirmed}
	for about, c := range map[string]struct {
		cases []Case
		days  int // later than noon
		want  string
	}{
		"two balances":     {[]Case{deposited(), deposited()}, 0, "2027-02-11 $76.80"},
		"a hold":           {[]Case{deposited(), holding}, 0, "2027-01-11 $9.60"},
		"all is here":      {[]Case{all}, 0, "none"},
		"late is not next": {[]Case{deposited()}, 100, "none"},
		"nobody":           {nil, 0, "none"},
	} {
		cohort := *dated
		cohort.Price = usd(4800)
		for i := range c.cases {
			c.cases[i].Cohort = &cohort
		}
		l := ledgerOf(&cohort, c.cases, noon.AddDate(0, 0, c.days))
		got := "none"
		if day, amount, ok := l.DueNext("USD"); ok {
			got = fmt.Sprint(day, " ", amount)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", about, got, c.want)
		}
	}
}
