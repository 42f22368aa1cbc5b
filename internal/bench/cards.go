package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"lantern/internal/stripepay"
)

// The key and the secret of the card service that the benchmarks start.
const cardKey, cardSecret = "sk_test_bench", "whsec_bench"

// payOn pays on a card page.
func payOn(ctx context.Context, page string) error {
	form := url.Values{"number": {"4242424242424242"}, "exp": {"12/40"}, "cvc": {"123"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// The page leads back to the couple's own, which nobody needs.
	response, err := client.Transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("paying was answered %d", response.StatusCode)
	}
	return nil
}

// pay opens a card page at a card service, pays there, and gives the payment.
func pay(ctx context.Context, cards *stripepay.Client, p stripepay.CheckoutParams) (stripepay.Checkout, error) {
	page, err := cards.CreateCheckout(ctx, p)
	if err != nil {
		return page, err
	}
	if err := payOn(ctx, page.URL); err != nil {
		return page, err
	}
	return cards.Checkout(ctx, page.ID)
}
