package stripepay

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"

	"lantern/internal/money"
)

// DisputeState is where a dispute stands: Stripe's word.
type DisputeState string

// The states of a dispute. A warning is an inquiry: the bank asks, and the
// money stays until it becomes a dispute. Won, lost and a closed warning are
// final.
const (
	DisputeNeedsResponse        DisputeState = "needs_response"
	DisputeUnderReview          DisputeState = "under_review"
	DisputeWon                  DisputeState = "won"
	DisputeLost                 DisputeState = "lost"
	DisputeWarningNeedsResponse DisputeState = "warning_needs_response"
	DisputeWarningUnderReview   DisputeState = "warning_under_review"
	DisputeWarningClosed        DisputeState = "warning_closed"
)

// Open reports whether the bank has yet to decide.
func (s DisputeState) Open() bool {
	switch s {
	case DisputeNeedsResponse, DisputeUnderReview, DisputeWarningNeedsResponse, DisputeWarningUnderReview:
		return true
	}
	return false
}

// Takes reports whether the money is away from us now.
func (s DisputeState) Takes() bool {
	switch s {
	case DisputeNeedsResponse, DisputeUnderReview, DisputeLost:
		return true
	}
	return false
}

// Dispute is a payer who asked their bank for the money back.
type Dispute struct {
	ID              string
	PaymentIntentID string
	BookingID       string       // the booking that the disputed payment names
	Amount          money.Amount // in question; usually the whole payment
	Reason          string       // Stripe's word, such as fraudulent or credit_not_processed
	State           DisputeState
	DueBy           time.Time // evidence must be there by then; zero when none is asked for
	Answered        bool      // evidence was sent
	CreatedAt       time.Time
}

// disputeParts are the objects that a Dispute is read from beside itself.
var disputeParts = []string{"payment_intent"}

// Dispute asks how a dispute stands now.
func (c *Client) Dispute(ctx context.Context, id string) (Dispute, error) {
	if id == "" {
		return Dispute{}, ErrNotFound
	}
	found, err := c.disputes.Get(id, &stripe.DisputeParams{Params: stripe.Params{Context: ctx}, Expand: stripe.StringSlice(disputeParts)})
	if err != nil {
		return Dispute{}, explain("ask for a dispute", err)
	}
	return disputeOf(found), nil
}

// Disputes lists all disputes of a payment, the newest first.
func (c *Client) Disputes(ctx context.Context, paymentIntentID string) ([]Dispute, error) {
	if paymentIntentID == "" {
		return nil, ErrNotFound
	}
	var disputes []Dispute
	params := &stripe.DisputeListParams{ListParams: listing(ctx), PaymentIntent: stripe.String(paymentIntentID)}
	err := c.eachDispute(params, gather(&disputes))
	return disputes, err
}

func disputeOf(d *stripe.Dispute) Dispute {
	own := Dispute{
		ID:        d.ID,
		Amount:    amountOf(d.Amount, d.Currency),
		Reason:    string(d.Reason),
		State:     DisputeState(d.Status),
		CreatedAt: instant(d.Created),
	}
	if d.PaymentIntent != nil {
		own.PaymentIntentID = d.PaymentIntent.ID
		own.BookingID = d.PaymentIntent.Metadata[metaBooking]
	}
	if details := d.EvidenceDetails; details != nil {
		own.DueBy, own.Answered = instant(details.DueBy), details.SubmissionCount > 0
	}
	return own
}
