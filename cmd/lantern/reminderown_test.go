package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/web/webtest"
	"lantern/notifications"
)

// typedNote is the form of a new reminder as an organizer could fill it in.
func typedNote() url.Values {
	return url.Values{
		"version": {"0"}, "sent": {"yes"}, "count": {"5"}, "unit": {"days"}, "direction": {"before"}, "anchor": {"cohort_start"}, "clock": {"09:30"},
		"useful": {""}, "late": {"nearest"}, "to": {""}, "while": {""}, "by": {"mail"}, "template": {"note"},
		"subject": {"What to bring on {day}"}, "body": {"Bring warm socks, {name}.\r\n\r\nAll else is on {link}."}, "short": {""},
	}
}

// TestAnOrganizerWritesAReminder: from the form to the mail that a couple gets,
// and away again.
func TestAnOrganizerWritesAReminder(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	as := st.as(access.Organizer)
	ana := st.book("Ana", false)
	st.pays(ana, booking.DepositCharge, "4242424242424242", false)
	if got := st.staffPage(remindersPath+"/new", as); !strings.Contains(got, "the start of each preparation session") || !strings.Contains(got, "{name}") {
		t.Errorf("the empty form:\n%s", got)
	}
	if w := st.ask("POST", remindersPath+"/new", typedNote(), as); w.Code != http.StatusSeeOther {
		t.Fatalf("answered %d:\n%s", w.Code, w.Body)
	}
	got := st.staffPage(remindersPath+"?done=1", as)
	for _, want := range []string{"“What to bring on {day}”", "Sunday 4 April 2027, 9:30", "to each of the two, by mail", "What to bring on Friday 9 April", "Bring warm socks, Ana.", "reminder added: in your own words"} {
		if !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("the page does not say %q:\n%s", want, got)
		}
	}
	second := typedNote()
	second.Set("version", "1")
	if w := st.ask("POST", remindersPath+"/new", second, as); w.Code != http.StatusSeeOther {
		t.Fatalf("a second one: answered %d:\n%s", w.Code, w.Body)
	}
	set, err := st.notices.Reminders(t.Context(), "co")
	st.must(err)
	own := set.Reminders[len(set.Reminders)-1]
	path := remindersPath + "/" + own.ID
	if got := st.staffPage(path, as); !strings.Contains(got, "Remove this reminder") {
		t.Errorf("its page:\n%s", got)
	}
	if w := st.ask("POST", path+"/remove", url.Values{"version": {"2"}}, as); w.Code != http.StatusSeeOther {
		t.Errorf("removed: answered %d", w.Code)
	}
	if w := st.ask("GET", path, nil, as); w.Code != http.StatusNotFound {
		t.Errorf("after that: answered %d", w.Code)
	}
	if w := st.ask("POST", remindersPath+"/papers-1/remove", url.Values{"version": {"3"}}, as); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "all dates have") {
		t.Errorf("one that all have: answered %d", w.Code)
	}
	st.tick()
	for day := civil.Date("2027-03-28"); day < "2027-04-06"; day = day.AddDays(1) {
		st.at(day, "10:00")
	}
	notes := func(partner int) (found []*notifications.Message) {
		messages, err := st.notices.OfBooking(t.Context(), ana, partner)
		st.must(err)
		for _, m := range messages {
			if m.Rule == notifications.TellNote {
				found = append(found, m)
			}
		}
		return found
	}
	for partner := range 2 {
		if n := notes(partner); len(n) != 1 || n[0].State != notifications.Sent || n[0].Copy.Subject != "What to bring on Friday 9 April" {
			t.Errorf("partner %d got %d notes", partner+1, len(n))
		}
	}
	seen(t, st.checkMails(), notifications.TellNote)
}

