package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/sms"
	"lantern/notifications"
	"lantern/retreats"
)

const maya = "+14155550132"

// carrier is Twilio as the program sees it: it takes texts, and may say no.
type carrier struct {
	mu    sync.Mutex
	texts []url.Values
	code  int // with which it says no; 0 for yes
}

func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	status, body := http.StatusCreated, fmt.Sprintf(`{"sid": "SM%d"}`, len(c.texts))
	if c.code != 0 {
		status, body = http.StatusBadRequest, fmt.Sprintf(`{"status": 400, "code": %d, "message": "no to %s"}`, c.code, r.PostForm.Get("To"))
	} else {
		c.texts = append(c.texts, r.PostForm)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// taken are the words of the texts that were taken since the last time.
func (c *carrier) taken() []url.Values {
	c.mu.Lock()
	defer c.mu.Unlock()
	texts := c.texts
	c.texts = nil
	return texts
}

const twilioToken = "0123456789abcdef0123456789abcdef"

// newTextStory is a story with an account at Twilio and a couple that has a
// place in dates with a preparation by video on 2 April at 18:00.
func newTextStory(t *testing.T) (*story, *carrier, string) {
	t.Helper()
	return newTextStoryWith(t, func(*settings) {})
}

func newTextStoryWith(t *testing.T, change func(*settings)) (*story, *carrier, string) {
	t.Helper()
	wire := &carrier{}
	st := newStoryWith(t, 1, func(s *settings) {
		change(s)
		s.TwilioSID, s.TwilioToken, s.TwilioFrom, s.twilioWire = "AC"+strings.Repeat("0a", 16), twilioToken, "+14155550100", wire
	})
	plan := []retreats.PlannedSession{
		{Kind: retreats.Preparation, Title: "Preparation", Day: -7, Clock: "18:00", Minutes: 90, Online: true},
		{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180},
	}
	r, err := retreats.NewRetreat("rt2", retreats.Programme{Name: "Weekend", Location: "Cedar House"},
		retreats.Terms{Capacity: 2, Price: money.Of(480000, "USD"), BalanceDays: 30}, plan)
	st.must(err)
	c, err := retreats.NewCohort("prepared", r, "America/Los_Angeles", "2027-04-09", st.time())
	st.must(err)
	st.must(c.Publish(st.time()))
	st.must(st.retreats.AddCohort(t.Context(), c))
	st.cohort = "prepared"
	id := st.book("ana", false)
	st.pays(id, booking.DepositCharge, "4242424242424242", false)
	return st, wire, id
}

// agree opts the partner in, on their own page.
func (st *story) agree(id string, partner int, phone string) {
	st.t.Helper()
	w := st.ask("POST", st.link(id, partner)+"/texts", url.Values{"answer": {"allow"}, "agree": {"1"}, "phone": {phone}}, nil)
	if w.Code != http.StatusSeeOther {
		st.t.Fatalf("agreeing to texts was answered %d:\n%s", w.Code, w.Body)
	}
	st.tick()
}

// twilioSays posts to the webhook, signed with the token.
func (st *story) twilioSays(token, query string, form url.Values) *httptest.ResponseRecorder {
	st.t.Helper()
	path := "/webhooks/twilio" + query
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(st.settings.URL + path))
	for _, field := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(field + form.Get(field)))
	}
	return st.ask("POST", path, form, map[string]string{sms.SignatureHeader: base64.StdEncoding.EncodeToString(mac.Sum(nil))})
}

// writes is a word that somebody sends us, and what we answer.
func (st *story) writes(id, from, body string) string {
	st.t.Helper()
	w := st.twilioSays(twilioToken, "", url.Values{"MessageSid": {id}, "From": {from}, "To": {"+14155550100"}, "Body": {body}, "SmsStatus": {"received"}})
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/xml") {
		st.t.Fatalf("%q was answered %d:\n%s", body, w.Code, w.Body)
	}
	_, answer, _ := strings.Cut(w.Body.String(), "<Message>")
	answer, _, _ = strings.Cut(answer, "</Message>")
	return answer
}

