package sandbox

import (
	"encoding/json"
	"strings"
)

// The objects have the names that Stripe gives their fields; times are seconds
// since 1970, amounts minor units, currency codes lower case.

// nullable is a text that Stripe shows as null when there is none.
type nullable string

// MarshalJSON writes null for an empty text.
func (n nullable) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(n))
}

// Stripe's words for how things stand.
const (
	sessionOpen     = "open"
	sessionComplete = "complete"
	sessionExpired  = "expired"

	paymentPaid      = "paid"
	paymentUnpaid    = "unpaid"
	paymentNotNeeded = "no_payment_required"

	intentNeedsMethod = "requires_payment_method"
	intentNeedsAction = "requires_action"
	intentSucceeded   = "succeeded"
	intentCanceled    = "canceled"

	refundPending   = "pending"
	refundSucceeded = "succeeded"
	refundFailed    = "failed"
)

// checkout is a session with what Stripe keeps beside it.
type checkout struct {
	Session        session           `json:"session"`
	ItemName       string            `json:"item_name"`
	Description    string            `json:"description"`
	Suffix         string            `json:"statement_descriptor_suffix"`
	IntentMetadata map[string]string `json:"intent_metadata"`
	FutureUsage    string            `json:"setup_future_usage"`
}

func (co *checkout) key() string   { return co.Session.ID }
func (co *checkout) born() int64   { return co.Session.Created }
func (co *checkout) owner() string { return "" }

// setup says whether the session saves a card and takes no money.
func (co *checkout) setup() bool { return co.Session.Mode == modeSetup }

type session struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	AmountSubtotal     int64             `json:"amount_subtotal"`
	AmountTotal        int64             `json:"amount_total"`
	CancelURL          nullable          `json:"cancel_url"`
	ClientReferenceID  nullable          `json:"client_reference_id"`
	Created            int64             `json:"created"`
	Currency           nullable          `json:"currency"`
	Customer           nullable          `json:"customer"`
	CustomerCreation   nullable          `json:"customer_creation"`
	CustomerEmail      nullable          `json:"customer_email"`
	ExpiresAt          int64             `json:"expires_at"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	Mode               string            `json:"mode"`
	PaymentIntent      nullable          `json:"payment_intent"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	PaymentStatus      string            `json:"payment_status"`
	SetupIntent        nullable          `json:"setup_intent"`
	Status             string            `json:"status"`
	SuccessURL         string            `json:"success_url"`
	UIMode             string            `json:"ui_mode"`
	URL                nullable          `json:"url"`
}

type paymentIntent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	AmountReceived     int64             `json:"amount_received"`
	CancellationReason nullable          `json:"cancellation_reason"`
	CanceledAt         *int64            `json:"canceled_at"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Customer           nullable          `json:"customer"`
	Description        nullable          `json:"description"`
	LastPaymentError   *paymentError     `json:"last_payment_error"`
	LatestCharge       nullable          `json:"latest_charge"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	PaymentMethod      nullable          `json:"payment_method"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	SetupFutureUsage   nullable          `json:"setup_future_usage"`
	StatementSuffix    nullable          `json:"statement_descriptor_suffix"`
	Status             string            `json:"status"`
}

func (p *paymentIntent) key() string   { return p.ID }
func (p *paymentIntent) born() int64   { return p.Created }
func (p *paymentIntent) owner() string { return string(p.Customer) }

// setupIntent is a card on its way to be saved.
type setupIntent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	CancellationReason nullable          `json:"cancellation_reason"`
	Created            int64             `json:"created"`
	Customer           nullable          `json:"customer"`
	Description        nullable          `json:"description"`
	LastSetupError     *paymentError     `json:"last_setup_error"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	PaymentMethod      nullable          `json:"payment_method"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	Status             string            `json:"status"`
	Usage              string            `json:"usage"`
}

func (p *setupIntent) key() string   { return p.ID }
func (p *setupIntent) born() int64   { return p.Created }
func (p *setupIntent) owner() string { return "" }

// paymentError is why a try to pay failed, with the card of that try.
type paymentError struct {
	Type          string         `json:"type"`
	Code          string         `json:"code"`
	DeclineCode   string         `json:"decline_code,omitempty"`
	Message       string         `json:"message"`
	Charge        string         `json:"charge,omitempty"`
	PaymentMethod *paymentMethod `json:"payment_method,omitempty"`
}

type charge struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Amount         int64             `json:"amount"`
	AmountCaptured int64             `json:"amount_captured"`
	AmountRefunded int64             `json:"amount_refunded"`
	Balance        nullable          `json:"balance_transaction"`
	Captured       bool              `json:"captured"`
	Created        int64             `json:"created"`
	Currency       string            `json:"currency"`
	Customer       nullable          `json:"customer"`
	Description    nullable          `json:"description"`
	Disputed       bool              `json:"disputed"`
	FailureCode    nullable          `json:"failure_code"`
	FailureMessage nullable          `json:"failure_message"`
	Livemode       bool              `json:"livemode"`
	Metadata       map[string]string `json:"metadata"`
	Paid           bool              `json:"paid"`
	PaymentIntent  nullable          `json:"payment_intent"`
	PaymentMethod  nullable          `json:"payment_method"`
	Refunded       bool              `json:"refunded"`
	Status         string            `json:"status"`
}

func (c *charge) key() string   { return c.ID }
func (c *charge) born() int64   { return c.Created }
func (c *charge) owner() string { return "" }

type paymentMethod struct {
	ID       string     `json:"id"`
	Object   string     `json:"object"`
	Card     methodCard `json:"card"`
	Created  int64      `json:"created"`
	Customer nullable   `json:"customer"`
	Livemode bool       `json:"livemode"`
	Type     string     `json:"type"`
}

func (m *paymentMethod) key() string   { return m.ID }
func (m *paymentMethod) born() int64   { return m.Created }
func (m *paymentMethod) owner() string { return "" }

// methodCard is all that is ever kept of a card.
type methodCard struct {
	Brand    string `json:"brand"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
	Last4    string `json:"last4"`
}

