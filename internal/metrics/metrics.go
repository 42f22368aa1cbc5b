// Package metrics measures the running service for Prometheus. Nothing that it
// says is about a person: labels are routes, kinds of documents and states.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the measurements of one process.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	store    *prometheus.HistogramVec
	read     *prometheus.CounterVec
	cards    *prometheus.HistogramVec
}

// Bounds of the histograms in seconds: from a cached page to what people give
// up on.
var (
	requestBounds = []float64{.001, .005, .025, .1, .25, 1, 5, 30}
	storeBounds   = []float64{.0001, .0005, .0025, .01, .05, .25, 1, 5}
	cardBounds    = []float64{.05, .1, .25, .5, 1, 2.5, 10, 30}
)

// New makes measurements, with those of the process and of Go.
func New() *Metrics {
	histogram := func(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: histogram("lantern_request_seconds", "Requests answered, by route and status.", requestBounds, "method", "route", "status"),
		store:    histogram("lantern_store_seconds", "Operations of the database, by what came of them.", storeBounds, "operation", "collection", "result"),
		read: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lantern_store_documents_total", Help: "Documents read from the database.",
		}, []string{"collection"}),
		cards: histogram("lantern_stripe_seconds", "Requests made to Stripe, by status; 0 is no answer.", cardBounds, "method", "status"),
	}
	m.registry.MustRegister(m.requests, m.store, m.read, m.cards,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request notes an answered request. The route is the pattern, since paths hold
// personal links.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(knownMethod(method), route, strconv.Itoa(status)).Observe(took.Seconds())
}

// knownMethod keeps strangers from making up methods, each of which would be
// kept for good.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// Transport measures the requests that go through it to Stripe.
func (m *Metrics) Transport(next http.RoundTripper) http.RoundTripper {
	return transport{next, m.cards}
}

type transport struct {
	next    http.RoundTripper
	seconds *prometheus.HistogramVec
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	answer, err := t.next.RoundTrip(r)
	status := 0
	if err == nil {
		status = answer.StatusCode
	}
	t.seconds.WithLabelValues(r.Method, strconv.Itoa(status)).Observe(time.Since(start).Seconds())
	return answer, err
}
