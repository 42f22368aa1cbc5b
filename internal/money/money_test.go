package money_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"lantern/internal/fault"
	"lantern/internal/money"
)

func TestString(t *testing.T) {
	t.Parallel()
	for want, amount := range map[string]money.Amount{
		"$1,250.00": money.Of(125000, "USD"), "$0.05": money.Of(5, "USD"), "−$12.00": money.Of(-1200, "USD"),
		"¥98,000": money.Of(98000, "JPY"), "KWD 1.250": money.Of(1250, "KWD"), "CHF 1,000,000.00": money.Of(100000000, "CHF"),
	} {
		if got := amount.String(); got != want {
			t.Errorf("%+v reads %q, want %q", amount, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, bad := range []money.Amount{
		money.Of(-1, "USD"), money.Of(money.Max+1, "USD"), money.Of(1, "usd"), money.Of(1, ""), money.Of(1, "US1"), money.Of(1, "EURO"),
	} {
		if err := bad.Check(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if err := money.Of(0, "JPY").Check(); err != nil {
		t.Error(err)
	}
}

func TestCheckPrice(t *testing.T) {
	t.Parallel()
	for _, bad := range []money.Amount{money.Of(1255, "KWD"), money.Of(150, "ISK"), money.Of(1, "UGX"), money.Of(-10, "KWD"), money.Of(1, "EURO")} {
		if err := bad.CheckPrice(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for _, good := range []money.Amount{money.Of(1, "JPY"), money.Of(1, "USD"), money.Of(1250, "KWD"), money.Of(1500, "ISK")} {
		if err := good.CheckPrice(); err != nil {
			t.Error(err)
		}
	}
}

// currencies are one of each kind: two, no and three decimals, and two decimals
// that are charged in whole units.
var currencies = []string{"USD", "JPY", "KWD", "ISK"}

// amounts draws one that can be charged.
func amounts(t *rapid.T) money.Amount {
	currency := rapid.SampledFrom(currencies).Draw(t, "currency")
	step := money.Step(currency)
	return money.Of(step*rapid.Int64Range(0, money.Max/step).Draw(t, "steps"), currency)
}

func TestAShareAndItsRestAreTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := amounts(t)
		percent := rapid.IntRange(0, 100).Draw(t, "percent")
		share := whole.Percent(percent)
		rest := whole.Minus(share)
		if share.Plus(rest) != whole || share.CheckPrice() != nil || rest.CheckPrice() != nil {
			t.Fatalf("%d %% of %s is %s and leaves %s", percent, whole, share, rest)
		}
		off := share.Minor*100 - whole.Minor*int64(percent)
		if half := 50 * money.Step(whole.Currency); off > half || off < -half {
			t.Fatalf("%d %% of %s is %s: more than half a step off", percent, whole, share)
		}
	})
}

func TestPercentRoundsHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		whole   money.Amount
		percent int
		want    int64
	}{
		{money.Of(250, "USD"), 1, 3}, {money.Of(249, "USD"), 1, 2}, {money.Of(-250, "USD"), 1, -3},
		{money.Of(50, "JPY"), 1, 1}, {money.Of(1500, "KWD"), 1, 20}, {money.Of(1490, "KWD"), 1, 10},
		{money.Of(50_000, "ISK"), 1, 500}, {money.Of(5_000, "ISK"), 1, 100}, {money.Of(4_900, "ISK"), 1, 0},
		{money.Of(1255, "KWD"), 100, 1255}, {money.Of(9, "KWD"), 99, 9}, // what cannot be charged is never more than it was
		{money.Of(300, "USD"), 150, 450},
	} {
		if got := test.whole.Percent(test.percent); got != money.Of(test.want, test.whole.Currency) {
			t.Errorf("%d %% of %+v is %+v, want %d", test.percent, test.whole, got, test.want)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		whole   money.Amount
		weights []int
		want    string
	}{
		{money.Of(10000, "USD"), []int{1, 1, 1}, "[$33.33 $33.33 $33.34]"},
		{money.Of(10000, "JPY"), []int{5000, 3000, 2000}, "[¥5,000 ¥3,000 ¥2,000]"},
		{money.Of(1000, "KWD"), []int{1, 1, 1}, "[KWD 0.330 KWD 0.330 KWD 0.340]"},
		{money.Of(1005, "KWD"), []int{1, 1}, "[KWD 0.500 KWD 0.505]"},
		{money.Of(100_000, "ISK"), []int{1, 2}, "[ISK 333.00 ISK 667.00]"},
		{money.Of(2, "JPY"), []int{1, 1, 1}, "[¥0 ¥1 ¥1]"},
		{money.Of(5, "USD"), nil, "[]"},
	} {
		if got := fmt.Sprint(test.whole.Split(test.weights)); got != test.want {
			t.Errorf("%s by %v is %s, want %s", test.whole, test.weights, got, test.want)
		}
	}
}

func TestThePartsAreTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := amounts(t)
		weights := rapid.SliceOfN(rapid.IntRange(1, 10_000), 1, 12).Draw(t, "weights")
		all := 0
		for _, w := range weights {
			all += w
		}
		sum := money.Of(0, whole.Currency)
		for i, part := range whole.Split(weights) {
			if part.CheckPrice() != nil {
				t.Fatalf("%s by %v: %+v cannot be charged", whole, weights, part)
			}
			off := part.Minor*int64(all) - whole.Minor*int64(weights[i])
			if most := money.Step(whole.Currency) * int64(all); off <= -most || off >= most {
				t.Fatalf("%s by %v: part %d is %s, a step or more off", whole, weights, i, part)
			}
			sum = sum.Plus(part)
		}
		if sum != whole {
			t.Fatalf("%s by %v: the parts are %s", whole, weights, sum)
		}
	})
}

func TestTwoCurrenciesDoNotAdd(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("dollars and euros were added")
		}
	}()
	money.Of(1, "USD").Plus(money.Of(1, "EUR"))
}
