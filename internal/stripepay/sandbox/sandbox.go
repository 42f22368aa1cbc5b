// Package sandbox imitates the part of Stripe that Lantern uses, so that a
// practice can try everything without an account, and tests can see every flow
// from the request to the webhook. It answers Stripe's API over HTTP to the
// same client code, shows a hosted page that takes Stripe's documented test
// cards, and delivers signed events. No money ever moves.
//
// It is strict where Stripe is strict and where a mistake would otherwise be
// found only with real cards: unknown parameters, the window for expires_at,
// smallest amounts, idempotency keys, refunds beyond what was paid.
//
// What happens at Stripe and at banks without us can be brought about: by test
// cards that do something later, by methods such as OpenDispute, by SetTrouble,
// and by hand on a control page that is off unless Options.Control is set.
//
// All state is in memory and, when Options.Path is set, in one JSON file that
// is written whole and synced before a change is answered. Changes that arrive
// together share one write. That is plain and good enough for some thousand
// payments; what matters is kept elsewhere. A change whose write fails is
// answered with an error but stays in memory, so a repeated request finds it.
package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// APIVersion is the version of Stripe's API that the sandbox speaks.
const APIVersion = "2023-10-16"

// Options say how a sandbox is reached and what it trusts.
type Options struct {
	// Now is the clock of everything but waiting; required.
	Now func() time.Time
	// BaseURL is where Handler is mounted, such as
	// http://localhost:8080/sandbox: the client's APIURL, and the beginning of
	// the address of every payment page. Required.
	BaseURL string
	// Secret is the one API key that is accepted; required.
	Secret string
	// WebhookURL is where events go. Empty keeps them until SetWebhookURL.
	WebhookURL string
	// WebhookSecret signs the events.
	WebhookSecret string
	// Control opens the page /control, on which whoever reaches it can do what
	// happens at Stripe and at banks, and make things go wrong. Without it,
	// there is no such page.
	Control bool
	// Path is the file that keeps the state. Empty keeps it in memory only.
	Path string
	// Transport delivers events; nil is the network.
	Transport http.RoundTripper
	// Log is told of failures, without anything personal; nil is silent.
	Log *slog.Logger
}

// Sandbox is one imitated account. It is safe for concurrent use.
type Sandbox struct {
	options Options
	prefix  string // the path of BaseURL, without a slash at its end

	mu             sync.Mutex // guards what follows
	state          state
	version        uint64 // counts changes of state
	agenda         agenda // what time will bring about
	pending        []*event
	trouble        Trouble
	webhookURL     string
	webhookVersion string // of the API; empty is APIVersion

	saving   sync.Mutex // held while the file is written; never taken before mu is released
	saved    uint64     // version in the file; guarded by saving
	delivery delivery
}

