package metrics_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lantern/internal/jobs"
	"lantern/internal/metrics"
	"lantern/internal/store"
)

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("answered %d:\n%s", w.Code, w.Body.String())
	}
	return w.Body.String()
}

func wants(t *testing.T, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no line %q in:\n%s", line, page)
		}
	}
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	m := metrics.New()
	m.Request("GET", "/b/:token", 200, 2*time.Millisecond)
	m.Request("GET", "/b/:token", 200, 2*time.Millisecond)
	m.Request("BREW", "", 404, time.Millisecond)
	wants(t, scrape(t, m),
		`lantern_request_seconds_count{method="GET",route="/b/:token",status="200"} 2`,
		`lantern_request_seconds_bucket{method="GET",route="/b/:token",status="200",le="0.005"} 2`,
		`lantern_request_seconds_count{method="other",route="none",status="404"} 1`)
}

// engine refuses every reading with an error of its own.
type engine struct {
	store.Engine
	err error
}

func (e engine) Find(context.Context, string, store.Scan) ([]store.Record, error) {
	return make([]store.Record, 3), e.err
}

func (e engine) Get(context.Context, string, string) (store.Record, error) {
	return store.Record{}, e.err
}

func TestTheStoreIsMeasuredByWhatCameOfIt(t *testing.T) {
	m := metrics.New()
	for _, err := range []error{nil, store.ErrNotFound, store.ErrUnavailable, errors.New("disk"), context.Canceled} {
		if _, got := m.Engine(engine{err: err}).Get(t.Context(), "bookings", "b"); !errors.Is(got, err) {
			t.Errorf("%v came back as %v", err, got)
		}
	}
	if _, err := m.Engine(engine{}).Find(t.Context(), "bookings", store.Scan{}); err != nil {
		t.Fatal(err)
	}
	wants(t, scrape(t, m), `lantern_store_documents_total{collection="bookings"} 4`,
		`lantern_store_seconds_count{collection="bookings",operation="get",result="ok"} 1`,
		`lantern_store_seconds_count{collection="bookings",operation="get",result="refused"} 1`,
		`lantern_store_seconds_count{collection="bookings",operation="get",result="failed"} 2`,
		`lantern_store_seconds_count{collection="bookings",operation="get",result="cut"} 1`)
}

func TestFiguresAreLookedUpAndSayWhenTheyCannotBe(t *testing.T) {
	m, asked := metrics.New(), 0
	passes := func() []jobs.PassStatus {
		return []jobs.PassStatus{{Name: "send messages", Runs: 3, Failures: 1, Busy: time.Second, LastEnd: time.Unix(1800000000, 0)}}
	}
	m.Watch(passes, func(context.Context) ([]metrics.Figure, error) {
		asked++
		return []metrics.Figure{{Name: "lantern_backlog", Help: "What waits.", Labels: []string{"work", "messages"}, Value: 7}}, nil
	}, slog.New(slog.DiscardHandler))
	scrape(t, m)
	wants(t, scrape(t, m), `lantern_backlog{work="messages"} 7`, `lantern_figures_up 1`,
		`lantern_pass_runs_total{pass="send messages"} 3`, `lantern_pass_failures_total{pass="send messages"} 1`,
		`lantern_pass_last_end_timestamp_seconds{pass="send messages"} 1.8e+09`)
	if asked != 1 {
		t.Errorf("looked up %d times within a moment", asked)
	}
	broken := metrics.New()
	broken.Watch(passes, func(context.Context) ([]metrics.Figure, error) { return nil, store.ErrUnavailable }, slog.New(slog.DiscardHandler))
	page := scrape(t, broken)
	wants(t, page, `lantern_figures_up 0`)
	if strings.Contains(page, "lantern_backlog") {
		t.Error("old figures are shown though none could be had")
	}
}

// TestNobodyWaitsForCounts: what takes long to count is told when it has been.
// TestNobodyWaitsForCounts, but a while for the first ones. Time is the test's own.
func TestNobodyWaitsForCounts(t *testing.T) { synctest.Test(t, waitForCounts) }

func waitForCounts(t *testing.T) {
	m, begun, counted := metrics.New(), make(chan struct{}, 3), make(chan float64, 1)
	m.Count(func(context.Context) ([]metrics.Figure, error) {
		begun <- struct{}{}
		return []metrics.Figure{{Name: "lantern_messages", Help: "All.", Value: <-counted}}, nil
	}, slog.New(slog.DiscardHandler))
	start := time.Now()
	if page := scrape(t, m); strings.Contains(page, "lantern_messages") {
		t.Fatalf("it says how many before they are counted:\n%s", page)
	}
	if waited := time.Since(start); waited != 5*time.Second {
		t.Errorf("waited %s for the first counts", waited)
	}
	counted <- 7
	synctest.Wait()
	wants(t, scrape(t, m), "lantern_messages 7")
	time.Sleep(5 * time.Minute) // they are old
	start = time.Now()
	wants(t, scrape(t, m), "lantern_messages 7")
	if waited := time.Since(start); waited != 50*time.Millisecond || len(begun) != 2 {
		t.Errorf("waited %s for newer counts, counted %d times", waited, len(begun))
	}
	counted <- 8
	synctest.Wait()
	wants(t, scrape(t, m), "lantern_messages 8")
	if len(begun) != 2 {
		t.Errorf("counted %d times within a moment", len(begun))
	}
}

func TestRequestsToStripeAreMeasured(t *testing.T) {
	m := metrics.New()
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPaymentRequired) }))
	client := &http.Client{Transport: m.Transport(http.DefaultTransport)}
	answer, err := client.Get(there.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	there.Close()
	if _, err := client.Get(there.URL); err == nil {
		t.Fatal("a closed server answered")
	}
	wants(t, scrape(t, m), `lantern_stripe_seconds_count{method="GET",status="402"} 1`, `lantern_stripe_seconds_count{method="GET",status="0"} 1`)
}
