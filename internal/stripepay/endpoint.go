package stripepay

import (
	"context"

	"github.com/stripe/stripe-go/v76"
)

// Endpoint is an address that the account sends events to.
type Endpoint struct {
	ID         string
	URL        string
	APIVersion string // of its events; empty is the account's own, which may change
	Enabled    bool
	Events     []string // the types it is sent; "*" is all
}

// Endpoints lists the account's webhook endpoints. Other programs may have
// theirs in the same account.
func (c *Client) Endpoints(ctx context.Context) ([]Endpoint, error) {
	params := &stripe.WebhookEndpointListParams{ListParams: listing(ctx)}
	var endpoints []Endpoint
	err := eachPage("list webhook endpoints", &params.ListParams, func() ([]*stripe.WebhookEndpoint, bool, error) {
		found := c.endpoints.List(params)
		return found.WebhookEndpointList().Data, found.Meta().HasMore, found.Err()
	}, func(e *stripe.WebhookEndpoint) string { return e.ID }, endpointOf, gather(&endpoints))
	return endpoints, err
}

func endpointOf(e *stripe.WebhookEndpoint) Endpoint {
	return Endpoint{
		ID: e.ID, URL: e.URL, APIVersion: e.APIVersion, Enabled: e.Status == "enabled", Events: e.EnabledEvents,
	}
}
