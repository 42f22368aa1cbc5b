package stripepay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v76"

	"lantern/internal/money"
)

// RefundState is where a refund stands. A pending one may still fail; a
// succeeded one, rarely, too.
type RefundState string

// The states of a refund. Stripe's "canceled" is told as failed: either way the
// money stayed.
const (
	RefundPending        RefundState = "pending"
	RefundSucceeded      RefundState = "succeeded"
	RefundFailed         RefundState = "failed"
	RefundRequiresAction RefundState = "requires_action"
)

// RefundReason is one of those that Stripe knows.
type RefundReason string

// The reasons that Lantern gives.
const (
	ReasonRequested RefundReason = "requested_by_customer"
	ReasonDuplicate RefundReason = "duplicate"
)

// RefundParams asks for money to be returned to the card it came from.
type RefundParams struct {
	Key             string // idempotency key
	PaymentIntentID string
	Amount          money.Amount // at most what is left of the payment
	BookingID       string
	RefundID        string       // ours
	Reason          RefundReason // may be empty
}

// Refund is money returned, or on its way.
type Refund struct {
	ID              string
	State           RefundState
	Amount          money.Amount
	PaymentIntentID string
	OfBooking       string // the booking that the refunded payment names
	BookingID       string // empty, as the next, when made in Stripe's dashboard
	RefundID        string // ours
	CreatedAt       time.Time
}

// refundParts are the objects that a Refund is read from beside itself.
var refundParts = []string{"payment_intent"}

// CreateRefund returns money. ErrAlreadyRefunded and ErrRefundTooLarge say that
// nothing, or not enough, is left to return.
//
// When no answer came, repeat it with the same key. When Replayed says that a
// failure is kept with the key, look with Refunds whether it was made before
// asking with another key.
func (c *Client) CreateRefund(ctx context.Context, p RefundParams) (Refund, error) {
	const doing = "refund"
	common, err := creating(ctx, p.Key)
	if err != nil {
		return Refund{}, fmt.Errorf("%s: %w", doing, err)
	}
	if err := checkPositive(p.Amount); err != nil {
		return Refund{}, fmt.Errorf("%s: %w", doing, err)
	}
	made, err := c.refunds.New(&stripe.RefundParams{
		Params:        common,
		Expand:        stripe.StringSlice(refundParts),
		PaymentIntent: stripe.String(p.PaymentIntentID),
		Amount:        stripe.Int64(p.Amount.Minor),
		Reason:        optional(string(p.Reason)),
		Metadata:      metadata(metaBooking, p.BookingID, metaRefund, p.RefundID),
	})
	if err != nil {
		failure := explain(doing, err)
		// Stripe gives no code for this one, only the parameter at fault; a
		// malformed amount has one.
		answer, ok := errors.AsType[*Error](failure)
		if ok && answer.Param == "amount" && answer.Code == "" {
			return Refund{}, ErrRefundTooLarge.Because(failure)
		}
		return Refund{}, failure
	}
	return refundOf(made), nil
}

// Refund asks how a refund stands now.
func (c *Client) Refund(ctx context.Context, id string) (Refund, error) {
	if id == "" {
		return Refund{}, ErrNotFound
	}
	found, err := c.refunds.Get(id, &stripe.RefundParams{Params: stripe.Params{Context: ctx}, Expand: stripe.StringSlice(refundParts)})
	if err != nil {
		return Refund{}, explain("ask for a refund", err)
	}
	return refundOf(found), nil
}

// Refunds lists all refunds of a payment, the newest first, those made in
// Stripe's dashboard included.
func (c *Client) Refunds(ctx context.Context, paymentIntentID string) ([]Refund, error) {
	if paymentIntentID == "" {
		return nil, ErrNotFound
	}
	var refunds []Refund
	params := &stripe.RefundListParams{ListParams: listing(ctx), PaymentIntent: stripe.String(paymentIntentID)}
	err := c.eachRefund(params, gather(&refunds))
	return refunds, err
}

func refundOf(r *stripe.Refund) Refund {
	own := Refund{
		ID:        r.ID,
		State:     RefundState(r.Status),
		Amount:    amountOf(r.Amount, r.Currency),
		BookingID: r.Metadata[metaBooking],
		RefundID:  r.Metadata[metaRefund],
		CreatedAt: instant(r.Created),
	}
	if r.Status == stripe.RefundStatusCanceled {
		own.State = RefundFailed
	}
	if r.PaymentIntent != nil {
		own.PaymentIntentID = r.PaymentIntent.ID
		own.OfBooking = r.PaymentIntent.Metadata[metaBooking]
	}
	return own
}
