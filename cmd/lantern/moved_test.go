package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// TestMovedDatesAreAskedAgain: on the couple's page, for programs, for staff
// and in the calendar file.
func TestMovedDatesAreAskedAgain(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana := st.confirmed("ana")
	st.must(st.bookings.GiveConsent(ctx, ana, 0))
	st.must(st.bookings.NameDriver(ctx, ana, "s1", 0, booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"}))
	if _, err := st.retreats.Reschedule(ctx, "co", "2027-04-16", robin); err != nil {
		t.Fatal(err)
	}
	st.tick()

	root := st.page(st.link(ana, 0))
	if text := webtest.Words(webtest.ByID(st.t, root, "driver-s1")); !strings.Contains(text, "please ask Kim again by Friday 2 April 2027") || !strings.Contains(text, "has changed") {
		t.Errorf("the driver's form says %q", text)
	}
	if got := webtest.Attr(webtest.ByID(st.t, root, "phone-s1"), "value"); got != "+14155550177" {
		t.Errorf("the form holds %q", got)
	}
	if text := webtest.Words(webtest.ByID(st.t, root, "consent")); !strings.Contains(text, "Friday 9 April 2027; please decide again") || !strings.Contains(text, "beginning on Friday 16 April 2027") {
		t.Errorf("the consent says %q", text)
	}
	api := st.call("GET", "/api/v1/bookings/"+ana+"/preparation", st.bookings.Token(ana, 0), "").Body.String()
	if !strings.Contains(api, `"ask_again":true`) || strings.Contains(api, "given_at") {
		t.Errorf("programs read %s", api)
	}
	staff := st.staffPage("/staff/bookings/"+ana, st.as(access.Staff))
	if !strings.Contains(staff, "ask again: Kim") || !strings.Contains(staff, "for other dates") || !strings.Contains(staff, "it has moved") {
		t.Error("staff do not see what has to be asked again")
	}
	file := st.ask("GET", st.link(ana, 0)+"/sessions.ics", nil, nil).Body.String()
	if !strings.Contains(file, "SEQUENCE:1") || !strings.Contains(file, "DTSTART:20270416T163000Z") {
		t.Errorf("the calendar file is\n%s", file)
	}

	w := st.ask("POST", st.link(ana, 1)+"/drivers/s1", url.Values{"name": {"Kim"}, "phone": {"+14155550177"}, "relation": {"a friend"}}, nil)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("naming the driver again was answered %d", w.Code)
	}
	st.must(st.bookings.GiveConsent(ctx, ana, 0))
	root = st.page(st.link(ana, 0))
	if text := webtest.Words(webtest.ByID(st.t, root, "driver-s1")) + webtest.Words(webtest.ByID(st.t, root, "consent")); strings.Contains(text, "again") || !strings.Contains(text, "given on") {
		t.Errorf("said again, the page says %q", text)
	}
	st.stands(ana, retreats.Confirmed, deposit)
}
