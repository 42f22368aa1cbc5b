package metrics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// countedFor is how long counts are good at least, and they take the share
	// 1/restsFor of the time at most.
	countedFor = time.Minute
	// waitForCounts is how long Prometheus waits for them. Where there is little to
	// count it is told what is so now, else what was so when it was counted last.
	waitForCounts = 50 * time.Millisecond
	// waitForFirst is how long it waits for the first ones, of which there are none
	// from before; it gives up on an answer after ten seconds.
	waitForFirst = 5 * time.Second
)

// Count adds figures that take the longer the more there is in the store. They
// are counted beside Prometheus' question, so that its answer does not take longer
// with the years.
func (m *Metrics) Count(lookUp func(context.Context) ([]Figure, error), log *slog.Logger) {
	m.registry.MustRegister(&counts{lookUp: lookUp, log: log})
}

// counts keeps what was counted last.
type counts struct {
	lookUp func(context.Context) ([]Figure, error)
	log    *slog.Logger

	mu    sync.Mutex
	kept  []Figure
	until time.Time
	// counting is closed when what is being counted has been; nil if nothing is.
	counting chan struct{}
}

// Describe says nothing, since the figures are known only when looked up.
func (f *counts) Describe(chan<- *prometheus.Desc) {}

func (f *counts) Collect(c chan<- prometheus.Metric) {
	if counting, wait := f.begin(); counting != nil {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-counting:
		case <-timer.C:
		}
	}
	f.mu.Lock()
	kept := f.kept
	f.mu.Unlock()
	tell(kept, c)
}

// begin lets everything be counted anew if it is time, and gives what to wait for
// and how long; nil if nothing is being counted.
func (f *counts) begin() (<-chan struct{}, time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counting == nil && !time.Now().Before(f.until) {
		f.counting = make(chan struct{})
		go f.count()
	}
	if f.until.IsZero() {
		return f.counting, waitForFirst
	}
	return f.counting, waitForCounts
}

func (f *counts) count() {
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), mostToLookUp)
	defer cancel()
	kept, err := f.lookUp(ctx)
	if err != nil {
		f.log.Warn("counting for figures", "error", err)
		kept = nil // old ones would look as if all went on
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept, f.until = kept, time.Now().Add(max(countedFor, restsFor*time.Since(start)))
	close(f.counting)
	f.counting = nil
}