// TestReminderFormsThatCannotBe come back as they were typed, with the fault at
// its field.
func TestReminderFormsThatCannotBe(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	as := st.as(access.Organizer)
	for field, c := range map[string]struct{ typed, at, fault string }{
		"count": {"soon", "count", "whole number"}, "clock": {"9", "clock", "time of day"}, "useful": {"-2", "useful", "whole number"},
		"subject": {"Your clinic day", "subject", "“clinic”"}, "body": {"Dear {nmae}", "body", "{nmae} cannot be filled in"},
		"template": {"integration", "template", "integration sessions"}, "while": {"not_replied", "while", "preparation"}, "anchor": {"pick_up", "anchor", "Only drivers"},
		"by": {"text", "short", "Please write what it says"},
	} {
		form := typedNote()
		form.Set(field, c.typed)
		w := st.ask("POST", remindersPath+"/new", form, as)
		page := st.check(remindersPath+"/new", w)
		words := webtest.Words(page)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(words, c.fault) || !strings.Contains(w.Body.String(), `href="#`+c.at+`"`) || !strings.Contains(words, "All else is on {link}.") && field != "body" {
			t.Errorf("%s: answered %d:\n%s", field, w.Code, words)
		}
	}
	form := typedNote()
	form.Set("count", "soon")
	form.Set("subject", "Your clinic day")
	if got := st.ask("POST", remindersPath+"/new", form, as).Body.String(); !strings.Contains(got, "whole number") || !strings.Contains(got, "“clinic”") {
		t.Errorf("of two faults not both are told:\n%s", got)
	}
	form = typedNote()
	form.Set("version", "4")
	if w := st.ask("POST", remindersPath+"/new", form, as); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "All else is on {link}.") {
		t.Errorf("an older page: answered %d", w.Code)
	}
	form = filled(st.check(remindersPath, st.ask("GET", remindersPath+"/papers-1", nil, as)))
	form.Set("late", "skip")
	form.Set("by", "mail")
	form.Set("count", "0")
	if w := st.ask("POST", remindersPath+"/papers-1", form, as); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "1 to 365") {
		t.Errorf("one that all have, on the day itself: answered %d", w.Code)
	}
	form.Set("count", "33")
	if w := st.ask("POST", remindersPath+"/papers-1", form, as); w.Code != http.StatusSeeOther {
		t.Errorf("one that all have: answered %d:\n%s", w.Code, w.Body)
	}
	set, err := st.notices.Reminders(t.Context(), "co")
	st.must(err)
	if r := set.Reminders[0]; r.Days != -33 || r.Late != notifications.LateSkip || r.Off {
		t.Errorf("%+v", r)
	}
}

// TestDatesTakeOverReminders of others, and go back to what all have.
func TestDatesTakeOverReminders(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	as := st.as(access.Organizer)
	other := st.another(1)
	token, err := st.tokens.Create(t.Context(), access.Console(), "test", access.Organizer, false)
	st.must(err)
	const path = "/api/v1/cohorts/co/reminders"
	call := func(method, path, body string, want int) {
		t.Helper()
		if w := st.call(method, path, token, body); w.Code != want {
			t.Errorf("%s %s: answered %d, want %d: %s", method, path, w.Code, want, w.Body)
		}
	}
	call("POST", path, `{"version":0,"reminder":{"anchor":"cohort_end","after":true,"days":3,"clock":"10:00","subject":"A word","body":"Hello {name}."}}`, http.StatusOK)
	call("POST", path, `{"version":1,"reminder":{"anchor":"cohort_end","after":true,"days":3,"clock":"10:00","subject":"A word {name}","body":"Hello."}}`, http.StatusUnprocessableEntity)
	call("PUT", path+"/papers-1", `{"version":1,"reminder":{"days":-40,"clock":"11:00"}}`, http.StatusOK)
	call("PUT", path+"/own-none", `{"version":2,"reminder":{"days":-40,"clock":"11:00"}}`, http.StatusNotFound)
	call("DELETE", path+"/papers-1?version=2", "", http.StatusConflict)
	if got := st.staffPage("/staff/cohorts/"+other+"/reminders", as); !strings.Contains(got, "Use the reminders of other dates") {
		t.Errorf("there is no way to take over others:\n%s", got)
	}
	if w := st.ask("POST", "/staff/cohorts/"+other+"/reminders/copy", url.Values{"version": {"0"}, "from": {"co"}}, as); w.Code != http.StatusSeeOther {
		t.Errorf("answered %d", w.Code)
	}
	here, err := st.notices.Reminders(t.Context(), "co")
	st.must(err)
	there, err := st.notices.Reminders(t.Context(), other)
	st.must(err)
	n := len(here.Reminders) - 1
	if len(there.Reminders) != n+1 || there.Reminders[0].Days != -40 || there.Reminders[n].Subject != "A word" || there.Reminders[n].ID == here.Reminders[n].ID {
		t.Errorf("taken over: %+v", there.Reminders)
	}
	if w := st.ask("POST", "/staff/cohorts/"+other+"/reminders/reset", url.Values{"version": {"1"}}, as); w.Code != http.StatusSeeOther {
		t.Errorf("answered %d", w.Code)
	}
	w := st.call("GET", "/api/v1/cohorts/"+other+"/reminders", token, "")
	var out struct{ Reminders []struct{ ID string } }
	st.must(json.Unmarshal(w.Body.Bytes(), &out))
	if len(out.Reminders) != len(notifications.DefaultReminders()) {
		t.Errorf("%d reminders are left", len(out.Reminders))
	}
	call("DELETE", path+"/"+here.Reminders[n].ID+"?version=2", "", http.StatusOK)
}
