package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lantern/internal/store"
)

// Engine measures the operations of a database engine.
func (m *Metrics) Engine(e store.Engine) store.Engine { return engine{e, m.store, m.read} }

type engine struct {
	store.Engine
	seconds *prometheus.HistogramVec
	read    *prometheus.CounterVec
}

// done notes an operation that began at start.
func (e engine) done(operation, collection string, start time.Time, err error) {
	e.seconds.WithLabelValues(operation, collection, resultOf(err)).Observe(time.Since(start).Seconds())
}

// resultOf says what came of an operation. That something is not there or was
// saved by somebody else is no failure.
func resultOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrExists), errors.Is(err, store.ErrStale):
		return "refused"
	case errors.Is(err, context.Canceled), errors.Is(err, store.ErrClosed):
		return "cut"
	}
	return "failed"
}

func (e engine) Get(ctx context.Context, collection, id string) (store.Record, error) {
	start := time.Now()
	record, err := e.Engine.Get(ctx, collection, id)
	e.done("get", collection, start, err)
	if err == nil {
		e.read.WithLabelValues(collection).Inc()
	}
	return record, err
}

func (e engine) Rev(ctx context.Context, collection, id string) (int64, error) {
	start := time.Now()
	rev, err := e.Engine.Rev(ctx, collection, id)
	e.done("rev", collection, start, err)
	return rev, err
}

func (e engine) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	start := time.Now()
	revs, err := e.Engine.Revs(ctx, collection, ids)
	e.done("revs", collection, start, err)
	return revs, err
}

func (e engine) Insert(ctx context.Context, collection string, record store.Record) error {
	start := time.Now()
	err := e.Engine.Insert(ctx, collection, record)
	e.done("insert", collection, start, err)
	return err
}

func (e engine) Replace(ctx context.Context, collection string, record store.Record, rev int64) error {
	start := time.Now()
	err := e.Engine.Replace(ctx, collection, record, rev)
	e.done("replace", collection, start, err)
	return err
}

func (e engine) Delete(ctx context.Context, collection, id string, rev int64) error {
	start := time.Now()
	err := e.Engine.Delete(ctx, collection, id, rev)
	e.done("delete", collection, start, err)
	return err
}

func (e engine) Find(ctx context.Context, collection string, scan store.Scan) ([]store.Record, error) {
	start := time.Now()
	records, err := e.Engine.Find(ctx, collection, scan)
	e.done("find", collection, start, err)
	e.read.WithLabelValues(collection).Add(float64(len(records)))
	return records, err
}

func (e engine) Count(ctx context.Context, collection string, scan store.Scan) (int64, error) {
	start := time.Now()
	n, err := e.Engine.Count(ctx, collection, scan)
	e.done("count", collection, start, err)
	return n, err
}
