package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// Stripe's window for expires_at, counted from creation
// (docs.stripe.com/api/checkout/sessions/create).
const (
	shortestSession = 30 * time.Minute
	longestSession  = 24 * time.Hour
)

// maxReference is Stripe's limit for client_reference_id.
const maxReference = 200

const (
	itemField   = "line_items[0]"
	priceField  = itemField + "[price_data]"
	intentField = "payment_intent_data"
)

func (s *Sandbox) createSession(c *call) (any, *apiError) {
	p := c.params
	if failure := p.known(
		"mode", "payment_method_types[]", "client_reference_id", "metadata[*]", "success_url", "cancel_url", "expires_at",
		"customer", "customer_email", "customer_creation",
		"line_items[][quantity]", "line_items[][price_data][currency]", "line_items[][price_data][unit_amount]",
		"line_items[][price_data][product_data][name]",
		"payment_intent_data[description]", "payment_intent_data[metadata][*]", "payment_intent_data[setup_future_usage]",
		"payment_intent_data[statement_descriptor_suffix]",
		"setup_intent_data[description]", "setup_intent_data[metadata][*]",
	); failure != nil {
		return nil, failure
	}
	made := &checkout{
		Session: session{
			ID: newID("cs_test"), Object: "checkout.session", Created: c.now.Unix(), UIMode: "hosted",
			Mode: p.text("mode"), Status: sessionOpen, PaymentStatus: paymentUnpaid,
			PaymentMethodTypes: p.list("payment_method_types"),
			ClientReferenceID:  nullable(p.text("client_reference_id")),
		},
		ItemName:    p.text(priceField + "[product_data][name]"),
		Description: p.text(intentField + "[description]"),
		Suffix:      p.text(intentField + "[statement_descriptor_suffix]"),
		FutureUsage: p.text(intentField + "[setup_future_usage]"),
	}
	for _, read := range []func(*checkout, *call) *apiError{
		(*checkout).readAddresses, (*checkout).readExpiry, (*checkout).readRest, s.readCustomer, s.readMode,
	} {
		if failure := read(made, c); failure != nil {
			return nil, failure
		}
	}
	made.Session.URL = nullable(s.options.BaseURL + "/pay/" + made.Session.ID)
	s.state.Checkouts.put(made)
	s.planExpiry(made)
	return &made.Session, nil
}

func (s *Sandbox) readMode(co *checkout, c *call) *apiError {
	switch co.Session.Mode {
	case modePayment:
		return co.readPrice(c)
	case modeSetup:
		return s.readSetup(co, c)
	case "":
		return missingParam("mode")
	}
	return badRequest("", "mode", "The sandbox knows only the modes payment and setup.")
}

func (co *checkout) readPrice(c *call) *apiError {
	p := c.params
	if p.text(priceField+"[currency]") == "" {
		return missingParam("line_items")
	}
	if co.ItemName == "" {
		return missingParam(priceField + "[product_data][name]")
	}
	currency := p.text(priceField + "[currency]")
	if failure := checkCurrency(currency, priceField+"[currency]"); failure != nil {
		return failure
	}
	unit, given, failure := p.integer(priceField + "[unit_amount]")
	if failure != nil {
		return failure
	}
	if !given {
		return missingParam(priceField + "[unit_amount]")
	}
	quantity, given, failure := p.integer(itemField + "[quantity]")
	if failure != nil {
		return failure
	}
	if !given {
		return missingParam(itemField + "[quantity]")
	}
	if quantity != 1 || p.text("line_items[1][quantity]") != "" {
		return badRequest("", "line_items", "The sandbox knows only one line item, once.")
	}
	if failure := checkCharge(unit, currency, priceField+"[unit_amount]"); failure != nil {
		return failure
	}
	co.Session.Currency, co.Session.AmountSubtotal, co.Session.AmountTotal = nullable(currency), unit, unit
	return nil
}

func (co *checkout) readAddresses(c *call) *apiError {
	if c.params.text("success_url") == "" {
		return missingParam("success_url")
	}
	var failure *apiError
	if co.Session.SuccessURL, failure = c.params.absoluteURL("success_url"); failure != nil {
		return failure
	}
	if c.params.text("cancel_url") == "" {
		return nil
	}
	back, failure := c.params.absoluteURL("cancel_url")
	co.Session.CancelURL = nullable(back)
	return failure
}

