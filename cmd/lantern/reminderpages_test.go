package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web/webtest"
	"lantern/notifications"
)

// filled is the form of a page as it is sent without a change.
func filled(page *html.Node) url.Values {
	form := url.Values{}
	for n := range page.Descendants() {
		if n.Type != html.ElementNode || n.Data != "input" || webtest.Attr(n, "name") == "" {
			continue
		}
		checked := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
		if webtest.Attr(n, "type") != "checkbox" || checked {
			form.Add(webtest.Attr(n, "name"), webtest.Attr(n, "value"))
		}
	}
	return form
}

const remindersPath = "/staff/cohorts/co/reminders"

// TestAnOrganizerChangesReminders, sees what comes of it, and who did it.
func TestAnOrganizerChangesReminders(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	as := st.as(access.Organizer)
	empty := st.staffPage(remindersPath, as)
	for _, want := range []string{"a couple that gets its place now", "Friday 12 March 2027, 10:00", "What we still need from you", "only while nobody is named to drive", "(their own link)"} {
		if !strings.Contains(empty, want) {
			t.Errorf("without a couple the page does not say %q:\n%s", want, empty)
		}
	}
	ana := st.book("Ana", false)
	st.pays(ana, booking.DepositCharge, "4242424242424242", false)
	page := st.check(remindersPath, st.ask("GET", remindersPath, nil, as))
	if got := webtest.Words(page); !strings.Contains(got, "For Ana and Partner") || strings.Contains(got, st.bookings.Token(ana, 0)) {
		t.Errorf("with a couple:\n%s", got)
	}
	form := filled(page)
	if w := st.ask("POST", remindersPath, form, as); w.Code != http.StatusSeeOther {
		t.Fatalf("nothing changed, answered %d:\n%s", w.Code, w.Body)
	}
	form.Set("papers-1.days", "40")
	form.Set("papers-1.clock", "11:45")
	form["on"] = slices.DeleteFunc(form["on"], func(id string) bool { return id == "afterwards-1" })
	if w := st.ask("POST", remindersPath, form, as); w.Code != http.StatusSeeOther {
		t.Fatalf("answered %d:\n%s", w.Code, w.Body)
	}
	got := st.staffPage(remindersPath+"?done=1", as)
	for _, want := range []string{"Sunday 28 February 2027, 11:45", "40 days before the first day, 11:45", "1 day after the session, 10:00, off", "organizer", "planned anew"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q:\n%s", want, got)
		}
	}
	if w := st.ask("POST", remindersPath, form, as); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Somebody else has changed") {
		t.Errorf("an older page, answered %d", w.Code)
	}
}

// TestRemindersThatCannotBe are shown as they were typed, each with its fault.
func TestRemindersThatCannotBe(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	as := st.as(access.Organizer)
	form := filled(st.check(remindersPath, st.ask("GET", remindersPath, nil, as)))
	for field, c := range map[string]struct{ typed, fault string }{
		"papers-1.days":         {"soon", "whole number"},
		"papers-2.days":         {"0", "how many days before"},
		"papers-3.days":         {"-3", "whole number"},
		"no-driver-2.clock":     {"26:00", "time of day"},
		"preparation-4.minutes": {"", "whole number"},
		"afterwards-1.days":     {"31", "how many days after"},
	} {
		typed := url.Values{}
		for name, values := range form {
			typed[name] = values
		}
		typed.Set(field, c.typed)
		w := st.ask("POST", remindersPath, typed, as)
		page := webtest.Words(st.check(remindersPath, w))
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, c.fault) || !strings.Contains(page, "Nothing was changed") {
			t.Errorf("%s: answered %d:\n%s", field, w.Code, page)
		}
		if !strings.Contains(w.Body.String(), fmt.Sprintf("value=%q", c.typed)) {
			t.Errorf("%s: what was typed is lost", field)
		}
	}
	set, err := st.notices.Reminders(t.Context(), "co")
	st.must(err)
	if set.Version != 0 {
		t.Errorf("version %d", set.Version)
	}
}

// TestRemindersByAPI are read by staff, and changed by organizers.
func TestRemindersByAPI(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	token, err := st.tokens.Create(t.Context(), access.Console(), "test", access.Organizer, false)
	st.must(err)
	const path = "/api/v1/cohorts/co/reminders"
	put := func(body string, want int) []byte {
		t.Helper()
		w := st.call("PUT", path, token, body)
		if w.Code != want {
			t.Errorf("%s: answered %d, want %d: %s", body, w.Code, want, w.Body)
		}
		return w.Body.Bytes()
	}
	put(`{"version":0,"reminders":[{"id":"papers-1","days":3,"clock":"10:00"}]}`, http.StatusUnprocessableEntity)
	put(`{"version":7,"reminders":[]}`, http.StatusConflict)
	var out struct {
		Version   int
		Reminders []struct {
			ID, Words string
			Off       bool
		}
	}
	st.must(json.Unmarshal(put(`{"version":0,"reminders":[{"id":"papers-1","days":-30,"clock":"08:30","off":true}]}`, http.StatusOK), &out))
	if out.Version != 1 || len(out.Reminders) != len(notifications.DefaultReminders()) || !out.Reminders[0].Off || out.Reminders[0].Words != "30 days before the first day, 08:30, off" {
		t.Errorf("answered %+v", out)
	}
	if w := st.call("GET", "/api/v1/cohorts/none/reminders", token, ""); w.Code != http.StatusNotFound {
		t.Errorf("dates that there are not: %d", w.Code)
	}
}
