package main

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"lantern/internal/access"
	"lantern/notifications"
)

// wholeRoster is all that staff see of places and waitlist.
type wholeRoster struct {
	Places   []map[string]any
	Waitlist []map[string]any
}

func wholeRosterOf(t *testing.T, url, bearer, cohort string) wholeRoster {
	t.Helper()
	var r wholeRoster
	if status, err := call("GET", url+"/api/v1/cohorts/"+cohort+"/roster", bearer, nil, nil, &r); err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	return r
}

// TestARestartInTheMiddleOfOffersChangesNothing pulls the plug while one couple
// has an offer and others wait.
func TestARestartInTheMiddleOfOffersChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	cohort := openCohort(t, p.url, bearer, 1)
	ana, status, err := book(p.url, cohort, "ana")
	if err != nil || status != http.StatusCreated {
		t.Fatalf("booking: %d, %v", status, err)
	}
	waits := func(name string) booked {
		var answer booked
		status, err := call("POST", p.url+"/api/v1/cohorts/"+cohort+"/bookings", "", nil, map[string]any{
			"partners": []any{
				map[string]any{"name": name, "email": name + "@example.org"}, map[string]any{"name": "Jon", "email": "jon." + name + "@example.org"},
			}, "accept_policy": true, "if_full": "wait",
		}, &answer)
		if err != nil || status != http.StatusCreated {
			t.Fatalf("waiting: %d, %v", status, err)
		}
		return answer
	}
	ben, _ := waits("ben"), waits("cleo")
	if status, err := call("POST", p.url+"/api/v1/bookings/"+ana.Booking.ID+"/cancel", ana.Booking.Token, nil, map[string]any{}, nil); err != nil || status != http.StatusOK {
		t.Fatalf("cancelling: %d, %v", status, err)
	}
	before := wholeRosterOf(t, p.url, bearer, cohort)
	if len(before.Places) != 1 || before.Places[0]["state"] != "offered" || len(before.Waitlist) != 1 {
		t.Fatalf("before the restart: %+v", before)
	}
	for range 3 {
		p.kill()
		p = start(t, "serve", "--data", dir)
		if after := wholeRosterOf(t, p.url, bearer, cohort); !reflect.DeepEqual(before, after) {
			t.Fatalf("before the restart:\n%+v\nafter:\n%+v", before, after)
		}
	}
	var answer booked
	status, err = call("POST", p.url+"/api/v1/bookings/"+ben.Booking.ID+"/offer", ben.Booking.Token, nil, map[string]any{"answer": "accept"}, &answer)
	if err != nil || status != http.StatusOK || answer.Booking.Place.State != "held" {
		t.Errorf("accepting after the restart: %d, %q, %v", status, answer.Booking.Place.State, err)
	}
}

// TestStaffSignInByMail: asked for on the page, read in the mail, used once.
func TestStaffSignInByMail(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	if _, err := st.team.Add(t.Context(), access.Console(), "robin@example.org", "Robin", access.Organizer, false); err != nil {
		t.Fatal(err)
	}
	ask := func(email string) string {
		w := st.ask("POST", "/signin", url.Values{"email": {email}, "next": {"/staff/cohorts/co"}}, nil)
		location := w.Header().Get("Location")
		if location != "" {
			return location + st.ask("GET", location, nil, nil).Body.String()
		}
		return w.Body.String()
	}
	if ask("robin@example.org") != strings.ReplaceAll(ask("nobody@example.org"), "nobody@", "robin@") {
		t.Error("the answer tells whether the address is somebody's")
	}
	if err := st.server.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.tick()
	page, err := st.notices.List(t.Context(), "", notifications.Sent, 10, "")
	if err != nil || len(page.Items) != 1 || page.Items[0].Rule != "sign_in" {
		t.Fatalf("messages %+v, %v", page.Items, err)
	}
	body, err := st.notices.Body(page.Items[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range notifications.Telling(body.Text + " " + page.Items[0].Copy.Subject) { // [D38]
		t.Errorf("the mail says %q", word)
	}
	at := strings.Index(body.Text, "/signin/")
	if at < 0 {
		t.Fatalf("no link in the mail:\n%s", body.Text)
	}
	link := strings.Fields(body.Text[at:])[0]
	st.ask("GET", link, nil, nil) // a program that checks mail looks first
	w := st.ask("POST", link, nil, nil)
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		t.Fatalf("signing in was answered %d", w.Code)
	}
	cookie := w.Result().Cookies()[0].String()
	if w := st.ask("GET", "/staff/cohorts/co", nil, map[string]string{"Cookie": cookie}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Robin") {
		t.Errorf("the board was answered %d", w.Code)
	}
	if w := st.ask("POST", link, nil, nil); w.Code != http.StatusGone && w.Code != http.StatusNotFound {
		t.Errorf("the link works twice: %d", w.Code)
	}
}
