package main

import (
	"errors"
	"time"

	"lantern/notifications"
)

const (
	// tick is the shortest time between two rounds of passes.
	tick = time.Minute
	// mostRounds is how often passes run at one moment, should there be more to do.
	mostRounds = 4
)

// advance lets time pass until then: whenever something is due, the passes run.
func (w *world) advance(to time.Time) {
	earliest := w.now
	for w.found == nil {
		next, ok := w.due()
		if next.Before(earliest) {
			next = earliest
		}
		if until := w.weather.downUntil; next.Before(until) {
			next = until
		}
		if !ok || next.After(to) {
			break
		}
		w.pass(next)
		for range mostRounds {
			w.round()
			if again, ok := w.due(); !ok || again.After(w.now) || w.found != nil {
				break
			}
		}
		earliest = w.now.Add(tick)
	}
	w.pass(to)
}

// pass moves the clock, never back.
func (w *world) pass(to time.Time) {
	if to.After(w.now) {
		w.now = to
	}
}

// due is when something has to be done next.
func (w *world) due() (next time.Time, ok bool) {
	sooner := func(at time.Time, known bool) {
		if known && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	sooner(w.place.Earliest("cohorts", []string{"next_deadline"}))
	sooner(w.place.Earliest("bookings", []string{"attend_at"}))
	sooner(w.place.Earliest("bookings", []string{"plan_at"}))
	sooner(w.place.Earliest("stripe_events", []string{"act_at"}))
	sooner(w.place.Earliest("reminders", []string{"replan_at"}))
	for _, state := range []notifications.State{notifications.Planned, notifications.Sending} {
		sooner(w.place.Earliest("messages", []string{"state", "next_at"}, string(state)))
	}
	sooner(w.cards.NextDue())
	sooner(w.post.due())
	return next, ok
}

// round is what a process does every few seconds. Its errors are its own concern:
// they are what the next round is for.
func (w *world) round() {
	p := w.procs[w.turn%len(w.procs)]
	w.turn++
	var failed []error
	for _, pass := range []func() error{
		func() error { return p.bookings.SettleCohorts(w.ctx, w.now) },
		func() error { return p.bookings.AttendDue(w.ctx, w.now) },
		func() error { return p.bookings.ActOnEvents(w.ctx, w.now) },
		func() error { return p.notices.PlanDue(w.ctx, w.now) },
		func() error { return p.notices.DispatchDue(w.ctx, w.now) },
	} {
		failed = append(failed, pass())
	}
	w.post.tell(p)
	failed = append(failed, w.cards.Deliver(w.ctx))
	if err := errors.Join(failed...); err != nil {
		w.say("a pass of process %d: %v", p.n+1, err)
	}
	w.step()
}
