package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/booking"
	"lantern/notifications"
)

// promise is what somebody was answered that is stored of their booking now: it
// has to stay, until they say something else about the same.
type promise struct {
	what string
	kept func(*booking.Booking) bool
}

// promised notes what somebody was answered. If the answer was an error, nobody
// knows what became of it.
func (a *account) promised(id, about string, err error, kept func(*booking.Booking) bool) {
	k := a.couple(id)
	if err != nil {
		delete(k.promises, about)
		return
	}
	if k.promises == nil {
		k.promises = map[string]promise{}
	}
	k.promises[about] = promise{what: fmt.Sprintf("%s (answered at %s)", about, a.world.now.Format(time.DateTime)), kept: kept}
	a.changed("bookings", id)
}

func (a *account) checkPromises(k *known, b *booking.Booking) {
	for _, about := range sorted(k.promises) {
		if p := k.promises[about]; !p.kept(b) {
			a.world.breaks(7, "%s was answered well to %s, and is not so now", p.what, b.ID)
		}
	}
}

// consented: the consent stays, or that it was given.
func (a *account) consented(id string, partner int, err error) {
	a.promised(id, fmt.Sprintf("consent of partner %d", partner), err, func(b *booking.Booking) bool {
		return b.Consents[partner] != nil ||
			slices.ContainsFunc(b.PastConsents, func(c booking.PastConsent) bool { return c.Partner == partner })
	})
}

// named: the driver stays, or another one was named later.
func (a *account) named(id, session, phone string, err error) {
	at := a.world.now
	a.promised(id, "driver for "+session, err, func(b *booking.Booking) bool {
		return slices.ContainsFunc(b.Drivers, func(d booking.Driver) bool {
			return d.Session == session && (d.Phone == phone || d.NamedAt.After(at))
		})
	})
}

// rides: a driver's word stays until they say something else, or it is another
// driver.
func (a *account) rides(id string, before booking.Driver, answer booking.DriverAnswer, err error) {
	at := a.world.now
	a.promised(id, "word of the driver for "+before.Session, err, func(b *booking.Booking) bool {
		i := slices.IndexFunc(b.Drivers, func(d booking.Driver) bool { return d.Session == before.Session })
		if i < 0 {
			return false
		}
		d := b.Drivers[i]
		another := d.NamedAt.After(before.NamedAt) || d.Name != before.Name || d.Phone != before.Phone
		return another || d.Answer == answer || d.AnsweredAt != nil && d.AnsweredAt.After(at)
	})
}

// replied: what a partner said of a session stays until they say something else.
func (a *account) replied(id, session string, partner int, wish string, err error) {
	at := a.world.now
	a.promised(id, fmt.Sprintf("reply of partner %d to %s", partner, session), err, func(b *booking.Booking) bool {
		return slices.ContainsFunc(b.Replies, func(r booking.Reply) bool {
			return r.Session == session && r.Partner == partner && (r.Wish == wish || r.At.After(at))
		})
	})
}

// stopped notes that no text may come to a phone any more, and wanted that it may.
func (a *account) stopped(phone string)  { a.stops[phone] = a.world.now }
func (a *account) welcomes(phone string) { delete(a.stops, phone) }

// rings looks at whom a text goes to: who has said STOP, and was answered, gets
// none. What was on its way in that moment may still come.
func (a *account) rings(phone, text string) {
	if at, stopped := a.stops[phone]; stopped && a.world.now.After(at) {
		a.world.breaks(7, "the text %s goes to a phone from which STOP came at %s", text, at)
	}
}

// checkSending wants nothing to leave of a reminder by hand that was stopped.
func (a *account) checkSending(m *notifications.Message) {
	if at, stopped := a.halted[m.Handed.Sending]; stopped && a.world.now.After(at) {
		a.world.breaks(7, "%s leaves, although the reminder by hand was stopped at %s", m.ID, at)
	}
}

// checkSendings wants, in calm, that each reminder by hand has all its messages.
func (a *account) checkSendings() {
	for _, id := range a.world.place.IDs("sendings") {
		g, ok := read[notifications.HandSending](a.world, "sendings", id)
		if !ok {
			continue
		}
		if g.WorkAt != nil {
			a.world.breaks(4, "of the reminder by hand %s something is still to be done since %s", id, g.WorkAt)
		}
		for _, to := range g.To {
			if _, ok := read[notifications.Message](a.world, "messages", to.Message); !ok {
				a.world.breaks(4, "%s of the reminder by hand %s is not there", to.Message, id)
			}
		}
	}
}

// recounts has the program itself count places and money.
func (a *account) recounts() {
	counted, err := a.world.procs[0].bookings.RecountAll(a.world.ctx)
	if err != nil || len(counted.Wrong) > 0 {
		a.world.breaks(failure, "the recount says: %v %s", err, strings.Join(counted.Wrong, " "))
	}
}