// told gives by what the partner was told by a rule, in order.
func (st *story) told(id, rule string, partner int) (by []string) {
	st.t.Helper()
	messages, err := st.notices.OfBooking(st.t.Context(), id, partner)
	st.must(err)
	for _, m := range messages {
		if m.Rule == rule && m.State == notifications.Sent {
			by = append(by, m.Channel.String())
		}
	}
	slices.Reverse(by)
	return by
}

// TestTextsFromConsentToStop: who agrees gets texts, confirms by YES, and gets
// mail again after STOP [D36, D37]. Neither partner's words touch the other.
func TestTextsFromConsentToStop(t *testing.T) {
	t.Parallel()
	st, wire, id := newTextStory(t)
	st.agree(id, 0, "(415) 555-0132")
	first := wire.taken()
	if len(first) != 1 || first[0].Get("To") != maya || !strings.Contains(first[0].Get("Body"), "STOP") {
		t.Fatalf("the first text: %v", first)
	}
	st.at("2027-03-30", "10:05") // three days before
	asked := wire.taken()
	if len(asked) != 1 || asked[0].Get("To") != maya || !strings.Contains(asked[0].Get("Body"), "Friday 2 April, 18:00. Answer YES") {
		t.Fatalf("three days before: %v", asked)
	}
	if got := st.told(id, "preparation", 1); !slices.Contains(got, "mail") || slices.Contains(got, "text") {
		t.Errorf("the partner who has not agreed is told by %v", got)
	}
	replied := func(partner int) bool {
		c, err := st.bookings.Case(t.Context(), id)
		st.must(err)
		s, _ := c.Cohort.Session("s1")
		return c.Booking.HasReplied(s, partner)
	}
	form := url.Values{"MessageSid": {"SMx"}, "From": {maya}, "Body": {"YES"}}
	if w := st.twilioSays("x"+twilioToken, "", form); w.Code != http.StatusForbidden || replied(0) {
		t.Errorf("a forged word is answered %d, and confirms: %v", w.Code, replied(0))
	}
	if got := st.writes("SM1", maya, "Yes!"); !strings.Contains(got, "thank you") || !replied(0) || replied(1) {
		t.Errorf("YES is answered %q; confirmed %v, %v", got, replied(0), replied(1))
	}
	if got := st.writes("SM1", maya, "Yes!"); got != "" {
		t.Errorf("the same word is answered twice: %q", got)
	}
	if got := st.writes("SM2", maya, "Where do we park?"); !strings.Contains(got, "nobody reads") {
		t.Errorf("a question is answered %q", got)
	}
	if got := st.writes("SM3", maya, "please stop texting me"); !strings.Contains(got, "no more texts") {
		t.Errorf("STOP is answered %q", got)
	}
	for _, again := range []string{"STOP", "hello?"} {
		if got := st.writes("SM4"+again, maya, again); got != "" {
			t.Errorf("after STOP, %q is answered %q", again, got)
		}
	}
	st.at("2027-04-01", "10:05") // the day before
	if texts := wire.taken(); len(texts) != 0 {
		t.Errorf("after STOP: %v", texts)
	}
	if got := st.told(id, "preparation", 0); !slices.Equal(got, []string{"text", "mail"}) {
		t.Errorf("the partner was told by %v", got)
	}
	c, err := st.bookings.Case(t.Context(), id)
	st.must(err)
	if said := c.Booking.Partners[0].Texts; said.StoppedAt == nil || said.StoppedBy != booking.ByText || c.Booking.Partners[1].Texts != nil {
		t.Errorf("on record: %+v", said)
	}
	st.says(st.link(id, 0), "You have ended texts by answering STOP", "send START")
	if got := st.writes("SM6", maya, "start"); !strings.Contains(got, "again") {
		t.Errorf("START is answered %q", got)
	}
	st.says(st.link(id, 0), "No texts any more")
	if w := st.ask("POST", st.link(id, 0)+"/texts", url.Values{"answer": {"stop"}}, nil); w.Code != http.StatusSeeOther {
		t.Errorf("ending texts on the page was answered %d", w.Code)
	}
}

