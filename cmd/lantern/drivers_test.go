package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// driverLink is the path of the page of the driver after a session.
func (st *story) driverLink(id, session string) string {
	st.t.Helper()
	c, err := st.bookings.Case(st.t.Context(), id)
	st.must(err)
	d, ok := c.Booking.Driver(session)
	if !ok {
		st.t.Fatal("no driver is named")
	}
	link, err := url.Parse(st.bookings.DriverLink(id, d))
	st.must(err)
	return link.Path
}

var kim = booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"}

// driverCell is what the board says of the driver of ana's only session.
func (st *story) driverCell(id string) string {
	st.t.Helper()
	c, err := st.bookings.Case(st.t.Context(), id)
	st.must(err)
	for _, cell := range c.Readiness(booking.Needs(c.Cohort), st.time()) {
		if cell.Need.Kind == booking.NeedDriver {
			return string(cell.State) + " " + cell.Text
		}
	}
	return ""
}

// TestADriverAnswersForThemselves follows the link from the couple's page to the
// board [D28], [D29]: moving the session asks again, and so does another driver.
func TestADriverAnswersForThemselves(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 0, kim))
	link := st.driverLink(ana, "s1")
	answer := func(word string, want int) {
		t.Helper()
		if w := st.ask("POST", link, url.Values{"session": {"s1"}, "answer": {word}}, nil); w.Code != want {
			t.Errorf("%q was answered %d", word, w.Code)
		}
	}
	cell := func(want string) {
		t.Helper()
		if got := st.driverCell(ana); got != want {
			t.Errorf("the board says %q, want %q", got, want)
		}
	}
	cell("due named: Kim")
	if w := st.ask("POST", st.link(ana, 0)+"/drivers/s1/asked", nil, nil); w.Code != http.StatusSeeOther {
		t.Errorf("having sent the link was answered %d", w.Code)
	}
	cell("due asked: Kim")
	if !strings.Contains(webtest.Words(st.page(link)), "Friday 9 April 2027, 12:30") {
		t.Error("the driver's page does not say when")
	}
	answer("perhaps", http.StatusUnprocessableEntity)
	answer("no", http.StatusSeeOther)
	cell("late Kim cannot")
	if !strings.Contains(webtest.Words(st.page(st.link(ana, 1))), "cannot drive: please name somebody else") {
		t.Error("the couple's page does not say that the driver cannot")
	}
	answer("yes", http.StatusSeeOther)
	cell("done Kim said yes")
	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 0, booking.DriverInput{Name: "Kim B.", Phone: kim.Phone, Relation: "a friend"}))
	cell("done Kim B. said yes")

	_, err := st.retreats.ChangeSession(t.Context(), "co", "s1", retreats.PlannedSession{Kind: retreats.Medicine, Title: "Session", Clock: "10:30", Minutes: 180}, robin)
	st.must(err)
	cell("due ask again: Kim B.")
	answer("yes", http.StatusSeeOther)
	cell("done Kim B. said yes")

	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 1, booking.DriverInput{Name: "Lee", Phone: "+1 415 555 0188", Relation: "a sister"}))
	answer("yes", http.StatusNotFound)
	cell("due named: Lee")
	link = st.driverLink(ana, "s1")
	st.wait(88*24*time.Hour + 12*time.Hour)
	st.ask("GET", link, nil, nil)
	st.wait(24 * time.Hour)
	if w := st.ask("GET", link, nil, nil); w.Code != http.StatusGone {
		t.Errorf("a day after the drive the link was answered %d", w.Code)
	}
}

