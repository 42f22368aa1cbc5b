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
	s.state.Customers.put(made)
	s.emit("customer.created", made, now)
	return made
}

// getting answers with the object of a kind that the path names.
func getting[T kept](of func(*Sandbox) *shelf[T], kind, param string) operation {
	return func(s *Sandbox, c *call) (any, *apiError) {
		if failure := c.params.known(); failure != nil {
			return nil, failure
		}
		if found, ok := of(s).get(c.id); ok {
			return found, nil
		}
		return nil, missing(http.StatusNotFound, kind, param, c.id)
	}
}

// pay tries to pay an open session with a card. As at Stripe, the session's
// payment intent comes to be with the first try, and later tries share it.
func (s *Sandbox) pay(co *checkout, card card, now time.Time) {
	s.version++
	intent := s.intentOf(co, now)
	method := s.addMethod(card, now)
	intent.PaymentMethod, intent.LastPaymentError = nullable(method.ID), nil

	does := s.state.behaviourOf(nullable(method.ID))
	switch {
	case does.asks:
		intent.Status = intentNeedsAction
		s.emit("payment_intent.requires_action", intent, now)
	case does.decline != nil:
		s.decline(intent, *does.decline, now)
	default:
		s.succeed(co, intent, now)
	}
}

func (s *Sandbox) addMethod(card card, now time.Time) *paymentMethod {
	method := &paymentMethod{
		ID: newID("pm"), Object: "payment_method", Type: "card", Created: now.Unix(),
		Card: methodCard{Brand: card.brand, ExpMonth: card.month, ExpYear: card.year, Last4: card.number[len(card.number)-4:]},
	}
	s.state.Methods.put(method)
	s.behave(method, testCardOf(card.number))
	return method
}

// behave has a kept card do from now on what a test card does.
func (s *Sandbox) behave(method *paymentMethod, like testCard) {
	if like.name == "" {
		delete(s.state.Behaviours, method.ID)
		return
	}
	s.state.Behaviours[method.ID] = like.name
}

// notAuthenticated is what a payer leaves who says no to their bank.
func notAuthenticated(code string) paymentError {
	return paymentError{
		Type: "invalid_request_error", Code: code,
		Message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
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
	s.decline(intent, notAuthenticated("payment_intent_authentication_failure"), now)
}

func (s *Sandbox) intentOf(co *checkout, now time.Time) *paymentIntent {
	if found, ok := s.state.Intents.get(string(co.Session.PaymentIntent)); ok {
		return found
	}
	made := s.addIntent(&paymentIntent{
		Amount: co.Session.AmountTotal, Currency: string(co.Session.Currency), Customer: co.Session.Customer,
		Description: nullable(co.Description), Metadata: maps.Clone(co.IntentMetadata),
		SetupFutureUsage: nullable(co.FutureUsage), StatementSuffix: nullable(co.Suffix),
	}, now)
	co.Session.PaymentIntent = nullable(made.ID)
	return made
}

func (s *Sandbox) addIntent(made *paymentIntent, now time.Time) *paymentIntent {
	made.ID, made.Object, made.Created, made.Status = newID("pi"), "payment_intent", now.Unix(), intentNeedsMethod
	made.PaymentMethodTypes = []string{"card"}
	s.state.Intents.put(made)
	s.emit("payment_intent.created", made, now)
	return made
}

// decline takes the card off the intent and keeps it with the error, as Stripe
// does.
func (s *Sandbox) decline(intent *paymentIntent, why paymentError, now time.Time) {
	if method, ok := s.state.Methods.get(string(intent.PaymentMethod)); ok {
		copied := *method
		why.PaymentMethod = &copied
	}
	if why.Type == "card_error" {
		failed := s.addCharge(intent, now)
		failed.Status, failed.FailureCode, failed.FailureMessage = "failed", nullable(why.Code), nullable(why.Message)
		why.Charge = failed.ID
		s.emit("charge.failed", failed, now)
	}
	intent.Status, intent.PaymentMethod, intent.LastPaymentError = intentNeedsMethod, "", &why
	s.emit("payment_intent.payment_failed", intent, now)
}

func (s *Sandbox) succeed(co *checkout, intent *paymentIntent, now time.Time) {
	if co.Session.Customer == "" && (co.Session.CustomerCreation == "always" || co.FutureUsage != "") {
		made := s.addCustomer(co.Session.CustomerEmail, "", map[string]string{}, now)
		co.Session.Customer, intent.Customer = nullable(made.ID), nullable(made.ID)
		s.state.Intents.owned(intent)
	}
	if method, ok := s.state.Methods.get(string(intent.PaymentMethod)); ok && co.FutureUsage != "" {
		method.Customer = intent.Customer
	}
	paid := s.take(intent, now)
	co.Session.Status, co.Session.PaymentStatus, co.Session.URL = sessionComplete, paymentPaid, ""
	s.emit("checkout.session.completed", &co.Session, now)
	s.disputeIfDisputed(paid, now)
}

// take moves the money of an intent to the account.
func (s *Sandbox) take(intent *paymentIntent, now time.Time) *charge {
	paid := s.addCharge(intent, now)
	paid.Status, paid.Paid, paid.Captured, paid.AmountCaptured = "succeeded", true, true, paid.Amount
	paid.Balance = balanceID(paid)
	intent.Status, intent.AmountReceived, intent.LastPaymentError = intentSucceeded, intent.Amount, nil
	s.emit("charge.succeeded", paid, now)
	s.emit("payment_intent.succeeded", intent, now)
	return paid
}

func (s *Sandbox) addCharge(intent *paymentIntent, now time.Time) *charge {
	made := &charge{
		ID: newID("ch"), Object: "charge", Created: now.Unix(), Amount: intent.Amount, Currency: intent.Currency,
		Customer: intent.Customer, Description: intent.Description, Metadata: maps.Clone(intent.Metadata),
		PaymentIntent: nullable(intent.ID), PaymentMethod: intent.PaymentMethod,
	}
	s.state.Charges.put(made)
	intent.LatestCharge = nullable(made.ID)
	return made
}
