package stripepay

import (
	"context"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v76"

	"lantern/internal/money"
)

// CustomerParams asks for a customer, who keeps cards for later charges.
type CustomerParams struct {
	Key       string // idempotency key
	Email     string
	Name      string
	BookingID string
}

// Customer is a payer whose card may be kept.
type Customer struct {
	ID        string
	Email     string
	Name      string
	BookingID string
	CreatedAt time.Time
}

// CreateCustomer makes a customer.
func (c *Client) CreateCustomer(ctx context.Context, p CustomerParams) (Customer, error) {
	const doing = "create a customer"
	common, err := creating(ctx, p.Key)
	if err != nil {
		return Customer{}, fmt.Errorf("%s: %w", doing, err)
	}
	made, err := c.customers.New(&stripe.CustomerParams{
		Params:   common,
		Email:    optional(p.Email),
		Name:     optional(p.Name),
		Metadata: metadata(metaBooking, p.BookingID),
	})
	if err != nil {
		return Customer{}, explain(doing, err)
	}
	return Customer{
		ID: made.ID, Email: made.Email, Name: made.Name,
		BookingID: made.Metadata[metaBooking], CreatedAt: instant(made.Created),
	}, nil
}

// IntentState is where a payment intent stands.
type IntentState string

// The states of a payment intent that card payments go through. Succeeded and
// canceled are final.
const (
	IntentNeedsCard  IntentState = "requires_payment_method" // new, or the last try was declined
	IntentNeedsPayer IntentState = "requires_action"         // the payer is asked by their bank
	IntentProcessing IntentState = "processing"
	IntentSucceeded  IntentState = "succeeded"
	IntentCanceled   IntentState = "canceled"
)

// PaymentIntent is one sum to be paid through one or several tries.
type PaymentIntent struct {
	ID              string
	State           IntentState
	Amount          money.Amount
	Received        money.Amount
	Refunded        money.Amount
	BookingID       string
	ChargeID        string // Lantern's charge
	TryID           string // Lantern's line about this try
	CustomerID      string
	PaymentMethodID string       // the card of the last try
	Card            Card         // how that card looks
	Fee             money.Amount // what Stripe keeps; the zero value until it is told; maybe another currency
	Disputed        bool         // the payer's bank has asked for the money back, however it ended
	CreatedAt       time.Time
	PaidAt          time.Time // zero unless it succeeded
	Code            string    // Stripe's code for the last declined try
	DeclineCode     string    // the bank's reason for it
}

// intentParts are the objects that a PaymentIntent is read from beside itself.
var intentParts = []string{"latest_charge.balance_transaction", "payment_method"}

// PaymentIntent asks how a payment stands now.
func (c *Client) PaymentIntent(ctx context.Context, id string) (PaymentIntent, error) {
	if id == "" {
		return PaymentIntent{}, ErrNotFound
	}
	params := &stripe.PaymentIntentParams{Params: stripe.Params{Context: ctx}, Expand: stripe.StringSlice(intentParts)}
	found, err := c.intents.Get(id, params)
	if err != nil {
		return PaymentIntent{}, explain("ask for a payment intent", err)
	}
	return paymentIntentOf(found), nil
}

func paymentIntentOf(p *stripe.PaymentIntent) PaymentIntent {
	intent := PaymentIntent{
		ID:        p.ID,
		State:     IntentState(p.Status),
		Amount:    amountOf(p.Amount, p.Currency),
		Received:  amountOf(p.AmountReceived, p.Currency),
		Refunded:  amountOf(0, p.Currency),
		BookingID: p.Metadata[metaBooking],
		ChargeID:  p.Metadata[metaCharge],
		TryID:     p.Metadata[metaTry],
		CreatedAt: instant(p.Created),
	}
	if p.Customer != nil {
		intent.CustomerID = p.Customer.ID
	}
	if charge := p.LatestCharge; charge != nil {
		intent.Refunded = amountOf(charge.AmountRefunded, p.Currency)
		intent.Disputed = charge.Disputed
		if balance := charge.BalanceTransaction; balance != nil && balance.Currency != "" {
			intent.Fee = amountOf(balance.Fee, balance.Currency)
		}
		if intent.State == IntentSucceeded {
			intent.PaidAt = instant(charge.Created)
		}
	}
	method := p.PaymentMethod
	if last := p.LastPaymentError; last != nil {
		intent.Code, intent.DeclineCode = string(last.Code), string(last.DeclineCode)
		// A declined card is taken off the intent and stands here instead.
		if method == nil {
			method = last.PaymentMethod
		}
	}
	if method != nil {
		intent.PaymentMethodID, intent.Card = method.ID, cardOf(method)
	}
	return intent
}
