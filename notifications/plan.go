package notifications

import (
	"fmt"
	"strconv"
	"time"

	"lantern/booking"
	"lantern/internal/people"
	"lantern/internal/store"
	"lantern/retreats"
)

// Rule says when something is said to both partners.
type Rule struct {
	// Name is also the name of the rule's template.
	Name string
	// occasions says when the rule applies to a case, if it does.
	occasions func(booking.Case) []occasion
}

// occasion is one time a rule applies.
type occasion struct {
	// key tells this occasion from others of the same rule and booking.
	key        string
	due, until time.Time
}

// Rules is what Lantern says. Most of it answers something that a couple or
// time has just done, so it is due at once.
var Rules = []Rule{
	{"held", whileStanding(retreats.Held)},
	{"confirmed", whileStanding(retreats.Confirmed)},
	{"offered", whileStanding(retreats.Offered)},
	{"nudged", nudges},
	{"waiting", func(c booking.Case) []occasion {
		if c.Booking.JoinedAt == nil || c.Standing.State != retreats.WaitingOn || c.Standing.Reason == retreats.LateReason {
			return nil
		}
		return once(*c.Booking.JoinedAt, c.Cohort.Start())
	}},
	{"lapsed", func(c booking.Case) []occasion {
		b := c.Booking
		if b.LapsedAt == nil || len(b.Charges) == 0 || len(b.Payments) > 0 {
			return nil
		}
		return once(*b.LapsedAt, b.LapsedAt.Add(lapsedUse))
	}},
	{lateRefunded, func(c booking.Case) []occasion {
		var all []occasion
		for _, r := range c.Booking.Refunds {
			if r.Reason == booking.RefundLate {
				all = append(all, occasion{key: r.ID, due: r.At, until: r.At.Add(moneyUse)})
			}
		}
		return all
	}},
	{"cancelled", func(c booking.Case) []occasion {
		if c.Booking.Cancellation == nil {
			return nil
		}
		at := c.Booking.Cancellation.At
		return once(at, at.Add(moneyUse))
	}},
	{"sign_in", asked},
}

const lateRefunded = "late_refunded"

const (
	// lapsedUse is how long "your hold has ended" is of use: afterwards the
	// couple knows, or has booked again.
	lapsedUse = 24 * time.Hour
	// moneyUse is how long news about money stay of use.
	moneyUse = 30 * 24 * time.Hour
)

// asked is for what follows from no booking: somebody asks for it by Notify.
func asked(booking.Case) []occasion { return nil }

func once(due, until time.Time) []occasion {
	return []occasion{{key: keyOf(due), due: due, until: until}}
}

func keyOf(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 36) }

func whileStanding(state retreats.PlaceState) func(booking.Case) []occasion {
	return func(c booking.Case) []occasion {
		if c.Standing.State != state || c.Booking.IsOver() {
			return nil
		}
		until := c.Cohort.Start()
		if c.Standing.Until != nil {
			until = *c.Standing.Until
		}
		return once(c.Standing.Since, until)
	}
}

const (
	// lastCall is how long before the end of an offer its couple is reminded
	// for the last time [D6].
	lastCall = 4 * time.Hour
	// nudgesApart is what has to lie between two mails about one offer.
	nudgesApart = time.Hour
)

// nudges remind a couple of an open offer: at half of its window and shortly
// before its end, as far as the offer is long enough for that [D6].
func nudges(c booking.Case) []occasion {
	since, until := c.Standing.Since, c.Standing.Until
	if c.Standing.State != retreats.Offered || until == nil || c.Booking.IsOver() {
		return nil
	}
	half := since.Add(until.Sub(since) / 2).Truncate(time.Millisecond) // as it is stored, so that it does not seem to move
	if half.Sub(since) <= nudgesApart {
		return nil
	}
	first := occasion{key: keyOf(since) + ".half", due: half, until: *until}
	last := until.Add(-lastCall)
	if last.Sub(half) <= nudgesApart {
		return []occasion{first}
	}
	// Who could not be reached for the first one gets the last one alone.
	first.until = last
	return []occasion{first, {key: keyOf(since) + ".last", due: last, until: *until}}
}

// Plan gives the messages that ought to exist for a couple. It is pure: the
// same case gives the same messages, with the same ids.
func Plan(c booking.Case, now time.Time) []Message {
	var messages []Message
	for _, rule := range Rules {
		for _, o := range rule.occasions(c) {
			for _, partner := range recipients(c.Booking) {
				next := o.due
				messages = append(messages, Message{
					Meta: store.Meta{ID: idOf(rule.Name, c.Booking.ID, o.key, partner)},
					Rule: rule.Name, BookingID: c.Booking.ID, CohortID: c.Booking.CohortID, Partner: partner,
					State: Planned, PlannedFor: c.Booking.Rev,
					DueAt: o.due, UsefulUntil: o.until, NextAt: &next, CreatedAt: now,
				})
			}
		}
	}
	return messages
}

func idOf(rule, bookingID, occasion string, partner int) string {
	return fmt.Sprintf("%s.%s.%s.%d", rule, bookingID, occasion, partner)
}

// recipients gives the partners that get a copy each: one, when they read the
// same mailbox [D39].
func recipients(b *booking.Booking) []int {
	if people.SameEmail(b.Partners[0].Email, b.Partners[1].Email) {
		return []int{0}
	}
	return []int{0, 1}
}
