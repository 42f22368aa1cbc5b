package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lantern/internal/jobs"
)

// Figure is a number that is looked up rather than counted along the way.
type Figure struct {
	Name, Help string
	// Labels are names and values by turns.
	Labels []string
	Value  float64
}

const (
	// freshFor is how long figures are good at least. Looking them up takes the
	// share 1/restsFor of the time at most, however much there is to count.
	freshFor = 10 * time.Second
	restsFor = 50
	// mostToLookUp bounds it, so that a store that hangs does not hang Prometheus.
	mostToLookUp = 8 * time.Second
)

// Watch adds how the passes are doing, and figures that are looked up when
// Prometheus asks. The log hears when they cannot be had.
func (m *Metrics) Watch(passes func() []jobs.PassStatus, lookUp func(context.Context) ([]Figure, error), log *slog.Logger) {
	m.registry.MustRegister(passCollector(passes), &figures{lookUp: lookUp, log: log})
}

// passCollector tells of the passes of this process.
type passCollector func() []jobs.PassStatus

var (
	passRuns     = prometheus.NewDesc("lantern_pass_runs_total", "Runs of a pass that have ended.", []string{"pass"}, nil)
	passFailures = prometheus.NewDesc("lantern_pass_failures_total", "Runs of a pass that ended with an error.", []string{"pass"}, nil)
	passEnd      = prometheus.NewDesc("lantern_pass_last_end_timestamp_seconds", "When a pass last ended, by the service's clock; 0 if never.", []string{"pass"}, nil)
	passSince    = prometheus.NewDesc("lantern_pass_busy_seconds_total", "How long a pass has run in all.", []string{"pass"}, nil)
)

func (p passCollector) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{passRuns, passFailures, passEnd, passSince} {
		c <- d
	}
}

func (p passCollector) Collect(c chan<- prometheus.Metric) {
	for _, s := range p() {
		end := 0.0
		if !s.LastEnd.IsZero() {
			end = float64(s.LastEnd.UnixMilli()) / 1000
		}
		c <- prometheus.MustNewConstMetric(passRuns, prometheus.CounterValue, float64(s.Runs), s.Name)
		c <- prometheus.MustNewConstMetric(passFailures, prometheus.CounterValue, float64(s.Failures), s.Name)
		c <- prometheus.MustNewConstMetric(passEnd, prometheus.GaugeValue, end, s.Name)
		c <- prometheus.MustNewConstMetric(passSince, prometheus.CounterValue, s.Busy.Seconds(), s.Name)
	}
}

// figures keeps what was looked up for a while.
type figures struct {
	lookUp func(context.Context) ([]Figure, error)
	log    *slog.Logger

	mu    sync.Mutex
	kept  []Figure
	until time.Time
	ok    bool
}

var figuresOK = prometheus.NewDesc("lantern_figures_up", "Whether the figures could be looked up in the store: 1 or 0.", nil, nil)

// Describe says nothing, since the figures are known only when looked up.
func (f *figures) Describe(chan<- *prometheus.Desc) {}

func (f *figures) Collect(c chan<- prometheus.Metric) {
	kept, ok := f.look()
	up := 0.0
	if ok {
		up = 1
	}
	c <- prometheus.MustNewConstMetric(figuresOK, prometheus.GaugeValue, up)
	tell(kept, c)
}

func tell(all []Figure, c chan<- prometheus.Metric) {
	for _, figure := range all {
		var names, values []string
		for i := 0; i+1 < len(figure.Labels); i += 2 {
			names, values = append(names, figure.Labels[i]), append(values, figure.Labels[i+1])
		}
		desc := prometheus.NewDesc(figure.Name, figure.Help, names, nil)
		c <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, figure.Value, values...)
	}
}

// look gives the figures; none if they could not be had, since old ones would
// look as if all went on.
func (f *figures) look() ([]Figure, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	start := time.Now()
	if start.Before(f.until) {
		return f.kept, f.ok
	}
	ctx, cancel := context.WithTimeout(context.Background(), mostToLookUp)
	defer cancel()
	kept, err := f.lookUp(ctx)
	if err != nil {
		f.log.Warn("looking up figures", "error", err)
		kept = nil
	}
	took := time.Since(start)
	f.kept, f.ok, f.until = kept, err == nil, time.Now().Add(max(freshFor, restsFor*took))
	return f.kept, f.ok
}
