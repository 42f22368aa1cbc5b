package sandbox

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// controlBench has a control page, a saved card and a payment with it.
func controlBench(t *testing.T) (b *bench, payment string) {
	t.Helper()
	b = newBench(t, "")
	b.options.Control = true
	b.handler = b.Handler()
	form := b.sessionForm()
	form.Set("customer_creation", "always")
	form.Set("payment_intent_data[setup_future_usage]", "off_session")
	form.Set("payment_intent_data[description]", "Reservation <LN-2041>")
	_, session := b.api("POST", "/v1/checkout/sessions", form)
	b.submit("/pay/"+session["id"].(string), cardOf("4242424242424242", "12/34", "123"))
	_, session = b.api("GET", "/v1/checkout/sessions/"+session["id"].(string), nil)
	return b, session["payment_intent"].(string)
}

// Without the option there is no way in, for reading or for doing.
func TestNoControlPageUnasked(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	if answer := b.visit("/control"); answer.Code != http.StatusNotFound {
		t.Errorf("the page answers %d", answer.Code)
	}
	for _, what := range []string{"refund", "dispute", "decide", "fail", "card", "trouble"} {
		if answer := b.submit("/control/"+what, url.Values{"id": {"pi_1"}}); answer.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", what, answer.Code)
		}
	}
}

func TestControlPageDoesWhatHappensAtStripe(t *testing.T) {
	t.Parallel()
	b, payment := controlBench(t)
	do := func(what string, form url.Values) {
		t.Helper()
		if answer := b.submit("/control/"+what, form); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/sandbox/control" {
			t.Errorf("%s answers %d: %s", what, answer.Code, answer.Body)
		}
	}
	shows := func(what ...string) {
		t.Helper()
		page := b.visit("/control").Body.String()
		for _, text := range what {
			if !strings.Contains(page, text) {
				t.Errorf("the page does not show %q", text)
			}
		}
	}
	shows("Reservation &lt;LN-2041&gt;", "$1,250.00", "1250.00 that are left", "Visa that ends in 4242", "Nothing was refunded yet")

	do("refund", url.Values{"id": {payment}, "amount": {"250.5"}})
	shows("$250.50 refunded", "999.50 that are left", "Let this refund fail")
	refund := b.state.Refunds.items[0]
	do("fail", url.Values{"id": {refund.ID}})
	shows("1250.00 that are left", "failed")
	do("dispute", url.Values{"id": {payment}})
	shows("dispute: needs response", "The bank decides for the payer")
	do("decide", url.Values{"id": {b.state.Disputes.items[0].ID}, "for": {"practice"}})
	if status := b.state.Disputes.items[0].Status; status != disputeWon {
		t.Errorf("the dispute is %s", status)
	}
	do("refund", url.Values{"id": {payment}, "amount": {""}})
	if _, refunded := b.Totals(); refunded["USD"] != 125_000 {
		t.Errorf("all that is left: %v", refunded)
	}
	card := b.state.Methods.items[0]
	do("card", url.Values{"id": {card.ID}, "number": {"4000000000009995"}})
	shows("has too little money")
	if does := b.state.behaviourOf(nullable(card.ID)); does.decline == nil || does.decline.DeclineCode != "insufficient_funds" {
		t.Errorf("the card does %+v", does)
	}
	do("trouble", url.Values{
		"api_errors": {"1"}, "rate_limits": {"2"}, "timeouts": {"3"}, "late_answers": {"4"}, "hold": {"90"}, "double": {"1"}, "lose": {"1"}, "version": {"2024-06-20"},
	})
	want := Trouble{APIErrors: 1, RateLimits: 2, Timeouts: 3, LateAnswers: 4, HoldEvents: 90 * time.Minute, DoubleEvents: true, LoseEvents: true}
	if got := b.Trouble(); got != want || b.eventVersion() != "2024-06-20" {
		t.Errorf("trouble is %+v, version %s", got, b.eventVersion())
	}
	page := b.visit("/control").Body.String()
	if attributeOf(element(t, page, "name", "hold"), "value") != "90" || element(t, page, "name", "double") == nil {
		t.Error("the form does not show what is set")
	}
	do("trouble", url.Values{})
	if got := b.Trouble(); got != (Trouble{}) {
		t.Errorf("trouble is still %+v", got)
	}
}

