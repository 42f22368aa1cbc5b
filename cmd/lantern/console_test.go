package main

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"lantern/internal/access"
	"lantern/retreats"
)

// TestMovingDatesNamesTheCouples: the page before the change names those whom
// it concerns, and after it their own page has the new date.
func TestMovingDatesNamesTheCouples(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("Ana", false)
	ben := st.book("Ben", true)
	robin, err := st.team.Add(t.Context(), access.Console(), "robin@example.org", "Robin", access.Organizer, false)
	st.must(err)
	link, err := st.team.LinkFor(t.Context(), access.Console(), robin.ID)
	st.must(err)
	secret, _, err := st.team.SignIn(t.Context(), link.Token)
	st.must(err)
	session := map[string]string{"Cookie": "lantern_session=" + secret}

	move := "/staff/cohorts/co/settings/reschedule"
	w := st.ask("GET", move+"?starts_on=2027-05-07", nil, session)
	page := st.check(move, w)
	for _, want := range []string{"2 couples", "Ana & Partner", "Ben & Partner", "held", "waiting", "Friday 7 May 2027"} {
		if !strings.Contains(words(page), want) {
			t.Errorf("before the move the page does not say %q:\n%s", want, words(page))
		}
	}
	form := map[string][]string{}
	for n := range page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "input" && attr(n, "type") == "hidden" {
			form[attr(n, "name")] = []string{attr(n, "value")}
		}
	}
	if w := st.ask("POST", move, form, session); w.Code != http.StatusSeeOther {
		t.Fatalf("the move was answered %d:\n%s", w.Code, w.Body)
	}
	for id, state := range map[string]retreats.PlaceState{ana: retreats.Held, ben: retreats.WaitingOn} {
		st.stands(id, state, 0)
		if got := words(st.page(st.link(id, 0))); !strings.Contains(got, "7 May 2027") {
			t.Errorf("the couple's page keeps the old date:\n%s", got)
		}
	}
}
