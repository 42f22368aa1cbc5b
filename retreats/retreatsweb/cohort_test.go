package retreatsweb_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/internal/web/webtest"
	"lantern/retreats"
	"lantern/retreats/retreatsweb"
)

func settingsOf(c *retreats.Cohort) string { return "/staff/cohorts/" + c.ID + "/settings" }

func TestTheLifeOfACohort(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(false)
	path := settingsOf(c)
	says(t, d.send(path+"/close", nil, http.StatusConflict), "Only dates that are on offer can be closed")
	d.goesOn(path+"/publish", nil)
	says(t, d.page(d.goesOn(path+"/close", nil)), "Booking is closed", "Open booking again", "state")
	says(t, d.send(path+"/publish", nil, http.StatusConflict), "Only a draft can be published")
	says(t, d.page(d.goesOn(path+"/reopen", nil)), "on offer again")
	page := d.send(path+"/cancel", url.Values{"reason": {"  "}}, http.StatusUnprocessableEntity)
	says(t, page, "Nothing was cancelled", "Please say why")
	long := strings.Repeat("x", 301)
	if again := formOf(t, d.send(path+"/cancel", url.Values{"reason": {long}}, http.StatusUnprocessableEntity), path+"/cancel"); again.Get("reason") != long {
		t.Errorf("the reason that was typed is lost: %v", again)
	}
	page = d.page(d.goesOn(path+"/cancel", url.Values{"reason": {"The house is flooded."}}))
	says(t, page, "These dates are cancelled", "The house is flooded.", "Robin")
	doesNotSay(t, page, "Add a session", "Close booking", "Cancel these dates")
	for _, over := range []string{"/cancel", "/edit"} {
		if w := d.ask(http.MethodGet, path+over, nil); w.Code != http.StatusSeeOther {
			t.Errorf("%s of what is over answered %d", over, w.Code)
		}
	}
	says(t, d.send(path+"/reschedule", url.Values{"starts_on": {"2027-06-04"}}, http.StatusConflict), "have ended")
	says(t, d.page("/staff/retreats?past=1"), "cancelled")
	doesNotSay(t, d.page("/staff/retreats"), "9 to")
	for _, unknown := range []string{"/staff/cohorts/none/settings", path + "/sessions/s99"} {
		if w := d.ask(http.MethodGet, unknown, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s answered %d", unknown, w.Code)
		}
	}
}

func TestCancellingSaysWhomItConcerns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	path := settingsOf(c) + "/cancel"
	says(t, d.page(path), "No couple has a place or waits")
	for _, booking := range []string{"b1", "b2"} {
		if _, err := d.retreats.Reserve(t.Context(), c.ID, booking, ""); err != nil {
			t.Fatal(err)
		}
	}
	d.couples = []retreatsweb.Couple{{Ref: "7K3M", Names: "Maya and Jon", State: "held"}, {Ref: "9XQ2", Names: "Leila and Sam", State: "held"}}
	says(t, d.page(path), "2 couples are concerned", "2 held", "Maya and Jon", "7K3M")
	doesNotSay(t, d.page(settingsOf(c)), "Maya")
}

func TestOverFullIsShown(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	for _, booking := range []string{"b1", "b2", "b3"} {
		if _, err := d.retreats.Reserve(t.Context(), c.ID, booking, ""); err != nil {
			t.Fatal(err)
		}
	}
	path := settingsOf(c) + "/edit"
	form := formOf(t, d.page(path), path)
	form.Set("capacity", "2")
	page := d.page(d.goesOn(path, form))
	says(t, page, "The change is saved", "Over-full by 1 couple", "3 held", "capacity", "6", "2")
	says(t, d.page("/staff/retreats"), "3 of 2 taken", "over-full")
}

func TestACohortsTermsAreChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	path := settingsOf(c) + "/edit"
	form := formOf(t, d.page(path), path)
	bad := url.Values{}
	for name, values := range form {
		bad[name] = values
	}
	bad.Set("price", "a lot")
	bad.Set("capacity", "0")
	says(t, d.send(path, bad, http.StatusUnprocessableEntity), "Price: Write the amount", "Couples: This must be between")
	form = formOf(t, d.page(path), path)
	form.Set("price", "5,000.50")
	form.Set("deposit", "")
	form.Set("currency", "EUR") // it stays as it is, whatever is sent
	form.Set("undo_minutes", "10")
	says(t, d.page(d.goesOn(path, form)), "$5,000.50", "$1,000.10", "10 minutes", "minutes for undoing")
	if got := d.cohort(c.ID); got.Price != money.Of(500050, "USD") || got.Deposit != money.Of(100010, "USD") {
		t.Errorf("the terms are %+v", got.Terms)
	}
}

func TestMovingDatesIsShownFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	if _, err := d.retreats.Reserve(t.Context(), c.ID, "b1", ""); err != nil {
		t.Fatal(err)
	}
	path := settingsOf(c) + "/reschedule"
	for _, bad := range []string{"", "soon", "2020-02-02"} {
		page := d.read(d.ask(http.MethodGet, path+"?starts_on="+bad, nil), path, http.StatusUnprocessableEntity)
		says(t, page, "Nothing was changed")
		if got := formOf(t, page, path).Get("starts_on"); got != bad {
			t.Errorf("typed %q, shown %q", bad, got)
		}
	}
	says(t, d.page(path+"?starts_on=2027-04-09"), "Nothing would change")
	page := d.page(path + "?starts_on=2027-11-05")
	says(t, page, "Move these dates to Friday 5 November 2027", "Fri 9 Apr 2027, 16:00 to 19:00", "Fri 5 Nov 2027, 16:00 to 19:00",
		"Wednesday 10 March 2027", "Wednesday 6 October 2027", "100 % back until", "Monday 6 September 2027", "1 couple", "1 held")
	if d.cohort(c.ID).StartsOn != "2027-04-09" {
		t.Fatal("looking has moved the dates")
	}
	form := formOf(t, page, path)
	if _, err := d.retreats.Reserve(t.Context(), c.ID, "b2", ""); err != nil {
		t.Fatal(err)
	}
	again := d.send(path, form, http.StatusConflict)
	says(t, again, "have changed since you looked", "2 couples")
	if d.cohort(c.ID).StartsOn != "2027-04-09" {
		t.Fatal("dates were moved by who had not seen whom it concerns")
	}
	says(t, d.page(d.goesOn(path, formOf(t, again, path))), "These dates have moved", "Friday 5 to Sunday 7 November 2027", "first day", "2027-04-09", "2027-11-05")
	moved := d.cohort(c.ID)
	if got := moved.Sessions[2].StartsAt.In(moved.Location()).Format("2006-01-02 15:04"); got != "2027-11-05 16:00" {
		t.Errorf("over the end of summer time the session is at %s", got)
	}
}

func TestASessionIsChangedAddedAndDropped(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	path := settingsOf(c) + "/sessions/s4"
	form := formOf(t, d.page(path), path)
	if form.Get("date") != "2027-04-10" || form.Get("clock") != "09:30" || form.Get("receives") != "both" {
		t.Errorf("the form begins with %v", form)
	}
	unchanged := d.send(path, form, http.StatusOK)
	says(t, unchanged, "Nothing would change")
	form.Set("date", "2027-04-11")
	form.Set("clock", "08:00")
	page := d.send(path, form, http.StatusOK)
	says(t, page, "Change First medicine session", "Sat 10 Apr 2027, 9:30 to 12:30", "Sun 11 Apr 2027, 8:00 to 11:00", "no couple has a place")
	confirm := formOf(t, page, path)
	back := url.Values{"intent": {"edit"}}
	for name, values := range confirm {
		back[name] = values
	}
	if again := formOf(t, d.send(path, back, http.StatusOK), path); again.Get("clock") != "08:00" || again.Get("date") != "2027-04-11" {
		t.Errorf("on the way back what was typed is lost: %v", again)
	}
	says(t, d.page(sessionsLess(d.goesOn(path, confirm))), "The sessions are changed", "Sun 11 Apr 2027, 8:00 to 11:00")

	adding := settingsOf(c) + "/sessions/new"
	empty := formOf(t, d.page(adding), adding)
	says(t, d.send(adding, empty, http.StatusUnprocessableEntity), "Title: Every session needs", "Day: Write the date", "Time: Write the time")
	bad := url.Values{"title": {"x"}, "date": {"2099-01-01"}, "clock": {"9"}, "minutes": {"x"}, "kind": {"party"}, "receives": {"both"}}
	says(t, d.send(adding, bad, http.StatusUnprocessableEntity), "within a year", "for example 09:30", "whole number", "A session is a", "Only a medicine")
	added := url.Values{"title": {"Music"}, "date": {"2027-04-10"}, "clock": {"20:00"}, "minutes": {"60"}, "kind": {"gathering"}, "receives": {""}, "where": {""}}
	page = d.send(adding, added, http.StatusOK)
	says(t, page, "Add Music", "new", "Sat 10 Apr 2027, 20:00 to 21:00")
	d.goesOn(adding, formOf(t, page, adding))
	now := d.cohort(c.ID)
	last := now.Sessions[len(now.Sessions)-1]
	if len(now.Sessions) != 10 || last.ID == "s10" {
		t.Errorf("after adding: %v", now.Sessions)
	}

	dropping := settingsOf(c) + "/sessions/s10/drop"
	page = d.send(dropping, nil, http.StatusOK)
	says(t, page, "Take out Music", "taken out")
	d.goesOn(dropping, formOf(t, page, dropping))
	if _, ok := d.cohort(c.ID).Session("s10"); ok {
		t.Error("the session is still there")
	}
	if w := d.ask(http.MethodPost, dropping, formOf(t, page, dropping)); w.Code != http.StatusNotFound {
		t.Errorf("dropping twice answered %d", w.Code)
	}
}

