package stripepay

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"lantern/internal/fault"
)

// SignatureHeader is the header that carries an event's signature.
const SignatureHeader = "Stripe-Signature"

// signatureTolerance is how old a signature may be: Stripe's own default, five
// minutes. Every delivery, a repeated one too, is signed anew.
const signatureTolerance = webhook.DefaultTolerance

var (
	// ErrSignature: the message is not from Stripe, or was changed on its way.
	ErrSignature = fault.New(fault.Invalid, "The signature of this message is not valid.")
	// ErrStale: the signature is right but too old, as of a message replayed.
	ErrStale = fault.New(fault.Invalid, "The signature of this message is too old.")
	// ErrAPIVersion: the message is genuine, but the webhook endpoint at
	// Stripe was made for another version of the API. Somebody must change the
	// endpoint; until then Stripe keeps the event and sends it again.
	ErrAPIVersion = fault.New(fault.Unavailable, "This message is in a version of Stripe's API that is not spoken here.")
)

// Types of event that tell what came of a card page, a refund or a dispute.
// Which of them are acted on is the booking slice's to say.
const (
	EventCheckoutCompleted      = "checkout.session.completed"
	EventCheckoutExpired        = "checkout.session.expired"
	EventPaymentSucceeded       = "payment_intent.succeeded"
	EventPaymentFailed          = "payment_intent.payment_failed"
	EventChargeRefunded         = "charge.refunded"
	EventChargeRefundUpdated    = "charge.refund.updated"
	EventRefundUpdated          = "refund.updated"
	EventDisputeCreated         = "charge.dispute.created"
	EventDisputeUpdated         = "charge.dispute.updated"
	EventDisputeClosed          = "charge.dispute.closed"
	EventDisputeFundsWithdrawn  = "charge.dispute.funds_withdrawn"
	EventDisputeFundsReinstated = "charge.dispute.funds_reinstated"
)

// WantedEvents are the types that the webhook endpoint at Stripe must send.
var WantedEvents = []string{
	EventCheckoutCompleted, EventCheckoutExpired, EventPaymentSucceeded, EventPaymentFailed,
	EventChargeRefunded, EventChargeRefundUpdated, EventRefundUpdated,
	EventDisputeCreated, EventDisputeUpdated, EventDisputeClosed, EventDisputeFundsWithdrawn, EventDisputeFundsReinstated,
}

// Event is a hint that something happened to an object at Stripe. Events come
// late, twice and out of order, so an event holds no state: ask for the
// object's.
type Event struct {
	ID              string
	Type            string
	APIVersion      string
	CreatedAt       time.Time
	ObjectID        string
	ObjectKind      string // Stripe's name of the kind: checkout.session, payment_intent, charge, refund, dispute
	PaymentIntentID string // the payment that the object belongs to, where it names one
}

// ParseEvent checks the signature and then reads the event. Nothing of the
// payload is looked at before. The errors are ErrSignature, ErrStale and
// ErrAPIVersion; with the last, the event's ID, Type and APIVersion are given,
// too.
func (c *Client) ParseEvent(payload []byte, signature string) (Event, error) {
	// An empty secret would make every signature forgeable.
	if c.webhookSecret == "" {
		return Event{}, ErrSignature.Because(fmt.Errorf("no webhook secret is set"))
	}
	if err := webhook.ValidatePayloadIgnoringTolerance(payload, signature, c.webhookSecret); err != nil {
		return Event{}, ErrSignature.Because(err)
	}
	signedAt, err := signatureTime(signature)
	if err != nil {
		return Event{}, ErrSignature.Because(err)
	}
	if age := c.age(signedAt); age > signatureTolerance {
		return Event{}, ErrStale.Because(fmt.Errorf("signed %s ago", age.Round(time.Second)))
	}

	var raw stripe.Event
	if err := json.Unmarshal(payload, &raw); err != nil || raw.ID == "" || raw.Data == nil {
		return Event{}, fault.New(fault.Invalid, "This message is not an event of Stripe's.")
	}
	event := Event{ID: raw.ID, Type: string(raw.Type), APIVersion: raw.APIVersion, CreatedAt: instant(raw.Created)}
	if raw.APIVersion != stripe.APIVersion {
		return event, ErrAPIVersion.Because(fmt.Errorf("event %s has version %q, this program speaks %q", raw.ID, raw.APIVersion, stripe.APIVersion))
	}
	return eventOf(&raw), nil
}

func eventOf(raw *stripe.Event) Event {
	event := Event{ID: raw.ID, Type: string(raw.Type), APIVersion: raw.APIVersion, CreatedAt: instant(raw.Created)}
	if raw.Data == nil {
		return event
	}
	event.ObjectID, _ = raw.Data.Object["id"].(string)
	event.ObjectKind, _ = raw.Data.Object["object"].(string)
	event.PaymentIntentID, _ = raw.Data.Object["payment_intent"].(string)
	if event.ObjectKind == "payment_intent" {
		event.PaymentIntentID = event.ObjectID
	}
	return event
}

func (c *Client) age(at time.Time) time.Duration {
	if c.now == nil {
		return time.Since(at)
	}
	return c.now().Sub(at)
}

// signatureTime reads the time from a header whose signature is known to be
// good. A second time in it could be one that was not signed, so there must be
// exactly one.
func signatureTime(header string) (time.Time, error) {
	var stamps []string
	for part := range strings.SplitSeq(header, ",") {
		if stamp, ok := strings.CutPrefix(part, "t="); ok {
			stamps = append(stamps, stamp)
		}
	}
	if len(stamps) != 1 {
		return time.Time{}, fmt.Errorf("the signature has %d times", len(stamps))
	}
	seconds, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the signature's time: %w", err)
	}
	return time.Unix(seconds, 0), nil
}
