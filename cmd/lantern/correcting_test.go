package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/notifications"
	"lantern/retreats"
)

// version is that of the couple's details as they are.
func (st *story) version(id string) string {
	st.t.Helper()
	c, err := st.bookings.Case(st.t.Context(), id)
	st.must(err)
	return c.Booking.DetailsVersion()
}

func detailsOf(name, email, phone, version string) url.Values {
	return url.Values{"name": {name}, "email": {email}, "phone": {phone}, "zone": {"America/New_York"}, "version": {version}}
}

// TestStaffPutAnAddressRight that was somebody else's: their link ends, the partner
// gets another one by mail, what had failed is sent again, texts need a new word,
// and the trail says so.
func TestStaffPutAnAddressRight(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	organizer := st.as(access.Organizer)
	ana := st.confirmed("Ana")
	st.must(st.bookings.AllowTexts(t.Context(), ana, 0, "+1 415 555 0132", booking.ByPage))
	st.tick()
	old, path := st.bookings.Token(ana, 0), "/staff/bookings/"+ana
	if words := st.refused(path+"/partners/1", detailsOf("Ana", "Ana.partner@example.org", "", st.version(ana)), organizer); !strings.Contains(words, "or say that they share it") {
		t.Errorf("the other's address: %s", words)
	}
	stale := st.version(ana)
	form := detailsOf("Anna", "anna@example.net", "+1 415 555 0177", stale)
	form.Set("stranger", "1")
	if w := st.ask("POST", path+"/partners/1", form, st.as(access.Staff)); w.Code != http.StatusForbidden {
		t.Errorf("staff without the right were answered %d", w.Code)
	}
	st.wait(time.Minute)
	st.does(path+"/partners/1", form, organizer)
	if words := st.refused(path+"/partners/1", detailsOf("Ann", "ann@example.net", "", stale), organizer); !strings.Contains(words, "changed meanwhile") {
		t.Errorf("over what somebody has changed: %s", words)
	}
	if w := st.ask("GET", "/b/"+old, nil, nil); w.Code != http.StatusNotFound {
		t.Errorf("the old link is answered %d", w.Code)
	}
	c := st.stands(ana, retreats.Confirmed, deposit)
	now := st.bookings.TokenOf(c.Booking, 0)
	st.says("/b/"+now, "Anna")
	if w := st.ask("GET", "/b/"+st.bookings.Token(ana, 1), nil, nil); w.Code != http.StatusOK {
		t.Errorf("the other partner's link is answered %d", w.Code)
	}
	if c.Booking.TextsTo(0) != "" || c.Booking.Partners[0].Texts.StoppedBy != booking.ByStaff {
		t.Error("the consent to texts went over to another number")
	}
	st.tick()
	st.tick()
	m, err := st.notices.Message(t.Context(), st.theMessage(ana, "readdressed", 0, notifications.Sent))
	st.must(err)
	body, err := st.notices.Body(m)
	st.must(err)
	if m.Copy.Email != "anna@example.net" || !strings.Contains(body.Text, now) || strings.Contains(body.Text, old) {
		t.Errorf("to %s:\n%s", m.Copy.Email, body.Text)
	}
	for _, word := range notifications.Telling(m.Copy.Subject + " " + body.Text + " " + body.HTML) { // [D38]
		t.Errorf("the mail says %q", word)
	}
	st.staffReads(path, organizer, []string{"mail address of partner 1", "Ana@example.org", "new link for partner 1", "phone of partner 1"}, nil)
}

// TestACoupleComesToShareAMailboxAndNotToShareOne: one copy to one mailbox, and
// what was said to both is not said again [D39].
func TestACoupleComesToShareAMailboxAndNotToShareOne(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.confirmed("Ana")
	st.tick()
	token, err := st.tokens.Create(t.Context(), access.Console(), "corrects", access.Organizer, false)
	st.must(err)
	path := "/api/v1/bookings/" + ana + "/partners"
	count := func() (n int) {
		page, err := st.notices.List(t.Context(), "", notifications.Sent, 200, "")
		st.must(err)
		return len(page.Items)
	}
	var out struct {
		Version  string
		Partners []struct{ Email string }
	}
	st.read("GET", path, token, "", http.StatusOK, &out)
	before := count()
	st.wait(time.Minute)
	st.read("PATCH", path+"/1", token, `{"version":"`+out.Version+`","email":"both@example.org","shared_email":true}`, http.StatusOK, &out)
	if out.Partners[0].Email != "both@example.org" || out.Partners[1].Email != "both@example.org" {
		t.Errorf("they share %+v", out.Partners)
	}
	st.tick()
	st.tick()
	if got := count() - before; got != 1 {
		t.Errorf("%d mails to the mailbox that both read", got)
	}
	st.wait(time.Minute)
	st.read("PATCH", path+"/2", token, `{"version":"`+out.Version+`","email":"own@example.org","shared_email":false}`, http.StatusOK, &out)
	st.tick()
	st.tick()
	if got := count() - before; got != 2 {
		t.Errorf("%d mails, want one more to who has their own again", got)
	}
	if w := st.call("PATCH", path+"/2", token, `{"version":"old","name":"Jo"}`); w.Code != http.StatusConflict {
		t.Errorf("an old version was answered %d", w.Code)
	}
}

// TestProgramsSeeToFirstTalks as the pages do.
func TestProgramsSeeToFirstTalks(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	var asked struct{ Consultation struct{ ID string } }
	st.read("POST", "/api/v1/consultations", "", `{"people":[{"name":"Ana","email":"ana@example.org"}],"times":["mornings"],"online":true,"understood":true}`, http.StatusCreated, &asked)
	token, err := st.tokens.Create(t.Context(), access.Console(), "talks", access.Staff, false)
	st.must(err)
	var list struct {
		Consultations []struct{ ID, State string }
	}
	st.read("GET", "/api/v1/consultations", token, "", http.StatusOK, &list)
	if len(list.Consultations) != 1 || list.Consultations[0].ID != asked.Consultation.ID {
		t.Fatalf("listed %+v", list)
	}
	path := "/api/v1/consultations/" + asked.Consultation.ID
	if w := st.call("PUT", path+"/outcome", token, `{"outcome":"missed"}`); w.Code != http.StatusConflict {
		t.Errorf("missed before it was: %d", w.Code)
	}
	if w := st.call("PUT", path+"/time", token, `{"starts_at":"2020-01-20T18:00:00Z","minutes":30,"where":"By phone"}`); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a time that is over: %d", w.Code)
	}
	var one struct {
		Consultation struct{ State, Where string }
	}
	st.read("PUT", path+"/time", token, `{"starts_at":"2027-01-20T18:00:00Z","minutes":30,"where":"By phone"}`, http.StatusOK, &one)
	if one.Consultation.State != "fixed" || one.Consultation.Where != "By phone" {
		t.Errorf("fixed: %+v", one)
	}
	st.read("PUT", path+"/outcome", token, `{"outcome":"declined"}`, http.StatusOK, &one)
	if mails := st.talkMails(); one.Consultation.State != "declined" || len(mails["talk_declined"]) != 1 {
		t.Errorf("declined: %+v, mails %v", one, mails)
	}
	if w := st.call("GET", "/api/v1/consultations/talk_none", token, ""); w.Code != http.StatusNotFound {
		t.Errorf("none: %d", w.Code)
	}
}