// TestATextThatDoesNotArriveComesByMail, and staff see that it did not.
func TestATextThatDoesNotArriveComesByMail(t *testing.T) {
	t.Parallel()
	st, wire, id := newTextStory(t)
	st.agree(id, 0, maya)
	wire.taken()
	st.at("2027-03-30", "10:05")
	texts := wire.taken()
	if len(texts) != 1 {
		t.Fatalf("three days before: %v", texts)
	}
	callback, err := url.Parse(texts[0].Get("StatusCallback"))
	st.must(err)
	news := func(token, status, code string) int {
		form := url.Values{"MessageSid": {"SM0"}, "MessageStatus": {status}}
		if code != "" {
			form.Set("ErrorCode", code)
		}
		return st.twilioSays(token, "?"+callback.RawQuery, form).Code
	}
	if got := news("another", "undelivered", "30006"); got != http.StatusForbidden {
		t.Errorf("forged news are answered %d", got)
	}
	st.tick()
	if got := st.told(id, "preparation", 0); !slices.Equal(got, []string{"text"}) {
		t.Fatalf("the partner was told by %v", got)
	}
	for _, status := range []string{"sent", "undelivered", "undelivered", "sent"} {
		if got := news(twilioToken, status, "30006"); got != http.StatusNoContent {
			t.Errorf("news are answered %d", got)
		}
	}
	st.tick()
	if got := st.told(id, "preparation", 0); !slices.Equal(got, []string{"mail"}) {
		t.Errorf("after that by %v", got)
	}
	c, err := st.bookings.Case(t.Context(), id)
	st.must(err)
	if said := c.Booking.Partners[0].Texts; said.StoppedBy != booking.ByCarrier {
		t.Errorf("on record: %+v", said)
	}
	if got := st.twilioSays(twilioToken, "?text=none", url.Values{"MessageStatus": {"delivered"}}).Code; got != http.StatusNoContent {
		t.Errorf("news of a text that is not ours are answered %d", got)
	}
}

// TestTwilioSaysNo: the text comes by mail at once, and the number that has
// stopped texts elsewhere gets none any more.
func TestTwilioSaysNo(t *testing.T) {
	t.Parallel()
	st, wire, id := newTextStory(t)
	st.agree(id, 0, maya)
	wire.code = sms.CodeStopped
	at := func() { // the pass reports the no
		for _, pass := range st.passes() {
			if err := pass.Run(t.Context(), st.time()); err != nil && (pass.Name != passDispatch || strings.Contains(err.Error(), maya)) {
				t.Fatalf("pass %s: %v", pass.Name, err)
			}
		}
	}
	st.wait(civil.Date("2027-03-30").At("10:05", civil.ZoneOrUTC("America/Los_Angeles")).Sub(st.time()))
	at()
	at()
	if got := st.told(id, "preparation", 0); !slices.Contains(got, "mail") || slices.Contains(got, "text") {
		t.Errorf("the partner was told by %v", got)
	}
	c, err := st.bookings.Case(t.Context(), id)
	st.must(err)
	if c.Booking.TextsTo(0) != "" {
		t.Error("more texts would go there")
	}
}

// TestAgreeingNeedsTheTickAndANumber, and the API says the same.
func TestAgreeingNeedsTheTickAndANumber(t *testing.T) {
	t.Parallel()
	st, _, id := newTextStory(t)
	post := func(form url.Values) *httptest.ResponseRecorder {
		return st.ask("POST", st.link(id, 0)+"/texts", form, nil)
	}
	if w := post(url.Values{"answer": {"allow"}, "phone": {maya}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "tick the box") {
		t.Errorf("without the tick: %d", w.Code)
	}
	if w := post(url.Values{"answer": {"allow"}, "agree": {"1"}, "phone": {"12"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="12"`) {
		t.Errorf("without a number: %d", w.Code)
	}
	path, token := "/api/v1/bookings/"+id+"/texts", st.bookings.Token(id, 1)
	if w := st.call("PUT", path, token, `{"wanted": true, "phone": "+49 151 23456789"}`); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"wanted":true`) {
		t.Errorf("by the API: %d %s", w.Code, w.Body)
	}
	if body := st.call("GET", path, st.bookings.Token(id, 0), "").Body.String(); strings.Contains(body, "151") || !strings.Contains(body, `"wanted":false`) {
		t.Errorf("the other partner sees %s", body)
	}
	if w := st.call("PUT", path, token, `{"wanted": false}`); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"wanted":false`) {
		t.Errorf("ending by the API: %d %s", w.Code, w.Body)
	}
}
