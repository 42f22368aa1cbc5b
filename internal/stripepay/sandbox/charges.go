package sandbox

import (
	"net/http"
	"time"
)

// createIntent charges a saved card while the payer is away. Other payment
// intents come from sessions.
func (s *Sandbox) createIntent(c *call) (any, *apiError) {
	p := c.params
	if failure := p.known(
		"amount", "currency", "customer", "payment_method", "payment_method_types[]", "confirm", "off_session",
		"description", "statement_descriptor_suffix", "metadata[*]",
	); failure != nil {
		return nil, failure
	}
	asked, failure := s.readIntent(c)
	if failure != nil {
		return nil, failure
	}
	if p.text("confirm") != "true" || p.text("off_session") != "true" {
		return nil, badRequest("", "confirm", "The sandbox knows only payment intents that are confirmed at once and off session.")
	}
	method, failure := s.readMethod(c, asked.Customer)
	if failure != nil {
		return nil, failure
	}

	intent := s.addIntent(asked, c.now)
	intent.PaymentMethod = nullable(method.ID)
	if why := s.declineOf(method, c.now); why != nil {
		s.decline(intent, *why, c.now)
		return nil, declinedAnswer(intent)
	}
	s.disputeIfDisputed(s.take(intent, c.now), c.now)
	return intent, nil
}

func (s *Sandbox) readIntent(c *call) (*paymentIntent, *apiError) {
	p := c.params
	amount, given, failure := p.integer("amount")
	if failure != nil {
		return nil, failure
	}
	if !given {
		return nil, missingParam("amount")
	}
	currency := p.text("currency")
	if currency == "" {
		return nil, missingParam("currency")
	}
	if failure := checkCurrency(currency, "currency"); failure != nil {
		return nil, failure
	}
	if failure := checkCharge(amount, currency, "amount"); failure != nil {
		return nil, failure
	}
	if types := p.list("payment_method_types"); len(types) != 1 || types[0] != "card" {
		return nil, badRequest("", "payment_method_types", "The sandbox knows only cards.")
	}
	suffix := p.text("statement_descriptor_suffix")
	if failure := checkSuffix(suffix, "statement_descriptor_suffix"); failure != nil {
		return nil, failure
	}
	data, failure := p.metadata("metadata")
	if failure != nil {
		return nil, failure
	}
	return &paymentIntent{
		Amount: amount, Currency: currency, Customer: nullable(p.text("customer")),
		Description: nullable(p.text("description")), Metadata: data, StatementSuffix: nullable(suffix),
	}, nil
}

// readMethod finds the saved card, which must be the customer's.
func (s *Sandbox) readMethod(c *call, of nullable) (*paymentMethod, *apiError) {
	if of == "" {
		return nil, missingParam("customer")
	}
	if _, ok := s.state.Customers.get(string(of)); !ok {
		return nil, missing(http.StatusBadRequest, "customer", "customer", string(of))
	}
	id := c.params.text("payment_method")
	if id == "" {
		return nil, missingParam("payment_method")
	}
	method, ok := s.state.Methods.get(id)
	if !ok {
		return nil, missing(http.StatusBadRequest, "PaymentMethod", "payment_method", id)
	}
	if method.Customer != of {
		return nil, badRequest("", "payment_method", "The PaymentMethod %s does not belong to the customer %s.", id, of)
	}
	return method, nil
}

// declineOf is why a saved card does not pay while the payer is away; nil if it
// does.
func (s *Sandbox) declineOf(method *paymentMethod, now time.Time) *paymentError {
	does := s.state.behaviourOf(nullable(method.ID))
	switch {
	case does.decline != nil:
		return does.decline
	case !now.Before(time.Date(method.Card.ExpYear, time.Month(method.Card.ExpMonth)+1, 1, 0, 0, 0, 0, time.UTC)):
		return cardError("expired_card", "", "Your card has expired.")
	}
	return does.later
}

// declinedAnswer is how Stripe answers for a card that did not pay: the error
// with the intent as it stands then.
func declinedAnswer(intent *paymentIntent) *apiError {
	why := intent.LastPaymentError
	return &apiError{
		status: http.StatusPaymentRequired, executed: true,
		Type: why.Type, Code: why.Code, DeclineCode: why.DeclineCode, Message: why.Message,
		Charge: why.Charge, PaymentIntent: intent, PaymentMethod: why.PaymentMethod,
	}
}

func (s *Sandbox) listIntents(c *call) (any, *apiError) {
	if failure := c.params.known(append([]string{"customer"}, listed...)...); failure != nil {
		return nil, failure
	}
	return list(c, &s.state.Intents, c.params.text("customer"), nil, itself)
}
