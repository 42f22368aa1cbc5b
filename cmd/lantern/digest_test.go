package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/notifications"
)

// wishes takes somebody in who wants to be told something, and gives their id.
func (st *story) wishes(role access.Role, w access.Wishes) string {
	st.t.Helper()
	st.as(role)
	person, err := st.team.ByEmail(st.t.Context(), string(role)+"@example.org")
	st.must(err)
	_, err = st.team.Wish(st.t.Context(), person.ID, w, st.time(), time.UTC)
	st.must(err)
	return person.ID
}

// toStaff are the messages of a rule by who they are for, the newest first.
func (st *story) toStaff(rule string) map[string][]*notifications.Message {
	st.t.Helper()
	page, err := st.notices.List(st.t.Context(), "", "", 200, "")
	st.must(err)
	all := map[string][]*notifications.Message{}
	for _, m := range page.Items {
		if m.Rule == rule {
			all[m.To.Name] = append(all[m.To.Name], m)
		}
	}
	return all
}

// TestDigestsOfTheDay: each gets one on the day, with what their role shows,
// and a machine that was off makes none up [D38] [D42].
func TestDigestsOfTheDay(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.confirmed("ana")
	daily := access.Wishes{Digest: "0 7 * * *"}
	for _, role := range []access.Role{access.Organizer, access.Clinician} {
		st.wishes(role, daily)
	}
	viewer := st.wishes(access.Viewer, daily)
	st.tick()
	if all := st.toStaff("digest"); len(all) != 0 {
		t.Fatalf("before its time there is a digest: %v", all)
	}
	// Three days off, and at once the morning of the session's day.
	st.now = time.Date(2027, 4, 9, 7, 30, 0, 0, time.UTC)
	st.must(st.notices.TellDigests(t.Context(), st.now))
	_, err := st.team.End(t.Context(), access.Console(), viewer)
	st.must(err)
	st.tick()
	st.tick()
	all := st.toStaff("digest")
	text := map[string]string{}
	for name, messages := range all {
		if len(messages) != 1 {
			t.Errorf("%s has %d digests, want one", name, len(messages))
		}
		if m := messages[0]; m.State == notifications.Sent {
			body, err := st.notices.Body(m)
			st.must(err)
			text[name] = body.Text
			if want := "Today at Cedar House, Friday 9 April 2027"; m.Copy.Subject != want {
				t.Errorf("the subject is %q, want %q", m.Copy.Subject, want)
			}
			if strings.Count(body.HTML, "<li") != strings.Count(body.Text, "\n- ") {
				t.Errorf("text and HTML differ:\n%s\n%s", body.Text, body.HTML)
			}
		}
	}
	if state := all["viewer"][0].State; state != notifications.Withdrawn {
		t.Errorf("who has left has a digest that is %s", state)
	}
	for _, want := range []string{"Today, Friday 9 April 2027", "9:30 to 12:30 (Pacific time): Session, Weekend, 1 couple", "ana & Partner: ", "driver no driver yet", "no driver is named", "balance", "a week late", "1 confirmed, 0 held, 1 free"} {
		if !strings.Contains(text["organizer"], want) {
			t.Errorf("an organizer is not told %q:\n%s", want, text["organizer"])
		}
	}
	if !strings.Contains(text["clinician"], "clearance of ana pending") {
		t.Errorf("a clinician is told\n%s", text["clinician"])
	}
	for _, not := range []string{"driver", "balance", "deposit", "call", "oney", "USD", "$"} {
		if strings.Contains(text["clinician"], not) {
			t.Errorf("a clinician is told %q:\n%s", not, text["clinician"])
		}
	}
	// One that could not leave on its day is not sent later.
	st.now = time.Date(2027, 4, 10, 7, 0, 0, 0, time.UTC)
	st.must(st.notices.TellDigests(t.Context(), st.now))
	st.now = time.Date(2027, 4, 11, 0, 0, 0, 0, time.UTC)
	st.tick()
	if state := st.toStaff("digest")["organizer"][0].State; state != notifications.Missed {
		t.Errorf("a digest of yesterday is %s, want missed", state)
	}
}

// TestAnEmptyDigestSaysSo: nobody has to wonder whether it was forgotten.
func TestAnEmptyDigestSaysSo(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.wishes(access.Organizer, access.Wishes{Digest: "0 7 * * *"})
	st.now = time.Date(2027, 5, 3, 7, 0, 0, 0, time.UTC) // the only dates are over
	st.tick()
	m := st.toStaff("digest")["organizer"]
	if len(m) != 1 || m[0].State != notifications.Sent {
		t.Fatalf("got %d digests", len(m))
	}
	if body, err := st.notices.Body(m[0]); err != nil || !strings.Contains(body.Text, "There is nothing to do today.") {
		t.Errorf("it says %q (%v)", body.Text, err)
	}
}

