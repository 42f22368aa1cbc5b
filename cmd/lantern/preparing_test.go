package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// confirmed books for a couple and pays its deposit.
func (st *story) confirmed(name string) string {
	st.t.Helper()
	id := st.book(name, false)
	st.payOn(st.openPage(id))
	st.hear()
	st.stands(id, retreats.Confirmed, deposit)
	return id
}

// call is an API request with a token.
func (st *story) call(method, path, bearer, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+bearer)
	w := httptest.NewRecorder()
	st.server.ServeHTTP(w, r)
	return w
}

// TestNeitherPartnerSeesTheOthersAnswers: consent and mail belong to one
// partner alone, on pages and in the API.
func TestNeitherPartnerSeesTheOthersAnswers(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	st.tick()
	second := func() string {
		page := st.ask("GET", st.link(ana, 1), nil, nil).Body.String()
		api := st.call("GET", "/api/v1/bookings/"+ana+"/preparation", st.bookings.Token(ana, 1), "").Body.String()
		own := st.call("GET", "/api/v1/bookings/"+ana, st.bookings.Token(ana, 1), "").Body.String()
		return page + api + own
	}
	before := second()
	if w := st.ask("POST", st.link(ana, 0)+"/consent", url.Values{"answer": {"give"}, "agree": {"1"}}, nil); w.Code != http.StatusSeeOther {
		t.Fatalf("consent was answered %d", w.Code)
	}
	c := st.stands(ana, retreats.Confirmed, deposit)
	if c.Booking.Consents[0] == nil || c.Booking.Consents[1] != nil {
		t.Fatalf("consents %+v", c.Booking.Consents)
	}
	if second() != before {
		t.Error("the second partner's pages tell of the first partner's consent")
	}
	if !strings.Contains(st.ask("GET", st.link(ana, 0), nil, nil).Body.String(), "Withdraw my consent") {
		t.Error("the first partner does not see their own consent")
	}
	messages, err := st.notices.OfBooking(t.Context(), ana, 0)
	if err != nil || len(messages) == 0 {
		t.Fatalf("messages %v, %v", messages, err)
	}
	for _, m := range messages {
		if m.Partner != 0 {
			t.Errorf("the first partner's list holds a mail to the other: %+v", m)
		}
	}
	if w := st.ask("POST", st.link(ana, 0)+"/consent", url.Values{"answer": {"withdraw"}}, nil); w.Code != http.StatusSeeOther {
		t.Errorf("withdrawing was answered %d", w.Code)
	}
	if c := st.stands(ana, retreats.Confirmed, deposit); c.Booking.Consents[0] != nil {
		t.Error("a consent that was withdrawn is still there")
	}
}

func TestACoupleNamesItsDriver(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	path := st.link(ana, 1) + "/drivers/s1"
	w := st.ask("POST", path, url.Values{"name": {"Kim"}, "phone": {"12"}, "relation": {""}}, nil)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("a driver without a phone was answered %d", w.Code)
	}
	root := st.check("the couple's page", w)
	if got := webtest.Attr(webtest.ByID(st.t, root, "name-s1"), "value"); got != "Kim" {
		t.Errorf("typed Kim, kept %q", got)
	}
	for _, id := range []string{"phone-s1-error", "relation-s1-error"} {
		if webtest.Words(webtest.ByID(st.t, root, id)) == "" {
			t.Errorf("%s says nothing", id)
		}
	}
	if w := st.ask("POST", path, url.Values{"name": {"Kim"}, "phone": {"+1 415 555 0177"}, "relation": {"a friend"}}, nil); w.Code != http.StatusSeeOther {
		t.Fatalf("naming a driver was answered %d", w.Code)
	}
	if d, ok := st.stands(ana, retreats.Confirmed, deposit).Booking.Driver("s1"); !ok || d.Phone != "+14155550177" || d.NamedBy != 1 {
		t.Errorf("driver %+v", d)
	}
	if w := st.ask("POST", st.link(ana, 0)+"/drivers/s9", url.Values{"name": {"Kim"}, "phone": {"+1 415 555 0177"}, "relation": {"x"}}, nil); w.Code != http.StatusNotFound {
		t.Errorf("a session that is not there was answered %d", w.Code)
	}
}

// TestTheBoardTellsWhatIsMissing follows one couple's row from the hold to the
// day before, by what staff and couple do.
func TestTheBoardTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.confirmed("ana")
	st.book("ben", false)
	st.book("cleo", true)
	token, err := st.tokens.Create(t.Context(), access.Console(), "board", access.Organizer, false)
	if err != nil {
		t.Fatal(err)
	}
	cell := func(need string) string {
		w := st.call("GET", "/api/v1/cohorts/co/roster", token, "")
		var roster struct {
			Places []struct {
				Booking string
				Needs   []struct {
					Need, State string
					Partner     int
				}
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &roster); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		for _, p := range roster.Places {
			for _, n := range p.Needs {
				if p.Booking == ana && n.Need == need && n.Partner < 2 {
					return n.State
				}
			}
		}
		return "no such cell"
	}
	expect := func(when string, want map[string]string) {
		t.Helper()
		for need, state := range want {
			if got := cell(need); got != state {
				t.Errorf("%s: %s is %q, want %q", when, need, got, state)
			}
		}
	}
	expect("paid", map[string]string{"deposit": "done", "balance": "due", "consent": "due", "clearance": "due", "forms": "due", "driver": "due"})
	staff := st.signIn(access.Clinician)
	r := httptest.NewRequest("POST", "/staff/bookings/"+ana+"/clearance", strings.NewReader("partner=1&state=cleared"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(staff)
	w := httptest.NewRecorder()
	st.server.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("recording clearance was answered %d", w.Code)
	}
	trail := st.stands(ana, retreats.Confirmed, deposit).Booking.Trail
	if len(trail) != 1 || trail[0].By != "clinician" || trail[0].From != "pending" || trail[0].To != "cleared" || trail[0].Reason != "" {
		t.Errorf("trail %+v", trail)
	}
	if err := st.bookings.GiveConsent(t.Context(), ana, 0); err != nil {
		t.Fatal(err)
	}
	expect("cleared", map[string]string{"consent": "done", "clearance": "done"})
	st.wait(60 * 24 * time.Hour) // to 12 March: the balance and the papers were due
	expect("in March", map[string]string{"balance": "late", "forms": "due", "driver": "due"})
	st.wait(20 * 24 * time.Hour) // to 1 April
	expect("in April", map[string]string{"forms": "late", "driver": "late", "consent": "done"})
	driver := booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"}
	if err := st.bookings.NameDriver(t.Context(), ana, "s1", 0, driver); err != nil {
		t.Fatal(err)
	}
	expect("with a driver", map[string]string{"driver": "due"})
	st.must(st.bookings.AnswerRide(t.Context(), strings.TrimPrefix(st.driverLink(ana, "s1"), "/d/"), "s1", booking.DriverYes))
	expect("the driver said yes", map[string]string{"driver": "done"})
}
