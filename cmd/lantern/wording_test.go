package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web/webtest"
	"lantern/internal/wording"
	"lantern/notifications"
)

// ownWordsOfHeld are as a browser sends them.
var ownWordsOfHeld = wording.Source{
	Subject: "Kept for {{.Short .Until}}",
	Text:    "Dear {{.Hello}},\r\n\r\n**Welcome.** <script>alert(1)</script>\r\n\r\nYour page: {{.Link}}\r\n\r\n{{template \"foot\" .}}",
}

const wordsOfHeld = "/staff/wording/mail.held"

// bookAs takes an application of somebody with a name that may be anything.
func (st *story) bookAs(name, mailbox string) string {
	st.t.Helper()
	c, err := st.bookings.Book(st.t.Context(), st.cohort, booking.Application{
		Partners:     [2]booking.PartnerInput{{Name: name, Email: mailbox + "@example.org"}, {Name: "Partner", Email: mailbox + ".partner@example.org"}},
		AcceptPolicy: true,
	})
	st.must(err)
	st.booked = append(st.booked, c.Booking.ID)
	return c.Booking.ID
}

// subjectOfHeld is the subject of what the first partner was told of the place
// that is held.
func (st *story) subjectOfHeld(bookingID string) string {
	st.t.Helper()
	m, err := st.notices.Message(st.t.Context(), st.messageOf(bookingID, "held"))
	st.must(err)
	return m.Copy.Subject
}

// TestAnOrganizerWritesTheirOwnWords, sees what comes of them, couples get them,
// and Lantern's own come back.
func TestAnOrganizerWritesTheirOwnWords(t *testing.T) {
	t.Parallel()
	st := newStory(t, 9)
	as := st.as(access.Organizer)
	ana := st.bookAs("<b>*Ana*</b>", "ana")
	st.tick()
	st.tick()
	if got := st.staffPage("/staff/messages", as); !strings.Contains(got, "The words of messages") {
		t.Errorf("nothing leads to the words:\n%s", got)
	}
	if got := st.staffPage("/staff/wording", as); !strings.Contains(got, "A place is held until it is paid") || strings.Contains(got, "changed by") {
		t.Errorf("the list:\n%s", got)
	}
	page := st.check(wordsOfHeld, st.ask("GET", wordsOfHeld, nil, as))
	form := filled(page)
	form.Set("subject", ownWordsOfHeld.Subject)
	form.Set("text", ownWordsOfHeld.Text)
	form.Set("of", st.messageOf(ana, "held"))
	w := st.ask("POST", wordsOfHeld+"/preview", form, as)
	shown := st.check(wordsOfHeld, w)
	if got := webtest.Words(shown); w.Code != http.StatusOK || !strings.Contains(got, "Dear <b>*Ana*</b>") || !strings.Contains(got, "Kept for Monday 10:31") || strings.Contains(got, st.bookings.Token(ana, 0)) {
		t.Errorf("the preview, answered %d:\n%s", w.Code, got)
	}
	frame := ""
	for n := range shown.Descendants() {
		if n.Data == "iframe" {
			frame = webtest.Attr(n, "src")
		}
	}
	w = st.ask("GET", frame, nil, as)
	if got := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(got, "<strong>Welcome.</strong>") || strings.Contains(got, "<script") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the mail in the preview, answered %d:\n%s", w.Code, got)
	}
	if w := st.ask("GET", wordsOfHeld+"/mail.html?draft=AAAA", nil, as); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a draft of somebody else's making was answered %d", w.Code)
	}
	if w := st.ask("POST", wordsOfHeld, form, as); w.Code != http.StatusSeeOther {
		t.Fatalf("saving was answered %d:\n%s", w.Code, w.Body)
	}
	got := st.staffPage(wordsOfHeld+"?done=saved", as)
	for _, want := range []string{"From now on", "your own", "Lantern's own words", "organizer"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	if w := st.ask("POST", wordsOfHeld, form, as); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Somebody else has changed") || !strings.Contains(w.Body.String(), "Kept for") {
		t.Errorf("an older page, answered %d", w.Code)
	}
	if w := st.ask("POST", wordsOfHeld+"/restore", url.Values{"version": {"1"}}, as); w.Code != http.StatusSeeOther {
		t.Errorf("going back was answered %d", w.Code)
	}
	cleo := st.book("cleo", false)
	st.tick()
	st.tick()
	if subject := st.subjectOfHeld(cleo); !strings.HasPrefix(subject, "Your place is held") {
		t.Errorf("Lantern's own subject is %q", subject)
	}
}

// messageOf is the id of a message to the first partner.
func (st *story) messageOf(bookingID, rule string) string {
	st.t.Helper()
	messages, err := st.notices.OfBooking(st.t.Context(), bookingID, 0)
	st.must(err)
	for _, m := range messages {
		if m.Rule == rule {
			return m.ID
		}
	}
	st.t.Fatalf("there is no message %s", rule)
	return ""
}

// bodyOf is what the first partner was told of the place that is held.
func (st *story) bodyOf(bookingID string) notifications.Body {
	st.t.Helper()
	m, err := st.notices.Message(st.t.Context(), st.messageOf(bookingID, "held"))
	st.must(err)
	body, err := st.notices.Body(m)
	st.must(err)
	return body
}