type customer struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Created  int64             `json:"created"`
	Email    nullable          `json:"email"`
	Livemode bool              `json:"livemode"`
	Metadata map[string]string `json:"metadata"`
	Name     nullable          `json:"name"`
}

func (c *customer) key() string   { return c.ID }
func (c *customer) born() int64   { return c.Created }
func (c *customer) owner() string { return "" }

type refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Charge        nullable          `json:"charge"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	FailureReason nullable          `json:"failure_reason"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent nullable          `json:"payment_intent"`
	Reason        nullable          `json:"reason"`
	Status        string            `json:"status"`
}

func (r *refund) key() string   { return r.ID }
func (r *refund) born() int64   { return r.Created }
func (r *refund) owner() string { return string(r.PaymentIntent) }

type dispute struct {
	ID               string            `json:"id"`
	Object           string            `json:"object"`
	Amount           int64             `json:"amount"`
	Charge           nullable          `json:"charge"`
	Created          int64             `json:"created"`
	Currency         string            `json:"currency"`
	Evidence         evidenceDetails   `json:"evidence_details"`
	ChargeRefundable bool              `json:"is_charge_refundable"`
	Livemode         bool              `json:"livemode"`
	Metadata         map[string]string `json:"metadata"`
	PaymentIntent    nullable          `json:"payment_intent"`
	Reason           string            `json:"reason"`
	Status           string            `json:"status"`
}

type evidenceDetails struct {
	DueBy           *int64 `json:"due_by"`
	HasEvidence     bool   `json:"has_evidence"`
	PastDue         bool   `json:"past_due"`
	SubmissionCount int64  `json:"submission_count"`
}

func (d *dispute) key() string   { return d.ID }
func (d *dispute) born() int64   { return d.Created }
func (d *dispute) owner() string { return string(d.PaymentIntent) }

// find looks an object up by its id, whatever its kind.
func (s *state) find(id string) (any, bool) {
	kind, _, _ := strings.Cut(id, "_")
	switch kind {
	case "cs":
		if c, ok := s.Checkouts.get(id); ok {
			return &c.Session, true
		}
		return nil, false
	case "pi":
		return asObject(s.Intents.get(id))
	case "seti":
		return asObject(s.Setups.get(id))
	case "ch":
		return asObject(s.Charges.get(id))
	case "pm":
		return asObject(s.Methods.get(id))
	case "cus":
		return asObject(s.Customers.get(id))
	case "re":
		return asObject(s.Refunds.get(id))
	case "du":
		return asObject(s.Disputes.get(id))
	case "txn":
		return asObject(s.balance(id))
	}
	return nil, false
}

func asObject[T any](object T, ok bool) (any, bool) { return object, ok }
