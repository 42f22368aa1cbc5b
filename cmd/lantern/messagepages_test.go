package main

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/store"
	"lantern/notifications"
)

// theMessage is the id of a partner's message of a rule, in a state.
func (st *story) theMessage(id, rule string, partner int, state notifications.State) string {
	st.t.Helper()
	messages, err := st.notices.OfBooking(st.t.Context(), id, partner)
	st.must(err)
	for _, m := range messages {
		if m.Rule == rule && m.State == state {
			return m.ID
		}
	}
	st.t.Fatalf("partner %d has no message %s that is %s", partner+1, rule, state)
	return ""
}

// TestStaffSeeMessages by state, dates, couple and words, and each as it was
// sent, without anybody's link.
func TestStaffSeeMessages(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	viewer := st.as(access.Viewer)
	ana, ben := st.confirmed("Ana"), st.confirmed("Ben")
	st.tick()
	for path, c := range map[string]struct{ says, never []string }{
		"":                               {[]string{"Reminder: consent and forms", "Reminder: no driver named", "Ana", "Ben", "Friday 12 March 2027", "10:00"}, []string{"Confirmed", "Send it now", "Plan their"}},
		"?state=sent":                    {[]string{"Confirmed", "Sent", "Ana", "Ben"}, []string{"Reminder:"}},
		"?state=sent&q=ben%40example":    {[]string{"Confirmed", "Ben"}, []string{"Ana"}},
		"?state=sent&q=are+confirmed":    {[]string{"Confirmed", "Ana"}, nil},
		"?state=sent&q=nobody":           {[]string{"There is none here"}, []string{"Ana"}},
		"?booking=" + ana:                {[]string{"Only to Ana & Partner", "Reminder:"}, []string{"Ben"}},
		"?state=failed":                  {[]string{"There is none here"}, nil},
		"?state=sent&channel=text":       {[]string{"There is none here"}, []string{"Confirmed"}},
		"?state=sent&channel=mail":       {[]string{"Confirmed", "Ana", "Ben"}, nil},
		"?state=planned&cohort=another":  {[]string{"Nothing is planned here"}, nil},
		"?state=planned&cohort=co&q=BEN": {[]string{"Ben", "Reminder:"}, []string{"Ana"}},
	} {
		st.staffReads("/staff/messages"+path, viewer, c.says, c.never)
	}
	if n := strings.Count(st.staffPage("/staff/messages", viewer), "Friday 12 March 2027"); n != 1 {
		t.Errorf("a day with several messages is said %d times", n)
	}
	st.staffReads("/staff/messages/"+url.PathEscape(st.theMessage(ana, "confirmed", 1, notifications.Sent)), viewer,
		[]string{"As it was sent", "Your dates in April are confirmed", "Hello Partner", "(their own link)", "Ana.partner@example.org"}, []string{st.bookings.Token(ana, 1), "/b/", "Send it now"})
	st.staffReads("/staff/messages/"+url.PathEscape(st.theMessage(ben, notifications.TellPapers, 0, notifications.Planned)), viewer,
		[]string{"As it would read today", "What we still need from you", "Hello Ben", "to come"}, []string{st.bookings.Token(ben, 0), "Send it now"})
}

// TestMessagesArePaged without one left out or shown twice.
func TestMessagesArePaged(t *testing.T) {
	t.Parallel()
	st := newStory(t, 8)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		st.confirmed(name)
	}
	st.tick()
	seen, after := map[string]bool{}, ""
	for {
		found, next, err := st.notices.Look(t.Context(), notifications.Filter{State: notifications.Planned, Cohort: "co"}, after)
		st.must(err)
		for _, m := range found {
			if seen[m.ID] {
				t.Errorf("%s is shown twice", m.ID)
			}
			seen[m.ID] = true
		}
		if after = next; after == "" {
			break
		}
	}
	all := 0
	for after = ""; ; {
		page, err := st.notices.List(t.Context(), "co", notifications.Planned, 200, after)
		st.must(err)
		all += len(page.Items)
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != all || all < 60 {
		t.Errorf("%d of %d messages are shown", len(seen), all)
	}
}

// TestStaffActOnMessages: sent at night because somebody says so, held back, let
// go again; each with its line.
func TestStaffActOnMessages(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("Ana")
	st.tick()
	st.at("2027-01-11", "23:30")
	as := st.as(access.Organizer)
	message := func(id string) string { return "/staff/messages/" + url.PathEscape(id) }
	press := func(path string, want int) {
		t.Helper()
		if w := st.ask("POST", path, url.Values{}, as); w.Code != want {
			t.Errorf("%s: answered %d, want %d", path, w.Code, want)
		}
	}
	state := func(id string) notifications.State {
		t.Helper()
		m, err := st.notices.Message(t.Context(), id)
		st.must(err)
		return m.State
	}
	later := st.theMessage(ana, notifications.TellPapers, 0, notifications.Planned)
	messages, err := st.notices.OfBooking(t.Context(), ana, 0)
	st.must(err)
	first := ""
	for _, m := range messages {
		if strings.Contains(m.ID, ".no-driver-1.") {
			first = m.ID
		}
	}
	now := message(first)
	press(now+"/send", http.StatusSeeOther)
	press(message(later)+"/hold", http.StatusSeeOther)
	st.tick()
	if got := state(first); got != notifications.Sent {
		t.Errorf("what was to be sent at night is %s", got)
	}
	st.staffReads(now, as, []string{"sent now", "organizer", "As it was sent"}, []string{"Send it now"})
	press(now+"/send", http.StatusConflict)
	press(message(later)+"/hold", http.StatusConflict)
	press(message(later)+"/retry", http.StatusConflict)
	press(message(later)+"/burn", http.StatusNotFound)
	press(message("none")+"/send", http.StatusNotFound)
	st.must(st.bookings.AskToPlanOne(t.Context(), ana))
	for day := civil.Date("2027-03-12"); day < "2027-03-30"; day = day.AddDays(1) {
		st.at(day, "10:00")
	}
	if got := state(later); got != notifications.HeldBack {
		t.Errorf("what was held back is %s", got)
	}
	as = st.as(access.Organizer) // days later nobody is signed in any more
	press(message(later)+"/release", http.StatusSeeOther)
	if got := state(later); got != notifications.Planned {
		t.Errorf("what was let go is %s", got)
	}
	w := st.ask("POST", "/staff/messages", url.Values{"booking": {ana}}, as)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/staff/messages?booking="+ana {
		t.Errorf("planning again answered %d", w.Code)
	}
}

// TestNoticesAreNobodysBusiness: who may read messages does not find the way in
// of somebody else.
func TestNoticesAreNobodysBusiness(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	as := st.as(access.Organizer)
	st.must(st.notices.Notify(t.Context(), notifications.Notice{
		ID: "sign-in_x", Rule: "sign_in", Name: "Casey", Email: "casey@example.org", UsefulUntil: st.time().AddDate(0, 0, 1),
		Data: map[string]string{"link": "http://localhost/signin/secret", "time": "20 minutes"},
	}))
	st.tick()
	for _, path := range []string{"/staff/messages?state=sent", "/staff/messages"} {
		st.staffReads(path, as, nil, []string{"Casey", "Sign in"})
	}
	if w := st.ask("GET", "/staff/messages/sign-in_x", nil, as); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("answered %d", w.Code)
	}
	if err := st.notices.SendNow(t.Context(), "sign-in_x", robin); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a notice was sent again: %v", err)
	}
}