// sessionsLess leaves out the place on the page.
func sessionsLess(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return address
}

func TestADraftOfThePastIsMovedFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(false)
	d.now = d.now.Add(100 * 24 * time.Hour)
	link, err := d.team.LinkFor(t.Context(), access.Console(), mustPerson(d))
	must(t, err)
	d.session, _, err = d.team.SignIn(t.Context(), link.Token)
	must(t, err)
	page := d.page(settingsOf(c))
	says(t, page, "cannot be published. Move them to a day to come first.")
	doesNotSay(t, page, "Publish")
	says(t, d.send(settingsOf(c)+"/publish", nil, http.StatusGone), "have begun already")
}

func mustPerson(d *desk) string {
	d.t.Helper()
	person, err := d.team.ByEmail(d.t.Context(), "robin@example.org")
	must(d.t, err)
	return person.ID
}

// TestThePublicTextIsHarmless: couples see what organizers wrote as words and
// links, and no page asks another site for anything.
func TestThePublicTextIsHarmless(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	if webtest.Count(d.public(c), "section") != 2 {
		t.Error("a cohort without a text has a section for it")
	}
	programme := c.Programme
	programme.Text = "# What we do\n\nSlow *mornings*, [a map](https://maps.example/x).\n\n" +
		"<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](data:text/html,x) ![a house](https://evil.example/x.png) <img src=x onerror=alert(1)>"
	_, err := d.retreats.AmendCohort(t.Context(), c.ID, organizer, func(p *retreats.Programme, _ *retreats.Terms) error { *p = programme; return nil })
	must(t, err)
	root := d.public(c)
	says(t, root, "What to expect", "What we do", "Slow mornings", "a house")
	scripts, links := 0, 0
	for n := range root.Descendants() {
		switch n.Data {
		case "img", "iframe", "object":
			t.Errorf("the page has <%s>", n.Data)
		case "script":
			scripts++
		case "a":
			href := webtest.Attr(n, "href")
			if strings.Contains(href, "javascript") || strings.HasPrefix(href, "data:") {
				t.Errorf("a link leads to %s", href)
			}
			if strings.HasPrefix(href, "http") {
				links++
				if webtest.Attr(n, "rel") != "nofollow noopener" {
					t.Errorf("the link to %s has rel %q", href, webtest.Attr(n, "rel"))
				}
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("<%s> has %s", n.Data, a.Key)
			}
		}
	}
	if scripts != 1 || links != 1 {
		t.Errorf("%d scripts and %d links, want one of each", scripts, links)
	}
}

// public reads the page of a cohort as anybody sees it. It may lead elsewhere,
// which the usual check does not let pass.
func (d *desk) public(c *retreats.Cohort) *html.Node {
	d.t.Helper()
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/cohorts/"+c.ID, nil))
	if w.Code != http.StatusOK {
		d.t.Fatalf("the page answered %d", w.Code)
	}
	root, err := html.Parse(w.Body)
	must(d.t, err)
	return root
}
