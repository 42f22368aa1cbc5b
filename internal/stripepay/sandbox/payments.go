package sandbox

import (
	"maps"
	"net/http"
	"time"
)

func (s *Sandbox) createCustomer(c *call) (any, *apiError) {
	if failure := c.params.known("email", "name", "metadata[*]"); failure != nil {
		return nil, failure
	}
	email, failure := c.params.email("email")
	if failure != nil {
		return nil, failure
	}
	data, failure := c.params.metadata("metadata")
	if failure != nil {
		return nil, failure
	}
	return s.addCustomer(email, nullable(c.params.text("name")), data, c.now), nil
}

func (s *Sandbox) addCustomer(email, name nullable, data map[string]string, now time.Time) *customer {
	made := &customer{ID: newID("cus"), Object: "customer", Created: now.Unix(), Email: email, Name: name, Metadata: data}
	s.state.Customers[made.ID] = made
	s.emit("customer.created", made, now)
	return made
}

func (s *Sandbox) getCustomer(c *call) (any, *apiError) {
	if failure := c.params.known(); failure != nil {
		return nil, failure
	}
	if found, ok := s.state.Customers[c.id]; ok {
		return found, nil
	}
	return nil, missing(http.StatusNotFound, "customer", "id", c.id)
}

func (s *Sandbox) getIntent(c *call) (any, *apiError) {
	if failure := c.params.known(); failure != nil {
		return nil, failure
	}
	if found, ok := s.state.Intents[c.id]; ok {
		return found, nil
	}
	return nil, missing(http.StatusNotFound, "payment_intent", "intent", c.id)
}

// pay tries to pay an open session with a card. As at Stripe, the session's
// payment intent comes to be with the first try, and later tries share it.
func (s *Sandbox) pay(co *checkout, card card, now time.Time) {
	s.version++
	intent := s.intentOf(co, now)
	method := &paymentMethod{
		ID: newID("pm"), Object: "payment_method", Type: "card", Created: now.Unix(),
		Card: methodCard{Brand: card.brand, ExpMonth: card.month, ExpYear: card.year, Last4: card.number[len(card.number)-4:]},
	}
	s.state.Methods[method.ID] = method
	intent.PaymentMethod, intent.LastPaymentError = nullable(method.ID), nil

	outcome := card.outcome()
	switch {
	case outcome.authenticate:
		intent.Status = intentNeedsAction
		s.emit("payment_intent.requires_action", intent, now)
	case outcome.decline != nil:
		s.decline(intent, *outcome.decline, now)
	default:
		s.succeed(co, intent, now)
	}
}

// authenticated goes on after the payer was asked by their bank.
func (s *Sandbox) authenticated(co *checkout, passed bool, now time.Time) {
	s.version++
	intent := s.intentOf(co, now)
	if passed {
		s.succeed(co, intent, now)
		return
	}
	s.decline(intent, paymentError{
		Type: "invalid_request_error", Code: "payment_intent_authentication_failure",
		Message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
	}, now)
}

func (s *Sandbox) intentOf(co *checkout, now time.Time) *paymentIntent {
	if found, ok := s.state.Intents[string(co.Session.PaymentIntent)]; ok {
		return found
	}
	made := &paymentIntent{
		ID: newID("pi"), Object: "payment_intent", Created: now.Unix(), Status: intentNeedsMethod,
		Amount: co.Session.AmountTotal, Currency: co.Session.Currency, Customer: co.Session.Customer,
		Description: nullable(co.Description), Metadata: maps.Clone(co.IntentMetadata), PaymentMethodTypes: []string{"card"},
		SetupFutureUsage: nullable(co.FutureUsage), StatementSuffix: nullable(co.Suffix),
	}
	s.state.Intents[made.ID] = made
	co.Session.PaymentIntent = nullable(made.ID)
	s.emit("payment_intent.created", made, now)
	return made
}

func (s *Sandbox) decline(intent *paymentIntent, why paymentError, now time.Time) {
	if why.Type == "card_error" {
		failed := s.addCharge(intent, now)
		failed.Status, failed.FailureCode, failed.FailureMessage = "failed", nullable(why.Code), nullable(why.Message)
		s.emit("charge.failed", failed, now)
	}
	intent.Status, intent.PaymentMethod, intent.LastPaymentError = intentNeedsMethod, "", &why
	s.emit("payment_intent.payment_failed", intent, now)
}

func (s *Sandbox) succeed(co *checkout, intent *paymentIntent, now time.Time) {
	if co.Session.Customer == "" && (co.Session.CustomerCreation == "always" || co.FutureUsage != "") {
		made := s.addCustomer(co.Session.CustomerEmail, "", map[string]string{}, now)
		co.Session.Customer, intent.Customer = nullable(made.ID), nullable(made.ID)
	}
	if co.FutureUsage != "" {
		s.state.Methods[string(intent.PaymentMethod)].Customer = intent.Customer
	}
	paid := s.addCharge(intent, now)
	paid.Status, paid.Paid, paid.Captured, paid.AmountCaptured = "succeeded", true, true, paid.Amount
	intent.Status, intent.AmountReceived, intent.LastPaymentError = intentSucceeded, intent.Amount, nil
	co.Session.Status, co.Session.PaymentStatus, co.Session.URL = sessionComplete, paymentPaid, ""

	s.emit("charge.succeeded", paid, now)
	s.emit("payment_intent.succeeded", intent, now)
	s.emit("checkout.session.completed", &co.Session, now)
}

func (s *Sandbox) addCharge(intent *paymentIntent, now time.Time) *charge {
	made := &charge{
		ID: newID("ch"), Object: "charge", Created: now.Unix(), Amount: intent.Amount, Currency: intent.Currency,
		Customer: intent.Customer, Description: intent.Description, Metadata: maps.Clone(intent.Metadata),
		PaymentIntent: nullable(intent.ID), PaymentMethod: intent.PaymentMethod,
	}
	s.state.Charges[made.ID] = made
	intent.LatestCharge = nullable(made.ID)
	return made
}
