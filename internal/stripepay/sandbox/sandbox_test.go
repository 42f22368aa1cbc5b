package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const testSecret = "sk_test_of_these_tests"

// bench is a sandbox with a clock that the test sets, asked without a network.
type bench struct {
	*Sandbox
	t       *testing.T
	now     time.Time
	handler http.Handler
	log     *bytes.Buffer
}

// newBench makes a sandbox; path may be empty.
func newBench(t *testing.T, path string) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2027, 3, 14, 9, 0, 0, 0, time.UTC), log: &bytes.Buffer{}}
	made, err := New(Options{
		Now: func() time.Time { return b.now }, BaseURL: "http://app.test/sandbox", Secret: testSecret, Path: path,
		Log: slog.New(slog.NewTextHandler(b.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Sandbox, b.handler = made, made.Handler()
	return b
}

func (b *bench) serve(r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, r)
	return recorder
}

// api asks the API with the right key.
func (b *bench) api(method, path string, form url.Values, header ...string) (int, map[string]any) {
	b.t.Helper()
	r := httptest.NewRequest(method, "http://app.test/sandbox"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Authorization", "Bearer "+testSecret)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	recorder := b.serve(r)
	var document map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &document); err != nil {
		b.t.Fatalf("%s %s: %v in %q", method, path, err, recorder.Body)
	}
	return recorder.Code, document
}

// sessionForm is a good request for a session.
func (b *bench) sessionForm() url.Values {
	return url.Values{
		"mode":                                          {"payment"},
		"payment_method_types[0]":                       {"card"},
		"line_items[0][price_data][currency]":           {"usd"},
		"line_items[0][price_data][unit_amount]":        {"125000"},
		"line_items[0][price_data][product_data][name]": {"Reservation LN-2041"},
		"line_items[0][quantity]":                       {"1"},
		"success_url":                                   {"http://app.test/done?s={CHECKOUT_SESSION_ID}"},
		"cancel_url":                                    {"http://app.test/back"},
		"expires_at":                                    {strconv.FormatInt(b.now.Add(time.Hour).Unix(), 10)},
		"metadata[booking]":                             {"bk_1"},
		"payment_intent_data[metadata][booking]":        {"bk_1"},
	}
}

// newSession gives the id of a session that can be paid.
func (b *bench) newSession() string {
	b.t.Helper()
	status, document := b.api("POST", "/v1/checkout/sessions", b.sessionForm())
	if status != http.StatusOK {
		b.t.Fatalf("a good session is refused: %v", document)
	}
	return document["id"].(string)
}

// submit sends a form of a payment page.
func (b *bench) submit(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://app.test/sandbox"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.serve(r)
}

func (b *bench) visit(path string) *httptest.ResponseRecorder {
	return b.serve(httptest.NewRequest(http.MethodGet, "http://app.test/sandbox"+path, nil))
}

func cardOf(number, exp, cvc string) url.Values {
	return url.Values{"number": {number}, "exp": {exp}, "cvc": {cvc}}
}

func TestNewRefusesHalfASetting(t *testing.T) {
	t.Parallel()
	damaged := filepath.Join(t.TempDir(), "stripe.json")
	if err := os.WriteFile(damaged, []byte(`{"checkouts":`), 0o600); err != nil {
		t.Fatal(err)
	}
	good := Options{Now: time.Now, BaseURL: "http://app.test/sandbox", Secret: testSecret}
	for name, change := range map[string]func(*Options){
		"no clock":       func(o *Options) { o.Now = nil },
		"no key":         func(o *Options) { o.Secret = "" },
		"no address":     func(o *Options) { o.BaseURL = "/sandbox" },
		"damaged file":   func(o *Options) { o.Path = damaged },
		"file is folder": func(o *Options) { o.Path = filepath.Dir(damaged) },
	} {
		options := good
		change(&options)
		if _, err := New(options); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(good); err != nil {
		t.Errorf("a whole setting: %v", err)
	}
}

// TestAKilledSaveLeavesNothing behind for ever; what others have put there stays.
func TestAKilledSaveLeavesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"sandbox.json.123456", "sandbox.json.bak", "sandbox.json.", "other.json.1"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := newBench(t, filepath.Join(folder, "sandbox.json"))
	b.newSession()
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(names) != 4 || slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(name, "123456") }) {
		t.Errorf("the folder has %q, %v", names, err)
	}
}

