// Package money holds amounts as whole minor units of an ISO 4217 currency.
//
// No amount is ever a float: sums are exact, and the two divisions there are
// (a share of an amount, and an amount in parts) say how they round and never
// make or lose a unit.
package money

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"lantern/internal/fault"
)

// Amount is a sum of money in minor units (cents, yen, fils).
type Amount struct {
	Minor    int64  `json:"amount"`
	Currency string `json:"currency"` // ISO 4217, upper case
}

// Max bounds every single amount, in minor units. It is far above any price
// and far below where a sum of many could overflow; Stripe's own limit is
// eight digits for most currencies.
const Max = 99_999_999

// Of makes an amount. The currency is taken as given; use Parse or Check for
// what comes from outside.
func Of(minor int64, currency string) Amount { return Amount{Minor: minor, Currency: currency} }

// minorDigits lists the currencies whose minor unit is not a hundredth, as
// Stripe charges them (docs.stripe.com/currencies: zero-decimal and
// three-decimal currencies).
var minorDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "KRW": 0, "MGA": 0, "PYG": 0,
	"RWF": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3,
}

// Digits says how many decimals the currency's minor unit stands for.
func Digits(currency string) int {
	if d, ok := minorDigits[currency]; ok {
		return d
	}
	return 2
}

// Step is the least that an amount of the currency can be charged in, in minor
// units. Stripe takes three-decimal currencies with a 0 as the last digit, and
// ISK and UGX, which are written with two decimals, in whole units alone
// (docs.stripe.com/currencies, special cases).
func Step(currency string) int64 {
	switch {
	case currency == "ISK", currency == "UGX":
		return 100
	case Digits(currency) == 3:
		return 10
	}
	return 1
}

// notMoney are codes of ISO 4217 that nobody is paid in: metals, units of
// account, codes for testing and for none.
var notMoney = []string{"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"}

// CheckCurrency returns an Invalid fault unless the code is one of ISO 4217, in
// capital letters.
func CheckCurrency(code string) error {
	_, err := currency.ParseISO(code)
	if err != nil || code != strings.ToUpper(code) || slices.Contains(notMoney, code) {
		return fault.New(fault.Invalid, "Use a currency code of three capital letters, such as USD.")
	}
	return nil
}

// Check returns an Invalid fault unless the amount can be charged: a proper
// currency, not negative, at most Max.
func (a Amount) Check() error {
	if err := CheckCurrency(a.Currency); err != nil {
		return err
	}
	if a.Minor < 0 || a.Minor > Max {
		return fault.Newf(fault.Invalid, "The amount must be between 0 and %s.", Of(Max, a.Currency))
	}
	return nil
}

// CheckPrice is Check for what couples are asked to pay: in whole steps too.
func (a Amount) CheckPrice() error {
	if err := a.Check(); err != nil {
		return err
	}
	if step := Step(a.Currency); a.Minor%step != 0 {
		return fault.Newf(fault.Invalid, "Amounts in %s go in steps of %s.", a.Currency, Of(step, a.Currency).Decimal())
	}
	return nil
}

// IsZero reports whether nothing is owed or moved.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Plus adds. Two currencies in one sum are a mistake in the program, and the
// sum would be wrong money, so it panics.
func (a Amount) Plus(b Amount) Amount {
	a.mustMatch(b)
	return Of(a.Minor+b.Minor, a.Currency)
}

// Minus subtracts; see Plus.
func (a Amount) Minus(b Amount) Amount {
	a.mustMatch(b)
	return Of(a.Minor-b.Minor, a.Currency)
}

func (a Amount) mustMatch(b Amount) {
	if a.Currency != b.Currency {
		panic(fmt.Sprintf("money: %s and %s in one sum", a.Currency, b.Currency))
	}
}

// Percent gives that many per cent of the amount, rounded half away from
// zero to whole steps of the currency; up to 100 per cent it is never more
// than the amount. The rest is a.Minus(share), so that nothing is lost between
// the two.
func (a Amount) Percent(percent int) Amount {
	step := Step(a.Currency)
	product, half := a.Minor*int64(percent), 50*step
	if product < 0 {
		half = -half
	}
	share := (product + half) / (100 * step) * step
	if percent >= 0 && percent <= 100 { // of what is no whole number of steps
		share = min(max(share, min(a.Minor, 0)), max(a.Minor, 0))
	}
	if percent == 100 {
		share = a.Minor
	}
	return Of(share, a.Currency)
}

// Split divides the amount in proportion to the weights, which must not be
// negative nor all 0. The parts are the amount to the unit. Each but the last
// is in whole steps of the currency and lies less than a step from its exact
// share; the remainder goes to the last. Parts may be 0.
func (a Amount) Split(weights []int) []Amount {
	var whole, until int64
	for _, w := range weights {
		whole += int64(w)
	}
	step := Step(a.Currency)
	parts, given := make([]Amount, len(weights)), int64(0)
	for i, w := range weights {
		until += int64(w)
		due := a.Minor * until / whole / step * step
		if i == len(weights)-1 {
			due = a.Minor
		}
		parts[i] = Of(due-given, a.Currency)
		given = due
	}
	return parts
}

// Decimal writes the amount as a plain decimal: "1250.00", "98000", "1.250".
func (a Amount) Decimal() string {
	digits := Digits(a.Currency)
	sign, minor := "", a.Minor
	if minor < 0 {
		sign, minor = "-", -minor
	}
	text := strconv.FormatInt(minor, 10)
	if digits == 0 {
		return sign + text
	}
	for len(text) <= digits {
		text = "0" + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// symbols are those that no reader of an English page mistakes.
var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

// String writes the amount for people: "$1,250.00", "€1,250.00", "CHF 1,250.00".
func (a Amount) String() string {
	decimal := a.Decimal()
	sign := ""
	if strings.HasPrefix(decimal, "-") {
		sign, decimal = "−", decimal[1:]
	}
	whole, fraction, _ := strings.Cut(decimal, ".")
	if fraction != "" {
		fraction = "." + fraction
	}
	if symbol, ok := symbols[a.Currency]; ok {
		return sign + symbol + groupThousands(whole) + fraction
	}
	return sign + a.Currency + " " + groupThousands(whole) + fraction
}

func groupThousands(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
