package stripepay_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
)

// [D15]: codes that must not be retried are not.
func TestCardAdvice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, reason string
		want         stripepay.Advice
	}{
		{"card_declined", "insufficient_funds", stripepay.TryAgain},
		{"card_declined", "generic_decline", stripepay.TryAgain},
		{"card_declined", "do_not_honor", stripepay.TryAgain},
		{"card_declined", "issuer_not_available", stripepay.TryAgain},
		{"processing_error", "", stripepay.TryAgain},
		{"", "", stripepay.TryAgain},
		{"card_declined", "a_code_of_tomorrow", stripepay.TryAgain},
		{"authentication_required", "authentication_required", stripepay.AskPayer},
		{"authentication_required", "", stripepay.AskPayer},
		{"payment_intent_authentication_failure", "", stripepay.AskPayer},
		{"incorrect_cvc", "incorrect_cvc", stripepay.AskPayer},
		{"card_declined", "lost_card", stripepay.NeverAgain},
		{"card_declined", "stolen_card", stripepay.NeverAgain},
		{"card_declined", "pickup_card", stripepay.NeverAgain},
		{"card_declined", "restricted_card", stripepay.NeverAgain},
		{"card_declined", "fraudulent", stripepay.NeverAgain},
		{"card_declined", "invalid_account", stripepay.NeverAgain},
		{"card_declined", "do_not_try_again", stripepay.NeverAgain},
		{"card_declined", "stop_payment_order", stripepay.NeverAgain},
		{"card_declined", "revocation_of_authorization", stripepay.NeverAgain},
		{"card_declined", "revocation_of_all_authorizations", stripepay.NeverAgain},
		{"card_declined", "card_not_supported", stripepay.NeverAgain},
		{"card_declined", "transaction_not_allowed", stripepay.NeverAgain},
		{"card_declined", "security_violation", stripepay.NeverAgain},
		{"expired_card", "", stripepay.NeverAgain},
		{"incorrect_number", "", stripepay.NeverAgain},
		{"authentication_required", "lost_card", stripepay.NeverAgain},
	} {
		if got := stripepay.CardAdvice(c.code, c.reason); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.code, c.reason, got, c.want)
		}
	}
}

func TestDisputeStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[stripepay.DisputeState]struct{ open, takes bool }{
		stripepay.DisputeNeedsResponse:        {true, true},
		stripepay.DisputeUnderReview:          {true, true},
		stripepay.DisputeLost:                 {false, true},
		stripepay.DisputeWon:                  {false, false},
		stripepay.DisputeWarningNeedsResponse: {true, false},
		stripepay.DisputeWarningUnderReview:   {true, false},
		stripepay.DisputeWarningClosed:        {false, false},
	} {
		if state.Open() != want.open || state.Takes() != want.takes {
			t.Errorf("%s: open %v, takes %v; want %+v", state, state.Open(), state.Takes(), want)
		}
	}
}

func balanceParams(key string) stripepay.ChargeParams {
	return stripepay.ChargeParams{
		Key: key, BookingID: "bk_1", ChargeID: "balance", TryID: "t2", Amount: money.Of(75_000, "USD"),
		Description: "Reservation LN-2041", StatementSuffix: "LN-2041", CustomerID: "cus_1", PaymentMethodID: "pm_1",
	}
}

// What comes of a charge is told by the intent as far as Stripe says how it
// stands; an error is only what leaves the money unknown or untouched.
func TestAnswersToACharge(t *testing.T) {
	t.Parallel()
	declined := `{"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card","message":"no","payment_intent":
		{"id":"pi_1","object":"payment_intent","status":"requires_payment_method","amount":75000,"currency":"usd","metadata":{"lantern_try":"t2"},
		"last_payment_error":{"type":"card_error","code":"card_declined","decline_code":"lost_card",
			"payment_method":{"id":"pm_1","card":{"brand":"visa","last4":"0341","exp_month":12,"exp_year":2034}}}}}}`
	card := stripepay.Card{Brand: "visa", Last4: "0341", ExpMonth: 12, ExpYear: 2034}
	for _, c := range []struct {
		name   string
		status int
		body   string
		fail   *fault.Error
		want   stripepay.PaymentIntent
	}{
		{"declined", 402, declined, nil, stripepay.PaymentIntent{
			ID: "pi_1", State: stripepay.IntentNeedsCard, Amount: money.Of(75_000, "USD"), Received: money.Of(0, "USD"), Refunded: money.Of(0, "USD"),
			TryID: "t2", Code: "card_declined", DeclineCode: "lost_card", PaymentMethodID: "pm_1", Card: card,
		}},
		{"declined without an intent", 402, `{"error":{"type":"card_error","code":"card_declined"}}`, stripepay.ErrDeclined, stripepay.PaymentIntent{}},
		{"unknown card", 400, `{"error":{"type":"invalid_request_error","code":"resource_missing","param":"payment_method"}}`, stripepay.ErrNotFound, stripepay.PaymentIntent{}},
		{"broken at Stripe", 500, `{"error":{"type":"api_error"}}`, stripepay.ErrUnreachable, stripepay.PaymentIntent{}},
		{"too little", 400, `{"error":{"type":"invalid_request_error","code":"amount_too_small","param":"amount"}}`, stripepay.ErrAmount, stripepay.PaymentIntent{}},
		{"key of another request", 400, `{"error":{"type":"idempotency_error"}}`, stripepay.ErrKeyReused, stripepay.PaymentIntent{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := clientOver(transportFunc(func(*http.Request) (*http.Response, error) { return answering(c.status, c.body), nil }))
				got, err := client.ChargeCard(t.Context(), balanceParams("p"))
				if (c.fail == nil) != (err == nil) || (c.fail != nil && !errors.Is(err, c.fail)) {
					t.Fatalf("got %v, want %v", err, c.fail)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("intent (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestChargeThatNeverLeavesTheHouse(t *testing.T) {
	t.Parallel()
	client := clientOver(transportFunc(func(*http.Request) (*http.Response, error) {
		t.Error("a request was sent")
		return nil, http.ErrServerClosed
	}))
	for name, c := range map[string]struct {
		change func(*stripepay.ChargeParams)
		want   error
	}{
		"no key":          {func(p *stripepay.ChargeParams) { p.Key = "" }, stripepay.ErrRefused},
		"nothing to pay":  {func(p *stripepay.ChargeParams) { p.Amount.Minor = 0 }, stripepay.ErrAmount},
		"negative amount": {func(p *stripepay.ChargeParams) { p.Amount.Minor = -1 }, stripepay.ErrAmount},
		"nobody's card":   {func(p *stripepay.ChargeParams) { p.CustomerID = "" }, stripepay.ErrNotFound},
		"no card":         {func(p *stripepay.ChargeParams) { p.PaymentMethodID = "" }, stripepay.ErrNotFound},
	} {
		p := balanceParams("p")
		c.change(&p)
		if _, err := client.ChargeCard(t.Context(), p); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
