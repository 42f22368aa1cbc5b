package sandbox

import (
	"testing"
	"time"
)

func TestParseCard(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 31, 23, 59, 59, 0, time.UTC)
	const good = "4242 4242 4242 4242"
	cases := []struct {
		name string
		form cardForm
		want cardFaults
	}{
		{"good", cardForm{good, "12/34", "123"}, cardFaults{}},
		{"other ways to write it", cardForm{"4242-4242-4242-4242", "12 / 2034", " 123 "}, cardFaults{}},
		{"without a slash", cardForm{good, "1234", "123"}, cardFaults{}},
		{"to the end of its month", cardForm{good, "3/27", "123"}, cardFaults{}},
		{"last month", cardForm{good, "02/27", "123"}, cardFaults{Exp: "Your card's expiration date is in the past."}},
		{"thirteenth month", cardForm{good, "13/30", "123"}, cardFaults{Exp: "The month is from 01 to 12."}},
		{"half a date", cardForm{good, "12", "123"}, cardFaults{Exp: "Type month and year, such as 12/34."}},
		{"far year", cardForm{good, "12/2099", "123"}, cardFaults{Exp: "Your card's expiration year is invalid."}},
		{"wrong digit", cardForm{"4242 4242 4242 4241", "12/34", "123"}, cardFaults{Number: "Your card number is incorrect."}},
		{"short number", cardForm{"4242", "12/34", "123"}, cardFaults{Number: "Your card number is incomplete."}},
		{"letters", cardForm{"four two", "12/34", "123"}, cardFaults{Number: "A card number has digits only."}},
		{"short code", cardForm{good, "12/34", "12"}, cardFaults{CVC: "Type the 3 digits of the security code; any will do."}},
		{"four digits on American Express", cardForm{"378282246310005", "12/34", "1234"}, cardFaults{}},
		{"three digits on American Express", cardForm{"378282246310005", "12/34", "123"}, cardFaults{CVC: "Type the 4 digits of the security code; any will do."}},
		{"nothing", cardForm{}, cardFaults{
			Number: "Type the number of a test card.", Exp: "Type month and year, such as 12/34.",
			CVC: "Type the 3 digits of the security code; any will do.",
		}},
	}
	for _, c := range cases {
		if _, got := parseCard(c.form, now); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Every card of the table can be typed, and does what Stripe's does.
func TestTestCards(t *testing.T) {
	t.Parallel()
	names := map[string]int{}
	for _, c := range testCards {
		if _, fault := parseNumber(c.number); fault != "" {
			t.Errorf("%s: %s", c.number, fault)
		}
		if names[c.name]++; c.name != "" && names[c.name] > 1 {
			t.Errorf("two cards are called %q in the state file", c.name)
		}
	}
	cases := []struct{ number, code, declineCode string }{
		{"4242424242424242", "", ""},
		{"4000000000000341", "", ""},
		{"4000000000000002", "card_declined", "generic_decline"},
		{"4000000000009995", "card_declined", "insufficient_funds"},
		{"4000000000000069", "expired_card", ""},
		{"4000000000000127", "incorrect_cvc", ""},
		{"4000000000000119", "processing_error", ""},
		{"4111111111111111", "card_declined", "test_mode_live_card"}, // good, but no test card of Stripe's
	}
	for _, c := range cases {
		var got paymentError
		if decline := testCardOf(c.number).decline; decline != nil {
			got = *decline
		}
		if got.Code != c.code || got.DeclineCode != c.declineCode {
			t.Errorf("%s: code %q and %q, want %q and %q", c.number, got.Code, got.DeclineCode, c.code, c.declineCode)
		}
	}
	for _, number := range []string{"4000002500003155", "4000002760003184"} {
		if !testCardOf(number).asks {
			t.Errorf("%s does not ask the bank", number)
		}
	}
}