func TestControlPageRefuses(t *testing.T) {
	t.Parallel()
	b, payment := controlBench(t)
	for name, c := range map[string]struct {
		what string
		form url.Values
		says string
	}{
		"more than is left":    {"refund", url.Values{"id": {payment}, "amount": {"1250.01"}}, "greater than unrefunded"},
		"no amount":            {"refund", url.Values{"id": {payment}, "amount": {"much"}}, "Type an amount"},
		"a negative amount":    {"refund", url.Values{"id": {payment}, "amount": {"-5"}}, "Type an amount"},
		"a third of a cent":    {"refund", url.Values{"id": {payment}, "amount": {"0.333"}}, "2 digits after the point"},
		"an unknown payment":   {"refund", url.Values{"id": {"pi_none"}, "amount": {"1"}}, "There is no payment"},
		"an unknown dispute":   {"decide", url.Values{"id": {"du_none"}}, "There is no dispute"},
		"an unknown refund":    {"fail", url.Values{"id": {"re_none"}}, "There is no refund"},
		"an unknown card":      {"card", url.Values{"id": {"pm_none"}, "number": {"4242424242424242"}}, "There is no card"},
		"a number of trouble":  {"trouble", url.Values{"timeouts": {"1001"}, "double": {"1"}}, "from 0 to 1000"},
		"a negative of it":     {"trouble", url.Values{"api_errors": {"-1"}}, "from 0 to 1000"},
		"a week and a minute":  {"trouble", url.Values{"hold": {"10081"}}, "from 0 to 10080"},
		"a version of letters": {"trouble", url.Values{"version": {strings.Repeat("v", 41)}}, "A version looks like"},
	} {
		answer := b.submit("/control/"+c.what, c.form)
		if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), c.says) {
			t.Errorf("%s answers %d: %s", name, answer.Code, answer.Body)
		}
	}
	if _, refunded := b.Totals(); refunded["USD"] != 0 || b.Trouble() != (Trouble{}) {
		t.Errorf("something was done: %v, %+v", refunded, b.Trouble())
	}
	r := httptest.NewRequest(http.MethodPost, "http://app.test/sandbox/control/refund", strings.NewReader("id="+payment))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://elsewhere.test")
	if answer := b.serve(r); answer.Code != http.StatusForbidden {
		t.Errorf("another site's form answers %d, want 403", answer.Code)
	}
}

// Every field of the page has a label of its own.
func TestControlPageHasLabels(t *testing.T) {
	t.Parallel()
	b, payment := controlBench(t)
	if err := b.RefundAtStripe(payment, 1_000); err != nil {
		t.Fatal(err)
	}
	page := b.visit("/control").Body.String()
	for _, name := range []string{"amount", "number", "api_errors", "rate_limits", "timeouts", "late_answers", "hold", "version"} {
		field := element(t, page, "name", name)
		if id := attributeOf(field, "id"); id == "" || textOf(element(t, page, "for", id)) == "" {
			t.Errorf("the field %s has no label", name)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "style=") {
		t.Error("the page has a script or a style of its own inside")
	}
}

func TestYenHaveNoCents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, currency string
		want            int64
	}{{"1250", "usd", 125_000}, {"1250.5", "usd", 125_050}, {"0.01", "usd", 1}, {"1250", "jpy", 1_250}, {"1.25", "kwd", 1_250}, {"1.5", "jpy", 0}, {"0", "usd", 0}, {"", "usd", 0}} {
		if got, err := parseAmount(c.typed, c.currency); got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%q %s: %d, %v; want %d", c.typed, c.currency, got, err, c.want)
		}
	}
}