func TestOnlyTheKeyOpensTheAPI(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer sk_test_other", "Bearer " + testSecret + "x", "Basic " + testSecret} {
		status, document := b.api("GET", "/v1/events", nil, "Authorization", header)
		if status != http.StatusUnauthorized || document["error"] == nil {
			t.Errorf("%q: %d %v", header, status, document)
		}
	}
}

func TestRequestsThatStripeRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	with := func(name, value string) url.Values {
		form := b.sessionForm()
		form.Set(name, value)
		return form
	}
	cases := []struct {
		name         string
		method, path string
		form         url.Values
		status       int
		code, param  string
	}{
		{"misspelt parameter", "POST", "/v1/checkout/sessions", with("sucess_url", "x"), 400, "parameter_unknown", "sucess_url"},
		{"misspelt inner parameter", "POST", "/v1/checkout/sessions", with("line_items[0][price_data][amount]", "1"), 400, "parameter_unknown", "line_items[0][price_data][amount]"},
		{"text for a number", "POST", "/v1/checkout/sessions", with("line_items[0][price_data][unit_amount]", "12.50"), 400, "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"},
		{"too long metadata", "POST", "/v1/checkout/sessions", with("metadata[booking]", strings.Repeat("b", 501)), 400, "", "metadata[booking]"},
		{"nine digits", "POST", "/v1/checkout/sessions", with("line_items[0][price_data][unit_amount]", "100000000"), 400, "amount_too_large", "line_items[0][price_data][unit_amount]"},
		{"relative address", "POST", "/v1/checkout/sessions", with("success_url", "/done"), 400, "url_invalid", "success_url"},
		{"script for an address", "POST", "/v1/checkout/sessions", with("cancel_url", "javascript:alert(1)"), 400, "url_invalid", "cancel_url"},
		{"expansion of what is none", "POST", "/v1/checkout/sessions", with("expand[0]", "lantern"), 400, "", "expand"},
		{"upper case currency", "POST", "/v1/checkout/sessions", with("line_items[0][price_data][currency]", "USD"), 400, "", "line_items[0][price_data][currency]"},
		{"refund of nothing", "POST", "/v1/refunds", url.Values{"payment_intent": {"pi_none"}}, 404, "resource_missing", "payment_intent"},
		{"list too long", "GET", "/v1/events?limit=101", nil, 400, "parameter_invalid_integer", "limit"},
		{"unknown place", "DELETE", "/v1/customers/cus_1", nil, 404, "", ""},
	}
	for _, c := range cases {
		status, document := b.api(c.method, c.path, c.form)
		failure, _ := document["error"].(map[string]any)
		code, _ := failure["code"].(string)
		param, _ := failure["param"].(string)
		if status != c.status || code != c.code || param != c.param || failure["type"] != "invalid_request_error" {
			t.Errorf("%s: %d %v, want %d with code %q, param %q", c.name, status, document, c.status, c.code, c.param)
		}
	}
	if _, document := b.api("GET", "/v1/events", nil, "Stripe-Version", "2024-06-20"); document["error"] == nil {
		t.Error("another version of the API is taken")
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	id := b.newSession()
	_, document := b.api("GET", "/v1/checkout/sessions/"+id+"?expand[]=payment_intent.latest_charge", nil)
	if intent, ok := document["payment_intent"]; !ok || intent != nil {
		t.Errorf("before the first try the intent is %v, want null", intent)
	}
	b.submit("/pay/"+id, cardOf("4242424242424242", "12/34", "123"))
	_, document = b.api("GET", "/v1/checkout/sessions/"+id, nil)
	if _, plain := document["payment_intent"].(string); !plain {
		t.Errorf("unasked, the intent is %v", document["payment_intent"])
	}
	_, document = b.api("GET", "/v1/checkout/sessions/"+id+"?expand[]=payment_intent.latest_charge", nil)
	intent, _ := document["payment_intent"].(map[string]any)
	charge, _ := intent["latest_charge"].(map[string]any)
	if charge["object"] != "charge" || charge["amount"] != 125000.0 {
		t.Errorf("expanded, the charge is %v", charge)
	}
}

