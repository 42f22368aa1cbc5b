package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// event is a thing that happened, with the object as it was then, and how far
// its delivery has come.
type event struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Created int64           `json:"created"`
	Object  json.RawMessage `json:"object"`

	Unwanted  bool  `json:"unwanted,omitempty"` // not subscribed to
	Delivered bool  `json:"delivered,omitempty"`
	GivenUp   bool  `json:"given_up,omitempty"`
	Tries     int   `json:"tries,omitempty"`    // failed ones
	NextTry   int64 `json:"next_try,omitempty"` // unix milliseconds
}

// settled says that no more deliveries will be tried.
func (e *event) settled() bool { return e.Unwanted || e.Delivered || e.GivenUp }

// body is the event as Stripe shows it.
func (e *event) body() map[string]any {
	pending := 1
	if e.settled() {
		pending = 0
	}
	return map[string]any{
		"id": e.ID, "object": "event", "type": e.Type, "created": e.Created,
		"api_version": APIVersion, "livemode": false, "pending_webhooks": pending, "request": nil,
		"data": map[string]any{"object": e.Object},
	}
}

// subscribed are the types of event that the webhook endpoint asks for, as one
// made in Stripe's dashboard would. All types are listed by the API.
var subscribed = []string{
	"checkout.session.completed", "checkout.session.expired",
	"payment_intent.succeeded", "payment_intent.payment_failed",
	"charge.refunded", "refund.created", "refund.updated",
}

// emit notes that something happened. It is part of the change that caused it.
func (s *Sandbox) emit(kind string, object any, now time.Time) {
	s.version++
	s.state.Events = append(s.state.Events, &event{
		ID: newID("evt"), Type: kind, Created: now.Unix(), Object: mustMarshal(object), NextTry: now.UnixMilli(),
		Unwanted: !slices.Contains(subscribed, kind),
	})
	s.delivery.nudge()
}

func (s *Sandbox) getEvent(c *call) (any, *apiError) {
	if failure := c.params.known(); failure != nil {
		return nil, failure
	}
	for _, e := range s.state.Events {
		if e.ID == c.id {
			return e.body(), nil
		}
	}
	return nil, missing(http.StatusNotFound, "event", "id", c.id)
}

func (s *Sandbox) listEvents(c *call) (any, *apiError) {
	if failure := c.params.known("type", "limit", "starting_after"); failure != nil {
		return nil, failure
	}
	kind := c.params.text("type")
	var bodies []map[string]any
	for _, e := range s.state.Events {
		if kind == "" || e.Type == kind {
			bodies = append(bodies, e.body())
		}
	}
	return list(c, bodies, func(body map[string]any) string { return body["id"].(string) })
}
