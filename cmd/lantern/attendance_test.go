package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// withPreparation adds a preparation session to the cohort, a week before it:
// s2, on 2 April 2027 at 18:00.
func (st *story) withPreparation() {
	st.t.Helper()
	_, err := st.app.retreats.ChangeSession(st.t.Context(), "co", "", retreats.PlannedSession{
		Kind: retreats.Preparation, Title: "Preparation", Day: -7, Clock: "18:00", Minutes: 90, Online: true,
	}, audit.By{ID: "staff_x", Name: "Robin"})
	st.must(err)
}

// TestAPartnerAsksForAnotherTime on their own page and through the API; staff
// read it in the partner's words, the other partner does not.
func TestAPartnerAsksForAnotherTime(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.withPreparation()
	ana := st.confirmed("ana")
	place := st.link(ana, 0)
	path := place + "/sessions/s2"
	w := st.ask("POST", path, url.Values{"answer": {"ask"}, "wish": {strings.Repeat("later ", 50)}}, nil)
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("a long wish was answered %d", w.Code)
	}
	root := st.check(place, w)
	if webtest.Words(webtest.ByID(t, root, "wish-s2-error")) == "" || !strings.HasPrefix(webtest.Attr(webtest.ByID(t, root, "wish-s2"), "value"), "later later") {
		t.Error("the page does not say what is wrong, or forgets what was typed")
	}
	st.does(path, url.Values{"answer": {"ask"}, "wish": {"Tuesday at noon"}}, nil)
	st.says(place, "you ask for another time", "Tuesday at noon")
	if other := webtest.Words(st.page(st.link(ana, 1))); strings.Contains(other, "Tuesday at noon") {
		t.Error("the other partner reads the wish")
	}
	st.staffReads("/staff/bookings/"+ana, st.as(access.Staff), []string{"Asks for another time", "Tuesday at noon"}, nil)
	st.staffReads("/staff/bookings/"+ana, st.as(access.Clinician), nil, []string{"Tuesday at noon"})
	st.staffReads("/staff/cohorts/co", st.as(access.Staff), []string{"first asks for another time"}, nil)

	var said struct {
		Sessions []string
		Wishes   []struct{ Session, Wish string }
	}
	reply, token := "/api/v1/bookings/"+ana+"/sessions/s2/reply", st.bookings.Token(ana, 1)
	st.read("PUT", reply, token, `{"wish":"any morning"}`, http.StatusOK, &said)
	if len(said.Sessions) != 0 || len(said.Wishes) != 1 || said.Wishes[0].Wish != "any morning" {
		t.Errorf("the API says %+v", said)
	}
	st.read("PUT", reply, token, "", http.StatusOK, &said)
	if len(said.Sessions) != 1 || len(said.Wishes) != 0 {
		t.Errorf("the API says %+v", said)
	}
	st.does(path, url.Values{}, nil)
	st.says(place, "you come")
}

// TestStaffNoteWhoCame at the door, and a person decides about who did not.
func TestStaffNoteWhoCame(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.withPreparation()
	ana := st.confirmed("ana")
	staff := st.as(access.Staff)
	page := "/staff/cohorts/co/sessions/s2/attendance"
	note := func(answer string) url.Values {
		return url.Values{"booking": {ana}, "partner": {"2"}, "answer": {answer}}
	}
	st.staffReads(page, staff, []string{"This can be noted from Friday 2 April 2027 on", "2 not marked yet"}, []string{"Came"})
	st.refused(page, note("came"), staff)
	st.moveTo("2027-04-02", "19:31")
	staff = st.as(access.Staff)
	st.staffReads(page, staff, []string{"Both came"}, nil)
	st.does(page, url.Values{"booking": {ana}, "answer": {"both"}}, staff)
	st.staffReads(page, staff, []string{"2 came, 0 missed, 0 not marked yet"}, []string{"Both came"})
	st.does(page, url.Values{"booking": {ana}, "partner": {"1"}, "answer": {"clear"}}, staff)
	st.does(page, note("came"), staff)
	st.staffReads(page, staff, []string{"1 came, 0 missed, 1 not marked yet", "came: staff, Fri 2 Apr, 19:31"}, nil)
	st.does(page, note("missed"), staff)
	st.staffReads("/staff/cohorts/co", staff, []string{"second missed"}, []string{"not ready"})
	if w := st.ask("POST", page, note("perhaps"), staff); w.Code != http.StatusBadRequest {
		t.Errorf("no answer was answered %d", w.Code)
	}
	if w := st.ask("POST", page, url.Values{"booking": {ana}, "partner": {"3"}, "answer": {"came"}}, staff); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusNotFound {
		t.Errorf("a third partner was answered %d", w.Code)
	}
	if w := st.ask("GET", "/staff/cohorts/co/sessions/s9/attendance", nil, staff); w.Code != http.StatusNotFound {
		t.Errorf("a session that is not there was answered %d", w.Code)
	}

	_, err := st.app.retreats.AmendCohort(t.Context(), "co", audit.By{ID: "staff_x", Name: "Robin"}, func(_ *retreats.Programme, terms *retreats.Terms) error {
		terms.NeedsPresence = true
		return nil
	})
	st.must(err)
	st.staffReads("/staff/cohorts/co", staff, []string{"second missed: not ready for medicine"}, nil)
	decide := "/staff/bookings/" + ana + "/presence"
	if words := st.refused(decide, url.Values{"who": {"s2.2"}}, staff); !strings.Contains(words, "Please say why") {
		t.Errorf("no reason: %s", words)
	}
	st.does(decide, url.Values{"who": {"s2.2"}, "reason": {"Spoke on Monday"}}, staff)
	st.staffReads("/staff/bookings/"+ana, staff, []string{"partner 2 is ready all the same, Preparation", "Spoke on Monday"}, []string{"not ready for medicine"})

	token, err := st.tokens.Create(t.Context(), access.Console(), "door", access.Staff, false)
	st.must(err)
	type noted struct {
		Attendance []struct {
			Booking string
			Partner int
			Present *bool
			By      string
		}
	}
	var out, after noted
	st.read("PUT", "/api/v1/bookings/"+ana+"/sessions/s2/attendance/1", token, `{"present":true}`, http.StatusOK, &out)
	if a := out.Attendance; len(a) != 2 || a[0].Present == nil || !*a[0].Present || a[0].By != "door" || *a[1].Present {
		t.Errorf("the API says %+v", out)
	}
	st.read("PUT", "/api/v1/bookings/"+ana+"/sessions/s2/attendance/1", token, `{}`, http.StatusOK, &after)
	if a := after.Attendance; len(a) != 2 || a[0].Present != nil || a[0].By != "" {
		t.Errorf("taken back: %+v", after)
	}
}
