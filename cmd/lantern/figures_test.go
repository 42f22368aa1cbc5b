package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"lantern/internal/access"
)

// monitor is a token that sees figures and nothing else.
func (st *story) monitor() map[string]string {
	st.t.Helper()
	token, err := st.tokens.Create(st.t.Context(), access.Console(), "Prometheus", access.Monitor, false)
	if err != nil {
		st.t.Fatal(err)
	}
	return map[string]string{"Authorization": "Bearer " + token}
}

func (st *story) figuresSay(as map[string]string, want ...string) string {
	st.t.Helper()
	w := st.ask("GET", "/metrics", nil, as)
	if w.Code != http.StatusOK {
		st.t.Fatalf("/metrics was answered %d: %s", w.Code, w.Body.String())
	}
	for _, line := range want {
		if !strings.Contains(w.Body.String(), "\n"+line+"\n") {
			st.t.Errorf("the figures do not say %q:\n%s", line, w.Body.String())
		}
	}
	return w.Body.String()
}

// compares lets the books be compared with Stripe's at once.
func (st *story) compares() {
	st.t.Helper()
	st.wait(time.Minute)
	if _, err := st.bookings.Compare(st.t.Context(), access.Console().By()); err != nil {
		st.t.Fatal(err)
	}
}

func TestFiguresSayWhatWaits(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.tick()
	id := st.book("ana", false)
	st.wait(10 * time.Minute) // nobody sends meanwhile
	page := st.figuresSay(st.monitor(),
		`lantern_backlog{work="plans"} 1`, `lantern_backlog_lag_seconds{work="plans"} 600`, `lantern_backlog{work="messages"} 0`)
	for _, secret := range []string{"ana", "@", id, st.bookings.Token(id, 0)} {
		if strings.Contains(page, secret) {
			t.Errorf("the figures say %q", secret)
		}
	}
	// Prometheus asks again when what was looked up is old; here another program
	// takes its place.
	viewer := st.as(access.Viewer)
	st.staffReads("/staff/status", viewer, []string{"1 booking waits, the first since 18:00."}, []string{"Everything is working as it should"})
	st.tick()
	st.tick()
	st.staffReads("/staff/status", viewer, []string{"All messages due until 18:10 are out.", "Everything is working as it should"}, nil)
}

func TestFiguresAreForMonitorsAlone(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	monitor := st.monitor()
	st.figuresSay(monitor)
	for path, as := range map[string]map[string]string{
		"/metrics": nil, "/staff/status": monitor, "/api/v1/messages": monitor, "/api/v1/cohorts/co/roster": monitor,
	} {
		if w := st.ask("GET", path, nil, as); w.Code == http.StatusOK {
			t.Errorf("%s was shown to %v", path, as)
		}
	}
	if w := st.ask("GET", "/metrics", nil, st.as(access.Viewer)); w.Code == http.StatusOK {
		t.Error("a viewer in a browser sees figures meant for programs")
	}
}

func TestMoneyIsCountedByTheComparison(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	id := st.book("ana", false)
	st.payOn(st.openPage(id))
	st.hear()
	st.tick()
	st.compares()
	c := st.stands(id, "confirmed", 96000)
	kept := c.Booking.KeptInAll()
	st.figuresSay(st.monitor(), `lantern_money_minor_units{currency="`+kept.Currency+`",state="received"} 96000`,
		`lantern_money_minor_units{currency="`+kept.Currency+`",state="late"} 0`)
}

// TestTheDashboardKnowsOnlyWhatIsMeasured reads the files for Grafana and
// Prometheus.
func TestTheDashboardKnowsOnlyWhatIsMeasured(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	st.payOn(st.openPage(st.book("ana", false)))
	st.hear()
	st.tick()
	st.compares()
	page := st.figuresSay(st.monitor())
	names := regexp.MustCompile(`\b(lantern|process|go)_[a-z_]+[a-z]\b`)
	folder := filepath.Join("..", "..", "internal", "docs", "monitoring")
	for _, file := range []string{"grafana.json", "alerts.yml"} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		found := names.FindAllString(string(text), -1)
		if len(found) < 10 {
			t.Errorf("%s names only %q", file, found)
		}
		for _, name := range found {
			if !strings.Contains(page, "\n"+name+"{") && !strings.Contains(page, "\n"+name+" ") {
				t.Errorf("%s names %s, which is not measured", file, name)
			}
		}
	}
}
