package sandbox

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// element finds the first element with the attribute's value; nil if none.
func element(t *testing.T, page, attribute, value string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Type == html.ElementNode && attributeOf(node, attribute) == value {
			return node
		}
	}
	return nil
}

func attributeOf(node *html.Node, name string) string {
	if node == nil {
		return ""
	}
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(node *html.Node) string {
	if node == nil {
		return ""
	}
	var b strings.Builder
	for inner := range node.Descendants() {
		if inner.Type == html.TextNode {
			b.WriteString(inner.Data)
		}
	}
	return b.String()
}

func TestFaultsStandAtTheirFields(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	id := b.newSession()
	answer := b.submit("/pay/"+id, cardOf("4242 4242 4242 4241", "13/30", "12"))
	page := answer.Body.String()
	if answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("answered %d, want 422", answer.Code)
	}
	// The number and the code of a card do not travel back.
	for name, want := range map[string]string{"number": "", "exp": "13/30", "cvc": ""} {
		field := element(t, page, "name", name)
		fault := element(t, page, "id", attributeOf(field, "aria-describedby"))
		if attributeOf(field, "value") != want || attributeOf(field, "aria-invalid") != "true" || textOf(fault) == "" {
			t.Errorf("field %s has value %q and fault %q", name, attributeOf(field, "value"), textOf(fault))
		}
		if label := element(t, page, "for", name); textOf(label) == "" {
			t.Errorf("field %s has no label", name)
		}
	}
	if _, document := b.api("GET", "/v1/checkout/sessions/"+id, nil); document["payment_intent"] != nil {
		t.Error("a form with faults was tried at the bank")
	}
}

func TestPageIsAReadableStranger(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	form := b.sessionForm()
	form.Set("line_items[0][price_data][product_data][name]", `<script>alert("x")</script>`)
	_, document := b.api("POST", "/v1/checkout/sessions", form)
	answer := b.visit("/pay/" + document["id"].(string))
	page := answer.Body.String()
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the name of the item is not escaped")
	}
	if !strings.Contains(page, "No money moves here") || strings.Contains(page, "style=") || strings.Contains(page, "<style") {
		t.Error("the page does not say what it is, or has a style of its own inside")
	}
	policy := answer.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "style-src 'self'") || !strings.Contains(policy, "form-action 'self' http://app.test") {
		t.Errorf("the policy is %q", policy)
	}
	if answer.Header().Get("Cache-Control") != "no-store" {
		t.Error("the page may be stored")
	}
	if back := element(t, page, "class", "back"); attributeOf(back, "href") != "http://app.test/back" {
		t.Errorf("the way back leads to %q", attributeOf(back, "href"))
	}
	style := element(t, page, "rel", "stylesheet")
	sheet := b.visit(strings.TrimPrefix(attributeOf(style, "href"), "/sandbox"))
	if sheet.Code != http.StatusOK || !strings.HasPrefix(sheet.Header().Get("Content-Type"), "text/css") {
		t.Errorf("the style sheet answers %d as %q", sheet.Code, sheet.Header().Get("Content-Type"))
	}
}

func TestPagesThatCannotBePaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	paid, over := b.newSession(), b.newSession()
	b.submit("/pay/"+paid, cardOf("4242424242424242", "12/34", "123"))
	b.now = b.now.Add(time.Hour)
	for _, c := range []struct {
		id     string
		status int
		title  string
		onward string
	}{
		{paid, http.StatusOK, "This is already paid", "http://app.test/done?s=" + paid},
		{over, http.StatusGone, "This payment page has expired", "http://app.test/back"},
		{"cs_test_unknown", http.StatusNotFound, "No such payment page", ""},
	} {
		for _, path := range []string{"/pay/" + c.id, "/pay/" + c.id + "/authenticate"} {
			answer := b.visit(path)
			page := answer.Body.String()
			if answer.Code != c.status || !strings.Contains(page, c.title) || attributeOf(element(t, page, "class", "button"), "href") != c.onward {
				t.Errorf("%s answers %d: %s", path, answer.Code, page)
			}
		}
	}
}

func TestFormSentOftenPaysOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, filepath.Join(t.TempDir(), "stripe.json"))
	path := "/pay/" + b.newSession()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if answer := b.submit(path, cardOf("4242424242424242", "12/34", "123")); answer.Code != http.StatusSeeOther {
				t.Errorf("answered %d", answer.Code)
			}
		})
	}
	group.Wait()
	if received, _ := b.Totals(); received["USD"] != 125_000 {
		t.Errorf("took %v, want 125000 USD", received)
	}
	if _, document := b.api("GET", "/v1/events?type=checkout.session.completed", nil); len(document["data"].([]any)) != 1 {
		t.Errorf("completed more than once: %v", document)
	}
}

func TestChallengeThatOutlivesItsSession(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	id := b.newSession()
	b.submit("/pay/"+id, cardOf("4000 0027 6000 3184", "12/34", "123"))
	b.now = b.now.Add(time.Hour)
	if answer := b.submit("/pay/"+id+"/authenticate", url.Values{"answer": {"complete"}}); answer.Code != http.StatusGone {
		t.Errorf("answered %d, want 410", answer.Code)
	}
	if received, _ := b.Totals(); len(received) != 0 {
		t.Errorf("took %v after the end", received)
	}
}

func TestCardNumbersAreNeverKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.json")
	b := newBench(t, path)
	id := b.newSession()
	numbers := []string{"4111 1111 1111 1111", "4000000000000002", "4242424242424241", "4242 4242 4242 4242"}
	for _, number := range numbers {
		b.submit("/pay/"+id, cardOf(number, "12/34", "987"))
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(file), `"last4":"4242"`) {
		t.Error("the paying card left no trace at all")
	}
	for _, number := range numbers {
		for _, written := range []string{number, strings.ReplaceAll(number, " ", "")} {
			if strings.Contains(string(file), written) || strings.Contains(b.log.String(), written) {
				t.Errorf("the number %s was kept", written)
			}
		}
	}
	if strings.Contains(string(file), `987"`) {
		t.Error("the security code was kept")
	}
}

func TestAnotherSiteCannotSendTheForm(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	r := httptest.NewRequest(http.MethodPost, "http://app.test/sandbox/pay/"+b.newSession(), strings.NewReader(cardOf("4242424242424242", "12/34", "123").Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://elsewhere.test")
	if answer := b.serve(r); answer.Code != http.StatusForbidden {
		t.Errorf("answered %d, want 403", answer.Code)
	}
	if answer := b.submit("/pay/cs_test_1", url.Values{"number": {strings.Repeat("4", maxForm)}}); answer.Code != http.StatusBadRequest {
		t.Errorf("a huge form answers %d, want 400", answer.Code)
	}
}
