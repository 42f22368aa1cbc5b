package money_test

import (
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

func TestAShareAndItsRestAreTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := money.Of(rapid.Int64Range(0, money.Max).Draw(t, "minor"), "USD")
		percent := rapid.IntRange(0, 100).Draw(t, "percent")
		share := whole.Percent(percent)
		rest := whole.Minus(share)
		if share.Plus(rest) != whole || share.Minor < 0 || rest.Minor < 0 {
			t.Fatalf("%d %% of %s is %s and leaves %s", percent, whole, share, rest)
		}
		if off := share.Minor*100 - whole.Minor*int64(percent); off > 50 || off < -50 {
			t.Fatalf("%d %% of %s is %s: more than half a unit off", percent, whole, share)
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
