package sandbox

// subscribed are the types of event that the webhook endpoint asks for, as one
// made for Lantern at Stripe does. All types are listed by the API.
var subscribed = []string{
	"checkout.session.completed", "checkout.session.expired", "payment_intent.succeeded", "payment_intent.payment_failed",
	"charge.refunded", "charge.refund.updated", "refund.updated",
	"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
	"charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
}

// endpoint is where events go, as Stripe shows it.
type endpoint struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	APIVersion    string            `json:"api_version"`
	EnabledEvents []string          `json:"enabled_events"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	Status        string            `json:"status"`
	URL           string            `json:"url"`
}

func (s *Sandbox) listEndpoints(c *call) (any, *apiError) {
	if failure := c.params.known("limit", "starting_after"); failure != nil {
		return nil, failure
	}
	shown := &listing{Object: "list", URL: c.path, Data: []any{}}
	if s.webhookURL != "" {
		shown.Data = append(shown.Data, endpoint{
			ID: "we_sandbox", Object: "webhook_endpoint", APIVersion: s.eventVersion(), EnabledEvents: subscribed,
			Metadata: map[string]string{}, Status: "enabled", URL: s.webhookURL,
		})
	}
	return shown, nil
}

// eventVersion is the version of the API in which events come.
func (s *Sandbox) eventVersion() string {
	if s.webhookVersion != "" {
		return s.webhookVersion
	}
	return APIVersion
}
