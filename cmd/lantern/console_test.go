package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// TestMovingDatesNamesTheCouples: the page before the change names those whom
// it concerns, and after it their own page has the new date.
func TestMovingDatesNamesTheCouples(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("Ana", false)
	ben := st.book("Ben", true)
	session := st.as(access.Organizer)

	move := "/staff/cohorts/co/settings/reschedule"
	w := st.ask("GET", move+"?starts_on=2027-05-07", nil, session)
	page := st.check(move, w)
	for _, want := range []string{"2 couples", "Ana & Partner", "Ben & Partner", "held", "waiting", "Friday 7 May 2027"} {
		if !strings.Contains(webtest.Words(page), want) {
			t.Errorf("before the move the page does not say %q:\n%s", want, webtest.Words(page))
		}
	}
	form := map[string][]string{}
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "input" && webtest.Attr(n, "type") == "hidden" {
			form[webtest.Attr(n, "name")] = []string{webtest.Attr(n, "value")}
		}
	}
	if w := st.ask("POST", move, form, session); w.Code != http.StatusSeeOther {
		t.Fatalf("the move was answered %d:\n%s", w.Code, w.Body)
	}
	for id, state := range map[string]retreats.PlaceState{ana: retreats.Held, ben: retreats.WaitingOn} {
		st.stands(id, state, 0)
		if got := webtest.Words(st.page(st.link(id, 0))); !strings.Contains(got, "7 May 2027") {
			t.Errorf("the couple's page keeps the old date:\n%s", got)
		}
	}
}

// as is the header of somebody who has just signed in with the role.
func (st *story) as(role access.Role) map[string]string {
	st.t.Helper()
	ctx := st.t.Context()
	person, err := st.team.ByEmail(ctx, string(role)+"@example.org")
	if errors.Is(err, access.ErrNobody) {
		person, err = st.team.Add(ctx, access.Console(), string(role)+"@example.org", string(role), role, false)
	}
	st.must(err)
	link, err := st.team.LinkFor(ctx, access.Console(), person.ID)
	st.must(err)
	secret, _, err := st.team.SignIn(ctx, link.Token)
	st.must(err)
	return map[string]string{"Cookie": "lantern_session=" + secret}
}

// staffPage is a page that must be there, in words.
func (st *story) staffPage(path string, as map[string]string) string {
	st.t.Helper()
	w := st.ask("GET", path, nil, as)
	if w.Code != http.StatusOK {
		st.t.Fatalf("%s answered %d:\n%s", path, w.Code, w.Body)
	}
	return webtest.Words(st.check(path, w))
}

// TestAClinicianSeesWhatClearanceNeeds [D42]: who is in a cohort, consent,
// clearance and forms; neither money nor drivers, reasons nor trails.
func TestAClinicianSeesWhatClearanceNeeds(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana := st.confirmed("ana")
	cleo, dan := st.book("cleo", true), st.book("dan", true)
	st.must(st.bookings.NameDriver(ctx, ana, "s1", 0, booking.DriverInput{Name: "Kim Driver", Phone: "+1 415 555 0177", Relation: "an old friend"}))
	st.must(st.bookings.GiveConsent(ctx, ana, 0))
	st.must(st.bookings.RecordClearance(ctx, ana, 0, booking.Cleared, robin))
	_, err := st.retreats.Prioritise(ctx, "co", cleo, -5, "They asked for later dates.", robin)
	st.must(err)
	st.must(st.bookings.RemoveWaiting(ctx, dan, "Asked us by phone.", robin))
	st.wait(84 * 24 * time.Hour) // to 5 April: all is late
	st.tick()

	hidden := []string{
		"960.00", "3,840", "USD", "Deposit", "Balance", "Money", "Kim", "0177", "friend", "Driver", "driver", "later dates", "by phone",
		"What staff changed", "Priority", "ana@example.org", "Preparation",
	}
	pages := []string{"/staff", "/staff/cohorts/co", "/staff/cohorts/co?show=late", "/staff/bookings/" + ana, "/staff/bookings/" + cleo, "/staff/bookings/" + dan}
	clinician, viewer := st.as(access.Clinician), st.as(access.Viewer)
	var seen string
	for _, path := range pages {
		page := st.staffPage(path, clinician)
		for _, text := range hidden {
			if strings.Contains(page, text) {
				t.Errorf("%s tells a clinician %q:\n%s", path, text, page)
			}
		}
		seen += page
	}
	for _, text := range []string{
		"ana & Partner", "cleo & Partner", "dan & Partner", "Consent first", "✓ done: given", "Clearance second", "! late: pending", "cleared", "Forms",
		"1 couple without clearance of both", "1 couple with missing forms", "Anything late (1)", "Consent given", "Consent not given", "taken off the waitlist",
	} {
		if !strings.Contains(seen, text) {
			t.Errorf("a clinician does not see %q:\n%s", text, seen)
		}
	}
	full := ""
	for _, path := range pages {
		full += st.staffPage(path, viewer)
	}
	for _, text := range []string{"$960.00", "Balance", "Kim Driver", "+1 415-555-0177", "They asked for later dates.", "Asked us by phone.", "What staff changed", "1 couple with a late balance", "ana@example.org"} {
		if !strings.Contains(full, text) {
			t.Errorf("a viewer does not see %q:\n%s", text, full)
		}
	}

	late := func(role access.Role) (kinds []string) {
		token, err := st.tokens.Create(ctx, access.Console(), "overview", role, false)
		st.must(err)
		var out struct {
			Cohorts []struct{ Late map[string]int }
		}
		st.must(json.Unmarshal(st.call("GET", "/api/v1/overview?state=running", token, "").Body.Bytes(), &out))
		for kind := range out.Cohorts[0].Late {
			kinds = append(kinds, kind)
		}
		slices.Sort(kinds)
		return kinds
	}
	if got := late(access.Clinician); fmt.Sprint(got) != "[clearance consent forms]" {
		t.Errorf("a clinician's program is told of %v", got)
	}
	if got := late(access.Viewer); fmt.Sprint(got) != "[balance clearance consent forms]" {
		t.Errorf("a viewer's program is told of %v", got)
	}
}

