package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lantern/internal/access"
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

func TestNoRouteGivesMoreThanItsRight(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	bearers := map[access.Role]string{}
	for _, role := range access.Roles {
		token, err := st.tokens.Create(t.Context(), access.Console(), "test", role, false)
		if err != nil {
			t.Fatal(err)
		}
		bearers[role] = token
	}
	seen := 0
	for _, route := range st.server.Routes() {
		if route.Right == "" {
			t.Errorf("%s %s names no right", route.Method, route.Path)
		}
		if !strings.HasPrefix(route.Path, "/api/v1/") || route.Right == access.Public {
			continue
		}
		seen++
		path := strings.NewReplacer("cohorts/{id}", "cohorts/co", "bookings/{id}", "bookings/"+ana).Replace(route.Path)
		status := func(bearer string) int {
			headers := map[string]string{"Content-Type": "application/json"}
			if bearer != "" {
				headers["Authorization"] = "Bearer " + bearer
			}
			r := httptest.NewRequest(route.Method, path, strings.NewReader(bodies[route.Path]))
			for name, value := range headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			st.server.ServeHTTP(w, r)
			return w.Code
		}
		if got := status(""); got != http.StatusUnauthorized {
			t.Errorf("%s %s without a token answered %d", route.Method, route.Path, got)
		}
		if got := status("lantern_organizer_guess"); got != http.StatusUnauthorized {
			t.Errorf("%s %s with a guessed token answered %d", route.Method, route.Path, got)
		}
		for role, bearer := range bearers {
			right := route.Right
			refused := http.StatusForbidden
			if right == access.OwnBooking {
				right = access.ReadBookings
				if route.Method != http.MethodGet {
					right, refused = "the couple's alone", http.StatusUnauthorized
				}
			}
			got := status(bearer)
			if role.Has(right) == (got == refused) {
				t.Errorf("%s %s as %s answered %d", route.Method, route.Path, role, got)
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d operations ask for a right", seen)
	}
}

// bodies are what operations need to get as far as the check of rights.
var bodies = map[string]string{
	"/api/v1/bookings/{id}/offer":             `{"answer":"pass"}`,
	"/api/v1/retreats":                        `{"name":"x","location":"x","capacity":1,"price":{"amount":1,"currency":"USD"},"plan":[]}`,
	"/api/v1/cohorts":                         `{"retreat":"none","time_zone":"UTC","starts_on":"2027-01-01"}`,
	"/api/v1/retreats/{id}":                   `{}`,
	"/api/v1/cohorts/{id}":                    `{}`,
	"/api/v1/cohorts/{id}/cancel":             `{"reason":"x"}`,
	"/api/v1/cohorts/{id}/reschedule":         `{"starts_on":"2027-05-01","dry_run":true}`,
	"/api/v1/cohorts/{id}/sessions":           `{"kind":"gathering","title":"x","day":0,"clock":"09:00","minutes":60}`,
	"/api/v1/cohorts/{id}/sessions/{session}": `{"kind":"gathering","title":"x","day":0,"clock":"09:00","minutes":60}`,
}
