package stripepay

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// pageSize is the most that Stripe lists at once.
const pageSize = 100

// Span is a time in which objects were made: From is in it, To is not. A zero
// end is open. Stripe keeps whole seconds, so the span is widened to them.
type Span struct {
	From, To time.Time
	// After goes on behind the object of that id: the last one that was seen.
	After string
}

// created is the span as Stripe's filter; nil when both ends are open.
func (s Span) created() *stripe.RangeQueryParams {
	if s.From.IsZero() && s.To.IsZero() {
		return nil
	}
	filter := &stripe.RangeQueryParams{}
	if !s.From.IsZero() {
		filter.GreaterThanOrEqual = s.From.Unix()
	}
	if !s.To.IsZero() {
		filter.LesserThan = s.To.Add(time.Second - 1).Unix()
	}
	return filter
}

// EachIntent shows all payments made in the span, the newest first and a page
// at a time, so that their number costs no memory. It ends with the first
// error, f's included; so do its sisters below.
func (c *Client) EachIntent(ctx context.Context, span Span, f func([]PaymentIntent) error) error {
	return c.eachIntent(&stripe.PaymentIntentListParams{ListParams: span.listing(ctx), CreatedRange: span.created()}, f)
}

// EachCheckout shows all checkouts made in the span.
func (c *Client) EachCheckout(ctx context.Context, span Span, f func([]Checkout) error) error {
	params := &stripe.CheckoutSessionListParams{ListParams: span.listing(ctx), CreatedRange: span.created(), Expand: ofList(checkoutParts)}
	return eachPage("list checkouts", &params.ListParams, func() ([]*stripe.CheckoutSession, bool, error) {
		found := c.sessions.List(params)
		return found.CheckoutSessionList().Data, found.Meta().HasMore, found.Err()
	}, func(s *stripe.CheckoutSession) string { return s.ID }, checkoutOf, f)
}

// EachRefund shows all refunds made in the span.
func (c *Client) EachRefund(ctx context.Context, span Span, f func([]Refund) error) error {
	return c.eachRefund(&stripe.RefundListParams{ListParams: span.listing(ctx), CreatedRange: span.created()}, f)
}

// EachDispute shows all disputes that came up in the span.
func (c *Client) EachDispute(ctx context.Context, span Span, f func([]Dispute) error) error {
	return c.eachDispute(&stripe.DisputeListParams{ListParams: span.listing(ctx), CreatedRange: span.created()}, f)
}

// EachUndelivered shows the events of the wanted types that happened in the
// span and that the webhook has not taken. Stripe lists events for 30 days.
func (c *Client) EachUndelivered(ctx context.Context, span Span, f func([]Event) error) error {
	params := &stripe.EventListParams{
		ListParams: span.listing(ctx), CreatedRange: span.created(),
		DeliverySuccess: stripe.Bool(false), Types: stripe.StringSlice(WantedEvents),
	}
	return eachPage("list events", &params.ListParams, func() ([]*stripe.Event, bool, error) {
		found := c.events.List(params)
		return found.EventList().Data, found.Meta().HasMore, found.Err()
	}, func(e *stripe.Event) string { return e.ID }, eventOf, f)
}

func (c *Client) eachIntent(params *stripe.PaymentIntentListParams, f func([]PaymentIntent) error) error {
	params.Expand = ofList(intentParts)
	return eachPage("list payment intents", &params.ListParams, func() ([]*stripe.PaymentIntent, bool, error) {
		found := c.intents.List(params)
		return found.PaymentIntentList().Data, found.Meta().HasMore, found.Err()
	}, func(p *stripe.PaymentIntent) string { return p.ID }, paymentIntentOf, f)
}

func (c *Client) eachRefund(params *stripe.RefundListParams, f func([]Refund) error) error {
	params.Expand = ofList(refundParts)
	return eachPage("list refunds", &params.ListParams, func() ([]*stripe.Refund, bool, error) {
		found := c.refunds.List(params)
		return found.RefundList().Data, found.Meta().HasMore, found.Err()
	}, func(r *stripe.Refund) string { return r.ID }, refundOf, f)
}

func (c *Client) eachDispute(params *stripe.DisputeListParams, f func([]Dispute) error) error {
	params.Expand = ofList(disputeParts)
	return eachPage("list disputes", &params.ListParams, func() ([]*stripe.Dispute, bool, error) {
		found := c.disputes.List(params)
		return found.DisputeList().Data, found.Meta().HasMore, found.Err()
	}, func(d *stripe.Dispute) string { return d.ID }, disputeOf, f)
}

// eachPage fetches page after page and shows each, read into our own type.
func eachPage[T, O any](
	doing string, params *stripe.ListParams, fetch func() (page []*T, more bool, err error),
	id func(*T) string, read func(*T) O, show func([]O) error,
) error {
	for {
		page, more, err := fetch()
		if err != nil {
			return explain(doing, err)
		}
		if len(page) == 0 {
			return nil
		}
		own := make([]O, len(page))
		for i, object := range page {
			own[i] = read(object)
		}
		if err := show(own); err != nil {
			return err
		}
		if !more {
			return nil
		}
		params.StartingAfter = stripe.String(id(page[len(page)-1]))
	}
}

// gather keeps all that is shown.
func gather[O any](all *[]O) func([]O) error {
	return func(page []O) error {
		*all = append(*all, page...)
		return nil
	}
}

func (s Span) listing(ctx context.Context) stripe.ListParams {
	list := listing(ctx)
	list.StartingAfter = optional(s.After)
	return list
}

func listing(ctx context.Context) stripe.ListParams {
	return stripe.ListParams{Context: ctx, Limit: stripe.Int64(pageSize)}
}

// ofList are the paths of parts within the objects of a list.
func ofList(parts []string) []*string {
	paths := make([]*string, len(parts))
	for i, part := range parts {
		paths[i] = stripe.String("data." + part)
	}
	return paths
}
