package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/internal/web/webtest"
)

func contains(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
}

func TestTheTeamPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	robin := d.addThat("robin", access.Organizer, true)
	b := d.signedIn(robin)
	contains(t, b.page("GET", "/staff/team", nil, http.StatusOK), "Signed in as robin", "robin@example.org organizer, may refund (you)", "No program has a token yet.")

	// What is wrong stands beside its field, and what was typed is kept.
	typed := url.Values{"email": {"sam@nowhere"}, "name": {""}, "role": {"clinician"}, "may_refund": {"1"}}
	w := b.ask("POST", "/staff/team", typed)
	root := webtest.Parse(t, "the form again", w.Body.Bytes())
	if w.Code != http.StatusUnprocessableEntity || webtest.Attr(webtest.ByID(t, root, "email"), "value") != "sam@nowhere" {
		t.Errorf("the form again: %d", w.Code)
	}
	contains(t, w.Body.String(), `<option selected>clinician</option>`, `name="may_refund" value="1" checked`)
	contains(t, webtest.Words(webtest.ByID(t, root, "name_error")), "Please write the name.")
	contains(t, webtest.Words(webtest.ByID(t, root, "email_error")), "should look like")

	b.leads("POST", "/staff/team", url.Values{"email": {"sam@example.org"}, "name": {"Sam"}, "role": {"staff"}, "may_refund": {"1"}}, "/staff/team?done=added")
	contains(t, b.page("GET", "/staff/team?done=added", nil, http.StatusOK), "a sign-in link is on its way", "sam@example.org staff, may refund")
	mail := d.mail()
	if len(mail) != 1 || !strings.HasPrefix(mail[0], "sam@example.org http://localhost/signin/") {
		t.Fatalf("sent %q", mail)
	}
	sam := &browser{desk: d}
	sam.leads("POST", strings.TrimPrefix(mail[0], "sam@example.org http://localhost"), nil, "/staff")
	contains(t, b.page("POST", "/staff/team", url.Values{"email": {"SAM@example.org"}, "name": {"Sam"}, "role": {"staff"}}, http.StatusUnprocessableEntity),
		"Somebody with this address works here already.")

	person, err := d.team.ByEmail(t.Context(), "sam@example.org")
	if err != nil {
		t.Fatal(err)
	}
	path := "/staff/team/" + person.ID
	contains(t, b.page("GET", path, nil, http.StatusOK), "added: staff, may refund by robin")
	contains(t, b.page("POST", path, url.Values{"name": {"  "}, "role": {"owner"}}, http.StatusUnprocessableEntity), "Please write the name.", "A role is")
	b.leads("POST", path, url.Values{"name": {"Sam S."}, "role": {"viewer"}}, "/staff/team?done=changed")
	contains(t, b.page("GET", path, nil, http.StatusOK), "role: staff → viewer", "may refund: yes → no", "name: Sam → Sam S.")
	sam.page("GET", "/test/record_clearance", nil, http.StatusForbidden)
	contains(t, b.page("POST", path+"/end", nil, http.StatusUnprocessableEntity), "Please tick the box")
	b.leads("POST", path+"/end", url.Values{"sure": {"1"}}, "/staff/team?done=ended")
	sam.leads("GET", "/test/signed_in", nil, "/signin?next=%2Ftest%2Fsigned_in")
	contains(t, b.page("GET", "/staff/team?done=ended", nil, http.StatusOK), "cannot sign in any more", "Who has left (1)", "until 11 January 2027")
	contains(t, b.page("GET", path, nil, http.StatusNotFound), "Nobody who works here")
	contains(t, b.page("POST", path+"/end", url.Values{"sure": {"1"}}, http.StatusNotFound), "Nobody who works here")
}

func TestTheLastOrganizerIsToldSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	robin := d.add("robin", access.Organizer)
	b := d.signedIn(robin)
	path := "/staff/team/" + robin.ID
	typed := url.Values{"name": {"Robin R."}, "role": {"staff"}}
	w := b.ask("POST", path, typed)
	if w.Code != http.StatusConflict {
		t.Errorf("answered %d", w.Code)
	}
	contains(t, w.Body.String(), "This is the last organizer.", `value="Robin R."`, `<option selected>staff</option>`)
	contains(t, b.page("POST", path+"/end", url.Values{"sure": {"1"}}, http.StatusConflict), "This is the last organizer.")
}

func TestTokensOnTheTeamPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	b := d.signedIn(d.addThat("robin", access.Organizer, true))
	w := b.ask("POST", "/staff/tokens", url.Values{"label": {""}, "role": {"staff"}})
	root := webtest.Parse(t, "the form again", w.Body.Bytes())
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("answered %d", w.Code)
	}
	contains(t, webtest.Words(webtest.ByID(t, root, "token_label_error")), "Please say what the token is for")

	w = b.ask("POST", "/staff/tokens", url.Values{"label": {"Our site"}, "role": {"viewer"}, "may_refund": {"1"}})
	secret := webtest.Attr(webtest.ByID(t, webtest.Parse(t, "the token", w.Body.Bytes()), "secret"), "value")
	actor, err := d.tokens.Actor(t.Context(), secret)
	if err != nil || actor.Name != "Our site" || actor.Role != access.Viewer || !actor.MayRefund {
		t.Fatalf("the token is %+v, %v", actor, err)
	}
	page := b.page("GET", "/staff/team", nil, http.StatusOK)
	contains(t, page, "Our site", actor.ID, "viewer, may refund", "last used 11 January 2027")
	if strings.Contains(page, secret) {
		t.Error("the token is shown again")
	}
	withdraw := "/staff/tokens/" + url.PathEscape(actor.ID) + "/withdraw"
	b.leads("POST", withdraw, nil, "/staff/team?done=withdrawn")
	if _, err := d.tokens.Actor(t.Context(), secret); err == nil {
		t.Error("the token works still")
	}
	contains(t, b.page("POST", withdraw, nil, http.StatusNotFound), "not there any more")
}

