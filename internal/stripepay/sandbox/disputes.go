package sandbox

import (
	"fmt"
	"time"
)

// evidenceSpan is how long the practice has to send evidence.
const evidenceSpan = 9 * 24 * time.Hour

// Stripe's words for how a dispute stands; a warning is an inquiry, which takes
// no money.
const (
	disputeNeedsResponse = "needs_response"
	disputeWon           = "won"
	disputeLost          = "lost"
	warningNeedsResponse = "warning_needs_response"
	warningClosed        = "warning_closed"
)

// takes says whether the money is away because of the dispute.
func (d *dispute) takes() bool { return d.Status == disputeNeedsResponse || d.Status == disputeLost }

// open says whether the bank has yet to decide.
func (d *dispute) open() bool {
	return d.Status == disputeNeedsResponse || d.Status == warningNeedsResponse
}

func (s *Sandbox) listDisputes(c *call) (any, *apiError) {
	if failure := c.params.known(append([]string{"payment_intent"}, listed...)...); failure != nil {
		return nil, failure
	}
	return list(c, &s.state.Disputes, c.params.text("payment_intent"), nil, itself)
}

// disputeOf is the dispute of a payment that is open or lost, nil if none is.
func (s *state) disputeOf(paymentIntent nullable) *dispute {
	for _, d := range s.Disputes.owners[string(paymentIntent)] {
		if d.open() || d.Status == disputeLost {
			return d
		}
	}
	return nil
}

// disputeIfDisputed does what the card of a new charge is made for.
func (s *Sandbox) disputeIfDisputed(paid *charge, now time.Time) {
	if does := s.state.behaviourOf(paid.PaymentMethod); does.dispute != "" {
		s.dispute(paid, does.dispute, does.inquiry, now)
	}
}

func (s *Sandbox) dispute(paid *charge, reason string, inquiry bool, now time.Time) *dispute {
	due := now.Add(evidenceSpan).Unix()
	made := &dispute{
		ID: newID("du"), Object: "dispute", Amount: paid.Amount - paid.AmountRefunded, Charge: nullable(paid.ID), Created: now.Unix(),
		Currency: paid.Currency, Evidence: evidenceDetails{DueBy: &due}, ChargeRefundable: inquiry, Metadata: map[string]string{},
		PaymentIntent: paid.PaymentIntent, Reason: reason, Status: disputeNeedsResponse,
	}
	if inquiry {
		made.Status = warningNeedsResponse
	}
	paid.Disputed = true
	s.state.Disputes.put(made)
	s.emit("charge.dispute.created", made, now)
	if made.takes() {
		s.emit("charge.dispute.funds_withdrawn", made, now)
	}
	return made
}

// decide ends an open dispute as the bank would.
func (s *Sandbox) decide(d *dispute, won bool, now time.Time) {
	away := d.takes()
	switch {
	case !away:
		d.Status = warningClosed
	case won:
		d.Status = disputeWon
	default:
		d.Status = disputeLost
	}
	d.ChargeRefundable = !d.takes()
	s.emit("charge.dispute.closed", d, now)
	if away && !d.takes() {
		s.emit("charge.dispute.funds_reinstated", d, now)
	}
}

// OpenDispute has the payer's bank want back what is left of a payment, for one
// of Stripe's reasons such as fraudulent, and gives the dispute's id.
func (s *Sandbox) OpenDispute(paymentIntent, reason string) (id string, err error) {
	err = s.act(func(now time.Time) error {
		intent, ok := s.state.Intents.get(paymentIntent)
		if !ok {
			return fmt.Errorf("there is no payment %q", paymentIntent)
		}
		paid, ok := s.state.Charges.get(string(intent.LatestCharge))
		switch {
		case !ok || !paid.Paid:
			return fmt.Errorf("the payment %s has not succeeded", paymentIntent)
		case paid.Refunded:
			return fmt.Errorf("the payment %s was refunded", paymentIntent)
		case s.state.disputeOf(nullable(intent.ID)) != nil:
			return fmt.Errorf("the payment %s is disputed already", paymentIntent)
		}
		id = s.dispute(paid, reason, false, now).ID
		return nil
	})
	return id, err
}

// CloseDispute has the bank decide, for the practice (won) or for the payer.
func (s *Sandbox) CloseDispute(id string, won bool) error {
	return s.act(func(now time.Time) error {
		d, ok := s.state.Disputes.get(id)
		if !ok {
			return fmt.Errorf("there is no dispute %q", id)
		}
		if !d.open() {
			return fmt.Errorf("the dispute %s is decided: %s", id, d.Status)
		}
		s.decide(d, won, now)
		return nil
	})
}
