package main

import (
	"context"
	"errors"

	"lantern/booking"
	"lantern/internal/jobs"
	"lantern/internal/metrics"
	"lantern/internal/store"
	"lantern/internal/web"
	"lantern/notifications"
)

func (a *app) operations() web.Operations {
	return web.Operations{
		Ping: a.db.Ping, Metrics: a.metrics.Handler(), Status: a.status,
		Stuck: func() string { return a.runner.Stuck() },
	}
}

// backlogs are all that waits although its time has come, of all processes.
func (a *app) backlogs(ctx context.Context) ([]jobs.Backlog, error) {
	now := a.now()
	cohorts, err := a.retreats.Backlog(ctx, now)
	if err != nil {
		return nil, err
	}
	bookings, err := a.bookings.Backlogs(ctx, now)
	if err != nil {
		return nil, err
	}
	messages, err := a.notices.Backlog(ctx, now)
	return append([]jobs.Backlog{messages, cohorts}, bookings...), err
}

// figures are what Prometheus is told about the store. Every process tells the
// same.
func (a *app) figures(ctx context.Context) ([]metrics.Figure, error) {
	backlogs, err := a.backlogs(ctx)
	if err != nil {
		return nil, err
	}
	var all []metrics.Figure
	add := func(name, help string, value float64, labels ...string) {
		all = append(all, metrics.Figure{Name: name, Help: help, Labels: labels, Value: value})
	}
	now := a.now()
	for _, b := range backlogs {
		add("lantern_backlog", "What waits although its time has come.", float64(b.Waiting), "work", b.Work)
		add("lantern_backlog_lag_seconds", "For how long the first of it has waited.", b.Lag(now).Seconds(), "work", b.Work)
	}
	last, err := a.bookings.LastComparison(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	return append(all, comparedFigures(last)...), nil
}

// counts are what Prometheus is told of which there is more with the years.
func (a *app) counts(ctx context.Context) ([]metrics.Figure, error) {
	var all []metrics.Figure
	states, err := a.notices.CountStates(ctx)
	if err != nil {
		return nil, err
	}
	for _, state := range notifications.States {
		all = append(all, metrics.Figure{
			Name: "lantern_messages", Help: "Messages by state.", Labels: []string{"state", string(state)}, Value: float64(states[state]),
		})
	}
	concerns, err := a.bookings.CountConcerns(ctx, 0)
	return append(all, metrics.Figure{Name: "lantern_concerns", Help: "Bookings whose money needs a person.", Value: float64(concerns)}), err
}

// comparedFigures are what the last comparison with Stripe found.
func comparedFigures(last *booking.Comparison) []metrics.Figure {
	all := []metrics.Figure{
		{Name: "lantern_comparison_end_timestamp_seconds", Help: "When the last comparison with Stripe ended.", Value: float64(last.EndedAt.Unix())},
		{Name: "lantern_comparison_differences", Help: "What it left to a person.", Value: float64(last.Left)},
	}
	for _, sum := range last.Money {
		for _, of := range []struct {
			state string
			minor int64
		}{
			{"expected", sum.Expected}, {"received", sum.Received}, {"refunded", sum.Refunded},
			{"disputed", sum.Disputed}, {"due", sum.Due}, {"late", sum.Late},
		} {
			all = append(all, metrics.Figure{
				Name: "lantern_money_minor_units", Help: "Money of all bookings as the last comparison found it, in minor units of the currency.",
				Labels: []string{"currency", sum.Currency, "state", of.state}, Value: float64(of.minor),
			})
		}
	}
	return all
}