func (co *checkout) readExpiry(c *call) *apiError {
	at, given, failure := c.params.integer("expires_at")
	if failure != nil {
		return failure
	}
	if !given {
		at = co.Session.Created + int64(longestSession.Seconds())
	} else if span := time.Duration(at-co.Session.Created) * time.Second; span < shortestSession {
		return badRequest("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
	} else if span >= longestSession {
		return badRequest("", "expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
	}
	co.Session.ExpiresAt = at
	return nil
}

func (co *checkout) readRest(c *call) (failure *apiError) {
	if len(co.Session.PaymentMethodTypes) != 1 || co.Session.PaymentMethodTypes[0] != "card" {
		return badRequest("", "payment_method_types", "The sandbox knows only cards.")
	}
	if len(co.Session.ClientReferenceID) > maxReference {
		return badRequest("", "client_reference_id", "client_reference_id can have up to %d characters.", maxReference)
	}
	if co.FutureUsage != "" && co.FutureUsage != "off_session" && co.FutureUsage != "on_session" {
		return badRequest("", intentField+"[setup_future_usage]", "Invalid setup_future_usage: must be one of off_session or on_session")
	}
	if failure = checkSuffix(co.Suffix, intentField+"[statement_descriptor_suffix]"); failure != nil {
		return failure
	}
	if co.Session.Metadata, failure = c.params.metadata("metadata"); failure != nil {
		return failure
	}
	co.IntentMetadata, failure = c.params.metadata(intentField + "[metadata]")
	return failure
}

// checkSuffix holds a statement descriptor to Stripe's rules
// (docs.stripe.com/get-started/account/statement-descriptors).
func checkSuffix(suffix, param string) *apiError {
	const longest = 22
	if suffix == "" {
		return nil
	}
	if len(suffix) > longest || strings.ContainsAny(suffix, `<>\'"*`) {
		return badRequest("", param, "The statement descriptor suffix can have up to %d characters, without < > \\ ' \" *.", longest)
	}
	if !strings.ContainsFunc(suffix, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }) {
		return badRequest("", param, "The statement descriptor suffix must contain at least one alphabetic character.")
	}
	return nil
}

func (s *Sandbox) readCustomer(co *checkout, c *call) *apiError {
	p := c.params
	id, creation := p.text("customer"), p.text("customer_creation")
	if id != "" {
		for _, other := range []string{"customer_email", "customer_creation"} {
			if p.text(other) != "" {
				return badRequest("", other, "You may only specify one of these parameters: customer, %s.", other)
			}
		}
		if _, ok := s.state.Customers.get(id); !ok {
			return missing(http.StatusBadRequest, "customer", "customer", id)
		}
		co.Session.Customer = nullable(id)
		return nil
	}
	if creation != "" && creation != "always" && creation != "if_required" {
		return badRequest("", "customer_creation", "Invalid customer_creation: must be one of always or if_required")
	}
	if creation == "" && co.Session.Mode == modePayment {
		creation = "if_required"
	}
	co.Session.CustomerCreation = nullable(creation)
	var failure *apiError
	co.Session.CustomerEmail, failure = p.email("customer_email")
	return failure
}

func (s *Sandbox) getSession(c *call) (any, *apiError) {
	if failure := c.params.known(); failure != nil {
		return nil, failure
	}
	found, ok := s.state.Checkouts.get(c.id)
	if !ok {
		return nil, missing(http.StatusNotFound, "checkout.session", "session", c.id)
	}
	return &found.Session, nil
}

func (s *Sandbox) expireSession(c *call) (any, *apiError) {
	if failure := c.params.known(); failure != nil {
		return nil, failure
	}
	found, ok := s.state.Checkouts.get(c.id)
	if !ok {
		return nil, missing(http.StatusNotFound, "checkout.session", "session", c.id)
	}
	if found.Session.Status != sessionOpen {
		return nil, badRequest("", "session",
			"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`.", found.Session.Status)
	}
	s.expire(found, c.now)
	return &found.Session, nil
}

func (s *Sandbox) listSessions(c *call) (any, *apiError) {
	if failure := c.params.known(listed...); failure != nil {
		return nil, failure
	}
	return list(c, &s.state.Checkouts, "", nil, func(co *checkout) any { return &co.Session })
}

func (s *Sandbox) planExpiry(co *checkout) {
	s.plan(co.Session.ExpiresAt, func(now time.Time) {
		if co.Session.Status == sessionOpen {
			s.expire(co, now)
		}
	})
}

// expire ends a session; an unfinished payment of it is canceled with it, and
// so is a card on its way to be saved.
func (s *Sandbox) expire(co *checkout, now time.Time) {
	co.Session.Status, co.Session.URL = sessionExpired, ""
	if intent, ok := s.state.Intents.get(string(co.Session.PaymentIntent)); ok {
		at := now.Unix()
		intent.Status, intent.CanceledAt, intent.CancellationReason = intentCanceled, &at, "abandoned"
		s.emit("payment_intent.canceled", intent, now)
	}
	if setup, ok := s.state.Setups.get(string(co.Session.SetupIntent)); ok {
		setup.Status, setup.CancellationReason = intentCanceled, "abandoned"
		s.emit("setup_intent.canceled", setup, now)
	}
	s.emit("checkout.session.expired", &co.Session, now)
}
