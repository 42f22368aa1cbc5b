package sandbox

import (
	"maps"
	"time"
)

const (
	modePayment = "payment"
	modeSetup   = "setup"

	setupField = "setup_intent_data"
)

// readSetup reads what a session that saves a card is asked with.
func (s *Sandbox) readSetup(co *checkout, c *call) *apiError {
	p := c.params
	for _, other := range []string{itemField + "[quantity]", priceField + "[currency]", intentField + "[description]", "customer_creation"} {
		if p.text(other) != "" {
			return badRequest("", other, "You can not pass `%s` in `setup` mode.", other)
		}
	}
	if co.Session.Customer == "" {
		return badRequest("", "customer", "The sandbox saves cards of customers only.")
	}
	data, failure := p.metadata(setupField + "[metadata]")
	if failure != nil {
		return failure
	}
	co.ItemName = p.text(setupField + "[description]")
	made := &setupIntent{
		ID: newID("seti"), Object: "setup_intent", Created: c.now.Unix(), Status: intentNeedsMethod, Usage: "off_session",
		Customer: co.Session.Customer, Description: nullable(co.ItemName), Metadata: maps.Clone(data), PaymentMethodTypes: []string{"card"},
	}
	s.state.Setups.put(made)
	co.Session.SetupIntent, co.Session.PaymentStatus = nullable(made.ID), paymentNotNeeded
	s.emit("setup_intent.created", made, c.now)
	return nil
}

// saveCard tries to save a card for an open session.
func (s *Sandbox) saveCard(co *checkout, card card, now time.Time) {
	setup, ok := s.state.Setups.get(string(co.Session.SetupIntent))
	if !ok {
		return
	}
	s.version++
	method := s.addMethod(card, now)
	setup.PaymentMethod, setup.LastSetupError = nullable(method.ID), nil
	does := s.state.behaviourOf(nullable(method.ID))
	switch {
	case does.asks:
		setup.Status = intentNeedsAction
		s.emit("setup_intent.requires_action", setup, now)
	case does.decline != nil:
		s.refuseCard(setup, *does.decline, now)
	default:
		s.cardSaved(co, setup, now)
	}
}

// cardAuthenticated goes on after the payer was asked by their bank.
func (s *Sandbox) cardAuthenticated(co *checkout, passed bool, now time.Time) {
	setup, ok := s.state.Setups.get(string(co.Session.SetupIntent))
	if !ok {
		return
	}
	s.version++
	if passed {
		s.cardSaved(co, setup, now)
		return
	}
	s.refuseCard(setup, notAuthenticated("setup_intent_authentication_failure"), now)
}

func (s *Sandbox) refuseCard(setup *setupIntent, why paymentError, now time.Time) {
	setup.Status, setup.PaymentMethod, setup.LastSetupError = intentNeedsMethod, "", &why
	s.emit("setup_intent.setup_failed", setup, now)
}

func (s *Sandbox) cardSaved(co *checkout, setup *setupIntent, now time.Time) {
	if method, ok := s.state.Methods.get(string(setup.PaymentMethod)); ok {
		method.Customer = setup.Customer
	}
	setup.Status, setup.LastSetupError = intentSucceeded, nil
	co.Session.Status, co.Session.URL = sessionComplete, ""
	s.emit("setup_intent.succeeded", setup, now)
	s.emit("checkout.session.completed", &co.Session, now)
}