// New makes a sandbox, with the state from its file if there is one. Call
// Start to have events delivered.
func New(options Options) (*Sandbox, error) {
	base, err := url.Parse(options.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the sandbox's base URL %q is not an address", options.BaseURL)
	}
	if options.Secret == "" || options.Now == nil {
		return nil, fmt.Errorf("the sandbox needs a key and a clock")
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	options.BaseURL = strings.TrimSuffix(options.BaseURL, "/")
	loaded, err := loadState(options.Path)
	if err != nil {
		return nil, err
	}
	if options.Path != "" {
		if err := sweep(options.Path); err != nil { // which is no reason not to start
			options.Log.Warn("removing unfinished files of the sandbox", "error", err.Error())
		}
	}
	made := &Sandbox{
		options:    options,
		prefix:     strings.TrimSuffix(base.Path, "/"),
		state:      loaded,
		webhookURL: options.WebhookURL,
		delivery:   newDelivery(options.Transport),
	}
	made.planKept()
	return made, nil
}

// Handler serves the API below /v1, the payment pages below /pay and, if
// Options say so, the page /control, all under the path of BaseURL.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, operation := range map[string]operation{
		"POST /v1/checkout/sessions":             (*Sandbox).createSession,
		"GET /v1/checkout/sessions":              (*Sandbox).listSessions,
		"GET /v1/checkout/sessions/{id}":         (*Sandbox).getSession,
		"POST /v1/checkout/sessions/{id}/expire": (*Sandbox).expireSession,
		"POST /v1/customers":                     (*Sandbox).createCustomer,
		"GET /v1/customers/{id}":                 getting(func(s *Sandbox) *shelf[*customer] { return &s.state.Customers }, "customer", "id"),
		"POST /v1/payment_intents":               (*Sandbox).createIntent,
		"GET /v1/payment_intents":                (*Sandbox).listIntents,
		"GET /v1/payment_intents/{id}":           getting(func(s *Sandbox) *shelf[*paymentIntent] { return &s.state.Intents }, "payment_intent", "intent"),
		"GET /v1/payment_methods/{id}":           getting(func(s *Sandbox) *shelf[*paymentMethod] { return &s.state.Methods }, "PaymentMethod", "payment_method"),
		"GET /v1/setup_intents/{id}":             getting(func(s *Sandbox) *shelf[*setupIntent] { return &s.state.Setups }, "setupintent", "intent"),
		"POST /v1/refunds":                       (*Sandbox).createRefund,
		"GET /v1/refunds":                        (*Sandbox).listRefunds,
		"GET /v1/refunds/{id}":                   getting(func(s *Sandbox) *shelf[*refund] { return &s.state.Refunds }, "refund", "refund"),
		"GET /v1/disputes":                       (*Sandbox).listDisputes,
		"GET /v1/disputes/{id}":                  getting(func(s *Sandbox) *shelf[*dispute] { return &s.state.Disputes }, "dispute", "dispute"),
		"GET /v1/events":                         (*Sandbox).listEvents,
		"GET /v1/events/{id}":                    (*Sandbox).getEvent,
		"GET /v1/webhook_endpoints":              (*Sandbox).listEndpoints,
		"/v1/":                                   (*Sandbox).unknownOperation,
	} {
		mux.Handle(pattern, s.serveAPI(operation))
	}
	s.mountPages(mux)
	if s.options.Control {
		s.mountControl(mux)
	}
	return http.StripPrefix(s.prefix, mux)
}

// Totals sums up what was taken and what was given back, in minor units by
// currency code (upper case): what a practice's own books must agree with.
func (s *Sandbox) Totals() (received, refunded map[string]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	received, refunded = map[string]int64{}, map[string]int64{}
	for _, charge := range s.state.Charges.items {
		if charge.Paid {
			code := strings.ToUpper(charge.Currency)
			received[code] += charge.Amount
			refunded[code] += charge.AmountRefunded
		}
	}
	return received, refunded
}

// Disputed sums up, in the same way, what is away because of disputes now: open
// ones and lost ones.
func (s *Sandbox) Disputed() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	away := map[string]int64{}
	for _, d := range s.state.Disputes.items {
		if d.takes() {
			away[strings.ToUpper(d.Currency)] += d.Amount
		}
	}
	return away
}

// SetCard has a saved card do from now on what a test card does, such as to have
// too little money. The number is not kept.
func (s *Sandbox) SetCard(paymentMethod, number string) error {
	return s.act(func(time.Time) error {
		method, ok := s.state.Methods.get(paymentMethod)
		if !ok {
			return fmt.Errorf("there is no card %q", paymentMethod)
		}
		like := testCardOf(number)
		if like.number == "" {
			return errors.New("this is the number of no test card")
		}
		s.behave(method, like)
		return nil
	})
}

// act is for what somebody does at Stripe or at a bank. It returns once it is
// kept.
func (s *Sandbox) act(f func(now time.Time) error) error {
	var failed error
	kept := s.do(func(now time.Time) {
		s.version++
		failed = f(now)
	})
	return errors.Join(failed, kept)
}

// newID makes an id that nobody can guess, in Stripe's manner.
func newID(prefix string) string { return prefix + "_" + rand.Text() }
