package notifications

import (
	"fmt"
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
		if b.LapsedAt == nil || b.EndReason != "" || len(b.Charges) == 0 || len(b.Payments) > 0 {
			return nil
		}
		return once(*b.LapsedAt, b.LapsedAt.Add(lapsedUse))
	}},
	{"offer_ended", func(c booking.Case) []occasion {
		gone := c.Booking.LetGo
		if gone == nil || gone.What != retreats.TurnExpired || c.Standing.State != retreats.WaitingOn {
			return nil
		}
		return once(gone.At, c.Cohort.Start())
	}},
	{"turn_ended", func(c booking.Case) []occasion {
		b := c.Booking
		if b.LapsedAt == nil || b.EndReason != "" || b.JoinedAt == nil || len(b.Charges) > 0 {
			return nil
		}
		return once(*b.LapsedAt, b.LapsedAt.Add(removedUse))
	}},
	{"removed", func(c booking.Case) []occasion {
		b := c.Booking
		if b.LapsedAt == nil || b.EndReason == "" {
			return nil
		}
		return once(*b.LapsedAt, b.LapsedAt.Add(removedUse))
	}},
	{"moved", moves},
	{"rescheduled", reschedulings},
	{lateRefunded, func(c booking.Case) []occasion {
		var all []occasion
		for _, r := range c.Booking.Refunds {
			if r.Reason == booking.RefundLate {
				all = append(all, occasion{key: r.ID, due: r.At, until: r.At.Add(moneyUse)})
			}
		}
		return all
	}},
	{"cancelled", whenCancelled(false)},
	{calledOff, whenCancelled(true)},
	{"sign_in", asked},
}

const (
	lateRefunded = "late_refunded"
	calledOff    = "called_off"
)

const (
	// lapsedUse is how long "your hold has ended" is of use: afterwards the
	// couple knows, or has booked again.
	lapsedUse = 24 * time.Hour
	// removedUse is how long it is of use to say why a turn was ended.
	removedUse = 14 * 24 * time.Hour
	// moneyUse is how long news about money stay of use.
	moneyUse = 30 * 24 * time.Hour
)

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
