package sandbox

import (
	"slices"
	"strings"
)

// behaviour is what a card does, when it is typed and, once saved, later. The
// zero behaviour pays.
type behaviour struct {
	decline *paymentError // at every try
	asks    bool          // the payer is asked by their bank when the card is typed
	later   *paymentError // at tries while the payer is away
	refund  *outcome      // what comes of its refunds; nil is success at once
	dispute string        // the payer's bank wants the money back at once, for this reason
	inquiry bool          // the bank only asks
}

// testCard is one of Stripe's test cards (docs.stripe.com/testing).
type testCard struct {
	number string
	name   string // of its behaviour, for the state file; empty pays
	says   string // for a person
	behaviour
}

// Digits is the number as it is sent.
func (c testCard) Digits() string { return c.number }

// Spaced is the number as it stands on a card.
func (c testCard) Spaced() string { return spaced(c.number) }

// Says is what the card does, for a person.
func (c testCard) Says() string { return c.says }

func spaced(digits string) string {
	groups := []int{4, 8, 12}
	if len(digits) == 15 {
		groups = []int{4, 10} // American Express
	}
	var b strings.Builder
	for i, digit := range digits {
		if slices.Contains(groups, i) {
			b.WriteByte(' ')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

func declines(code, declineCode, message string) behaviour {
	return behaviour{decline: cardError(code, declineCode, message)}
}

func cardError(code, declineCode, message string) *paymentError {
	return &paymentError{Type: "card_error", Code: code, DeclineCode: declineCode, Message: message}
}

const (
	plainDecline = "Your card was declined."
	needsPayer   = "Your card was declined. This transaction requires authentication."
)

var testCards = []testCard{
	{"4242424242424242", "", "pays (Visa)", behaviour{}},
	{"4000056655665556", "", "pays (Visa debit)", behaviour{}},
	{"5555555555554444", "", "pays (Mastercard)", behaviour{}},
	{"2223003122003222", "", "pays (Mastercard, 2-series)", behaviour{}},
	{"378282246310005", "", "pays (American Express; four digits)", behaviour{}},
	{"6011111111111117", "", "pays (Discover)", behaviour{}},

	{"4000002500003155", "asks once", "asks the bank first (3-D Secure); saved, it pays by itself", behaviour{asks: true}},
	{"4000002760003184", "asks always", "asks the bank every time; saved, it cannot pay by itself",
		behaviour{asks: true, later: cardError("authentication_required", "authentication_required", needsPayer)}},
	{"4000000000000341", "fails later", "pays now and can be saved, fails later",
		behaviour{later: cardError("card_declined", "generic_decline", plainDecline)}},

	{"4000000000000002", "declined", "is declined", declines("card_declined", "generic_decline", plainDecline)},
	{"4000000000009995", "no funds", "has too little money", declines("card_declined", "insufficient_funds", "Your card has insufficient funds.")},
	{"4000000000009987", "lost", "was lost", declines("card_declined", "lost_card", plainDecline)},
	{"4000000000009979", "stolen", "was stolen", declines("card_declined", "stolen_card", plainDecline)},
	{"4000000000000069", "expired", "has expired", declines("expired_card", "", "Your card has expired.")},
	{"4000000000000127", "other code", "has another security code", declines("incorrect_cvc", "", "Your card's security code is incorrect.")},
	{"4000000000000119", "fails", "fails while it is processed",
		declines("processing_error", "", "An error occurred while processing your card. Try again in a little bit.")},

	{"4000000000007726", "refunds pend", "pays; a refund is pending for an hour", behaviour{refund: &outcome{First: refundPending, Status: refundSucceeded}}},
	{"4000000000005126", "refunds fail", "pays; a refund fails an hour later", behaviour{refund: &outcome{First: refundSucceeded, Status: refundFailed}}},
	{"4000000000000259", "disputed", "pays; the payer then says it was fraud", behaviour{dispute: "fraudulent"}},
	{"4000000000002685", "not received", "pays; the payer then says they got nothing", behaviour{dispute: "product_not_received"}},
	{"4000000000001976", "inquiry", "pays; the bank then asks what it was", behaviour{dispute: "fraudulent", inquiry: true}},
}

// strange is a number that is no test card: what Stripe answers to a real card
// in test mode.
var strange = testCard{name: "strange", behaviour: declines("card_declined", "test_mode_live_card",
	"Your card was declined. This page takes test cards only, and this number is not one of them.")}

// testCardOf finds what a number does.
func testCardOf(number string) testCard {
	if i := slices.IndexFunc(testCards, func(c testCard) bool { return c.number == number }); i >= 0 {
		return testCards[i]
	}
	return strange
}

// behaviourOf finds what a kept card does; names of other versions pay.
func (s *state) behaviourOf(method nullable) behaviour {
	name := s.Behaviours[string(method)]
	if name == strange.name {
		return strange.behaviour
	}
	if i := slices.IndexFunc(testCards, func(c testCard) bool { return c.name == name }); i >= 0 {
		return testCards[i].behaviour
	}
	return behaviour{}
}