// TestOwnWordsReachCouples as text and as HTML, in which nothing of what is
// typed or of a name is obeyed.
func TestOwnWordsReachCouples(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	_, err := st.notices.Reword(t.Context(), "mail.held", ownWordsOfHeld, 0, robin)
	st.must(err)
	ben := st.bookAs("<b>*Ben*</b> [x](//evil.example)", "ben")
	st.tick()
	st.tick()
	subject, body := st.subjectOfHeld(ben), st.bodyOf(ben)
	of, err := st.bookings.Case(t.Context(), ben)
	st.must(err)
	link := st.bookings.Link(of.Booking, 0)
	if subject != "Kept for Monday 10:31" || !strings.HasPrefix(body.Text, "Dear ") || !strings.Contains(body.Text, link) {
		t.Errorf("%q:\n%s", subject, body.Text)
	}
	html := body.HTML
	for _, want := range []string{"<strong>Welcome.</strong>", "Dear &lt;b&gt;*Ben*&lt;/b&gt; [x](//evil.example)", `href="` + link + `"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the mail lacks %q:\n%s", want, html)
		}
	}
	for _, not := range []string{"<script", "<b>", `href="//evil.example`} {
		if strings.Contains(html, not) {
			t.Errorf("the mail has %q:\n%s", not, html)
		}
	}
}

// TestWordsThatAreRefused stay as they were typed, each with its fault.
func TestWordsThatAreRefused(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	as := st.as(access.Organizer)
	form := url.Values{"version": {"0"}, "subject": {"Our retreat"}, "text": {"Hello {{.Helo}}, typed as it is"}}
	w := st.ask("POST", wordsOfHeld, form, as)
	got := webtest.Words(st.check(wordsOfHeld, w))
	for _, want := range []string{"Nothing was changed", "Did you mean .Hello"} {
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, want) {
			t.Errorf("answered %d without %q:\n%s", w.Code, want, got)
		}
	}
	if body := w.Body.String(); !strings.Contains(body, "typed as it is") || !strings.Contains(body, `value="Our retreat"`) {
		t.Error("what was typed is lost")
	}
	if w := st.ask("GET", "/staff/wording/mail.nothing", nil, as); w.Code != http.StatusNotFound {
		t.Errorf("a message that there is not: %d", w.Code)
	}
	if w := st.ask("GET", wordsOfHeld, nil, st.as(access.Staff)); w.Code != http.StatusForbidden {
		t.Errorf("staff: %d", w.Code)
	}
	for _, s := range notifications.Sayings() {
		st.staffPage("/staff/wording/"+s.ID, as)
	}
}

// TestWordsByAPI are read and changed by organizers.
func TestWordsByAPI(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	token, err := st.tokens.Create(t.Context(), access.Console(), "test", access.Organizer, false)
	st.must(err)
	const path = "/api/v1/wording/text.offered"
	call := func(method, path, body string, want int) string {
		t.Helper()
		w := st.call(method, path, token, body)
		if w.Code != want {
			t.Errorf("%s %s: answered %d, want %d: %s", method, body, w.Code, want, w.Body)
		}
		return w.Body.String()
	}
	var list struct{ Wording []struct{ ID string } }
	st.must(json.Unmarshal([]byte(call("GET", "/api/v1/wording", "", http.StatusOK)), &list))
	if len(list.Wording) != len(notifications.Sayings()) {
		t.Errorf("%d messages", len(list.Wording))
	}
	if got := call("GET", path, "", http.StatusOK); !strings.Contains(got, "what you wait for") || !strings.Contains(got, "{{.Practice.Name}}") {
		t.Error(got)
	}
	if got := call("POST", path+"/preview", `{"text":"{{.Practice.Name}}: a place is free. STOP ends texts."}`, http.StatusOK); !strings.Contains(got, `"text":"Cedar House: a place is free. STOP ends texts."`) || strings.Contains(got, "faults") {
		t.Error(got)
	}
	if got := call("POST", path+"/preview", `{"text":"A place"}`, http.StatusOK); !strings.Contains(got, "who it is from") {
		t.Error(got)
	}
	call("PUT", path, `{"version":0,"text":"A place"}`, http.StatusUnprocessableEntity)
	call("PUT", path, `{"version":7,"text":"{{.Practice.Name}}: a place. STOP ends texts."}`, http.StatusConflict)
	if got := call("PUT", path, `{"version":0,"text":"{{.Practice.Name}}: a place. STOP ends texts."}`, http.StatusOK); !strings.Contains(got, `"version":1`) || !strings.Contains(got, `"own":true`) {
		t.Error(got)
	}
	call("DELETE", path+"?version=0", "", http.StatusConflict)
	if got := call("DELETE", path+"?version=1", "", http.StatusOK); !strings.Contains(got, `"own":false`) || !strings.Contains(got, "what you wait for") {
		t.Error(got)
	}
	call("GET", "/api/v1/wording/mail.nothing", "", http.StatusNotFound)
}
