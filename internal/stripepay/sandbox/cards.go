package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// card is what was typed on the payment page. It lives for one request and is
// never stored, logged or put into an error.
type card struct {
	number string // digits alone
	brand  string
	month  int
	year   int
}

// cardForm is what a person typed, as typed.
type cardForm struct {
	Number, Exp, CVC string
}

// cardFaults says what is wrong, field by field; empty means nothing.
type cardFaults struct {
	Number, Exp, CVC string
}

// parseCard checks what a payment page can check by itself.
func parseCard(form cardForm, now time.Time) (card, cardFaults) {
	var parsed card
	var faults cardFaults
	parsed.number, faults.Number = parseNumber(form.Number)
	parsed.brand = brandOf(parsed.number)
	parsed.month, parsed.year, faults.Exp = parseExpiry(form.Exp, now)
	faults.CVC = checkCVC(form.CVC, parsed.brand)
	return parsed, faults
}

func parseNumber(typed string) (digits, fault string) {
	const shortest, longest = 13, 19 // ISO/IEC 7812 as the card networks use it
	digits = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(typed)
	switch {
	case digits == "":
		return "", "Type the number of a test card."
	case strings.Trim(digits, "0123456789") != "":
		return "", "A card number has digits only."
	case len(digits) < shortest:
		return "", "Your card number is incomplete."
	case len(digits) > longest || !luhn(digits):
		return "", "Your card number is incorrect."
	}
	return digits, ""
}

// luhn checks the digit that every card number ends with.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func brandOf(digits string) string {
	switch {
	case strings.HasPrefix(digits, "34"), strings.HasPrefix(digits, "37"):
		return "amex"
	case strings.HasPrefix(digits, "4"):
		return "visa"
	case strings.HasPrefix(digits, "5"), strings.HasPrefix(digits, "2"):
		return "mastercard"
	case strings.HasPrefix(digits, "6"):
		return "discover"
	}
	return "unknown"
}

// parseExpiry reads "12/34", "12 / 2034" or "1234". A card is good to the end
// of its month.
func parseExpiry(typed string, now time.Time) (month, year int, fault string) {
	const incomplete = "Type month and year, such as 12/34."
	plain := strings.NewReplacer(" ", "", "-", "/").Replace(typed)
	before, after, slashed := strings.Cut(plain, "/")
	if !slashed && len(plain) == 4 {
		before, after = plain[:2], plain[2:]
	}
	month, monthErr := strconv.Atoi(before)
	year, yearErr := strconv.Atoi(after)
	if monthErr != nil || yearErr != nil || (len(after) != 2 && len(after) != 4) {
		return 0, 0, incomplete
	}
	if len(after) == 2 {
		year += 2000
	}
	if month < 1 || month > 12 {
		return 0, 0, "The month is from 01 to 12."
	}
	if !now.Before(time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)) {
		return 0, 0, "Your card's expiration date is in the past."
	}
	if year > now.Year()+50 {
		return 0, 0, "Your card's expiration year is invalid."
	}
	return month, year, ""
}

func checkCVC(typed, brand string) (fault string) {
	digits := strings.TrimSpace(typed)
	want := 3
	if brand == "amex" {
		want = 4
	}
	if strings.Trim(digits, "0123456789") != "" || len(digits) != want {
		return "Type the " + strconv.Itoa(want) + " digits of the security code; any will do."
	}
	return ""
}
