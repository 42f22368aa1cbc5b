package stripepay

import (
	"slices"

	"github.com/stripe/stripe-go/v76"
)

// Card is how a card looks to the person whose it is. The number is never
// known here.
type Card struct {
	Brand    string // Stripe's word: visa, mastercard, amex, …
	Last4    string
	ExpMonth int // 1 to 12; a card is good to the end of this month
	ExpYear  int // four digits
}

// cardOf reads a payment method that was expanded; one that was not has no card.
func cardOf(method *stripe.PaymentMethod) Card {
	if method.Card == nil {
		return Card{}
	}
	return Card{
		Brand: string(method.Card.Brand), Last4: method.Card.Last4,
		ExpMonth: int(method.Card.ExpMonth), ExpYear: int(method.Card.ExpYear),
	}
}

// Advice is what may be done with a saved card after it was declined.
type Advice string

// The advices.
const (
	// TryAgain: the same card may pay on another day.
	TryAgain Advice = "try again"
	// AskPayer: the same card may pay, but only with the payer present.
	AskPayer Advice = "ask the payer"
	// NeverAgain: this card must not be tried again without the payer. The card
	// networks fine repeated tries, or no time will make it better.
	NeverAgain Advice = "never again"
)

// Stripe's codes by what can come of another try, from the tables of decline
// codes and of error codes (docs.stripe.com/declines/codes and
// docs.stripe.com/error-codes). What Visa calls category 1, "the issuer will
// never approve", is among the forbidden: lost, stolen and picked-up cards,
// closed accounts, transactions not permitted, and orders to stop payment.
// do_not_honor and generic_decline are banks that give no reason; they may.
var (
	askingCodes = []string{
		"authentication_required", "authentication_not_handled", "payment_intent_authentication_failure",
		"payment_intent_action_required", "setup_intent_authentication_failure", "mobile_device_authentication_required",
		"offline_pin_required", "online_or_offline_pin_required", "incorrect_pin", "invalid_pin",
		"incorrect_cvc", "invalid_cvc", "incorrect_zip", "incorrect_address",
	}
	forbiddenCodes = []string{
		"lost_card", "stolen_card", "pickup_card", "restricted_card", "fraudulent", "merchant_blacklist",
		"security_violation", "highest_risk_level", "do_not_try_again",
		"stop_payment_order", "revocation_of_authorization", "revocation_of_all_authorizations",
		"transaction_not_allowed", "not_permitted", "service_not_allowed", "card_not_supported", "currency_not_supported",
		"expired_card", "invalid_expiry_month", "invalid_expiry_year",
		"incorrect_number", "invalid_number", "invalid_account", "new_account_information_available", "pin_try_exceeded",
		"testmode_decline", "test_mode_live_card", "live_mode_test_card",
	}
)

// CardAdvice says what may be done after a decline, from Stripe's code and the
// bank's reason; either may be empty. Unknown ones may be tried again: the
// number of tries has its own limit.
func CardAdvice(code, declineCode string) Advice {
	has := func(codes []string) bool { return slices.Contains(codes, code) || slices.Contains(codes, declineCode) }
	switch {
	case has(forbiddenCodes):
		return NeverAgain
	case has(askingCodes):
		return AskPayer
	}
	return TryAgain
}
