package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web"
)

func TestTheLogSaysNothingPersonal(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := settings{Addr: "127.0.0.1:0", Data: t.TempDir(), Practice: "Cedar House"}
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	a, err := openApp(t.Context(), s, slog.New(slog.NewJSONHandler(&log, nil)), true, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer a.db.Close()
	st := &story{app: a, t: t, now: clock()}
	st.addCohort(2)
	place := st.ask("POST", "/cohorts/co/book", coupleForm("Zebedee", "zebedee@example.org"), nil).Header().Get("Location")
	st.page(place)
	st.ask("POST", "/cohorts/co/book", coupleForm("", "zebedee@example"), nil)
	st.ask("GET", "/b/bk_secret.token", nil, nil)
	st.ask("POST", "/webhooks/stripe", url.Values{"zebedee": {"x"}}, nil)
	lines := strings.Count(log.String(), `"msg":"request"`)
	if lines != 5 {
		t.Errorf("%d lines for 5 requests:\n%s", lines, log.String())
	}
	for _, secret := range []string{"zebedee", "Zebedee", "example", "901820", strings.TrimPrefix(place, "/b/"), "bk_secret"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log says %q:\n%s", secret, log.String())
		}
	}
}

// visitor is somebody who asks for a page or calls an operation.
type visitor struct {
	name   string
	actor  *access.Actor // nil for who does not work here
	owner  bool          // has the link of a partner of the booking asked for
	bearer string
	cookie *http.Cookie
}

// visitors are nobody, guessers, couples, and one person and one program of
// each role.
func (st *story) visitors(own, other string) []visitor {
	st.t.Helper()
	ctx := st.t.Context()
	all := []visitor{
		{name: "nobody"},
		{name: "a guesser", bearer: "lantern_organizer_guess"},
		{name: "the first partner", owner: true, bearer: st.bookings.Token(own, 0)},
		{name: "the second partner", owner: true, bearer: st.bookings.Token(own, 1)},
		{name: "another couple", bearer: st.bookings.Token(other, 0)},
	}
	for _, role := range access.Roles {
		actor := access.Actor{Role: role}
		token, err := st.tokens.Create(ctx, access.Console(), "test", role, false)
		if err != nil {
			st.t.Fatal(err)
		}
		all = append(all, visitor{name: "a program as " + string(role), actor: &actor, bearer: token})
		all = append(all, visitor{name: string(role), actor: &actor, cookie: st.signIn(role)})
	}
	return all
}

// signIn adds somebody with the role to the team and signs them in.
func (st *story) signIn(role access.Role) *http.Cookie {
	st.t.Helper()
	ctx := st.t.Context()
	person, err := st.team.Add(ctx, access.Console(), string(role)+"@example.org", string(role), role, false)
	if err != nil {
		st.t.Fatal(err)
	}
	link, err := st.team.LinkFor(ctx, access.Console(), person.ID)
	if err != nil {
		st.t.Fatal(err)
	}
	w := st.ask("POST", "/signin/"+link.Token, nil, nil)
	for _, cookie := range w.Result().Cookies() {
		return cookie
	}
	st.t.Fatalf("signing in as %s was answered %d", role, w.Code)
	return nil
}

// mayPass says what the route's row says of a visitor.
func mayPass(route web.Route, v visitor) bool {
	isAPI := strings.HasPrefix(route.Path, "/api/v1/") || route.Right == access.ReadFigures
	switch {
	case (route.Right == access.OwnPartner || route.Right == access.OwnDriver) && !isAPI:
		return true // the address itself holds the link
	case route.Right == access.OwnPartner:
		return v.owner
	case route.Right == access.OwnBooking && v.owner:
		return true
	case v.actor == nil || isAPI != (v.cookie == nil):
		return false // sessions are for pages, tokens for programs
	case route.Right == access.OwnBooking:
		return v.actor.Has(access.ReadBookings)
	}
	return v.actor.Has(route.Right)
}

// TestNoRouteGivesMoreThanItsRight walks the table of all routes with each kind
// of visitor.
func TestNoRouteGivesMoreThanItsRight(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana, ben := st.book("ana", false), st.book("ben", false)
	st.must(st.bookings.NameDriver(t.Context(), ana, "s1", 0, booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0177", Relation: "a friend"}))
	driver := st.driverLink(ana, "s1")
	visitors := append(st.visitors(ana, ben), visitor{name: "a driver", bearer: strings.TrimPrefix(driver, "/d/")})
	asked := 0
	for _, route := range st.server.Routes() {
		switch route.Right {
		case "":
			t.Errorf("%s %s names no right", route.Method, route.Path)
			continue
		case access.Public, access.Signed, access.Outbox:
			continue
		}
		asked++
		path := strings.NewReplacer(
			"cohorts/{id}", "cohorts/co", "bookings/{id}", "bookings/"+ana, "{partner}", "1", "{talk}", "talk_none",
			"cohorts/:id", "cohorts/co", "bookings/:id", "bookings/"+ana, "calls/:id", "calls/"+ana, "/d/:token", driver, ":cohort/:session", "co/s1", ":session", "s1", "{session}", "s1", ":token", st.bookings.Token(ana, 0), ":dispute", "dp_none", ":sending", "sd_none", "{sending}", "sd_none", "{payment}", "pi_none", "{refund}", "re_none", ":reminder", "papers-1", "{reminder}", "papers-1",
		).Replace(route.Path)
		for _, v := range visitors {
			if signsOut(route) {
				continue // who may do this is not who they were any more
			}
			r := httptest.NewRequest(route.Method, path, nil)
			if v.bearer != "" {
				r.Header.Set("Authorization", "Bearer "+v.bearer)
			}
			if v.cookie != nil {
				r.AddCookie(v.cookie)
			}
			w := httptest.NewRecorder()
			st.server.ServeHTTP(w, r)
			toSignIn := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/signin")
			refused := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden || toSignIn
			if refused == mayPass(route, v) {
				t.Errorf("%s %s (%s) by %s: answered %d", route.Method, route.Path, route.Right, v.name, w.Code)
			}
		}
	}
	if asked < 60 {
		t.Errorf("only %d routes ask for a right", asked)
	}
}

func signsOut(route web.Route) bool { return strings.HasPrefix(route.Path, "/signout") }
