package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web/webtest"
	"lantern/notifications"
)

const remindPath = "/staff/cohorts/co/remind"

// TestStaffRemindByHand: chosen, read, sent, watched; and whoever has done it
// meanwhile is left alone.
func TestStaffRemindByHand(t *testing.T) {
	t.Parallel()
	st := newStory(t, 3)
	as := st.as(access.Organizer)
	st.staffReads(remindPath, as, []string{"Nobody lacks this now"}, []string{"Read the messages"})
	ana, ben := st.confirmed("Ana"), st.confirmed("Ben")
	st.book("Cleo", false) // holds a place and has not paid
	st.must(st.bookings.NameDriver(t.Context(), ben, "s1", 0, booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend", Email: "kim@example.org"}))
	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 0, booking.DriverInput{Name: "Lee", Phone: "+1 415 555 0188", Relation: "a friend"}))
	st.tick()
	st.at("2027-01-11", "22:00")
	as = st.as(access.Organizer)
	st.staffReads(remindPath, as, []string{"No confirmed driver (1 couple)", "No driver named (0 couples)", "Kim (driver)", "mail to kim@example.org", "11 January 2027", "To be called instead", "Lee, who drives Ana & Partner home on Friday 9 April 2027"},
		[]string{"Cleo", "not yet"})
	st.staffReads(remindPath+"?lack=consent&booking="+ana, as, []string{"Only Ana & Partner", "Ana.partner@example.org", "not yet"}, []string{"Ben"})
	st.staffReads("/staff/bookings/"+ana, as, []string{"Remind them by hand"}, nil)
	st.staffReads("/staff/messages?cohort=co", as, []string{"Remind by hand"}, nil)
	st.staffReads("/staff/messages?cohort=co", st.as(access.Viewer), nil, []string{"Remind by hand"})

	consent := remindPath + "?lack=consent"
	form := filled(st.check(consent, st.ask("GET", consent, nil, as)))
	if len(form["to"]) != 4 {
		t.Fatalf("the form is %v", form)
	}
	post := func(act string, change func(url.Values), want int) (string, string) {
		t.Helper()
		sent := url.Values{}
		for name, values := range form {
			sent[name] = values
		}
		sent.Set("act", act)
		if change != nil {
			change(sent)
		}
		w := st.ask("POST", remindPath, sent, as)
		if w.Code != want {
			t.Fatalf("%s was answered %d:\n%s", act, w.Code, w.Body)
		}
		if want == http.StatusSeeOther {
			return "", w.Header().Get("Location")
		}
		return webtest.Words(st.check(remindPath, w)), ""
	}
	says := func(words string, want ...string) {
		t.Helper()
		for _, text := range want {
			if !strings.Contains(words, text) {
				t.Errorf("the page does not say %q:\n%s", text, words)
			}
		}
	}
	words, _ := post("check", func(v url.Values) { v.Del("to") }, http.StatusUnprocessableEntity)
	says(words, "Please choose whom to remind.")
	words, _ = post("check", func(v url.Values) { v.Set("remark", strings.Repeat("x", 301)) }, http.StatusUnprocessableEntity)
	says(words, "Please keep this to 300 characters.", strings.Repeat("x", 301))
	words, _ = post("send", func(v url.Values) { v.Set("sending", "mine") }, http.StatusUnprocessableEntity)
	says(words, "This page cannot be used any more.")
	form.Set("remark", "We are there until six.")
	form["to"] = form["to"][:3]
	words, _ = post("check", nil, http.StatusOK)
	says(words, "3 messages: consent missing", "What we still need from you", "Hello Ana, We are there until six.", "Before we meet", "(their own link)", "Send 3 messages")
	if strings.Contains(words, st.bookings.Token(ana, 0)) || strings.Contains(words, "/b/") {
		t.Errorf("the page says somebody's link:\n%s", words)
	}
	words, _ = post("change", nil, http.StatusOK)
	says(words, "We are there until six.")

	st.must(st.bookings.GiveConsent(t.Context(), ana, 0))
	words, _ = post("check", nil, http.StatusOK)
	says(words, "2 messages", "1 that you chose is left out")
	_, place := post("send", nil, http.StatusSeeOther)
	if _, again := post("send", nil, http.StatusSeeOther); again != place {
		t.Errorf("sent twice: %s and %s", place, again)
	}
	st.staffReads(place, as, []string{"0 of 2 sent", "Sent by organizer", "With the words: We are there until six.", "to come", "Stop: hold back"}, nil)
	st.staffReads(place, st.as(access.Viewer), []string{"0 of 2 sent"}, []string{"Stop: hold back"})
	st.must(st.bookings.GiveConsent(t.Context(), ben, 0))
	st.tick()
	st.staffReads(place, as, []string{"1 of 2 sent", "not sent: it is not lacking any more", "reminded by hand", "consent missing"}, []string{"Stop: hold back"})
	if w := st.ask("POST", place+"/stop", url.Values{}, as); w.Code != http.StatusConflict || !strings.Contains(webtest.Words(st.check(place, w)), "there is nothing to stop") {
		t.Errorf("stopping what has left was answered %d", w.Code)
	}
	st.staffReads("/staff/messages/"+url.PathEscape(st.theMessage(ana, notifications.TellPapers, 1, notifications.Sent)), as,
		[]string{"reminded by hand", "organizer", "Hello Partner, We are there until six."}, nil)
	st.staffReads(remindPath, as, []string{"Sent by hand", "consent missing", "1 of 2 sent"}, nil)
	if w := st.ask("GET", remindPath+"/sd_none", nil, as); w.Code != http.StatusNotFound {
		t.Errorf("a sending that there is not: %d", w.Code)
	}
	m, err := st.notices.Message(t.Context(), st.theMessage(ana, notifications.TellPapers, 1, notifications.Sent))
	st.must(err)
	body, err := st.notices.Body(m)
	if err != nil || strings.Count(body.HTML, "We are there until six.") != 1 || strings.Index(body.HTML, "We are there") > strings.Index(body.HTML, "Before we meet") {
		t.Errorf("the mail, %v:\n%s", err, body.HTML)
	}
}