func TestKeptAnswerIsForgottenAfterADay(t *testing.T) {
	t.Parallel()
	b := newBench(t, filepath.Join(t.TempDir(), "stripe.json"))
	form := url.Values{"email": {"ana@example.org"}}
	_, first := b.api("POST", "/v1/customers", form, "Idempotency-Key", "k")
	b.now = b.now.Add(answersKept)
	if _, second := b.api("POST", "/v1/customers", form, "Idempotency-Key", "k"); second["id"] != first["id"] {
		t.Error("within a day: another customer")
	}
	b.now = b.now.Add(time.Second)
	if _, third := b.api("POST", "/v1/customers", form, "Idempotency-Key", "k"); third["id"] == first["id"] {
		t.Error("after a day: still the kept answer")
	}
}

func TestManyChangesAtOnceAreAllKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.json")
	b := newBench(t, path)
	const count = 40
	var ids [count]string
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			_, document := b.api("POST", "/v1/customers", url.Values{"name": {fmt.Sprint(i)}})
			ids[i], _ = document["id"].(string)
			// What was answered is in the file already.
			kept, err := loadState(path)
			if _, ok := kept.Customers.get(ids[i]); err != nil || !ok {
				t.Errorf("customer %d is not in the file (%v)", i, err)
			}
		})
	}
	group.Wait()
	again := newBench(t, path)
	for i, id := range ids {
		if status, document := again.api("GET", "/v1/customers/"+id, nil); status != http.StatusOK || document["name"] != fmt.Sprint(i) {
			t.Errorf("customer %d after the restart: %d %v", i, status, document)
		}
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("files left in the folder: %v, %v", files, err)
	}
}

func TestAFailedWriteIsNoSuccess(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, filepath.Join(folder, "stripe.json"))
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"name": {"Ana"}}
	if status, document := b.api("POST", "/v1/customers", form, "Idempotency-Key", "k"); status != http.StatusInternalServerError {
		t.Fatalf("answered %d %v", status, document)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if status, document := b.api("POST", "/v1/customers", form, "Idempotency-Key", "k"); status != http.StatusOK {
		t.Errorf("once the folder is back: %d %v", status, document)
	}
	if kept, err := loadState(b.options.Path); err != nil || len(kept.Customers.items) != 1 {
		t.Errorf("%d customers kept, %v; want 1", len(kept.Customers.items), err)
	}
}

func TestEventsAreListed(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	for range 3 {
		b.api("POST", "/v1/customers", url.Values{"name": {"Ana"}})
	}
	b.submit("/pay/"+b.newSession(), cardOf("4242424242424242", "12/34", "123"))
	_, first := b.api("GET", "/v1/events?type=customer.created&limit=2", nil)
	newest := first["data"].([]any)
	if len(newest) != 2 || first["has_more"] != true {
		t.Fatalf("the first page: %v", first)
	}
	last := newest[1].(map[string]any)["id"].(string)
	_, second := b.api("GET", "/v1/events?type=customer.created&limit=2&starting_after="+last, nil)
	if len(second["data"].([]any)) != 1 || second["has_more"] != false {
		t.Errorf("the second page: %v", second)
	}
	_, one := b.api("GET", "/v1/events/"+last, nil)
	if one["id"] != last || one["api_version"] != APIVersion || one["type"] != "customer.created" || one["pending_webhooks"] != 0.0 {
		t.Errorf("one event: %v", one)
	}
}

// readAll is for the bodies of in-process requests, which cannot fail.
func readAll(r io.Reader) string {
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return string(text)
}