// TestADriversPageSaysNothingOfAnybody: no name of the couple, no kind of day
// [D31], [D38], and none of the couple's pages.
func TestADriversPageSaysNothingOfAnybody(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana, ben := st.confirmed("ana"), st.confirmed("ben")
	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 0, kim))
	st.must(st.bookings.NameDriver(t.Context(), ben, "s1", 0, booking.DriverInput{Name: "Lee", Phone: "+1 415 555 0188", Relation: "a sister"}))
	link := st.driverLink(ana, "s1")
	page := strings.ToLower(st.ask("GET", link, nil, nil).Body.String())
	for _, secret := range []string{"ana", "partner", "medicine", "session", "weekend", "retreat", "couple", "therap", "0132", "lee", "s1.", "cohort"} {
		// The driver's own form names the session by its number alone.
		if strings.Contains(strings.ReplaceAll(page, `name="session"`, ""), secret) {
			t.Errorf("the driver's page says %q", secret)
		}
	}
	token := strings.TrimPrefix(link, "/d/")
	for _, path := range []string{"/b/" + token, "/b/" + token + "/cancel", "/d/" + st.bookings.Token(ana, 0), "/d/" + token + "x"} {
		if w := st.ask("GET", path, nil, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s was answered %d", path, w.Code)
		}
	}
	if w := st.call("GET", "/api/v1/bookings/"+ana, token, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("the API answered a driver %d", w.Code)
	}
	st.must(st.bookings.Cancel(t.Context(), ana, nil))
	if w := st.ask("GET", link, nil, nil); w.Code != http.StatusGone {
		t.Errorf("a drive that is not needed any more was answered %d", w.Code)
	}
}

// TestTheCallList: a refusal comes at once, a missing name a week before, a
// missing yes a day before [D28–D30]; what was recorded rests.
func TestTheCallList(t *testing.T) {
	t.Parallel()
	st := newStory(t, 3)
	ana, ben := st.confirmed("ana"), st.confirmed("ben")
	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 0, kim))
	has := func(when string, texts ...string) {
		t.Helper()
		w := st.ask("GET", "/staff/calls", nil, st.as(access.Staff))
		st.check("the call list", w)
		page := w.Body.String()
		for _, text := range texts {
			want := !strings.HasPrefix(text, "-")
			if strings.Contains(page, strings.TrimPrefix(text, "-")) != want {
				t.Errorf("%s: the list has %q: %v", when, text, !want)
			}
		}
	}
	has("far before", "Nobody has to be called now")
	st.must(st.bookings.AnswerRide(t.Context(), strings.TrimPrefix(st.driverLink(ana, "s1"), "/d/"), "s1", booking.DriverNo))
	has("refused", "Kim cannot drive", "-No driver is named")
	if page := st.ask("GET", "/staff/calls", nil, st.as(access.Viewer)).Body.String(); strings.Contains(page, `name="outcome"`) {
		t.Error("a viewer sees buttons that are not theirs")
	}
	st.wait(82 * 24 * time.Hour) // to 3 April
	has("a week before", "Kim cannot drive", "No driver is named", "ben")
	record := func(id string, form url.Values, want int) {
		t.Helper()
		if w := st.ask("POST", "/staff/calls/"+id, form, st.as(access.Staff)); w.Code != want {
			t.Errorf("%v was answered %d", form, w.Code)
		}
	}
	record(ben, url.Values{"call": {"driver_unnamed.s1"}, "outcome": {"no_answer"}}, http.StatusSeeOther)
	has("without a number", `<a href="mailto:ben@example.org">`)
	has("no answer", "Last call: no answer, staff", "-Later")
	record(ben, url.Values{"call": {"driver_unnamed.s1"}, "outcome": {"later"}, "again": {"2027-04-03T09:00"}}, http.StatusUnprocessableEntity)
	record(ben, url.Values{"call": {"driver_unnamed.s1"}, "outcome": {"later"}, "again": {"2027-04-04T09:00"}}, http.StatusSeeOther)
	has("later", "<h2>Later</h2>")
	st.wait(24 * time.Hour)
	has("then", "-<h2>Later</h2>")
	st.must(st.bookings.NameDriver(t.Context(), ben, "s1", 0, booking.DriverInput{Name: "Lee", Phone: "+1 415 555 0188", Relation: "a sister"}))
	has("named", "-No driver is named")
	record(ben, url.Values{"call": {"driver_unnamed.s1"}, "outcome": {"reached"}}, http.StatusConflict)
	st.wait(4 * 24 * time.Hour) // to the afternoon of 8 April at home
	st.wait(3 * time.Hour)
	has("a day before", "Their driver has not said yes", "tel:&#43;14155550188", "415-555-0188")
}