// TestAReminderByHandIsStopped: what has not left is held back, and shown so.
func TestAReminderByHandIsStopped(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.confirmed("Ana")
	st.tick()
	as := st.as(access.Organizer)
	form := filled(st.check(remindPath, st.ask("GET", remindPath, nil, as)))
	form.Set("act", "send")
	place := st.ask("POST", remindPath, form, as).Header().Get("Location")
	st.does(place+"/stop", url.Values{}, as)
	st.tick()
	st.staffReads(place, as, []string{"0 of 2 sent, stopped", "Stopped by organizer", "held back"}, []string{"Stop: hold back", "to come"})
}

// TestProgramsRemindByHand with the same rights and refusals.
func TestProgramsRemindByHand(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.confirmed("Ana")
	ben := st.confirmed("Ben")
	st.tick()
	token, err := st.tokens.Create(t.Context(), access.Console(), "test", access.Organizer, false)
	st.must(err)
	const path = "/api/v1/cohorts/co/reminders-by-hand"
	var out struct {
		Sending struct {
			ID, Lack, By, State string
			Sent, Of            int
			Messages            []struct {
				Booking, State string
				Partner        int
			}
			StoppedBy string `json:"stopped_by"`
		}
		Sendings []struct {
			ID       string
			Sent, Of int
		}
	}
	call := func(method, path, body string, want int) {
		t.Helper()
		w := st.call(method, path, token, body)
		if w.Code != want {
			t.Fatalf("%s %s was answered %d: %s", method, path, w.Code, w.Body)
		}
		st.must(json.Unmarshal(w.Body.Bytes(), &out))
	}
	call("POST", path, `{"lack":"sleep"}`, http.StatusUnprocessableEntity)
	call("POST", path, `{"lack":"preparation"}`, http.StatusConflict)
	call("POST", path, `{"lack":"driver_confirmed","booking":"`+ben+`"}`, http.StatusCreated)
	if s := out.Sending; s.Of != 2 || s.Sent != 0 || s.By != "test" || s.Messages[1].Partner != 2 || s.Messages[1].Booking != ben || s.Messages[1].State != "planned" {
		t.Errorf("answered %+v", s)
	}
	one := path + "/" + out.Sending.ID
	call("POST", one+"/stop", `{}`, http.StatusOK)
	if s := out.Sending; s.StoppedBy != "test" || s.Messages[0].State != "held_back" {
		t.Errorf("stopped: %+v", s)
	}
	st.wait(time.Minute)
	call("POST", path, `{"lack":"driver_confirmed"}`, http.StatusCreated)
	st.tick()
	call("GET", path+"/"+out.Sending.ID, "", http.StatusOK)
	if s := out.Sending; s.Of != 4 || s.Sent != 4 {
		t.Errorf("after a while: %+v", s)
	}
	call("GET", path, "", http.StatusOK)
	if len(out.Sendings) != 2 || out.Sendings[0].Sent != 4 {
		t.Errorf("the list: %+v", out.Sendings)
	}
	call("GET", path+"/sd_none", "", http.StatusNotFound)
}
