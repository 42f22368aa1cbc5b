package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lantern/booking"
	"lantern/internal/access"
)

// TestTheDoorSaysWhoIsNotToBegin [D30]: until a reason is given, which is kept if it
// was not taken; and not where the driver has said yes.
func TestTheDoorSaysWhoIsNotToBegin(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana, ben := st.confirmed("ana"), st.confirmed("ben")
	st.must(st.bookings.NameDriver(t.Context(), ben, "s1", 0, booking.DriverInput{Name: "Lee", Phone: "+1 415 555 0188", Relation: "a sister"}))
	if w := st.ask("POST", st.driverLink(ben, "s1"), url.Values{"session": {"s1"}, "answer": {"yes"}}, nil); w.Code != http.StatusSeeOther {
		t.Fatalf("saying yes was answered %d", w.Code)
	}
	st.at("2027-04-09", "08:30")
	desk := st.signIn(access.Staff)
	path := "/staff/cohorts/co/sessions/s1/attendance"
	asks := func(method string, form url.Values) *httptest.ResponseRecorder {
		return st.ask(method, path, form, map[string]string{"Cookie": desk.Name + "=" + desk.Value})
	}
	if page := asks("GET", nil).Body.String(); strings.Count(page, "Not to begin") != 1 || !strings.Contains(page, "no driver is named") {
		t.Error("the page does not mark the one without a driver")
	}
	came := func(id string) int {
		return asks("POST", url.Values{"booking": {id}, "partner": {"1"}, "answer": {"came"}}).Code
	}
	if got := came(ben); got != http.StatusSeeOther {
		t.Errorf("with a driver: %d", got)
	}
	if got := came(ana); got != http.StatusConflict {
		t.Errorf("without one: %d", got)
	}
	if w := asks("POST", url.Values{"booking": {ana}, "answer": {"begin"}, "reason": {""}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `aria-invalid="true"`) {
		t.Errorf("without a reason: %d", w.Code)
	}
	if w := asks("POST", url.Values{"booking": {ana}, "answer": {"begin"}, "reason": {"their son drives"}}); w.Code != http.StatusSeeOther {
		t.Errorf("with a reason: %d", w.Code)
	}
	if got := came(ana); got != http.StatusSeeOther || strings.Contains(asks("GET", nil).Body.String(), "Not to begin") {
		t.Errorf("after that: %d", got)
	}
}
