package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/internal/access"
	"lantern/internal/web/webtest"
	"lantern/notifications"
)

func talkOf(first, second string) url.Values {
	return url.Values{
		"form_id": {"form_" + first}, "partner1_name": {first}, "partner1_email": {first + "@example.org"}, "partner1_zone": {"America/New_York"},
		"partner2_name": {second}, "partner2_email": {second + "@example.org"}, "partner2_zone": {"Europe/Berlin"},
		"times": {"evenings"}, "wish": {"not on Mondays"}, "place": {"online"}, "understood": {"1"},
	}
}

// talkMails are the mails about first talks that were sent, by rule.
func (st *story) talkMails() map[string][]*notifications.Message {
	st.t.Helper()
	st.must(st.talks.TellDue(st.t.Context(), st.now, st.tellTalk))
	st.tick()
	page, err := st.notices.List(st.t.Context(), "", "", 200, "")
	st.must(err)
	mails := map[string][]*notifications.Message{}
	for _, m := range page.Items {
		if strings.HasPrefix(m.Rule, "talk_") && m.State == notifications.Sent {
			mails[m.Rule] = append(mails[m.Rule], m)
		}
	}
	return mails
}

// TestAFirstTalkFromTheFormToTheInvitation: a couple asks, staff fix a time,
// both are told in their own time, and it leads to an invitation.
func TestAFirstTalkFromTheFormToTheInvitation(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.says("/", "Ask for a first talk")
	root := st.says("/talk?cohort=co", "This is not for emergencies.", "911", "About Weekend")
	if field := webtest.ByID(t, root, "cohort_id"); webtest.Attr(field, "value") != "co" {
		t.Error("the form does not say which dates it is about")
	}
	w := st.ask("POST", "/talk", url.Values{"partner1_name": {"Ana"}, "wish": {"any time"}}, nil)
	root = st.check("/talk", w)
	if w.Code != http.StatusUnprocessableEntity || webtest.Attr(webtest.ByID(t, root, "wish"), "value") != "any time" ||
		webtest.Words(webtest.ByID(t, root, "understood_error")) == "" {
		t.Errorf("a form that is not filled in was answered %d", w.Code)
	}
	form := talkOf("ana", "ben")
	form.Set("cohort", "co")
	w = st.ask("POST", "/talk", form, nil)
	own := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(own, "/talk/") {
		t.Fatalf("asking was answered %d to %q", w.Code, own)
	}
	if again := st.ask("POST", "/talk", form, nil).Header().Get("Location"); again != own {
		t.Errorf("the same form led to %s and %s", own, again)
	}
	st.says(own, "You have asked for a first talk")
	if w := st.ask("GET", own+"/talk.ics", nil, nil); w.Code != http.StatusNotFound {
		t.Errorf("a calendar file without a time was answered %d", w.Code)
	}
	if w := st.ask("GET", own[:len(own)-2]+"xx", nil, nil); w.Code != http.StatusNotFound {
		t.Errorf("a guessed link was answered %d", w.Code)
	}
	if got := len(st.talkMails()["talk_asked"]); got != 2 {
		t.Errorf("%d mails say that it was asked for", got)
	}

	staff := st.as(access.Staff)
	st.staffReads("/staff/consultations", staff, []string{"ana & ben", "To be fixed (1)", "online, evenings, “not on Mondays”"}, nil)
	id, _, _ := strings.Cut(strings.TrimPrefix(own, "/talk/"), ".")
	page := "/staff/consultations/" + id
	st.staffReads(page, staff, []string{"ana@example.org", "About Weekend"}, []string{"Did not come"})
	fixing := url.Values{"do": {"fix"}, "date": {"2027-01-20"}, "clock": {"18:00"}, "minutes": {"soon"}, "where": {"By phone"}}
	w = st.ask("POST", page, fixing, staff)
	root = st.check(page, w)
	if w.Code != http.StatusUnprocessableEntity || webtest.Words(webtest.ByID(t, root, "minutes_error")) == "" || webtest.Attr(webtest.ByID(t, root, "where"), "value") != "By phone" {
		t.Errorf("minutes that are none were answered %d", w.Code)
	}
	fixing.Set("minutes", "30")
	st.does(page, fixing, staff)
	st.says(own, "We talk on Wednesday 20 January 2027, 13:00 to 13:30", "By phone")
	file := st.ask("GET", own+"/talk.ics", nil, nil).Body.String()
	if !strings.Contains(file, "DTSTART:20270120T180000Z") || !strings.Contains(file, "SUMMARY:Appointment with Cedar House") || strings.Contains(strings.ToLower(file), "talk with") {
		t.Errorf("the calendar says\n%s", file)
	}
	fixed := st.talkMails()["talk_fixed"]
	if len(fixed) != 2 {
		t.Fatalf("%d mails name the time", len(fixed))
	}
	for _, m := range fixed {
		body, err := st.notices.Body(m)
		st.must(err)
		want := map[string]string{"ana@example.org": "13:00 to 13:30", "ben@example.org": "19:00 to 19:30"}[m.Copy.Email]
		if !strings.Contains(body.Text, want) || m.Copy.Subject != "Your appointment with Cedar House" {
			t.Errorf("%s reads %q:\n%s", m.Copy.Email, m.Copy.Subject, body.Text)
		}
	}

	st.does(page, url.Values{"do": {"invited"}}, staff)
	if got := len(st.talkMails()["talk_invited"]); got != 2 {
		t.Errorf("%d invitations", got)
	}
	st.says(own, "You are welcome to book")
	if words := st.refused(page, url.Values{"do": {"declined"}}, staff); !strings.Contains(words, "ended already") {
		t.Errorf("a no after an invitation: %s", words)
	}
	for _, mails := range st.talkMails() {
		for _, m := range mails {
			body, err := st.notices.Body(m)
			st.must(err)
			for _, word := range notifications.Telling(m.Copy.Subject + " " + body.Text + " " + body.HTML) { // [D38]
				t.Errorf("mail %s says %q", m.Rule, word)
			}
		}
	}
	if w := st.ask("GET", "/staff/consultations", nil, st.as(access.Viewer)); w.Code != http.StatusForbidden {
		t.Errorf("a viewer was answered %d", w.Code)
	}
}

