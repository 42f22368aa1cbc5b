// Package stripepay is Lantern's only door to Stripe: hosted checkout,
// customers, charges of saved cards, refunds, disputes, signed events, and
// lists of all of these to compare our books with, in Lantern's own types. No
// other package imports stripe-go.
//
// The same code talks to Stripe and to the imitation in the package sandbox;
// which of the two is decided by Config.APIURL alone.
//
// Every call that creates something takes an idempotency key from its caller.
// Stripe keeps the first answer to a key for at least 24 hours and gives it
// again to whoever repeats the request, failures after the request began to be
// carried out included (see Replayed). So a key must be made of what is to be
// done (this charge, this try) and be stored before the call.
package stripepay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/dispute"
	"github.com/stripe/stripe-go/v76/event"
	"github.com/stripe/stripe-go/v76/paymentintent"
	"github.com/stripe/stripe-go/v76/refund"
	"github.com/stripe/stripe-go/v76/webhookendpoint"

	"lantern/internal/money"
)

// APIVersion is the version of Stripe's API that this package speaks. The
// webhook endpoint at Stripe must be made for the same version.
const APIVersion = stripe.APIVersion

// requestTimeout bounds one try of one request. Stripe advises clients to wait
// long for creating calls, since giving up does not undo them; half a minute
// is as long as a person waits for a page.
const requestTimeout = 30 * time.Second

// networkRetries is how often a request is repeated, with its key, after a
// lost connection, a 409 or a 503.
const networkRetries = 2

// maxKeyLength is Stripe's limit for an idempotency key.
const maxKeyLength = 255

// The keys of the metadata that lead from an object at Stripe back to ours.
const (
	metaBooking = "lantern_booking"
	metaCharge  = "lantern_charge"
	metaTry     = "lantern_try"
	metaRefund  = "lantern_refund"
)

// Config says which account to use and where.
type Config struct {
	SecretKey     string
	WebhookSecret string            // empty: no event is ever accepted
	APIURL        string            // empty: Stripe itself; else the sandbox's base URL
	Transport     http.RoundTripper // nil: the network
	Now           func() time.Time  // nil: the system's clock; only ParseEvent looks at it
	// Unpaused repeats a failed request at once and not after a pause, for who has
	// a clock that does not go by itself.
	Unpaused bool
}

// Client makes requests for one account. It is safe for concurrent use, and
// several clients can live in one process.
type Client struct {
	webhookSecret string
	now           func() time.Time
	sessions      session.Client
	customers     customer.Client
	intents       paymentintent.Client
	refunds       refund.Client
	disputes      dispute.Client
	events        event.Client
	endpoints     webhookendpoint.Client
}

// New makes a client. It does not connect.
func New(config Config) *Client {
	transport := config.Transport
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	backendConfig := &stripe.BackendConfig{
		EnableTelemetry: stripe.Bool(false),
		HTTPClient:      &http.Client{Timeout: requestTimeout, Transport: transport},
		// The library's own log lines carry what people typed.
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
		MaxNetworkRetries: stripe.Int64(networkRetries),
	}
	if config.APIURL != "" {
		backendConfig.URL = stripe.String(config.APIURL)
	}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, backendConfig)
	if own, ok := backend.(*stripe.BackendImplementation); ok {
		own.SetNetworkRetriesSleep(!config.Unpaused)
	}
	return &Client{
		webhookSecret: config.WebhookSecret,
		now:           config.Now,
		sessions:      session.Client{B: backend, Key: config.SecretKey},
		customers:     customer.Client{B: backend, Key: config.SecretKey},
		intents:       paymentintent.Client{B: backend, Key: config.SecretKey},
		refunds:       refund.Client{B: backend, Key: config.SecretKey},
		disputes:      dispute.Client{B: backend, Key: config.SecretKey},
		events:        event.Client{B: backend, Key: config.SecretKey},
		endpoints:     webhookendpoint.Client{B: backend, Key: config.SecretKey},
	}
}

// creating gives the parameters that every creating request shares.
func creating(ctx context.Context, key string) (stripe.Params, error) {
	if key == "" || len(key) > maxKeyLength || strings.TrimSpace(key) != key {
		return stripe.Params{}, fmt.Errorf("an idempotency key has 1 to %d characters and no space at its ends", maxKeyLength)
	}
	return stripe.Params{Context: ctx, IdempotencyKey: stripe.String(key)}, nil
}

// checkPositive refuses what is no sum to move.
func checkPositive(amount money.Amount) error {
	if err := amount.Check(); err != nil {
		return err
	}
	if amount.IsZero() {
		return errors.New("an amount of zero cannot be moved")
	}
	return nil
}

// amountOf reads an amount of Stripe's, whose currency codes are lower case.
func amountOf(minor int64, currency stripe.Currency) money.Amount {
	return money.Of(minor, strings.ToUpper(string(currency)))
}

// currencyOf is the code of an amount as Stripe takes it.
func currencyOf(amount money.Amount) *string { return stripe.String(strings.ToLower(amount.Currency)) }

// optional turns an empty text into a parameter that is not sent.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return stripe.String(text)
}

// instant reads Stripe's seconds since 1970; zero is the zero time.
func instant(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// metadata keeps what is not empty.
func metadata(pairs ...string) map[string]string {
	data := make(map[string]string, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			data[pairs[i]] = pairs[i+1]
		}
	}
	return data
}
