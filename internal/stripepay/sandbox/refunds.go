package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// later is after how long the refunds of some test cards change.
const later = time.Hour

// outcome is what will come of a refund.
type outcome struct {
	First  string `json:"-"`      // its status until then
	At     int64  `json:"at"`     // seconds since 1970
	Status string `json:"status"` // its status from then on
}

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
	intent, ok := s.state.Intents.get(id)
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
	made, failure := s.refund(intent, amount, c.now)
	if failure != nil {
		return nil, failure
	}
	made.Reason, made.Metadata = nullable(p.text("reason")), data
	s.emitRefund(made, c.now)
	return made, nil
}

// refund returns an amount of a payment, or all that is left if it is zero.
// Whoever calls it emits the events.
func (s *Sandbox) refund(intent *paymentIntent, amount int64, now time.Time) (*refund, *apiError) {
	paid, ok := s.state.Charges.get(string(intent.LatestCharge))
	if !ok || !paid.Paid {
		return nil, refused("", "payment_intent", "This PaymentIntent (%s) does not have a successful charge to refund.", intent.ID)
	}
	if d := s.state.disputeOf(nullable(intent.ID)); d != nil && d.takes() {
		return nil, refused("charge_disputed", "", "The charge %s has been charged back; cannot issue a refund.", paid.ID)
	}
	left := paid.Amount - paid.AmountRefunded
	if left == 0 {
		return nil, refused("charge_already_refunded", "", "Charge %s has already been refunded.", paid.ID)
	}
	if amount == 0 {
		amount = left
	}
	if amount > left {
		return nil, refused("", "amount", "Refund amount (%s) is greater than unrefunded amount on charge (%s)",
			amountText(amount, paid.Currency), amountText(left, paid.Currency))
	}
	made := &refund{
		ID: newID("re"), Object: "refund", Created: now.Unix(), Amount: amount, Currency: paid.Currency, Status: refundSucceeded,
		Charge: nullable(paid.ID), PaymentIntent: nullable(intent.ID), Metadata: map[string]string{},
	}
	if next := s.state.behaviourOf(paid.PaymentMethod).refund; next != nil {
		made.Status = next.First
		planned := outcome{At: now.Add(later).Unix(), Status: next.Status}
		s.state.Outcomes[made.ID] = planned
		s.planOutcome(made.ID, planned)
	}
	s.state.Refunds.put(made)
	paid.AmountRefunded += amount
	paid.Refunded = paid.AmountRefunded == paid.Amount
	return made, nil
}

func (s *Sandbox) emitRefund(made *refund, now time.Time) {
	s.emit("refund.created", made, now)
	if paid, ok := s.state.Charges.get(string(made.Charge)); ok {
		s.emit("charge.refunded", paid, now)
	}
	s.emit("refund.updated", made, now)
}

func (s *Sandbox) planOutcome(id string, next outcome) {
	s.plan(next.At, func(now time.Time) {
		if refund, ok := s.state.Refunds.get(id); ok && s.state.Outcomes[id] == next {
			s.turn(refund, next.Status, now)
		}
	})
}

// turn changes the status of a refund. The money of one that fails is back in
// the account, and can be refunded anew.
func (s *Sandbox) turn(r *refund, status string, now time.Time) {
	delete(s.state.Outcomes, r.ID)
	r.Status = status
	if status == refundFailed {
		r.FailureReason = "lost_or_stolen_card"
		if paid, ok := s.state.Charges.get(string(r.Charge)); ok {
			paid.AmountRefunded -= r.Amount
			paid.Refunded = false
		}
	}
	s.emit("refund.updated", r, now)
	s.emit("charge.refund.updated", r, now)
}

// refused is a refusal after the request began to be carried out.
func refused(code, param, format string, args ...any) *apiError {
	failure := badRequest(code, param, format, args...)
	failure.executed = true
	return failure
}

func (s *Sandbox) listRefunds(c *call) (any, *apiError) {
	if failure := c.params.known(append([]string{"payment_intent"}, listed...)...); failure != nil {
		return nil, failure
	}
	return list(c, &s.state.Refunds, c.params.text("payment_intent"), nil, itself)
}

// RefundAtStripe returns money as somebody does in Stripe's dashboard: without
// our metadata. An amount of zero is all that is left.
func (s *Sandbox) RefundAtStripe(paymentIntent string, amount int64) error {
	return s.act(func(now time.Time) error {
		intent, ok := s.state.Intents.get(paymentIntent)
		if !ok {
			return fmt.Errorf("there is no payment %q", paymentIntent)
		}
		if amount < 0 {
			return fmt.Errorf("%d is no amount", amount)
		}
		made, failure := s.refund(intent, amount, now)
		if failure != nil {
			return fmt.Errorf("refund: %s", failure.Message)
		}
		s.emitRefund(made, now)
		return nil
	})
}

// FailRefund has a refund fail that is on its way or was thought to be over.
func (s *Sandbox) FailRefund(id string) error {
	return s.act(func(now time.Time) error {
		r, ok := s.state.Refunds.get(id)
		if !ok {
			return fmt.Errorf("there is no refund %q", id)
		}
		if r.Status == refundFailed {
			return fmt.Errorf("the refund %s has failed already", id)
		}
		s.turn(r, refundFailed, now)
		return nil
	})
}
