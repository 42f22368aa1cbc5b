package stripepay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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

// CheckoutParams asks for one hosted payment page.
type CheckoutParams struct {
	Key             string // idempotency key
	BookingID       string
	ChargeID        string // Lantern's charge, not Stripe's
	Amount          money.Amount
	Description     string // what the payer reads; neutral [D38]
	StatementSuffix string // added to the practice's name on the card statement; neutral, may be empty
	CustomerID      string // a customer made before, or empty
	Email           string // filled in for the payer; ignored with a CustomerID
	SaveCard        bool   // keep the card for later charges without the payer present
	SuccessURL      string // may contain {CHECKOUT_SESSION_ID}
	CancelURL       string
	ExpiresAt       time.Time // see MinCheckout and MaxCheckout
}

// Checkout is a hosted payment page and what came of it.
type Checkout struct {
	ID              string
	URL             string // empty once it is no longer open
	State           CheckoutState
	Paid            bool
	Amount          money.Amount
	BookingID       string
	ChargeID        string
	PaymentIntentID string      // empty until the first try to pay
	IntentState     IntentState // empty until then, too
	CustomerID      string
	CreatedAt       time.Time
	ExpiresAt       time.Time
	PaidAt          time.Time // zero while not Paid
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
	if err := checkPositive(p.Amount); err != nil {
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
		Mode:               stripe.String(string(stripe.CheckoutSessionModePayment)),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		ClientReferenceID:  optional(p.BookingID),
		Metadata:           metadata(metaBooking, p.BookingID, metaCharge, p.ChargeID),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency:    stripe.String(strings.ToLower(p.Amount.Currency)),
				UnitAmount:  stripe.Int64(p.Amount.Minor),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(p.Description)},
			},
		}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{
			Description:               optional(p.Description),
			Metadata:                  metadata(metaBooking, p.BookingID, metaCharge, p.ChargeID),
			StatementDescriptorSuffix: optional(p.StatementSuffix),
		},
		SuccessURL: stripe.String(p.SuccessURL),
		CancelURL:  optional(p.CancelURL),
		ExpiresAt:  stripe.Int64(p.ExpiresAt.Unix()),
	}
	if p.CustomerID != "" {
		request.Customer = stripe.String(p.CustomerID)
	} else {
		request.CustomerEmail = optional(p.Email)
	}
	if p.SaveCard {
		request.PaymentIntentData.SetupFutureUsage = stripe.String(string(stripe.PaymentIntentSetupFutureUsageOffSession))
		if p.CustomerID == "" {
			request.CustomerCreation = stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways))
		}
	}
	return request
}

// Checkout asks how a checkout stands now.
func (c *Client) Checkout(ctx context.Context, id string) (Checkout, error) {
	if id == "" {
		return Checkout{}, ErrNotFound
	}
	params := &stripe.CheckoutSessionParams{Params: stripe.Params{Context: ctx}}
	params.AddExpand("payment_intent.latest_charge")
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
	params := &stripe.CheckoutSessionExpireParams{Params: stripe.Params{Context: ctx}}
	params.AddExpand("payment_intent.latest_charge")
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
		Paid:      s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid,
		Amount:    amountOf(s.AmountTotal, s.Currency),
		BookingID: s.Metadata[metaBooking],
		ChargeID:  s.Metadata[metaCharge],
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
		if checkout.Paid {
			checkout.PaidAt = intent.PaidAt
		}
	}
	return checkout
}
