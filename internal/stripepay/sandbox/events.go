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

func (e *event) key() string   { return e.ID }
func (e *event) born() int64   { return e.Created }
func (e *event) owner() string { return "" }

// body is the event as Stripe shows it in a version of its API.
func (e *event) body(version string) map[string]any {
	pending := 1
	if e.settled() {
		pending = 0
	}
	return map[string]any{
		"id": e.ID, "object": "event", "type": e.Type, "created": e.Created,
		"api_version": version, "livemode": false, "pending_webhooks": pending, "request": nil,
		"data": map[string]any{"object": e.Object},
	}
}

// emit notes that something happened. It is part of the change that caused it.
func (s *Sandbox) emit(kind string, object any, now time.Time) {
	s.version++
	made := &event{
		ID: newID("evt"), Type: kind, Created: now.Unix(), Object: mustMarshal(object),
		NextTry: now.Add(s.trouble.HoldEvents).UnixMilli(), Unwanted: !slices.Contains(subscribed, kind),
	}
	made.GivenUp = s.trouble.LoseEvents && !made.Unwanted
	s.state.Events.put(made)
	if !made.settled() {
		s.pending = append(s.pending, made)
	}
	s.delivery.nudge()
}

func (s *Sandbox) getEvent(c *call) (any, *apiError) {
	if failure := c.params.known(); failure != nil {
		return nil, failure
	}
	if found, ok := s.state.Events.get(c.id); ok {
		return found.body(s.eventVersion()), nil
	}
	return nil, missing(http.StatusNotFound, "event", "id", c.id)
}

func (s *Sandbox) listEvents(c *call) (any, *apiError) {
	p := c.params
	if failure := p.known(append([]string{"type", "types[]", "delivery_success"}, listed...)...); failure != nil {
		return nil, failure
	}
	types := p.list("types")
	if one := p.text("type"); one != "" {
		if types != nil {
			return nil, badRequest("", "type", "You may only specify one of these parameters: type, types.")
		}
		types = []string{one}
	}
	success := p.text("delivery_success")
	if success != "" && success != "true" && success != "false" {
		return nil, badRequest("", "delivery_success", "Invalid boolean: %s", success)
	}
	wanted := func(e *event) bool {
		return (types == nil || slices.Contains(types, e.Type)) &&
			(success == "" || (success == "true") == (e.Delivered || e.Unwanted))
	}
	return list(c, &s.state.Events, "", wanted, func(e *event) any { return e.body(s.eventVersion()) })
}
