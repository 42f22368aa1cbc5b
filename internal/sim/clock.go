package main

import (
	"errors"
	"slices"
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
	sooner(w.place.Earliest("sendings", []string{"work_at"}))
	sooner(w.place.Earliest("consultations", []string{"tell_at"}))
	for _, state := range []notifications.State{notifications.Planned, notifications.Sending} {
		sooner(w.place.Earliest("messages", []string{"state", "next_at"}, string(state)))
	}
	sooner(w.nextDigest())
	sooner(w.cards.NextDue())
	sooner(w.post.due())
	return next, ok
}

// round is what a process does every few seconds, with a look at what came of it.
func (w *world) round() {
	w.passes()
	w.step()
}

// passes has a process do what it does every few seconds. It fails only where
// something has been made to fail.
func (w *world) passes() {
	p := w.free(w.turn)
	w.turn++
	uneasy := p.uneasy // which another round, in the middle of this one, may end
	var failed []error
	for _, pass := range []func() error{
		func() error { return p.bookings.SettleCohorts(w.ctx, w.now) },
		func() error { return p.bookings.AttendDue(w.ctx, w.now) },
		func() error { return p.bookings.ActOnEvents(w.ctx, w.now) },
		func() error { return p.notices.PlanDue(w.ctx, w.now) },
		func() error { return p.notices.SpreadDue(w.ctx, w.now) },
		func() error { return p.talks.TellDue(w.ctx, w.now, p.tellTalk) },
		func() error { return p.notices.TellDigests(w.ctx, w.now) },
		func() error { return p.notices.DispatchDue(w.ctx, w.now) },
	} {
		failed = append(failed, pass())
	}
	w.post.tell(p)
	failed = append(failed, w.cards.Deliver(w.ctx))
	if err := errors.Join(failed...); err != nil {
		w.say("a pass of process %d: %v", p.n+1, err)
		if !w.stumbled && !uneasy && !p.uneasy && !p.dead && !isExpected(err) {
			w.breaks(failure, "a pass fails where nothing was wrong: %v", err)
		}
	}
	p.uneasy = false
}

// isExpected reports whether all that a pass complains of is mailboxes that there
// are not.
func isExpected(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(joined.Unwrap(), func(one error) bool { return !isExpected(one) })
	}
	return errors.Is(err, errNoMailbox)
}
