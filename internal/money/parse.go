package money

import (
	"strconv"
	"strings"

	"lantern/internal/fault"
)

// Parse reads an amount as people type it: "4800", "4,800.00", "4 800.5".
// A comma stands between thousands only: taking "48,00" for a decimal would be
// a guess, and of the two readings one is a hundred times the other.
func Parse(text, currency string) (Amount, error) {
	if err := CheckCurrency(currency); err != nil {
		return Amount{}, err
	}
	digits := Digits(currency)
	badForm := fault.Newf(fault.Invalid, "Write the amount in figures, for example %s.", Of(exampleMinor(digits), currency).Decimal())
	whole, fraction, hasPoint := strings.Cut(strings.TrimSpace(text), ".")
	whole, ok := ungrouped(whole)
	if !ok || (hasPoint && !isFigures(fraction)) {
		return Amount{}, badForm
	}
	if len(fraction) > digits {
		if digits == 0 {
			return Amount{}, fault.Newf(fault.Invalid, "%s has no decimals: write whole amounts.", currency)
		}
		return Amount{}, fault.Newf(fault.Invalid, "%s has %d decimals at most.", currency, digits)
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		minor = Max + 1 // too long to be a number, so surely too much
	}
	amount := Of(minor, currency)
	return amount, amount.Check()
}

// exampleMinor is 4800 in whole units.
func exampleMinor(digits int) int64 {
	minor := int64(4800)
	for range digits {
		minor *= 10
	}
	return minor
}

func isFigures(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// ungrouped takes out what stands between thousands: commas or spaces, also
// those that do not break a line.
func ungrouped(text string) (string, bool) {
	groups := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\u00a0' || r == '\u202f' })
	for i, group := range groups {
		if !isFigures(group) || (i > 0 && len(group) != 3) || (len(groups) > 1 && i == 0 && len(group) > 3) {
			return "", false
		}
	}
	joined := strings.Join(groups, "")
	separators := len([]rune(text)) - len(joined)
	return joined, joined != "" && separators == len(groups)-1
}