// more makes cohorts of the story's retreat.
func (st *story) more(days ...civil.Date) (ids []string) {
	st.t.Helper()
	ctx := st.t.Context()
	first, err := st.retreats.Cohort(ctx, "co")
	st.must(err)
	r, err := st.retreats.MakeRetreat(ctx, first.Programme, first.Terms, []retreats.PlannedSession{
		{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180},
		{Kind: retreats.Integration, Title: "After", Day: 30, Clock: "18:00", Minutes: 90, Online: true},
	}, robin)
	st.must(err)
	for _, day := range days {
		c, err := st.retreats.MakeCohort(ctx, r.ID, "America/Los_Angeles", day, robin)
		st.must(err)
		_, err = st.retreats.Publish(ctx, c.ID, robin)
		st.must(err)
		ids = append(ids, c.ID)
	}
	return ids
}

// listed are the cohorts on a page of the overview, in order, and where the
// next page is.
func (st *story) listed(path string, as map[string]string) (ids []string, next string) {
	st.t.Helper()
	w := st.ask("GET", path, nil, as)
	if w.Code != http.StatusOK {
		st.t.Fatalf("%s answered %d:\n%s", path, w.Code, w.Body)
	}
	for n := range st.check(path, w).Descendants() {
		href := webtest.Attr(n, "href")
		id, ok := strings.CutPrefix(href, "/staff/cohorts/")
		switch {
		case ok && n.Parent.Data == "th":
			ids = append(ids, id)
		case strings.Contains(href, "after="):
			next = href
		}
	}
	return ids, next
}

// TestTheOverviewBeginsWithWhatRuns: also what was closed because it is full,
// and what has ended with sessions still to come.
func TestTheOverviewBeginsWithWhatRuns(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	st.confirmed("ana")
	_, err := st.retreats.Close(ctx, "co", robin)
	st.must(err)
	ids := st.more("2027-03-05", "2027-05-07", "2027-04-02")
	st.wait(80 * 24 * time.Hour) // to 1 April
	st.tick()
	if c, err := st.retreats.Cohort(ctx, ids[0]); err != nil || c.State != retreats.Finished {
		t.Fatalf("%v, %v", c.State, err)
	}
	as := st.as(access.Organizer)
	want := []string{ids[0], ids[2], "co", ids[1]}
	if got, next := st.listed("/staff", as); !slices.Equal(got, want) || next != "" {
		t.Errorf("the overview shows %v and leads to %q, want %v", got, next, want)
	}
	if page := st.staffPage("/staff", as); !strings.Contains(page, "1 couple without a driver") {
		t.Errorf("nobody is told of the missing driver:\n%s", page)
	}
	for state, want := range map[string][]string{"open": {ids[2], ids[1]}, "closed": {"co"}, "finished": {ids[0]}, "draft": nil} {
		if got, _ := st.listed("/staff?state="+state, as); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", state, got, want)
		}
	}
	st.wait(4 * 24 * time.Hour) // the integration session of the first is over
	st.tick()
	as = st.as(access.Organizer)
	if got, _ := st.listed("/staff", as); !slices.Equal(got, []string{ids[2], "co", ids[1]}) {
		t.Errorf("after the last session the overview shows %v", got)
	}
	for _, path := range []string{"/staff?after=x", "/staff?after=2027-13-01.co", "/staff?state=lost"} {
		if w := st.ask("GET", path, nil, as); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
}

