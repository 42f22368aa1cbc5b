package sandbox

import (
	"net/http"
	"slices"
)

func (s *Sandbox) createRefund(c *call) (any, *apiError) {
	p := c.params
	if failure := p.known("payment_intent", "amount", "reason", "metadata[*]"); failure != nil {
		return nil, failure
	}
	reasons := []string{"", "duplicate", "fraudulent", "requested_by_customer"}
	if !slices.Contains(reasons, p.text("reason")) {
		return nil, badRequest("", "reason", "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer")
	}
	data, failure := p.metadata("metadata")
	if failure != nil {
		return nil, failure
	}
	id := p.text("payment_intent")
	if id == "" {
		return nil, missingParam("payment_intent")
	}
	intent, ok := s.state.Intents[id]
	if !ok {
		return nil, missing(http.StatusNotFound, "payment_intent", "payment_intent", id)
	}
	amount, given, failure := p.integer("amount")
	if failure != nil {
		return nil, failure
	}
	if given && amount < 1 {
		return nil, badRequest("parameter_invalid_integer", "amount", "Invalid positive integer")
	}
	if failure := checkStep(amount, intent.Currency, "amount"); failure != nil {
		return nil, failure
	}

	// From here on Stripe keeps a refusal with the key.
	paid := s.state.Charges[string(intent.LatestCharge)]
	if paid == nil || !paid.Paid {
		return nil, refused("", "payment_intent", "This PaymentIntent (%s) does not have a successful charge to refund.", id)
	}
	left := paid.Amount - paid.AmountRefunded
	if left == 0 {
		return nil, refused("charge_already_refunded", "", "Charge %s has already been refunded.", paid.ID)
	}
	if !given {
		amount = left
	}
	if amount > left {
		return nil, refused("", "amount", "Refund amount (%s) is greater than unrefunded amount on charge (%s)",
			amountText(amount, paid.Currency), amountText(left, paid.Currency))
	}

	made := &refund{
		ID: newID("re"), Object: "refund", Created: c.now.Unix(), Amount: amount, Currency: paid.Currency, Status: "succeeded",
		Charge: nullable(paid.ID), PaymentIntent: nullable(id), Reason: nullable(p.text("reason")), Metadata: data,
	}
	s.state.Refunds = append(s.state.Refunds, made)
	paid.AmountRefunded += amount
	paid.Refunded = paid.AmountRefunded == paid.Amount
	s.emit("refund.created", made, c.now)
	s.emit("charge.refunded", paid, c.now)
	s.emit("refund.updated", made, c.now)
	return made, nil
}

// refused is a refusal after the request began to be carried out.
func refused(code, param, format string, args ...any) *apiError {
	failure := badRequest(code, param, format, args...)
	failure.executed = true
	return failure
}

func (s *Sandbox) getRefund(c *call) (any, *apiError) {
	if failure := c.params.known(); failure != nil {
		return nil, failure
	}
	for _, r := range s.state.Refunds {
		if r.ID == c.id {
			return r, nil
		}
	}
	return nil, missing(http.StatusNotFound, "refund", "refund", c.id)
}

func (s *Sandbox) listRefunds(c *call) (any, *apiError) {
	if failure := c.params.known("payment_intent", "limit", "starting_after"); failure != nil {
		return nil, failure
	}
	wanted := nullable(c.params.text("payment_intent"))
	var found []*refund
	for _, r := range s.state.Refunds {
		if wanted == "" || r.PaymentIntent == wanted {
			found = append(found, r)
		}
	}
	return list(c, found, func(r *refund) string { return r.ID })
}
