package retreats_test

import (
	"time"

	"lantern/retreats"
)

// What the ledger makes of each thing that couples, money and organizers do.
// Each reports whether the cohort must agree to it.

func (l *ledger) reserve(b, code string, now time.Time) bool {
	c := l.of(b)
	switch {
	case c.hasPlace(), c.at == retreats.WaitingOn:
		return true
	case !l.bookable(now):
		return false
	case c.at == keptBack:
		c.gets(retreats.Held)
		return true
	case l.free() > 0 && l.mayUse(code, now):
		*c = line{name: b, at: retreats.Held, code: code}
		return true
	}
	return false
}

func (l *ledger) join(b, code string, now time.Time) bool {
	if l.reserve(b, code, now) {
		return true
	}
	if !l.bookable(now) || l.free() > 0 || l.waiting() >= l.longest || !l.mayUse(code, now) {
		return false
	}
	*l.of(b) = line{name: b, at: retreats.WaitingOn, joined: now, code: code}
	return true
}

func (l *ledger) joinAt(b string, joined, now time.Time) bool {
	c := l.of(b)
	switch {
	case c.at == keptBack:
		return l.join(b, "", now)
	case c.hasPlace():
		return true
	case !l.bookable(now), c.at != retreats.WaitingOn && l.waiting() >= l.longest:
		return false
	case c.at != retreats.WaitingOn:
		*c = line{name: b, at: retreats.WaitingOn, joined: now}
	}
	if joined.Before(c.joined) {
		c.joined = joined
	}
	l.goRound(now)
	return true
}

func (l *ledger) accept(b string, now time.Time) bool {
	c := l.of(b)
	if c.at == retreats.WaitingOn && c.letGo && l.bookable(now) && l.free() > 0 {
		c.gets(retreats.Held) // it changed its mind
	}
	if c.at == retreats.Offered {
		c.gets(retreats.Held)
	}
	return c.hasPlace()
}

func (l *ledger) pass(b string, now time.Time) bool {
	c := l.of(b)
	if c.at != retreats.Offered {
		return false
	}
	l.goBy(c)
	l.goRound(now)
	return true
}

func (l *ledger) confirm(b string) bool {
	c := l.of(b)
	if c.at == retreats.Confirmed {
		return true
	}
	if c.hasPlace() {
		l.confirms(c)
		return true
	}
	return false
}

func (l *ledger) seat(b string, now time.Time) bool {
	c := l.of(b)
	switch {
	case l.confirm(b):
		return true
	case l.bookable(now) && (c.at == keptBack || l.free() > 0):
		l.confirms(c)
		return true
	}
	return false
}

func (l *ledger) confirmLate(b string, now time.Time) {
	c := l.of(b)
	switch {
	case l.confirm(b), !l.bookable(now):
	case c.at == keptBack, l.free() > 0:
		l.confirms(c)
	case c.at == retreats.WaitingOn:
		c.priority, c.letGo = 1000, false
	default:
		*c = line{name: b, at: retreats.WaitingOn, joined: now, priority: 1000}
	}
	l.goRound(now)
}

func (l *ledger) release(b string, moved bool, now time.Time) {
	c := l.of(b)
	over := c.at == retreats.Held && !now.Before(c.until)
	switch {
	case c.at == retreats.WaitingOn, c.at == retreats.Offered:
		c.leave()
	case c.hasPlace() && l.undo > 0 && !moved && !over:
		*c = line{name: b, at: keptBack, was: c.at, code: c.code, until: now.Add(l.undo)}
	case c.hasPlace():
		if c.at == retreats.Confirmed && !moved {
			l.gaveUp(b, now)
		}
		c.leave()
		l.freed()
	}
	l.goRound(now)
}

func (l *ledger) takeBack(b string, now time.Time) bool {
	c := l.of(b)
	if c.at == keptBack && (c.was == retreats.Confirmed || now.Before(l.start)) {
		c.gets(c.was)
	}
	return c.hasPlace()
}

func (l *ledger) prioritise(b string, priority int) bool {
	c := l.of(b)
	if c.at != retreats.WaitingOn || priority < -100 || priority > 100 {
		return false
	}
	c.priority = priority
	return true
}

func (l *ledger) offerByHand(b string, now time.Time) bool {
	c := l.of(b)
	switch {
	case l.state != retreats.Open && l.state != retreats.Closed, !now.Before(l.start):
		return false
	case c.hasPlace():
		return true
	case c.at != retreats.WaitingOn, l.taken() >= l.capacity:
		return false
	}
	c.at, c.until = retreats.Offered, time.Time{}
	return true
}

func (l *ledger) remove(b string) bool {
	c := l.of(b)
	if c.at != retreats.WaitingOn {
		return false
	}
	c.leave()
	return true
}

func (l *ledger) resize(capacity int, now time.Time) bool {
	if l.ended(now) || capacity < 1 {
		return false
	}
	if capacity > l.capacity {
		l.freed()
	}
	l.capacity = capacity
	l.goRound(now)
	return true
}

func (l *ledger) close(now time.Time) bool {
	if l.ended(now) {
		return false
	}
	l.state = retreats.Closed
	return true
}

func (l *ledger) reopen(now time.Time) bool {
	if l.ended(now) || !now.Before(l.start) {
		return false
	}
	l.state = retreats.Open
	l.goRound(now)
	return true
}

func (l *ledger) cancel(now time.Time) bool {
	if l.state == retreats.Cancelled {
		return true
	}
	if l.ended(now) {
		return false
	}
	l.state, l.givenUp = retreats.Cancelled, nil
	for i := range l.couples {
		l.couples[i].leave()
	}
	return true
}

func (l *ledger) reschedule(on string, now time.Time) bool {
	day, _ := time.ParseInLocation("2006-01-02", on, l.zone)
	if l.ended(now) || !day.After(now) {
		return false
	}
	if on == l.startsOn {
		return true
	}
	l.starts(on)
	for i := range l.couples {
		if c := &l.couples[i]; c.at != keptBack && c.until.After(l.start) {
			c.until = l.start
		}
	}
	l.goRound(now)
	return true
}
