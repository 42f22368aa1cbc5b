package bookingweb

import (
	"fmt"
	"strings"

	"lantern/booking"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Lines of money in the words of those who work here.

// chargeWords name a charge of the booking: "Instalment 2 of 3".
func chargeWords(b *booking.Booking, id string) string {
	switch id {
	case booking.DepositCharge:
		return "Deposit"
	case booking.BalanceCharge:
		return "Balance"
	case booking.FullCharge:
		return "Whole price"
	}
	charge, ok := b.Charge(id)
	if !ok || charge.Instalment() == 0 {
		return "Charge " + id
	}
	last := 0
	for _, c := range b.Charges {
		last = max(last, c.Instalment())
	}
	return fmt.Sprintf("Instalment %d of %d", charge.Instalment(), last)
}

var methodWords = map[booking.Method]string{
	booking.ByCard: "card", booking.ByTransfer: "bank transfer", booking.ByCash: "cash",
}

// refundReasonWords say why money goes back.
var refundReasonWords = map[booking.RefundReason]string{
	booking.RefundLate:       "came after the hold had ended",
	booking.RefundCancelled:  "they cancelled",
	booking.RefundCalledOff:  "the dates were called off",
	booking.RefundNotCleared: "one of them is not cleared",
	booking.RefundRefilled:   "another couple has filled the place",
	booking.RefundException:  "given back by exception",
	booking.RefundPart:       "only a part came in time",
	booking.RefundMoved:      "their new dates cost less",
	booking.RefundMistake:    "recorded by mistake",
	booking.RefundTwice:      "it had been paid already",
	booking.RefundAgain:      "an earlier refund failed",
	booking.RefundByHand:     "made at Stripe",
}

// failureWords are Stripe's codes for a card that was not charged.
var failureWords = map[string]string{
	"authentication_required": "the bank asks the card's owner first",
	"card_declined":           "declined by the bank",
	"card_not_supported":      "this kind of card cannot be charged",
	"do_not_honor":            "declined by the bank, without a reason",
	"expired_card":            "the card has expired",
	"fraudulent":              "declined as a possible fraud",
	"generic_decline":         "declined by the bank, without a reason",
	"incorrect_cvc":           "the card's check digits are wrong",
	"insufficient_funds":      "not enough money on the card",
	"lost_card":               "the card was reported lost",
	"processing_error":        "the bank could not process it",
	"refused":                 "Stripe refused the request",
	"stolen_card":             "the card was reported stolen",
	"stop_payment_order":      "its owner has stopped such charges",
}

// failureOf says why a try failed; the bank's own reason says more than
// Stripe's code.
func failureOf(t booking.Try) string {
	for _, code := range []string{t.DeclineCode, t.Code} {
		if words := failureWords[code]; words != "" {
			return words
		}
	}
	for _, code := range []string{t.DeclineCode, t.Code} {
		if code != "" {
			return strings.ReplaceAll(code, "_", " ")
		}
	}
	return "no reason was given"
}

// heldBackWords say why no card is charged.
var heldBackWords = map[booking.HeldBack]string{
	booking.HeldByPlace:   "no card is charged: there is no place to pay for",
	booking.HeldByPapers:  "no card is charged before both are cleared",
	booking.HeldByDispute: "no card is charged while a payment is disputed",
}

// disputeReasonWords are Stripe's categories.
var disputeReasonWords = map[string]string{
	"bank_cannot_process":       "the bank could not process it",
	"check_returned":            "the check was returned",
	"credit_not_processed":      "they say that a refund was promised and did not come",
	"customer_initiated":        "the payer asked for it",
	"debit_not_authorized":      "they say that they did not allow the charge",
	"duplicate":                 "they say that they were charged twice",
	"fraudulent":                "they say that they did not make this payment",
	"general":                   "the bank gave no reason",
	"incorrect_account_details": "the account's details were wrong",
	"insufficient_funds":        "there was not enough money",
	"product_not_received":      "they say that they did not get what they paid for",
	"product_unacceptable":      "they say that it was not as described",
	"subscription_canceled":     "they say that they had ended the agreement",
	"unrecognized":              "they do not recognize the payment",
}

func disputeReason(d booking.Dispute) string {
	if words := disputeReasonWords[d.Reason]; words != "" {
		return words
	}
	if d.Reason == "" {
		return "the bank gave no reason"
	}
	return strings.ReplaceAll(d.Reason, "_", " ")
}

// disputeStates say where a dispute stands.
var disputeStates = map[stripepay.DisputeState]string{
	stripepay.DisputeNeedsResponse:        "open: the money is away, evidence is asked for",
	stripepay.DisputeUnderReview:          "open: the money is away, the bank decides",
	stripepay.DisputeWon:                  "won: the money is back",
	stripepay.DisputeLost:                 "lost: the money is gone",
	stripepay.DisputeWarningNeedsResponse: "an inquiry: the money is still here, evidence is asked for",
	stripepay.DisputeWarningUnderReview:   "an inquiry: the money is still here, the bank decides",
	stripepay.DisputeWarningClosed:        "an inquiry that was closed",
}

var reductionWords = map[retreats.ReductionKind]string{
	retreats.EarlyBirdReduction: "early price", retreats.CodeReduction: "code", retreats.SlidingReduction: "granted",
}

// brands write card brands as their owners do.
var brands = map[string]string{
	"amex": "American Express", "diners": "Diners Club", "discover": "Discover", "jcb": "JCB", "mastercard": "Mastercard",
	"unionpay": "UnionPay", "visa": "Visa",
}

func cardWords(brand, last4 string) string {
	name := brands[brand]
	if name == "" {
		name = "Card"
	}
	if last4 == "" {
		return name
	}
	return name + " ending in " + last4
}