// TestTheMarkIsNotGivenByWhoLacksIt: the form comes back and says so.
func TestTheMarkIsNotGivenByWhoLacksIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	robin := d.add("robin", access.Organizer)
	b := d.signedIn(robin)
	for path, form := range map[string]url.Values{
		"/staff/team":             {"email": {"sam@example.org"}, "name": {"Sam"}, "role": {"staff"}, "may_refund": {"1"}},
		"/staff/team/" + robin.ID: {"name": {"robin"}, "role": {"organizer"}, "may_refund": {"1"}},
		"/staff/tokens":           {"label": {"till"}, "role": {"viewer"}, "may_refund": {"1"}},
	} {
		contains(t, b.page("POST", path, form, http.StatusUnprocessableEntity), "Only somebody who may give money back can let others do so.")
	}
	if p, err := d.team.Person(t.Context(), robin.ID); err != nil || p.MayRefund {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAwkwardNamesInTheTeam(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	b := d.signedIn(d.add("robin", access.Organizer))
	for _, name := range webtest.Awkward {
		b.page("POST", "/staff/team", url.Values{"email": {name}, "name": {name}, "role": {name}}, http.StatusUnprocessableEntity)
		b.page("POST", "/signin", url.Values{"email": {name}, "next": {name}}, http.StatusUnprocessableEntity)
		if _, err := d.tokens.Create(t.Context(), access.Console(), name, access.Viewer, false); err != nil {
			t.Fatal(err)
		}
		p, err := d.team.Add(t.Context(), access.Console(), strings.Repeat("a", len(name))+"@example.org", name, access.Viewer, false)
		if err != nil {
			continue // marks of direction are refused
		}
		contains(t, b.page("GET", "/staff/team", nil, http.StatusOK), name)
		contains(t, b.page("GET", "/staff/team/"+p.ID, nil, http.StatusOK), name)
		own := d.signedIn(p)
		contains(t, own.page("GET", "/staff/account", nil, http.StatusOK), name)
		contains(t, own.page("GET", d.link(p), nil, http.StatusOK), "Sign in as "+name)
	}
}

func TestTheNavigation(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	robin := d.add("robin", access.Organizer)
	nav := func(b *browser, path string) (here, all []string) {
		t.Helper()
		w := b.ask("GET", path, nil)
		for n := range webtest.Parse(t, path, w.Body.Bytes()).Descendants() {
			if n.Data == "a" && (n.Parent.Data == "nav" || n.Parent.Parent.Data == "nav") {
				all = append(all, webtest.Attr(n, "href"))
				if webtest.Attr(n, "aria-current") != "" {
					here = append(here, webtest.Attr(n, "href"))
				}
			}
		}
		return here, all
	}
	for path, want := range map[string]string{
		"/staff/team": "/staff/team", "/staff/team/" + robin.ID: "/staff/team", "/staff/account": "", "/nowhere": "",
	} {
		here, all := nav(d.signedIn(robin), path)
		if strings.Join(here, " ") != want || strings.Join(all, " ") != "/staff /staff/retreats /staff/calls /staff/money /staff/messages /staff/consultations /staff/team /staff/status /staff/account" {
			t.Errorf("%s: %q is marked of %q", path, here, all)
		}
	}
	if _, all := nav(d.signedIn(d.add("vera", access.Viewer)), "/staff/account"); strings.Contains(strings.Join(all, " "), "team") {
		t.Errorf("a viewer is led to %q", all)
	}
	if _, all := nav(&browser{desk: d}, "/signin"); all != nil {
		t.Errorf("a stranger is led to %q", all)
	}
}

type whoOutput struct {
	Body struct{ Name, ID string }
}

func TestWhoCallsAnOperation(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	who := func(ctx context.Context, _ *struct{}) (*whoOutput, error) {
		out := &whoOutput{}
		actor, _ := web.ActorOf(ctx)
		out.Body.Name, out.Body.ID = actor.Name, actor.ID
		return out, nil
	}
	for _, right := range []access.Right{access.Public, access.OwnBooking, access.OwnPartner, access.ReadBookings, access.Refund} {
		web.Register(d.API(), web.Operation{
			ID: string(right), Method: http.MethodGet, Path: "/api/v1/" + string(right), Tag: "Test", Right: right,
		}, who)
	}
	tokens := map[string]string{"stranger": "", "couple": "bk_x.y", "guess": "lantern_organizer_guess"}
	for name, mayRefund := range map[string]bool{"viewer": false, "cashier": true} {
		token, err := d.tokens.Create(t.Context(), access.Console(), name, access.Viewer, mayRefund)
		if err != nil {
			t.Fatal(err)
		}
		tokens[name] = token
	}
	ok, unknown, refused := http.StatusOK, http.StatusUnauthorized, http.StatusForbidden
	for name, want := range map[string]map[string]int{
		"stranger": {"public": ok, "own_booking": unknown, "own_partner": unknown, "read_bookings": unknown, "refund": unknown},
		"couple":   {"public": ok, "own_booking": ok, "own_partner": ok, "read_bookings": unknown, "refund": unknown},
		"guess":    {"public": ok, "own_booking": unknown, "own_partner": unknown, "read_bookings": unknown, "refund": unknown},
		"viewer":   {"public": ok, "own_booking": ok, "own_partner": unknown, "read_bookings": ok, "refund": refused},
		"cashier":  {"public": ok, "own_booking": ok, "own_partner": unknown, "read_bookings": ok, "refund": ok},
	} {
		for right, status := range want {
			r := httptest.NewRequest("GET", "/api/v1/"+right, nil)
			if tokens[name] != "" {
				r.Header.Set("Authorization", "Bearer "+tokens[name])
			}
			w := httptest.NewRecorder()
			d.ServeHTTP(w, r)
			named := strings.Contains(w.Body.String(), `"Name":"`+name+`"`)
			if w.Code != status || named != (status == ok && right != "public" && (name == "viewer" || name == "cashier")) {
				t.Errorf("%s for %s: %d %s", name, right, w.Code, w.Body)
			}
		}
	}
}

// Where no mail is sent, nobody is told that some is on its way.
func TestWithoutMail(t *testing.T) {
	t.Parallel()
	d := newDeskThat(t, "http://localhost", func(o *web.Options) { o.SendLink = nil })
	b := d.signedIn(d.add("robin", access.Organizer))
	b.leads("POST", "/staff/team", url.Values{"email": {"sam@example.org"}, "name": {"Sam"}, "role": {"staff"}}, "/staff/team?done=unsent")
	contains(t, b.page("GET", "/staff/team?done=unsent", nil, http.StatusOK), "lantern staff link")
	stranger := &browser{desk: d}
	stranger.page("POST", "/signin", url.Values{"email": {"sam@example.org"}}, http.StatusOK)
	if sent := d.mail(); sent != nil {
		t.Errorf("sent %q", sent)
	}
}

func TestWaitingForLinksEnds(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	d := newDeskThat(t, "http://localhost", func(o *web.Options) {
		o.SendLink = func(context.Context, access.Person, string, int) error {
			<-hold
			return nil
		}
	})
	d.add("robin", access.Organizer)
	(&browser{desk: d}).page("POST", "/signin", url.Values{"email": {"robin@example.org"}}, http.StatusOK)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := d.Wait(ctx); err == nil {
		t.Error("a link is on its way, and waiting has ended well")
	}
	close(hold)
	if err := d.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}