// TestNobodyLeavesWithoutADriverOrAReason is invariant 5 on the page.
func TestNobodyLeavesWithoutADriverOrAReason(t *testing.T) {
	t.Parallel()
	st := newStory(t, 3)
	ana, ben := st.confirmed("ana"), st.confirmed("ben")
	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 0, kim))
	var staff map[string]string
	const door = "/staff/sessions/co/s1/departures"
	press := func(form url.Values, want int) {
		t.Helper()
		staff = st.as(access.Staff)
		if w := st.ask("POST", door, form, staff); w.Code != want {
			t.Errorf("%v was answered %d: %s", form, w.Code, w.Body.String())
		}
	}
	press(url.Values{"booking": {ana}, "driver": {"Kim"}, "key": {"k1"}}, http.StatusConflict) // not begun
	waits := func() bool {
		return strings.Contains(st.ask("GET", door, nil, staff).Body.String(), "data-live-reload")
	}
	if !waits() {
		t.Error("a page that is opened before the session does not get its buttons by itself")
	}
	st.wait(88 * 24 * time.Hour)
	st.wait(90 * time.Minute) // the session ends
	st.check("the door", st.ask("GET", door, nil, st.as(access.Staff)))
	if staff = st.as(access.Staff); waits() {
		t.Error("a page with forms loads itself anew")
	}
	press(url.Values{"booking": {ana}, "driver": {"Lee"}, "key": {"k1"}}, http.StatusUnprocessableEntity)
	press(url.Values{"booking": {ana}, "driver": {"Kim"}, "key": {"k1"}}, http.StatusSeeOther)
	press(url.Values{"booking": {ben}, "key": {"k2"}}, http.StatusUnprocessableEntity)
	press(url.Values{"booking": {ben}, "reason": {" "}, "key": {"k2"}}, http.StatusUnprocessableEntity)
	press(url.Values{"booking": {ben}, "reason": {"His brother came."}, "key": {"k2"}}, http.StatusSeeOther)
	page := st.staffPage(door, staff)
	for _, text := range []string{"released to Kim", "His brother came.", "Everybody has left"} {
		if !strings.Contains(page, text) {
			t.Errorf("the board does not say %q", text)
		}
	}
	// The same form once more, after it was undone, changes nothing.
	if w := st.ask("POST", door+"/undo", url.Values{"booking": {ana}}, staff); w.Code != http.StatusSeeOther {
		t.Errorf("undoing was answered %d", w.Code)
	}
	press(url.Values{"booking": {ana}, "driver": {"Kim"}, "key": {"k1"}}, http.StatusSeeOther)
	if c, err := st.bookings.Case(t.Context(), ana); err != nil || len(c.Booking.Departures) != 1 || c.Booking.Departures[0].UndoneAt == nil {
		t.Errorf("departures %+v, %v", c.Booking.Departures, err)
	}
	st.wait(11 * time.Minute)
	if w := st.ask("POST", door+"/undo", url.Values{"booking": {ben}}, staff); w.Code != http.StatusConflict {
		t.Errorf("undoing after eleven minutes was answered %d", w.Code)
	}
	trail := st.staffPage("/staff/bookings/"+ben, staff)
	if !strings.Contains(trail, "released after Session") || !strings.Contains(trail, "His brother came.") {
		t.Error("the trail does not say who was released, and why")
	}
	if w := st.ask("POST", "/staff/sessions/co2/s1/departures", url.Values{"booking": {ana}, "key": {"k9"}}, staff); w.Code != http.StatusNotFound {
		t.Errorf("the board of other dates was answered %d", w.Code)
	}
}
