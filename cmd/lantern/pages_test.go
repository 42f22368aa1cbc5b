package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lantern/internal/web/webtest"
)

// ask sends a request to the story's server without a connection.
func (st *story) ask(method, path string, form url.Values, headers map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	st.server.ServeHTTP(w, r)
	return w
}

// page is ask for a page that must be there.
func (st *story) page(path string) *html.Node {
	st.t.Helper()
	w := st.ask("GET", path, nil, nil)
	if w.Code != http.StatusOK {
		st.t.Fatalf("%s answered %d:\n%s", path, w.Code, w.Body)
	}
	return st.check(path, w)
}

// check parses a page and looks for what no page may have, in it or around it.
func (st *story) check(path string, w *httptest.ResponseRecorder) *html.Node {
	st.t.Helper()
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		st.t.Errorf("%s has the headers %v", path, w.Header())
	}
	return webtest.Parse(st.t, path, w.Body.Bytes())
}

// link is the path of a partner's page.
func (st *story) link(id string, partner int) string { return "/b/" + st.bookings.Token(id, partner) }

const longName = "Anneliese-Magdalena von Oberndorf-Castillo"

func coupleForm(name, email string) url.Values {
	return url.Values{
		"form_id": {"form_" + email}, "accept_policy": {"1"},
		"partner1_name": {name}, "partner1_email": {email}, "partner1_zone": {"Europe/Berlin"},
		"partner2_name": {"ليلى حداد"}, "partner2_email": {"leila." + email}, "partner2_phone": {"+49 30 901820"},
	}
}

func TestPagesOfACouple(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.page("/")
	st.page("/api")
	st.page("/outbox")
	if got := webtest.Words(st.page("/cohorts/co")); !strings.Contains(got, "1 place for a couple") || !strings.Contains(got, "Everything you paid") {
		t.Errorf("the cohort says %s", got)
	}
	st.page("/cohorts/co/book")

	w := st.ask("POST", "/cohorts/co/book", coupleForm(longName, "anna@example.org"), nil)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("booking was answered %d: %s", w.Code, w.Body)
	}
	again := st.ask("POST", "/cohorts/co/book", coupleForm(longName, "anna@example.org"), nil)
	if again.Header().Get("Location") != w.Header().Get("Location") {
		t.Error("sending a form twice makes two bookings")
	}
	place := w.Header().Get("Location")
	got := webtest.Words(st.page(place))
	for _, want := range []string{"Your place is held until", longName, "ليلى حداد", "Pay $960.00", "yours is Berlin time"} {
		if !strings.Contains(got, want) {
			t.Errorf("the couple's page lacks %q: %s", want, got)
		}
	}
	st.tick()
	st.tick()
	if got := webtest.Words(st.page("/outbox")); strings.Count(got, "Your place is held until") != 2 {
		t.Errorf("the outbox says %s", got)
	}
	if got := webtest.Words(st.page("/cohorts/co")); !strings.Contains(got, "1 held") || !strings.Contains(got, "Join the waitlist") {
		t.Errorf("the cohort's page does not follow: %s", got)
	}
	st.wait(36 * time.Minute)
	if got := webtest.Words(st.page("/cohorts/co")); !strings.Contains(got, "1 place for a couple") {
		t.Errorf("the page does not follow the deadline: %s", got)
	}
	st.tick()
	if got := webtest.Words(st.page(place)); !strings.Contains(got, "This booking has ended") {
		t.Errorf("after the hold: %s", got)
	}
}

func TestTheWayOfAWaitingCouple(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	if got := webtest.Words(st.page("/cohorts/co/book")); !strings.Contains(got, "Join the waitlist") {
		t.Errorf("a full cohort's form: %s", got)
	}
	form := coupleForm("Ben", "ben@example.org")
	if w := st.ask("POST", "/cohorts/co/book", form, nil); w.Code != http.StatusConflict {
		t.Errorf("a form for a place that went meanwhile was answered %d", w.Code)
	} else if root := st.check("the form", w); !strings.Contains(webtest.Words(root), "You can join the waitlist") || webtest.Attr(webtest.ByID(st.t, root, "partner1_name"), "value") != "Ben" {
		t.Errorf("it says %s", webtest.Words(root))
	}
	form.Set("wait", "1")
	ben := st.ask("POST", "/cohorts/co/book", form, nil).Header().Get("Location")
	if got := webtest.Words(st.page(ben)); !strings.Contains(got, "You are number 1 on the waitlist") {
		t.Errorf("waiting: %s", got)
	}
	st.page(st.link(ana, 0) + "/cancel")
	if w := st.ask("POST", st.link(ana, 1)+"/cancel", url.Values{}, nil); w.Code != http.StatusSeeOther {
		t.Errorf("cancelling was answered %d", w.Code)
	}
	if got := webtest.Words(st.page(st.link(ana, 0))); !strings.Contains(got, "You have given up this booking") {
		t.Errorf("cancelled: %s", got)
	}
	if got := webtest.Words(st.page(ben)); !strings.Contains(got, "A place is free for you until") {
		t.Errorf("offered: %s", got)
	}
	st.ask("POST", ben+"/offer", url.Values{"answer": {"accept"}}, nil)
	if got := webtest.Words(st.page(ben)); !strings.Contains(got, "Your place is held until") {
		t.Errorf("accepted: %s", got)
	}
}

func TestAFormThatIsWrongKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	evil := `"><script>alert(1)</script>`
	w := st.ask("POST", "/cohorts/co/book", url.Values{
		"form_id": {"f"}, "partner1_name": {evil}, "partner1_email": {"same@example.org"}, "partner1_zone": {"Mars/Olympus"},
		"partner2_name": {""}, "partner2_email": {"Same@example.org"}, "partner2_phone": {"12"},
	}, nil)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("answered %d", w.Code)
	}
	root := st.check("the form", w)
	if got := webtest.Attr(webtest.ByID(st.t, root, "partner1_name"), "value"); got != evil {
		t.Errorf("typed %q, kept %q", evil, got)
	}
	for id, want := range map[string]string{
		"partner2_name_error": "write the name", "partner2_email_error": "same mail address", "partner2_phone_error": "phone number",
		"partner1_zone_error": "time zone", "accept_policy_error": "refund policy", "partner1_name_error": "",
	} {
		if got := webtest.Words(webtest.ByID(st.t, root, id)); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s says %q, want %q", id, got, want)
		}
	}
	if c, err := st.retreats.Cohort(t.Context(), "co"); err != nil || len(c.Roster.Places) != 0 {
		t.Errorf("something was left behind: %+v, %v", c.Roster, err)
	}
}

func TestAddressesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	good := st.bookings.Token(ana, 0)
	for _, path := range []string{
		"/nowhere", "/cohorts/none", "/cohorts/none/book", "/b/x", "/b/" + ana, "/b/" + ana + ".", "/b/" + good + "x", "/b/" + good[:len(good)-1],
		"/b/" + strings.Repeat("a", 300) + ".b", "/outbox/none", "/static/none", "/b/%ff.%00",
	} {
		if w := st.ask("GET", path, nil, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
	if w := st.ask("POST", "/cohorts/co/book", coupleForm("x", "x@example.org"), map[string]string{"Sec-Fetch-Site": "cross-site"}); w.Code != http.StatusForbidden {
		t.Errorf("a form from another site was answered %d", w.Code)
	}
	st.wait(3 * 365 * 24 * time.Hour)
	if w := st.ask("GET", "/b/"+good, nil, nil); w.Code != http.StatusGone {
		t.Errorf("a link of long ago was answered %d", w.Code)
	}
	if w := st.ask("POST", "/cohorts/co/book", coupleForm("x", "x@example.org"), nil); w.Code != http.StatusGone {
		t.Errorf("dates of long ago were answered %d", w.Code)
	}
}

func TestThePageOfACohortIsKeptByBrowsers(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	etag := st.ask("GET", "/cohorts/co", nil, nil).Header().Get("ETag")
	if w := st.ask("GET", "/cohorts/co", nil, map[string]string{"If-None-Match": etag}); etag == "" || w.Code != http.StatusNotModified {
		t.Errorf("asked again with %s: %d", etag, w.Code)
	}
	st.book("ana", false)
	if w := st.ask("GET", "/cohorts/co", nil, map[string]string{"If-None-Match": etag}); w.Code != http.StatusOK {
		t.Errorf("after a booking: %d", w.Code)
	}
}

func TestWhatIsNoFormIsTheSendersFault(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	place := "/b/" + st.bookings.Token(st.book("ana", false), 0)
	form, multipart := "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
	for _, test := range []struct {
		path, kind, body string
		want             int
	}{
		{"/cohorts/co/book", form, "a=%zz", http.StatusBadRequest},
		{"/cohorts/co/book", form, "a;b=1", http.StatusBadRequest},
		{"/cohorts/co/book?a=%zz", form, "a=1", http.StatusBadRequest},
		{"/cohorts/co/book", multipart, "--x\r\nbroken", http.StatusBadRequest},
		{"/cohorts/co/book", "multipart/form-data", "", http.StatusBadRequest},
		{"/cohorts/co/book", form, strings.Repeat("a", 1<<20), http.StatusRequestEntityTooLarge},
		{place + "/pay", form, "charge=%zz", http.StatusBadRequest},
		{place + "/offer", form, "answer=%zz", http.StatusBadRequest},
	} {
		r := httptest.NewRequest("POST", test.path, strings.NewReader(test.body))
		r.Header.Set("Content-Type", test.kind)
		w := httptest.NewRecorder()
		st.server.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s %.20q (%s) answered %d, want %d", test.path, test.body, test.kind, w.Code, test.want)
		}
	}
}
