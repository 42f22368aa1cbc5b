package sandbox

import "encoding/json"

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

	paymentPaid   = "paid"
	paymentUnpaid = "unpaid"

	intentNeedsMethod = "requires_payment_method"
	intentNeedsAction = "requires_action"
	intentSucceeded   = "succeeded"
	intentCanceled    = "canceled"
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

type session struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	AmountSubtotal     int64             `json:"amount_subtotal"`
	AmountTotal        int64             `json:"amount_total"`
	CancelURL          nullable          `json:"cancel_url"`
	ClientReferenceID  nullable          `json:"client_reference_id"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
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

// paymentError is why a try to pay failed.
type paymentError struct {
	Type        string `json:"type"`
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code,omitempty"`
	Message     string `json:"message"`
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

type paymentMethod struct {
	ID       string     `json:"id"`
	Object   string     `json:"object"`
	Card     methodCard `json:"card"`
	Created  int64      `json:"created"`
	Customer nullable   `json:"customer"`
	Livemode bool       `json:"livemode"`
	Type     string     `json:"type"`
}

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

type refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Charge        nullable          `json:"charge"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent nullable          `json:"payment_intent"`
	Reason        nullable          `json:"reason"`
	Status        string            `json:"status"`
}

// find looks an object up by its id, whatever its kind.
func (s *state) find(id string) (any, bool) {
	if c, ok := s.Checkouts[id]; ok {
		return &c.Session, true
	}
	if o, ok := s.Intents[id]; ok {
		return o, true
	}
	if o, ok := s.Charges[id]; ok {
		return o, true
	}
	if o, ok := s.Methods[id]; ok {
		return o, true
	}
	if o, ok := s.Customers[id]; ok {
		return o, true
	}
	for _, o := range s.Refunds {
		if o.ID == id {
			return o, true
		}
	}
	return nil, false
}
