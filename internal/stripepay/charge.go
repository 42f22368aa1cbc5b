package stripepay

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"

	"lantern/internal/money"
)

// ChargeParams asks for money from a saved card while the payer is away.
type ChargeParams struct {
	Key             string // idempotency key
	BookingID       string
	ChargeID        string // Lantern's charge, not Stripe's
	TryID           string // Lantern's line about this try
	Amount          money.Amount
	Description     string // neutral [D38]
	StatementSuffix string // added to the practice's name on the card statement; neutral, may be empty
	CustomerID      string
	PaymentMethodID string // the saved card
}

// ChargeCard charges a saved card at once. A decline is an answer, not an
// error: the intent that comes back says with State, Code and DeclineCode why
// (see CardAdvice). With an error, nothing is known of the money
// (ErrUnreachable: look with IntentsOf before asking with another key) or the
// request was refused and nothing was charged.
//
// A repeated call with the same key answers with the intent as it was then,
// declines included.
func (c *Client) ChargeCard(ctx context.Context, p ChargeParams) (PaymentIntent, error) {
	const doing = "charge a saved card"
	common, err := creating(ctx, p.Key)
	if err != nil {
		return PaymentIntent{}, ErrRefused.Because(err)
	}
	if err := checkPositive(p.Amount); err != nil {
		return PaymentIntent{}, ErrAmount.Because(err)
	}
	if p.CustomerID == "" || p.PaymentMethodID == "" {
		return PaymentIntent{}, ErrNotFound.Because(errors.New(doing + ": there is no saved card"))
	}
	made, err := c.intents.New(&stripe.PaymentIntentParams{
		Params:                    common,
		Expand:                    stripe.StringSlice(intentParts),
		Amount:                    stripe.Int64(p.Amount.Minor),
		Currency:                  currencyOf(p.Amount),
		Customer:                  stripe.String(p.CustomerID),
		PaymentMethod:             stripe.String(p.PaymentMethodID),
		PaymentMethodTypes:        stripe.StringSlice([]string{"card"}),
		Confirm:                   stripe.Bool(true),
		OffSession:                stripe.Bool(true),
		Description:               optional(p.Description),
		StatementDescriptorSuffix: optional(p.StatementSuffix),
		Metadata:                  metadata(metaBooking, p.BookingID, metaCharge, p.ChargeID, metaTry, p.TryID),
	})
	if err == nil {
		return paymentIntentOf(made), nil
	}
	if intent, ok := declinedIntent(err); ok {
		return intent, nil
	}
	return PaymentIntent{}, explain(doing, err)
}

// declinedIntent reads the intent that Stripe sends along with a decline.
func declinedIntent(err error) (PaymentIntent, bool) {
	failure, ok := errors.AsType[*stripe.Error](err)
	if !ok || failure.HTTPStatusCode != http.StatusPaymentRequired || failure.PaymentIntent == nil || failure.PaymentIntent.ID == "" {
		return PaymentIntent{}, false
	}
	intent := paymentIntentOf(failure.PaymentIntent)
	intent.Code, intent.DeclineCode = string(failure.Code), string(failure.DeclineCode)
	return intent, true
}

// IntentsOf lists all payments of a customer made since then, the newest
// first: whether a charge whose answer was lost was carried out.
func (c *Client) IntentsOf(ctx context.Context, customerID string, since time.Time) ([]PaymentIntent, error) {
	if customerID == "" {
		return nil, ErrNotFound
	}
	var intents []PaymentIntent
	params := &stripe.PaymentIntentListParams{ListParams: listing(ctx), Customer: stripe.String(customerID), CreatedRange: Span{From: since}.created()}
	err := c.eachIntent(params, gather(&intents))
	return intents, err
}
