package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lantern/booking"
	"lantern/notifications"
)

// plannedMessages is how many messages wait, and dueWithin how many of these
// fall due within a minute.
const (
	plannedMessages = 100_000
	dueWithin       = 1000
)

// measurePlan plans for one couple again and again, and for a cohort whose
// couples all have to be planned for anew.
func measurePlan(ctx context.Context, _ string, rounds int) (err error) {
	m, err := newMailing(ctx, "127.0.0.1:1", 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	set, err := m.notices.Reminders(ctx, "none")
	if err != nil {
		return err
	}
	const couples = 30
	at := clock()
	c, err := cohortOf("plan", layout{capacity: couples, confirmed: couples}, at)
	if err != nil {
		return err
	}
	if err := m.retreats.AddCohort(ctx, c); err != nil {
		return err
	}
	for i := range couples {
		if err := m.addBooking(ctx, m.like, c, i); err != nil {
			return err
		}
	}
	b := bookingOf(m.like, c, 0)
	of := booking.Case{Booking: &b, Cohort: c, Standing: c.Standing(b.ID, at)}
	var plans, replans []float64
	for round := range rounds + 1 {
		start, planned := time.Now(), 0
		for range 2000 {
			planned += len(notifications.Plan(of, at, set.Reminders...))
		}
		took := time.Since(start)
		if err := m.services.AskToPlan(ctx, c.ID); err != nil {
			return err
		}
		start = time.Now()
		if err := m.notices.PlanDue(ctx, clock()); err != nil {
			return err
		}
		if round > 0 { // in the first, everything is planned
			plans = append(plans, float64(planned)/took.Seconds())
			replans = append(replans, float64(time.Since(start))/float64(time.Millisecond))
		} else {
			note("plan", fmt.Sprintf("%d messages for a couple; those of %d couples are planned for the first time in %d ms", planned/2000, couples, time.Since(start).Milliseconds()))
		}
	}
	figure("plan_messages_per_s", median(plans), "1/s")
	figure("replan_cohort_ms", median(replans), "ms")
	return nil
}

// addPlanned adds couples until about so many messages are planned for later,
// and gives how many there are.
func (m *mailing) addPlanned(ctx context.Context, messages int) (int, error) {
	var n, first atomic.Int64
	keep := func(p *notifications.Message) bool {
		if p.Rule == confirmedRule || p.DueAt.Before(clock().AddDate(0, 0, 1)) {
			return false
		}
		n.Add(1)
		return true
	}
	if err := m.addCouples(ctx, "one", 1, keep); err != nil {
		return 0, err
	}
	first.Store(n.Load())
	if first.Load() == 0 {
		return 0, errors.New("nothing is planned for a couple")
	}
	err := m.addCouples(ctx, "later", messages/int(first.Load()), keep)
	return int(n.Load()), err
}

// duePerTick is how many messages fall due in a tick that has something to do.
const duePerTick = 10

// measureTick compares the ticks of planning and sending with those where ten
// times as many messages are planned.
func measureTick(ctx context.Context, _ string, rounds int) (err error) {
	server, err := openSink()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.close()) }()
	var stores [2]*mailing
	for i, messages := range []int{plannedMessages / 10, plannedMessages} {
		if stores[i], err = newMailing(ctx, server.address, 4); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stores[i].close()) }()
		n, err := stores[i].addPlanned(ctx, messages)
		if err != nil {
			return err
		}
		note("tick", fmt.Sprintf("%d messages are planned", n))
	}
	var idle, busy [2][]float64
	for round := range 4*rounds + 2 {
		for i, m := range stores {
			const idles = 50
			quiet, err := m.ticks(ctx, idles)
			if err != nil {
				return err
			}
			if err := m.addCouples(ctx, fmt.Sprint("tick", round, "-"), duePerTick/2, isConfirmed); err != nil {
				return err
			}
			full, err := m.ticks(ctx, 1)
			if err != nil {
				return err
			}
			if round > 1 {
				idle[i], busy[i] = append(idle[i], quiet/idles), append(busy[i], full)
			}
		}
	}
	figure("tick_idle_ms", median(idle[0]), "ms")
	figure("tick_idle_x10", ratio(idle[1], idle[0]), "ratio")
	figure("tick_ms", median(busy[0]), "ms")
	figure("tick_x10", ratio(busy[1], busy[0]), "ratio")
	return nil
}

// ticks runs the passes so often and gives how long that took, in milliseconds.
func (m *mailing) ticks(ctx context.Context, n int) (float64, error) {
	start := time.Now()
	for range n {
		if err := errors.Join(m.notices.PlanDue(ctx, clock()), m.notices.DispatchDue(ctx, clock())); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(start)) / float64(time.Millisecond), nil
}

// measureDue starts the program on a store in which very many messages are
// planned, and sees how long after its time each comes that falls due.
func measureDue(ctx context.Context, program string, _ int) (err error) {
	server, err := openSink()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.close()) }()
	m, err := newMailing(ctx, server.address, 1)
	if err != nil {
		return err
	}
	open := true
	defer func() {
		if open {
			err = errors.Join(err, m.close())
		}
	}()
	n, err := m.addPlanned(ctx, plannedMessages)
	if err != nil {
		return err
	}
	due, err := m.addDue(ctx, clock().Add(15*time.Second))
	if err != nil {
		return err
	}
	note("due", fmt.Sprintf("%d messages are planned, %d of them fall due within a minute", n+len(due), len(due)))
	open = false
	if err := errors.Join(m.smtp.Close(), m.db.Close()); err != nil {
		return err
	}
	lantern, err := startLanternIn(ctx, program, m.dir, "--smtp", "smtp://"+server.address+"?tls=none", "--mail-from", benchSender)
	if err != nil {
		return err
	}
	lantern.temporary = true
	defer func() { err = errors.Join(err, lantern.stop()) }()
	lags, err := awaitAll(ctx, server, due)
	if err != nil {
		return err
	}
	figure("due_lag_p50_s", lags[len(lags)/2], "s")
	figure("due_lag_p99_s", lags[len(lags)*99/100], "s")
	return nil
}

// addDue adds messages that fall due one after the other within the minute that
// begins then, and gives when each does.
func (m *mailing) addDue(ctx context.Context, begin time.Time) (map[string]time.Time, error) {
	due := map[string]time.Time{}
	var mu sync.Mutex
	err := m.addCouples(ctx, "due", dueWithin/2, func(p *notifications.Message) bool {
		if !isConfirmed(p) {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		at := begin.Add(time.Duration(len(due)) * time.Minute / dueWithin).Truncate(time.Millisecond)
		p.DueAt, p.NextAt = at, &at
		due[p.ID] = at
		return true
	})
	return due, err
}

// awaitAll waits for the messages and gives how late they came, in seconds, in
// order.
func awaitAll(ctx context.Context, server *sink, due map[string]time.Time) ([]float64, error) {
	const patience = 3 * time.Minute
	for end := time.Now().Add(patience); ; {
		var lags []float64
		for id, at := range due {
			if came, ok := server.at(id); ok {
				lags = append(lags, came.Sub(at).Seconds())
			}
		}
		if len(lags) == len(due) {
			if lags = slices.Sorted(slices.Values(lags)); lags[0] < 0 {
				return nil, fmt.Errorf("a message came %.1f s before its time", -lags[0])
			}
			return lags, nil
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("%d of %d messages came", len(lags), len(due))
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}