// TestADigestOfVeryManyDatesEnds, and says what it leaves out.
func TestADigestOfVeryManyDatesEnds(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.wishes(access.Organizer, access.Wishes{Digest: "0 7 * * *"})
	for i := range 130 {
		c, err := st.retreats.Cohort(t.Context(), "co")
		st.must(err)
		c.ID = fmt.Sprintf("co%03d", i)
		c.StartsOn, c.EndsOn = c.StartsOn.AddDays(1+i), c.EndsOn.AddDays(1+i)
		st.must(st.retreats.AddCohort(t.Context(), c))
	}
	st.now = time.Date(2027, 1, 12, 7, 0, 0, 0, time.UTC)
	st.tick()
	m := st.toStaff("digest")["organizer"]
	if len(m) != 1 || m[0].State != notifications.Sent {
		t.Fatalf("got %d digests", len(m))
	}
	body, err := st.notices.Body(m[0])
	st.must(err)
	if n := strings.Count(body.Text, "0 confirmed, 0 held, 2 free"); n != 100 {
		t.Errorf("it tells of %d dates, want 100", n)
	}
	if want := "cohorts that begin after Saturday 17 July 2027"; !strings.Contains(body.Text, want) {
		t.Errorf("it does not say that it leaves out %s:\n%s", want, body.Text)
	}
}

// TestStaffAreToldOfARequestOnce, by name alone, and only who wants it.
func TestStaffAreToldOfARequestOnce(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.wishes(access.Staff, access.Wishes{Requests: true})
	st.wishes(access.Organizer, access.Wishes{})
	st.wishes(access.Viewer, access.Wishes{Requests: true}) // whose role does not show talks
	for range 2 {
		if w := st.ask("POST", "/talk", talkOf("ana", "ben"), nil); w.Code != http.StatusSeeOther {
			t.Fatalf("asking was answered %d", w.Code)
		}
		st.tick()
		st.tick()
	}
	all := st.toStaff("talk_request")
	if len(all) != 1 || len(all["staff"]) != 1 || all["staff"][0].State != notifications.Sent {
		t.Fatalf("told were %v", all)
	}
	body, err := st.notices.Body(all["staff"][0])
	st.must(err)
	if !strings.Contains(body.Text, "ana and ben asked") || !strings.Contains(body.Text, "/staff/consultations/talk_") ||
		strings.Contains(body.Text, "Mondays") || strings.Contains(body.Text+body.HTML, "ana@") {
		t.Errorf("staff are told\n%s", body.Text)
	}
	st.now = st.now.AddDate(0, 7, 0)
	st.tick()
	if left := st.toStaff("talk_request"); len(left) != 0 {
		t.Errorf("after the talk was forgotten, the mail about it is kept: %v", left)
	}
}

// TestWhoDoesNotWantRequestsAnyMoreGetsNone: whoever leaves, or unticks the box,
// between the request and the mail about it, is not told who asked.
func TestWhoDoesNotWantRequestsAnyMoreGetsNone(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	wants := access.Wishes{Requests: true}
	leaves := st.wishes(access.Staff, wants)
	st.wishes(access.Organizer, wants)
	if w := st.ask("POST", "/talk", talkOf("ana", "ben"), nil); w.Code != http.StatusSeeOther {
		t.Fatalf("asking was answered %d", w.Code)
	}
	st.must(st.talks.TellDue(t.Context(), st.now, st.tellTalk))
	_, err := st.team.End(t.Context(), access.Console(), leaves)
	st.must(err)
	st.wishes(access.Organizer, access.Wishes{})
	st.tick()
	all := st.toStaff("talk_request")
	for _, name := range []string{"staff", "organizer"} {
		if m := all[name]; len(m) != 1 || m[0].State != notifications.Withdrawn || m[0].To.Sealed != "" {
			t.Errorf("%s: %+v, want one that is withdrawn", name, m)
		}
	}
}

// TestDeparturesAreOfferedOnceTheSessionHasBegun: before, the page says when.
func TestDeparturesAreOfferedOnceTheSessionHasBegun(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.confirmed("ana")
	c, err := st.retreats.Cohort(t.Context(), st.cohort)
	st.must(err)
	staff, path := st.as(access.Staff), "/staff/sessions/"+st.cohort+"/"+c.Sessions[0].ID+"/departures"
	st.staffReads(path, staff, []string{"from Friday 9 April 2027, 9:30"}, []string{"Released for this reason"})
	st.now = c.Sessions[0].StartsAt
	staff = st.as(access.Staff)
	st.staffReads(path, staff, []string{"Released for this reason"}, []string{"Departures can be noted"})
}
