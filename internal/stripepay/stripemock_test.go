package stripepay_test

import (
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"lantern/internal/money"
	"lantern/internal/stripepay"
)

// Stripe's own mock (github.com/stripe/stripe-mock) holds every request to
// Stripe's OpenAPI document. It keeps no state and answers with fixtures, so
// these tests are about what is sent.
func mockClient(t *testing.T, transport http.RoundTripper) *stripepay.Client {
	t.Helper()
	address := os.Getenv("STRIPE_MOCK")
	if address == "" {
		t.Skip("STRIPE_MOCK does not name a running stripe-mock, such as http://127.0.0.1:12111")
	}
	return stripepay.New(stripepay.Config{SecretKey: "sk_test_123", APIURL: address, Transport: transport})
}

func TestStripeAcceptsEveryRequest(t *testing.T) {
	t.Parallel()
	client := mockClient(t, nil)
	full := stripepay.CheckoutParams{
		Key: "try-1", BookingID: "bk_1", ChargeID: "deposit", Amount: money.Of(125_000, "USD"),
		Description: "Reservation LN-2041", StatementSuffix: "LN-2041", Email: "ana@example.org", SaveCard: true,
		SuccessURL: "https://lantern.example/b/bk_1?paid={CHECKOUT_SESSION_ID}", CancelURL: "https://lantern.example/b/bk_1",
		ExpiresAt: time.Now().Add(31 * time.Minute),
	}
	known := full
	known.CustomerID = "cus_1"
	least := stripepay.CheckoutParams{
		Key: "try-2", Amount: money.Of(98_000, "JPY"), Description: "Reservation", SuccessURL: full.SuccessURL, ExpiresAt: full.ExpiresAt,
	}
	ctx := t.Context()
	for name, request := range map[string]func() (string, error){
		"checkout with everything": func() (string, error) { c, err := client.CreateCheckout(ctx, full); return c.ID, err },
		"checkout of a customer":   func() (string, error) { c, err := client.CreateCheckout(ctx, known); return c.ID, err },
		"checkout with the least":  func() (string, error) { c, err := client.CreateCheckout(ctx, least); return c.ID, err },
		"ask for a checkout":       func() (string, error) { c, err := client.Checkout(ctx, "cs_test_1"); return c.ID, err },
		"expire a checkout":        func() (string, error) { c, err := client.ExpireCheckout(ctx, "cs_test_1"); return c.ID, err },
		"customer": func() (string, error) {
			c, err := client.CreateCustomer(ctx, stripepay.CustomerParams{Key: "c", Email: "ana@example.org", Name: "Ana", BookingID: "bk_1"})
			return c.ID, err
		},
		"ask for a payment intent": func() (string, error) { p, err := client.PaymentIntent(ctx, "pi_1"); return p.ID, err },
		"refund": func() (string, error) {
			r, err := client.CreateRefund(ctx, stripepay.RefundParams{
				Key: "r", PaymentIntentID: "pi_1", Amount: money.Of(1_000, "USD"), BookingID: "bk_1", RefundID: "r1", Reason: stripepay.ReasonDuplicate,
			})
			return r.ID, err
		},
		"ask for a refund": func() (string, error) { r, err := client.Refund(ctx, "re_1"); return r.ID, err },
		"list refunds": func() (string, error) {
			all, err := client.Refunds(ctx, "pi_1")
			if len(all) == 0 {
				return "", err
			}
			return all[0].ID, err
		},
	} {
		if id, err := request(); err != nil || id == "" {
			t.Errorf("%s: id %q, %v", name, id, err)
		}
	}
}

// The mock must be one that refuses, or the test above proves nothing.
func TestStripeMockRefusesAnUnknownParameter(t *testing.T) {
	t.Parallel()
	client := mockClient(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		query := r.URL.Query()
		query.Set("lantern", "1")
		r.URL.RawQuery = query.Encode()
		return http.DefaultTransport.RoundTrip(r)
	}))
	if _, err := client.Checkout(t.Context(), "cs_test_1"); !errors.Is(err, stripepay.ErrRefused) {
		t.Errorf("got %v, want refused", err)
	}
}
