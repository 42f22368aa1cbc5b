package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"lantern/internal/civil"
	"lantern/internal/democlock"
	"lantern/internal/fault"
	"lantern/internal/jobs"
	"lantern/internal/web"
)

// demoClock moves the clock of the whole program, the sandbox's included.
// What time brings about on the way happens in order, each thing at its time.
type demoClock struct {
	*democlock.Clock
	app *app
	// turn keeps the passes of the runner away while the clock is moved. One
	// that claims a mail at one time and marks it a week later would have it
	// sent twice.
	turn sync.RWMutex
}

// openDemo is openApp for the demonstration: with a clock that visitors move,
// ahead of the machine's.
func openDemo(ctx context.Context, s settings, log *slog.Logger, machine func() time.Time) (*app, error) {
	clock, err := democlock.Open(filepath.Join(s.Data, "clock"), machine)
	if err != nil {
		return nil, err
	}
	a := &app{settings: s, log: log, demo: true, now: clock.Now, signInNow: machine}
	a.moved = &demoClock{Clock: clock, app: a}
	return a, a.open(ctx)
}

// apart runs a pass while nobody moves the clock, at the time that it shows then.
func (a *app) apart(run func(context.Context, time.Time) error) func(context.Context, time.Time) error {
	d := a.moved
	if d == nil {
		return run
	}
	return func(ctx context.Context, _ time.Time) error {
		d.turn.RLock()
		defer d.turn.RUnlock()
		return run(ctx, a.now())
	}
}

const (
	// mostStops bounds one move of the clock, and mostToMove how long it takes,
	// which is less than a browser waits.
	mostStops  = 5000
	mostToMove = time.Minute
	// mostRounds bounds how often the passes run at one time. A few are enough
	// unless something fails; fewestRounds are given to what waits behind that.
	mostRounds, fewestRounds = 20, 4
)

var errTooMuch = fault.New(fault.Unavailable, "So much happened on the way that the clock has stopped where it is now. Go back and move it on from there.")

// Move is web.DemoClock's.
func (d *demoClock) Move(ctx context.Context, step web.ClockStep) error {
	here := d.Now().In(d.zone())
	switch step {
	case web.ByHour:
		return d.forward(ctx, here.Add(time.Hour))
	case web.ByDay:
		return d.forward(ctx, here.AddDate(0, 0, 1))
	case web.ByWeek:
		return d.forward(ctx, here.AddDate(0, 0, 7))
	}
	return d.forward(ctx, time.Time{})
}

// forward takes the clock to a time, or to the next thing that somebody notices
// if it is zero. It stops at everything in between, and lets all that is due
// there be done before it goes on.
func (d *demoClock) forward(ctx context.Context, to time.Time) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, mostToMove)
	defer cancel()
	return d.app.sandbox.Paused(ctx, func() error {
		if err := d.settle(ctx); err != nil {
			return err
		}
		for range mostStops {
			arrived, err := d.goOn(ctx, to)
			if err != nil || arrived {
				return err
			}
		}
		return errTooMuch
	})
}

// goOn goes to the next stop and does what is due there. arrived means that the
// way ends there.
func (d *demoClock) goOn(ctx context.Context, to time.Time) (arrived bool, err error) {
	stop, words, err := d.nextStop(ctx)
	if err != nil {
		return false, err
	}
	switch {
	case stop.IsZero() && to.IsZero():
		return true, nil // nothing is to come
	case !to.IsZero() && (stop.IsZero() || !stop.Before(to)):
		stop, arrived = to, true
	case to.IsZero():
		arrived = words != ""
	}
	if err := d.MoveTo(stop); err != nil {
		return false, err
	}
	return arrived, d.settle(ctx)
}

// nextStop is when something happens by itself, and what, if anybody notices;
// zero if nothing is to come.
func (d *demoClock) nextStop(ctx context.Context) (at time.Time, words string, err error) {
	all, err := d.app.after(ctx, d.Now(), stopsSeen)
	for _, e := range all {
		if at.IsZero() {
			at = e.at
		}
		if err != nil || words != "" || !e.at.Equal(at) {
			break
		}
		words, err = d.app.describe(ctx, e)
	}
	return at, words, err
}

// stopsSeen is how many things of each kind are looked at to find those that
// happen at the same time, or that somebody notices.
const stopsSeen = 20

// settle runs the passes at the time that the clock shows until nothing is due.
func (d *demoClock) settle(ctx context.Context) error {
	var before coming
	for round := range mostRounds {
		d.runPasses(ctx)
		if ctx.Err() != nil {
			return errTooMuch.Because(ctx.Err())
		}
		all, err := d.app.due(ctx, time.Time{}, 1)
		if err != nil || len(all) == 0 || all[0].at.After(d.Now()) {
			return err
		}
		if round >= fewestRounds && all[0].is(before) {
			return nil // it fails, the log says how, and it is tried again
		}
		before = all[0]
	}
	return nil
}

// runPasses runs once what time brings about. What fails is in the log, as when
// the runner does it, and does not keep the rest from happening.
func (d *demoClock) runPasses(ctx context.Context) {
	report := func(name string, err error) {
		if err != nil {
			d.app.log.Error("a pass failed", "pass", name, "error", err)
		}
	}
	report("deliver the sandbox's events", d.app.sandbox.Deliver(ctx))
	for _, pass := range d.app.timely() {
		report(pass.Name, jobs.Safely(func() error { return pass.Run(ctx, d.Now()) }))
	}
}

// Show is web.DemoClock's.
func (d *demoClock) Show(ctx context.Context) (web.ClockBar, error) {
	now, zone := d.Now(), d.zone()
	bar := web.ClockBar{Now: web.At(now, zone), Zone: web.ZoneName(zone.String())}
	all, err := d.app.after(ctx, now, stopsSeen)
	if err != nil {
		return bar, fmt.Errorf("finding what is to come: %w", err)
	}
	for _, e := range all {
		if bar.Next, err = d.app.describe(ctx, e); err != nil {
			return bar, fmt.Errorf("describing what is to come: %w", err)
		}
		if bar.Next != "" {
			bar.NextAt = web.At(e.at, zone)
			bar.NextAt.Text = "on " + bar.NextAt.Text
			if civil.DateOf(e.at, zone) == civil.DateOf(now, zone) {
				bar.NextAt.Text = "at " + web.Clock(e.at, zone)
			}
			break
		}
	}
	return bar, nil
}

func (d *demoClock) zone() *time.Location { return civil.ZoneOrUTC(d.app.settings.Zone) }
