package money_test

import (
	"testing"

	"lantern/internal/money"
	"lantern/internal/mutated"
)

// FuzzParse: what is taken for an amount is one, and reads the same when it is
// written out.
func FuzzParse(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	for _, text := range []string{"4800", "4,800.00", "4 800.5", "-1", "1e9", "٣٤", "99999999999999999999", ".5", "1,00"} {
		for _, currency := range []string{"USD", "JPY", "KWD", "XXX"} {
			seeds.Add(text, currency)
		}
	}
	seeds.Fuzz(func(t *testing.T, text, currency string) {
		amount, err := money.Parse(text, currency)
		if err != nil {
			return
		}
		again, err := money.Parse(amount.Decimal(), currency)
		if err != nil || again != amount || amount.Minor < 0 || amount.Minor > money.Max {
			t.Errorf("%q in %s is %v, written %q, read %v, %v", text, currency, amount, amount.Decimal(), again, err)
		}
	})
}
