package money_test

import (
	"testing"

	"pgregory.net/rapid"

	"lantern/internal/fault"
	"lantern/internal/money"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, currency string
		minor          int64
	}{
		{"4800", "USD", 480000}, {"4800.5", "USD", 480050}, {" 4,800.05 ", "EUR", 480005}, {"4 800", "CHF", 480000},
		{"1\u202f234\u00a0567", "JPY", 1234567}, {"0", "USD", 0}, {"0.01", "USD", 1}, {"007", "USD", 700},
		{"98000", "JPY", 98000}, {"98,000", "JPY", 98000}, {"1.250", "KWD", 1250}, {"1,250", "KWD", 1250000}, {"999999.99", "USD", money.Max},
	} {
		got, err := money.Parse(c.text, c.currency)
		if err != nil || got != money.Of(c.minor, c.currency) {
			t.Errorf("%q %s = %v, %v, want %d", c.text, c.currency, got, err, c.minor)
		}
	}
	for _, c := range [][2]string{
		{"", "USD"}, {".", "USD"}, {"5.", "USD"}, {".5", "USD"}, {"48,00", "USD"}, {"4800,00", "USD"}, {"1,2345", "USD"}, {",480", "USD"},
		{"4,,800", "USD"}, {"4, 800", "USD"}, {"-5", "USD"}, {"+5", "USD"}, {"1e3", "USD"}, {"$5", "USD"}, {"٤٨", "USD"}, {"4.800", "USD"},
		{"1000000", "USD"}, {"99999999999999999999999", "USD"}, {"98000.00", "JPY"}, {"98000.5", "JPY"}, {"1.2500", "KWD"},
		{"5", "usd"}, {"5", ""}, {"5", "EURO"}, {"4.8.0", "USD"}, {"4800", "US1"},
	} {
		if got, err := money.Parse(c[0], c[1]); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q %q = %v, %v, want a fault", c[0], c[1], got, err)
		}
	}
}

// TestAmountsComeBack: what a form shows is read as the same amount.
func TestAmountsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"USD", "JPY", "KWD", "ISK"}).Draw(t, "currency")
		step := money.Step(currency)
		a := money.Of(step*rapid.Int64Range(0, money.Max/step).Draw(t, "steps"), currency)
		if got, err := money.Parse(a.Decimal(), a.Currency); err != nil || got != a {
			t.Fatalf("%s became %v, %v", a.Decimal(), got, err)
		}
	})
}
