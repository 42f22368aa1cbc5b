package stripepay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"

	"lantern/internal/money"
)

// Stripe accepts a checkout that ends between these spans after it was made
// (docs.stripe.com/api/checkout/sessions/create, expires_at). Its clock counts,
// and the request takes time: keep a minute's distance from both.
const (
	MinCheckout = 30 * time.Minute
	MaxCheckout = 24 * time.Hour
)

// CheckoutState is where a checkout stands. Complete and expired are final.
type CheckoutState string

// The states of a checkout.
const (
	CheckoutOpen     CheckoutState = "open"
	CheckoutComplete CheckoutState = "complete"
	CheckoutExpired  CheckoutState = "expired"
)

// CheckoutParams asks for one hosted payment page, or with Setup for one that
// saves a card for later and takes no money.
type CheckoutParams struct {
	Key             string // idempotency key
	BookingID       string
	ChargeID        string       // Lantern's charge, not Stripe's
	TryID           string       // Lantern's line about this try
	Setup           bool         // save a card, pay nothing; needs a CustomerID
	Amount          money.Amount // not with Setup
	Description     string       // what the payer reads; neutral [D38]
	StatementSuffix string       // added to the practice's name on the card statement; neutral, may be empty
	CustomerID      string       // a customer made before, or empty
	Email           string       // filled in for the payer; ignored with a CustomerID
	SaveCard        bool         // keep the card for later charges without the payer present; Setup always does
	SuccessURL      string       // may contain {CHECKOUT_SESSION_ID}
	CancelURL       string
	ExpiresAt       time.Time // see MinCheckout and MaxCheckout
}

// Checkout is a hosted payment page and what came of it.
type Checkout struct {
	ID              string
	URL             string // empty once it is no longer open
	State           CheckoutState
	Setup           bool // saves a card; when it is complete, PaymentMethodID is the card
	Paid            bool
	Amount          money.Amount
	BookingID       string
	ChargeID        string
	TryID           string
	PaymentIntentID string      // empty until the first try to pay, and with Setup
	IntentState     IntentState // empty until then, too
	CustomerID      string
	PaymentMethodID string       // the card that paid or was saved; empty until then
	Card            Card         // how that card looks
	ChargedID       string       // Stripe's id of the latest charge; empty if there is none
	Fee             money.Amount // what Stripe keeps; the zero value until it is told; maybe another currency
	CreatedAt       time.Time
	ExpiresAt       time.Time
	PaidAt          time.Time // zero while not Paid
}

// checkoutParts are the objects that a Checkout is read from beside its session.
var checkoutParts = []string{
	"payment_intent.latest_charge.balance_transaction", "payment_intent.payment_method", "setup_intent.payment_method",
}

// CreateCheckout makes a payment page. A repeated call with the same key
// answers with the page as it was when it was made; ask Checkout for what has
// happened since.
func (c *Client) CreateCheckout(ctx context.Context, p CheckoutParams) (Checkout, error) {
	const doing = "create a checkout"
	common, err := creating(ctx, p.Key)
	if err != nil {
		return Checkout{}, fmt.Errorf("%s: %w", doing, err)
	}
	if p.Setup {
		if p.CustomerID == "" {
			return Checkout{}, fmt.Errorf("%s: a card is saved for a customer, and there is none", doing)
		}
	} else if err := checkPositive(p.Amount); err != nil {
		return Checkout{}, fmt.Errorf("%s: %w", doing, err)
	}
	made, err := c.sessions.New(checkoutRequest(common, p))
	if err != nil {
		return Checkout{}, explain(doing, err)
	}
	return checkoutOf(made), nil
}

func checkoutRequest(common stripe.Params, p CheckoutParams) *stripe.CheckoutSessionParams {
	request := &stripe.CheckoutSessionParams{
		Params:             common,
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		ClientReferenceID:  optional(p.BookingID),
		Metadata:           metadata(metaBooking, p.BookingID, metaCharge, p.ChargeID, metaTry, p.TryID),
		SuccessURL:         stripe.String(p.SuccessURL),
		CancelURL:          optional(p.CancelURL),
		ExpiresAt:          stripe.Int64(p.ExpiresAt.Unix()),
	}
	if p.CustomerID != "" {
		request.Customer = stripe.String(p.CustomerID)
	} else {
		request.CustomerEmail = optional(p.Email)
	}
	if p.Setup {
		request.Mode = stripe.String(string(stripe.CheckoutSessionModeSetup))
		request.SetupIntentData = &stripe.CheckoutSessionSetupIntentDataParams{
			Description: optional(p.Description), Metadata: request.Metadata,
		}
		return request
	}
	askForPayment(request, p)
	return request
}

