package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/internal/access"
	"lantern/internal/web/webtest"
)

func TestWhatStaffAreToldIsOnTheirOwnPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost") // a Monday, 8:00
	robin := d.add("robin", access.Organizer)
	b := d.signedIn(robin)
	contains(t, b.page("GET", "/staff/account", nil, http.StatusOK), "No digest", "At other times", "new request for a first talk", "I am on duty")

	b.leads("POST", "/staff/account", url.Values{"digest": {"workdays"}, "requests": {"1"}, "on_duty": {"1"}}, "/staff/account?saved=1")
	contains(t, b.page("GET", "/staff/account?saved=1", nil, http.StatusOK), "It is as you wish", "Tuesday 12 January 2027, 7:00", "Thursday 14 January 2027, 7:00")
	contains(t, b.page("GET", "/staff/team", nil, http.StatusOK), "organizer, on duty (you)")

	// What is refused stays as it was typed, and nothing is changed.
	w := b.ask("POST", "/staff/account", url.Values{"digest": {"own"}, "own": {"*/5 * * * *"}})
	root := webtest.Parse(t, "the form again", w.Body.Bytes())
	if w.Code != http.StatusUnprocessableEntity || webtest.Attr(webtest.ByID(t, root, "own"), "value") != "*/5 * * * *" {
		t.Errorf("the form again: %d", w.Code)
	}
	contains(t, webtest.Words(webtest.ByID(t, root, "own_error")), "more than once within an hour")
	contains(t, b.page("POST", "/staff/account", url.Values{"digest": {"own"}}, http.StatusUnprocessableEntity), "Please write when it is to come")
	person, err := d.team.Person(t.Context(), robin.ID)
	if err != nil || person.Wishes != (access.Wishes{OnDuty: true, Requests: true, Digest: "0 7 * * 1-5"}) {
		t.Errorf("kept %+v (%v)", person.Wishes, err)
	}
	b.leads("POST", "/staff/account", url.Values{"digest": {"own"}, "own": {"30 6 * * 1,4"}}, "/staff/account?saved=1")
	contains(t, b.page("GET", "/staff/account", nil, http.StatusOK), "Thursday 14 January 2027, 6:30", "Monday 18 January 2027, 6:30")
	b.leads("POST", "/staff/account", url.Values{"digest": {"off"}}, "/staff/account?saved=1")
	if person, err = d.team.Person(t.Context(), robin.ID); err != nil || person.DigestDue != nil {
		t.Errorf("turned off, one is due at %v (%v)", person.DigestDue, err)
	}

	// A clinician is not asked about what the role does not show [D42].
	casey := d.signedIn(d.add("casey", access.Clinician))
	if page := casey.ask("GET", "/staff/account", nil).Body.String(); strings.Contains(page, "on_duty") || strings.Contains(page, "requests") {
		t.Error("a clinician is offered what the role does not show")
	}
}
