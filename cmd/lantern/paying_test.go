package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/web/webtest"
	"lantern/notifications"
	"lantern/retreats"
)

// plainly drops what keeps names apart from the words around them.
var plainly = strings.NewReplacer("\u2068", "", "\u2069", "").Replace

// says is what a page says, and fails if it lacks any of the words.
func (st *story) says(path string, want ...string) *html.Node {
	st.t.Helper()
	root := st.page(path)
	got := plainly(webtest.Words(root))
	for _, words := range want {
		if !strings.Contains(got, words) {
			st.t.Errorf("%s lacks %q:\n%s", path, words, got)
		}
	}
	return root
}

// typeCard types a card on a card page.
func (st *story) typeCard(page, number string) int {
	st.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(page, url.Values{"number": {number}, "exp": {"12/40"}, "cvc": {"123"}})
	if err != nil {
		st.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// send posts a form of the couple's page and gives where that leads.
func (st *story) send(path string, form url.Values) string {
	st.t.Helper()
	w := st.ask("POST", path, form, nil)
	if w.Code != http.StatusSeeOther {
		st.t.Fatalf("%s was answered %d:\n%s", path, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// field is the value of the hidden field in the form that leads there.
func field(t *testing.T, root *html.Node, action, name string) string {
	t.Helper()
	for form := range root.Descendants() {
		if form.Data != "form" || webtest.Attr(form, "action") != action {
			continue
		}
		for n := range form.Descendants() {
			if n.Data == "input" && webtest.Attr(n, "name") == name {
				return webtest.Attr(n, "value")
			}
		}
	}
	t.Fatalf("no form to %s has a field %s", action, name)
	return ""
}

// moveTo moves the clock to a moment of the cohort's place.
func (st *story) moveTo(day civil.Date, clock civil.Clock) {
	st.t.Helper()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		st.t.Fatal(err)
	}
	st.wait(day.At(clock, zone).Sub(st.time()))
}

// TestACardIsKeptByAgreement [D12], [D13]: the agreement is read before the card
// page, kept word by word, and what follows from it stands on both pages.
func TestACardIsKeptByAgreement(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	place := st.link(ana, 0)
	root := st.says(place, "$3,840.00 on Wednesday 10 March 2027, 10:00 (Pacific time).", "I agree, keep my card for this", "Pay $960.00")
	if box := webtest.ByID(t, root, "save_card"); webtest.Attr(box, "checked") != "" || hasAttr(box, "checked") {
		t.Error("the box is ticked already")
	}
	seen := field(t, root, place+"/pay", "agreement")
	w := st.ask("POST", place+"/pay", url.Values{"charge": {"deposit"}, "save_card": {"1"}, "agreement": {"other"}}, nil)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "What you would agree to has changed") {
		t.Errorf("an agreement to something else was answered %d", w.Code)
	}
	st.check("the page again", w)
	card := st.send(place+"/pay", url.Values{"charge": {"deposit"}, "save_card": {"1"}, "agreement": {seen}})
	if code := st.typeCard(card, "4000000000000002"); code == http.StatusSeeOther {
		t.Error("a declined card was taken")
	}
	st.payOn(card)
	st.hear()
	c := st.stands(ana, retreats.Confirmed, deposit)
	if kept := c.Booking.Cards[0]; kept == nil || kept.Consent.Hash != seen || !strings.Contains(kept.Consent.Statement, "$3,840.00 on Wednesday 10 March 2027") {
		t.Fatalf("the card that is kept: %+v", kept)
	}
	st.says(place, "It waits until both of you are cleared, and is then charged to your card ending 4242, not before Wednesday 10 March 2027",
		"Your card: Visa ending in 4242", "paid by card by you")
	st.clear(ana)
	st.says(place, "It will be charged to your card ending 4242 on Wednesday 10 March 2027, 10:00.")
	st.says(st.link(ana, 1), "It will be charged to ana’s card ending 4242 on Wednesday 10 March 2027, 10:00.", "paid by card by ana")
	if to := st.send(place+"/card", url.Values{"do": {"forget"}}); to != place+"#money" {
		t.Errorf("taking it back leads to %s", to)
	}
	st.says(place, "None is kept.", "Keep my card for what is due later")
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// TestACardThatIsDeclinedLaterIsPaidOnThePage [D15]: the page asks for the
// money, says when the card is tried again, and takes another card.
func TestACardThatIsDeclinedLaterIsPaidOnThePage(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	st.clear(ana)
	place := st.link(ana, 0)
	root := st.page(place)
	if w := st.ask("POST", place+"/card", url.Values{"do": {"save"}}, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a card without agreement was answered %d", w.Code)
	} else if got := webtest.Words(webtest.ByID(t, st.check("the page again", w), "agree_card_error")); !strings.Contains(got, "tick the box") {
		t.Errorf("beside the box: %q", got)
	}
	seen := field(t, root, place+"/card", "agreement")
	page := st.send(place+"/card", url.Values{"do": {"save"}, "agree": {"1"}, "agreement": {seen}})
	if code := st.typeCard(page, "4000000000000341"); code != http.StatusSeeOther {
		t.Fatalf("saving a card was answered %d", code)
	}
	st.hear()
	st.says(place, "It will be charged to your card ending 0341 on Wednesday 10 March 2027, 10:00.")
	st.moveTo("2027-03-10", "10:00")
	st.tick()
	st.hear()
	st.says(place, "late since Wednesday 10 March 2027", "it was declined on Wednesday 10 March 2027, 10:00",
		"Please pay here; else we try again on Friday 12 March 2027, 10:00.", "Pay $3,840.00")
	st.payOn(st.send(place+"/pay", url.Values{"charge": {"balance"}}))
	st.hear()
	st.stands(ana, retreats.Confirmed, 480000)
	root = st.says(place, "The rest of the price $3,840.00 ✓ paid")
	if strings.Contains(webtest.Words(root), "declined") {
		t.Error("what is paid is still complained of")
	}
}

// TestABankThatWantsToAskIsAnsweredOnThePage [D15]: such a card is not tried
// again; its owner pays here, and the bank asks them.
func TestABankThatWantsToAskIsAnsweredOnThePage(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	st.clear(ana)
	place := st.link(ana, 0)
	asked := func(page string) {
		t.Helper()
		st.typeCard(page, "4000002760003184")
		response, err := http.PostForm(page+"/authenticate", url.Values{"answer": {"complete"}})
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		st.hear()
	}
	asked(st.send(place+"/card", url.Values{"do": {"save"}, "agree": {"1"}, "agreement": {field(t, st.page(place), place+"/card", "agreement")}}))
	st.moveTo("2027-03-10", "10:00")
	st.tick()
	st.says(place, "The bank wants to ask you before your card ending 3184 is charged: please pay here.")
	st.says(st.link(ana, 1), "before ana’s card ending 3184 is charged", "Pay $3,840.00")
	st.wait(7 * 24 * time.Hour)
	st.tick()
	if c := st.stands(ana, retreats.Confirmed, deposit); len(c.Booking.Tries) != 1 {
		t.Errorf("it was tried again: %+v", c.Booking.Tries)
	}
	asked(st.send(place+"/pay", url.Values{"charge": {"balance"}}))
	st.stands(ana, retreats.Confirmed, 480000)
}

// TestCancellingShowsWhatComesBack [D16]: before it is confirmed, at the edge of
// a day; what has changed since is shown anew and nothing is cancelled.
func TestCancellingShowsWhatComesBack(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	place := st.link(ana, 0)
	st.moveTo("2027-02-08", "23:59")
	root := st.says(place+"/cancel", "$960.00", "you get back 100 % today", "until Monday 8 February 2027 (today)", "to the card it came from")
	seen := field(t, root, place+"/cancel", "back")
	st.wait(time.Minute)
	w := st.ask("POST", place+"/cancel", url.Values{"back": {seen}}, nil)
	if w.Code != http.StatusConflict {
		t.Fatalf("a quote of yesterday was answered %d", w.Code)
	}
	root = st.check("the quote of today", w)
	for _, want := range []string{"has changed since you saw it", "you get back 50 % today", "$480.00", "another $430.00 comes back"} {
		if got := webtest.Words(root); !strings.Contains(got, want) {
			t.Errorf("the page lacks %q: %s", want, got)
		}
	}
	st.stands(ana, retreats.Confirmed, deposit)
	st.send(place+"/cancel", url.Values{"back": {field(t, root, place+"/cancel", "back")}})
	st.says(place, "You have given up this booking", "50 % of it, $480.00, comes back")
	st.wait(time.Hour)
	st.tick()
	st.hear()
	st.tick()
	st.stands(ana, retreats.None, 48000)
	st.says(place, "because you cancelled", "returned on Tuesday 9 February 2027", "If another couple takes your place, another $430.00 comes back.")
	// Who takes the place brings the rest back, less the fee.
	st.confirmed("ben")
	st.tick()
	st.hear()
	st.stands(ana, retreats.None, 5000)
	st.says(place, "Another couple has taken your place, so another $430.00 comes back.", "another couple took your place")
}

// TestThePolicyAtItsEdges [D16]: on pages and in the API the same.
func TestThePolicyAtItsEdges(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	for _, test := range []struct {
		day   civil.Date
		clock civil.Clock
		back  string
		minor int64
	}{
		{"2027-02-08", "23:59", "$960.00", 96000}, {"2027-02-09", "00:00", "$480.00", 48000},
		{"2027-03-10", "23:59", "$480.00", 48000}, {"2027-03-11", "00:00", "Nothing", 0},
	} {
		st.moveTo(test.day, test.clock)
		root := st.says(st.link(ana, 0)+"/cancel", "(today)")
		shown := ""
		for n := range root.Descendants() {
			if webtest.Attr(n, "class") == "amount" {
				shown = webtest.Words(n)
			}
		}
		var quote struct{ Back money.Amount }
		st.read("GET", "/api/v1/bookings/"+ana+"/quote", st.bookings.Token(ana, 1), "", http.StatusOK, &quote)
		if shown != test.back || quote.Back != money.Of(test.minor, "USD") {
			t.Errorf("%s %s: the page says %s, the API %s, want %s", test.day, test.clock, shown, quote.Back, test.back)
		}
	}
}

// read calls the API and reads its answer.
func (st *story) read(method, path, bearer, body string, want int, into any) {
	st.t.Helper()
	w := st.call(method, path, bearer, body)
	if w.Code != want {
		st.t.Fatalf("%s %s was answered %d: %s", method, path, w.Code, w.Body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		st.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// TestTwoWhoPayAPartEach: a part that came is said plainly while the other is
// open, and goes back if that does not come.
func TestTwoWhoPayAPartEach(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.book("ana", false)
	first, second := st.link(ana, 0), st.link(ana, 1)
	w := st.ask("POST", first+"/split", url.Values{"how": {"parts"}, "first": {"half"}}, nil)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("half was answered %d", w.Code)
	}
	root := st.check("the form again", w)
	if got := webtest.Attr(webtest.ByID(t, root, "split_first"), "value"); got != "half" || !strings.Contains(webtest.Words(webtest.ByID(t, root, "split_first_error")), "1 to 99") {
		t.Errorf("what was typed: %q", got)
	}
	st.send(first+"/split", url.Values{"how": {"parts"}, "first": {"25 %"}})
	st.says(first, "ana pays 25 % of what is open", "Pay your part, $240.00", "Pay your partner’s part, $720.00", "Pay all of it, $960.00")
	page := st.send(first+"/pay", url.Values{"charge": {"deposit"}, "share": {"own"}})
	st.payOn(page)
	st.hear()
	st.stands(ana, retreats.Held, 24000)
	st.says(second, "$240.00 of $960.00 is here.", "The other $720.00 has to come by then", "Pay your part, $720.00")
	st.payOn(st.send(second+"/pay", url.Values{"charge": {"deposit"}, "share": {"own"}}))
	st.hear()
	st.stands(ana, retreats.Confirmed, deposit)
	st.says(second, "ana’s part is $960.00.", "Your part is $2,880.00.")

	ben := st.book("ben", false)
	st.send(st.link(ben, 0)+"/split", url.Values{"how": {"parts"}, "first": {"50"}})
	st.payOn(st.send(st.link(ben, 0)+"/pay", url.Values{"charge": {"deposit"}, "share": {"own"}}))
	st.hear()
	st.stands(ben, retreats.Held, 48000)
	for range 4 {
		st.wait(20 * time.Minute)
		st.tick()
		st.hear()
	}
	st.stands(ben, retreats.None, 0)
	st.says(st.link(ben, 1), "This booking has ended", "What had come goes back to you.", "only a part had come when your hold ended")
}

// TestACodeLowersThePrice: the form shows what it makes of the price before
// anything is sent, and what was agreed to stays.
func TestACodeLowersThePrice(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	code := retreats.Code{Name: "SPRING", Amount: money.Of(80000, "USD"), Limit: 1}
	if _, err := st.retreats.AddCode(t.Context(), "co", code, robin); err != nil {
		t.Fatal(err)
	}
	form := coupleForm("Maya", "maya@example.org")
	form.Set("code", "nothing")
	for _, button := range []string{"show_price", ""} {
		tried := url.Values{}
		for name, value := range form {
			tried[name] = value
		}
		if button != "" {
			tried.Set(button, "1")
		}
		w := st.ask("POST", "/cohorts/co/book", tried, nil)
		if root := st.check("the form", w); w.Code != http.StatusUnprocessableEntity || webtest.Words(webtest.ByID(t, root, "code_error")) == "" ||
			webtest.Attr(webtest.ByID(t, root, "code"), "value") != "nothing" || webtest.Attr(webtest.ByID(t, root, "partner1_name"), "value") != "Maya" {
			t.Errorf("an unknown code was answered %d: %s", w.Code, webtest.Words(root))
		}
	}
	form.Set("code", "spring ")
	form.Set("show_price", "1")
	w := st.ask("POST", "/cohorts/co/book", form, nil)
	if got := webtest.Words(st.check("the form", w)); w.Code != http.StatusOK || !strings.Contains(got, "Code SPRING −$800.00") || !strings.Contains(got, "Price for both of you $4,000.00") {
		t.Errorf("the price with the code (%d): %s", w.Code, got)
	}
	st.says("/cohorts/co/book?code=SPRING", "Price for both of you $4,000.00")
	form.Del("show_price")
	place := st.send("/cohorts/co/book", form)
	st.says(place, "$4,800.00", "Code SPRING −$800.00", "Price for both of you $4,000.00", "The rest of the price $3,040.00")
	other := coupleForm("Ben", "ben@example.org")
	other.Set("code", "SPRING")
	if w := st.ask("POST", "/cohorts/co/book", other, nil); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "as often as it can be") {
		t.Errorf("a code that is used up was answered %d", w.Code)
	}
	body := `{"partners":[{"name":"A","email":"a@example.org"},{"name":"B","email":"b@example.org"}],"accept_policy":true,"code":"nothing"}`
	if w := st.call("POST", "/api/v1/cohorts/co/bookings", "", body); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"code"`) {
		t.Errorf("the API answers %d: %s", w.Code, w.Body)
	}
}

// TestTheStatementIsDiscreet [D38]: it may lie on a desk or go to an insurer.
func TestTheStatementIsDiscreet(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	c := st.stands(ana, retreats.Confirmed, deposit)
	payment := c.Booking.Payments[0].ID
	for _, path := range []string{st.link(ana, 1) + "/statement", st.link(ana, 1) + "/receipts/" + payment} {
		root := st.says(path, "Cedar House", c.Booking.Ref, "ana and Partner", "Friday 9 April 2027", "$960.00", "by card", "$3,840.00")
		got := strings.ToLower(webtest.Words(webtest.ByID(t, root, "main")))
		for _, word := range notifications.Telling(got) { // [D38]
			t.Errorf("%s says %q: %s", path, word, got)
		}
		if strings.Contains(got, "@") {
			t.Errorf("%s holds an address: %s", path, got)
		}
	}
	st.says(st.link(ana, 0)+"/statement", "you get back a share of everything you have paid", "Monday 11 January 2027", "Still open $3,840.00", "Received $960.00")
	for _, payment := range []string{"none", "%2e%2e"} {
		if w := st.ask("GET", st.link(ana, 0)+"/receipts/"+payment, nil, nil); w.Code != http.StatusNotFound {
			t.Errorf("the receipt %q was answered %d", payment, w.Code)
		}
	}
}