func askForPayment(request *stripe.CheckoutSessionParams, p CheckoutParams) {
	request.Mode = stripe.String(string(stripe.CheckoutSessionModePayment))
	request.LineItems = []*stripe.CheckoutSessionLineItemParams{{
		Quantity: stripe.Int64(1),
		PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency:    currencyOf(p.Amount),
			UnitAmount:  stripe.Int64(p.Amount.Minor),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(p.Description)},
		},
	}}
	request.PaymentIntentData = &stripe.CheckoutSessionPaymentIntentDataParams{
		Description:               optional(p.Description),
		Metadata:                  request.Metadata,
		StatementDescriptorSuffix: optional(p.StatementSuffix),
	}
	if p.SaveCard {
		request.PaymentIntentData.SetupFutureUsage = stripe.String(string(stripe.PaymentIntentSetupFutureUsageOffSession))
		if p.CustomerID == "" {
			request.CustomerCreation = stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways))
		}
	}
}

// Checkout asks how a checkout stands now.
func (c *Client) Checkout(ctx context.Context, id string) (Checkout, error) {
	if id == "" {
		return Checkout{}, ErrNotFound
	}
	params := &stripe.CheckoutSessionParams{Params: stripe.Params{Context: ctx}, Expand: stripe.StringSlice(checkoutParts)}
	found, err := c.sessions.Get(id, params)
	if err != nil {
		return Checkout{}, explain("ask for a checkout", err)
	}
	return checkoutOf(found), nil
}

// ExpireCheckout ends a checkout so that nobody can pay it any more. One that
// is already complete or expired is no error: its present state comes back, and
// the caller must look at it, since money may have arrived. It takes no key:
// ending twice is the same as ending once.
func (c *Client) ExpireCheckout(ctx context.Context, id string) (Checkout, error) {
	if id == "" {
		return Checkout{}, ErrNotFound
	}
	params := &stripe.CheckoutSessionExpireParams{Params: stripe.Params{Context: ctx}, Expand: stripe.StringSlice(checkoutParts)}
	ended, err := c.sessions.Expire(id, params)
	if err == nil {
		return checkoutOf(ended), nil
	}
	failure := explain("expire a checkout", err)
	if answer, ok := errors.AsType[*Error](failure); !ok || answer.Status != http.StatusBadRequest {
		return Checkout{}, failure
	}
	// Stripe has no code of its own for "not open any more": look.
	present, err := c.Checkout(ctx, id)
	if err != nil {
		return Checkout{}, err
	}
	if present.State == CheckoutOpen {
		return Checkout{}, failure
	}
	return present, nil
}

func checkoutOf(s *stripe.CheckoutSession) Checkout {
	checkout := Checkout{
		ID:        s.ID,
		URL:       s.URL,
		State:     CheckoutState(s.Status),
		Setup:     s.Mode == stripe.CheckoutSessionModeSetup,
		Paid:      s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid,
		Amount:    amountOf(s.AmountTotal, s.Currency),
		BookingID: s.Metadata[metaBooking],
		ChargeID:  s.Metadata[metaCharge],
		TryID:     s.Metadata[metaTry],
		CreatedAt: instant(s.Created),
		ExpiresAt: instant(s.ExpiresAt),
	}
	if s.Customer != nil {
		checkout.CustomerID = s.Customer.ID
	}
	if s.PaymentIntent != nil {
		intent := paymentIntentOf(s.PaymentIntent)
		checkout.PaymentIntentID = intent.ID
		checkout.IntentState = intent.State
		checkout.Fee = intent.Fee
		if s.PaymentIntent.LatestCharge != nil {
			checkout.ChargedID = s.PaymentIntent.LatestCharge.ID
		}
		if checkout.Paid {
			checkout.PaidAt = intent.PaidAt
			checkout.PaymentMethodID, checkout.Card = intent.PaymentMethodID, intent.Card
		}
	}
	if s.SetupIntent != nil && s.SetupIntent.PaymentMethod != nil && checkout.State == CheckoutComplete {
		checkout.PaymentMethodID, checkout.Card = s.SetupIntent.PaymentMethod.ID, cardOf(s.SetupIntent.PaymentMethod)
	}
	return checkout
}
