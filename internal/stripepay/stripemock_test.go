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
		Description: "Reservation LN-2041", StatementSuffix: "LN-2041", Email: "ana@example.org", SaveCard: true, TryID: "t1",
		SuccessURL: "https://lantern.example/b/bk_1?paid={CHECKOUT_SESSION_ID}", CancelURL: "https://lantern.example/b/bk_1",
		ExpiresAt: time.Now().Add(31 * time.Minute),
	}
	known := full
	known.CustomerID = "cus_1"
	least := stripepay.CheckoutParams{
		Key: "try-2", Amount: money.Of(98_000, "JPY"), Description: "Reservation", SuccessURL: full.SuccessURL, ExpiresAt: full.ExpiresAt,
	}
	setup := known
	setup.Setup = true
	span := stripepay.Span{From: time.Now().Add(-time.Hour), To: time.Now()}
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
		"save a card":      func() (string, error) { c, err := client.CreateCheckout(ctx, setup); return c.ID, err },
		"charge a saved card": func() (string, error) {
			p, err := client.ChargeCard(ctx, stripepay.ChargeParams{
				Key: "p", BookingID: "bk_1", ChargeID: "balance", TryID: "t2", Amount: money.Of(1_000, "USD"), Description: "Reservation",
				StatementSuffix: "LN-2041", CustomerID: "cus_1", PaymentMethodID: "pm_1",
			})
			return p.ID, err
		},
		"ask for a dispute": func() (string, error) { d, err := client.Dispute(ctx, "dp_1"); return d.ID, err },
		"list refunds": func() (string, error) {
			all, err := client.Refunds(ctx, "pi_1")
			return idOfFirst(all, err, func(r stripepay.Refund) string { return r.ID })
		},
		"list disputes": func() (string, error) {
			all, err := client.Disputes(ctx, "pi_1")
			return idOfFirst(all, err, func(d stripepay.Dispute) string { return d.ID })
		},
		"list a customer's payments": func() (string, error) {
			all, err := client.IntentsOf(ctx, "cus_1", span.From)
			return idOfFirst(all, err, func(p stripepay.PaymentIntent) string { return p.ID })
		},
		"list endpoints": func() (string, error) {
			all, err := client.Endpoints(ctx)
			return idOfFirst(all, err, func(e stripepay.Endpoint) string { return e.ID })
		},
		"each payment": func() (id string, err error) {
			err = client.EachIntent(ctx, span, func(page []stripepay.PaymentIntent) error { id = page[0].ID; return nil })
			return id, err
		},
		"each checkout": func() (id string, err error) {
			err = client.EachCheckout(ctx, span, func(page []stripepay.Checkout) error { id = page[0].ID; return nil })
			return id, err
		},
		"each refund": func() (id string, err error) {
			err = client.EachRefund(ctx, span, func(page []stripepay.Refund) error { id = page[0].ID; return nil })
			return id, err
		},
		"each dispute": func() (id string, err error) {
			err = client.EachDispute(ctx, span, func(page []stripepay.Dispute) error { id = page[0].ID; return nil })
			return id, err
		},
		"each event not delivered": func() (id string, err error) {
			err = client.EachUndelivered(ctx, span, func(page []stripepay.Event) error { id = page[0].ID; return nil })
			return id, err
		},
	} {
		if id, err := request(); err != nil || id == "" {
			t.Errorf("%s: id %q, %v", name, id, err)
		}
	}
}

func idOfFirst[O any](all []O, err error, id func(O) string) (string, error) {
	if len(all) == 0 {
		return "", err
	}
	return id(all[0]), err
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