// TestATalkIsGivenUpAndAskedForByPrograms, and strangers are bounded.
func TestATalkIsGivenUpAndAskedForByPrograms(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	var out struct {
		Consultation struct{ ID, State, URL string }
	}
	body := `{"people":[{"name":"Ana","email":"ana@example.org"}],"times":["mornings"],"online":true,"understood":true,"cohort":"co"}`
	st.read("POST", "/api/v1/consultations", "", body, http.StatusCreated, &out)
	if out.Consultation.State != "asked" {
		t.Errorf("the API says %+v", out)
	}
	for _, bad := range []string{
		strings.Replace(body, `"co"`, `"none"`, 1), strings.Replace(body, "mornings", "nights", 1), strings.Replace(body, `ana@example.org`, "ana@", 1),
	} {
		if w := st.call("POST", "/api/v1/consultations", "", bad); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s was answered %d: %s", bad, w.Code, w.Body)
		}
	}
	own := out.Consultation.URL[strings.Index(out.Consultation.URL, "/talk/"):]
	st.does(own, url.Values{}, nil)
	st.does(own, url.Values{}, nil)
	st.says(own, "has been given up")
	if mails := st.talkMails(); len(mails["talk_withdrawn"]) != 1 || len(mails["talk_asked"]) != 0 {
		t.Errorf("mails %v", mails)
	}
	codes := map[int]int{}
	for range 30 {
		codes[st.ask("POST", "/talk", talkOf("eve", "kim"), nil).Code]++
	}
	if codes[http.StatusSeeOther] == 0 || codes[http.StatusTooManyRequests] < 10 {
		t.Errorf("thirty at once were answered %v", codes)
	}
}

// TestWhoHasLeftIsToldOfNoRequest, and nobody whose role or wish has changed
// since: it names those who ask [D42].
func TestWhoHasLeftIsToldOfNoRequest(t *testing.T) {
	t.Parallel()
	for about, change := range map[string]func(*story, string) error{
		"has left": func(st *story, id string) error {
			_, err := st.team.End(st.t.Context(), access.Console(), id)
			return err
		},
		"another role": func(st *story, id string) error {
			_, err := st.team.Change(st.t.Context(), access.Console(), id, "staff", access.Clinician, false)
			return err
		},
		"no wish any more": func(st *story, _ string) error {
			st.wishes(access.Staff, access.Wishes{})
			return nil
		},
	} {
		st := newStory(t, 1)
		id := st.wishes(access.Staff, access.Wishes{Requests: true})
		st.ask("POST", "/talk", talkOf("ana", "ben"), nil)
		st.must(st.talks.TellDue(t.Context(), st.now, st.tellTalk))
		st.must(change(st, id))
		st.tick()
		told := st.toStaff("talk_request")["staff"]
		if len(told) != 1 || told[0].State != notifications.Withdrawn || told[0].To.Sealed != "" {
			t.Errorf("%s: told are %+v", about, told)
		}
	}
}

// TestATimeThatIsOldIsNotSent: what a mail says of a talk is asked once more, so
// that one which was put off does not come after the mail with the new time.
func TestATimeThatIsOldIsNotSent(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	own := st.ask("POST", "/talk", talkOf("ana", "ben"), nil).Header().Get("Location")
	id, _, _ := strings.Cut(strings.TrimPrefix(own, "/talk/"), ".")
	plan := func() { st.must(st.talks.TellDue(t.Context(), st.now, st.tellTalk)) }
	plan()
	page, staff := "/staff/consultations/"+id, st.as(access.Staff)
	for _, day := range []string{"2027-01-20", "2027-01-21"} {
		st.does(page, url.Values{"do": {"fix"}, "date": {day}, "clock": {"18:00"}, "minutes": {"30"}, "where": {"By phone"}}, staff)
		plan()
	}
	mails := st.talkMails()
	if len(mails["talk_asked"]) != 0 || len(mails["talk_fixed"]) != 2 {
		t.Fatalf("%d mails say that it was asked for, %d name its time", len(mails["talk_asked"]), len(mails["talk_fixed"]))
	}
	for _, m := range mails["talk_fixed"] {
		body, err := st.notices.Body(m)
		st.must(err)
		if !strings.Contains(body.Text, "21 January") {
			t.Errorf("%s reads\n%s", m.Copy.Email, body.Text)
		}
	}
	// Nobody is told of a talk that was forgotten.
	st.does(page, url.Values{"do": {"declined"}}, staff)
	st.now = st.now.AddDate(0, 7, 0)
	st.tick()
	if left := st.talkMails(); len(left) != 0 {
		t.Errorf("of a talk that was forgotten there is %v", left)
	}
}
