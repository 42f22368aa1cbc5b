package stripepay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
)

const (
	secretKey     = "sk_test_of_these_tests"
	webhookSecret = "whsec_of_these_tests"

	goodCard      = "4242 4242 4242 4242"
	declinedCard  = "4000 0000 0000 0002"
	emptyCard     = "4000 0000 0000 9995"
	challengeCard = "4000 0027 6000 3184"
)

// clock is a time that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a sandbox behind a real server, a client of it, and an application
// whose webhook keeps what it is sent.
type world struct {
	t       *testing.T
	clock   *clock
	server  *httptest.Server
	sandbox *sandbox.Sandbox
	client  *stripepay.Client
	path    string

	mu     sync.Mutex
	events []stripepay.Event
	busy   int // how many events are answered with a failure before one is taken
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, path: t.TempDir() + "/stripe.json",
		clock: &clock{now: time.Date(2027, 3, 14, 9, 0, 0, 0, time.UTC)},
	}
	mux := http.NewServeMux()
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.server.Close)
	mux.HandleFunc("POST /webhooks/stripe", w.takeEvent)
	mux.HandleFunc("/sandbox/", func(rw http.ResponseWriter, r *http.Request) { w.sandbox.Handler().ServeHTTP(rw, r) })
	w.client = stripepay.New(stripepay.Config{
		SecretKey: secretKey, WebhookSecret: webhookSecret, APIURL: w.server.URL + "/sandbox", Now: w.clock.Now,
	})
	w.restart()
	return w
}

// restart makes a new sandbox from what the file holds.
func (w *world) restart() {
	w.t.Helper()
	made, err := sandbox.New(sandbox.Options{
		Now: w.clock.Now, BaseURL: w.server.URL + "/sandbox", Secret: secretKey, Path: w.path,
		WebhookURL: w.server.URL + "/webhooks/stripe", WebhookSecret: webhookSecret,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.sandbox = made
}

func (w *world) takeEvent(rw http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, "unreadable", http.StatusBadRequest)
		return
	}
	event, err := w.client.ParseEvent(payload, r.Header.Get(stripepay.SignatureHeader))
	if err != nil {
		http.Error(rw, "refused", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy > 0 {
		w.busy--
		http.Error(rw, "busy", http.StatusInternalServerError)
		return
	}
	w.events = append(w.events, event)
}

// delivered has all that is due delivered and tells the types, in order.
func (w *world) delivered() []string {
	w.t.Helper()
	if err := w.sandbox.Deliver(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	types := make([]string, 0, len(w.events))
	for _, e := range w.events {
		types = append(types, e.Type)
	}
	return types
}

// checkoutParams are those of an ordinary deposit; change what a test is about.
func (w *world) checkoutParams(key string, amount money.Amount) stripepay.CheckoutParams {
	return stripepay.CheckoutParams{
		Key: key, BookingID: "bk_1", ChargeID: "deposit", TryID: "t1", Amount: amount, Description: "Reservation LN-2041",
		Email:      "ana@example.org",
		SuccessURL: w.server.URL + "/b/bk_1?paid={CHECKOUT_SESSION_ID}", CancelURL: w.server.URL + "/b/bk_1",
		ExpiresAt: w.clock.Now().Add(31 * time.Minute),
	}
}

func (w *world) create(p stripepay.CheckoutParams) stripepay.Checkout {
	w.t.Helper()
	made, err := w.client.CreateCheckout(w.t.Context(), p)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) checkout(id string) stripepay.Checkout {
	w.t.Helper()
	found, err := w.client.Checkout(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// paid makes a checkout, pays it, and gives its present state.
func (w *world) paid(key string, amount money.Amount) stripepay.Checkout {
	w.t.Helper()
	made := w.create(w.checkoutParams(key, amount))
	if status, _, _ := w.post(made.URL, cardForm(goodCard)); status != http.StatusSeeOther {
		w.t.Fatalf("paying answered %d", status)
	}
	return w.checkout(made.ID)
}

func cardForm(number string) url.Values {
	return url.Values{"number": {number}, "exp": {"12/34"}, "cvc": {"123"}}
}

// post sends a form as a browser does and does not follow where it leads.
func (w *world) post(address string, form url.Values) (status int, location, body string) {
	w.t.Helper()
	return w.send(http.MethodPost, address, form)
}

func (w *world) send(method, address string, form url.Values) (status int, location, body string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Location"), string(text)
}

// inProcess carries requests to a handler without a network, so that tests in
// a synctest bubble can use it.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	recorder := httptest.NewRecorder()
	defer func() {
		// A handler that hangs up: what a server makes of it.
		if recover() == http.ErrAbortHandler {
			answer, err = nil, io.ErrUnexpectedEOF
		}
	}()
	p.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// transportFunc is a way to interfere with requests.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// clientOver makes a client whose requests go through the transport.
func clientOver(transport http.RoundTripper) *stripepay.Client {
	return stripepay.New(stripepay.Config{
		SecretKey: secretKey, WebhookSecret: webhookSecret, APIURL: "http://stripe.test/sandbox",
		Transport: transport, Now: time.Now,
	})
}

// sandboxInBubble makes a sandbox on the bubble's clock.
func sandboxInBubble(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	made, err := sandbox.New(sandbox.Options{Now: time.Now, BaseURL: "http://stripe.test/sandbox", Secret: secretKey})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func bubbleParams(key string) stripepay.CheckoutParams {
	return stripepay.CheckoutParams{
		Key: key, BookingID: "bk_1", ChargeID: "deposit", Amount: money.Of(50_000, "USD"), Description: "Reservation LN-2041",
		Email: "ana@example.org", SuccessURL: "http://app.test/b/bk_1", ExpiresAt: time.Now().Add(time.Hour),
	}
}