// TestPagesOfTheOverviewKeepTheOrder over two states, also where many cohorts
// begin on one day.
func TestPagesOfTheOverviewKeepTheOrder(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	as := st.as(access.Organizer)
	days := []civil.Date{}
	for i := range 60 {
		days = append(days, civil.Date("2027-04-09").AddDays(i/20*7))
	}
	for i, id := range st.more(days...) {
		if i%3 == 0 {
			_, err := st.retreats.Close(t.Context(), id, robin)
			st.must(err)
		}
	}
	var all, dates []string
	pages := 0
	for path := "/staff"; path != ""; pages++ {
		ids, next := st.listed(path, as)
		if next != "" && len(ids) != 25 {
			t.Errorf("%s shows %d", path, len(ids))
		}
		all, path = append(all, ids...), next
	}
	for _, id := range all {
		c, err := st.retreats.Cohort(t.Context(), id)
		st.must(err)
		dates = append(dates, string(c.StartsOn))
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(all)))
	if len(all) != 61 || len(sorted) != 61 || pages != 3 || !slices.IsSorted(dates) {
		t.Errorf("%d cohorts of 61, %d different, on %d pages: %v", len(all), len(sorted), pages, dates)
	}
}

// TestWhoWasMovedDownReadsWhy on their own page.
func TestWhoWasMovedDownReadsWhy(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.book("ana", false)
	ben := st.book("ben", true)
	st.wait(time.Second)
	cleo := st.book("cleo", true)
	const says = "Your place in the order was changed, because:"
	if page := webtest.Words(st.page(st.link(ben, 0))); strings.Contains(page, says) {
		t.Errorf("nothing was changed, and ben reads:\n%s", page)
	}
	_, err := st.retreats.Prioritise(t.Context(), "co", ben, -5, "You asked us to wait until May", robin)
	st.must(err)
	if page := webtest.Words(st.page(st.link(ben, 1))); !strings.Contains(page, says+" You asked us to wait until May.") || !strings.Contains(page, "You are number 2") {
		t.Errorf("ben reads:\n%s", page)
	}
	if page := webtest.Words(st.page(st.link(cleo, 0))); strings.Contains(page, says) || strings.Contains(page, "until May") {
		t.Errorf("cleo, who was not moved and did not join later, reads:\n%s", page)
	}
}

// TestOneWaitsOnlyWherePlacesAreTaken: where one is free, the page leads to
// booking it, and waiting does not hold it by the way.
func TestOneWaitsOnlyWherePlacesAreTaken(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ids := st.more("2027-05-07", "2027-06-04")
	free, full := ids[0], ids[1]
	st.book("ana", false)
	ben := st.book("ben", true)
	st.cohort = full
	st.book("cleo", false)
	place := st.link(ben, 0)
	root := st.page(place)
	var choices, links []string
	for n := range root.Descendants() {
		if webtest.Attr(n, "name") == "cohort" {
			choices = append(choices, webtest.Attr(n, "value"))
		}
		if n.Data == "a" {
			links = append(links, webtest.Attr(n, "href"))
		}
	}
	if !slices.Equal(choices, []string{full}) {
		t.Errorf("ben may wait for %v", choices)
	}
	for _, want := range []string{"/cohorts/" + full + "#refunds", "/cohorts/" + free + "/book"} {
		if !slices.Contains(links, want) {
			t.Errorf("nothing leads to %s: %v", want, links)
		}
	}
	w := st.ask("POST", place+"/waits", url.Values{"cohort": {free}, "accept_policy": {"1"}}, nil)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "These dates have a free place now") {
		t.Errorf("waiting where a place is free was answered %d", w.Code)
	}
	c, err := st.retreats.Cohort(t.Context(), free)
	st.must(err)
	if len(c.Roster.Places) != 0 {
		t.Errorf("a place was taken: %+v", c.Roster.Places)
	}
}

// TestTheBoardSaysWhyNothingIsOffered by itself, each time another reason.
func TestTheBoardSaysWhyNothingIsOffered(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana, ben := st.book("ana", false), st.book("ben", true)
	st.must(st.bookings.Cancel(ctx, ana, nil))
	st.must(st.bookings.AnswerOffer(ctx, ben, booking.PassOffer))
	board := func(want string) {
		t.Helper()
		page := st.staffPage("/staff/cohorts/co", st.as(access.Organizer))
		if !strings.Contains(page, "1 place is free while couples wait. "+want) {
			t.Errorf("the board does not say %q:\n%s", want, page)
		}
	}
	board("Everybody who waits has let this go by")
	_, err := st.retreats.Close(ctx, "co", robin)
	st.must(err)
	board("Booking is closed")
	_, err = st.retreats.Reopen(ctx, "co", robin)
	st.must(err)
	cleo := st.book("cleo", true) // takes the place that nobody wanted
	st.payOn(st.openPage(cleo))
	st.hear()
	st.book("dan", true)
	st.wait(80 * 24 * time.Hour)
	terms := st.stands(cleo, retreats.Confirmed, deposit).Cohort.Terms
	terms.Capacity = 2
	_, err = st.retreats.AmendCohort(ctx, "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error { *t = terms; return nil })
	st.must(err)
	board("It is too near the start")
}
