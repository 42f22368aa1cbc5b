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
	// occasion says when the rule applies to a case, if it does.
	occasion func(booking.Case) (occasion, bool)
}

// occasion is one time a rule applies.
type occasion struct {
	// key tells this occasion from others of the same rule and booking.
	key        string
	due, until time.Time
}

// Rules is what Lantern says to couples about their place. All of it answers
// something that they or time have just done, so it is due at once.
var Rules = []Rule{
	{"held", whileStanding(retreats.Held)},
	{"confirmed", whileStanding(retreats.Confirmed)},
	{"offered", whileStanding(retreats.Offered)},
	{"waiting", func(c booking.Case) (occasion, bool) {
		if c.Booking.JoinedAt == nil || c.Standing.State != retreats.WaitingOn || c.Standing.Reason == retreats.LateReason {
			return occasion{}, false
		}
		return since(*c.Booking.JoinedAt, c.Cohort.Start()), true
	}},
	{"lapsed", func(c booking.Case) (occasion, bool) {
		b := c.Booking
		if b.LapsedAt == nil || len(b.Charges) == 0 || len(b.Payments) > 0 {
			return occasion{}, false
		}
		return since(*b.LapsedAt, b.LapsedAt.Add(lapsedUse)), true
	}},
	{"late_refunded", func(c booking.Case) (occasion, bool) {
		for _, r := range c.Booking.Refunds {
			if r.Reason == booking.RefundLate {
				return occasion{key: r.ID, due: r.At, until: r.At.Add(moneyUse)}, true
			}
		}
		return occasion{}, false
	}},
	{"cancelled", func(c booking.Case) (occasion, bool) {
		if c.Booking.Cancellation == nil {
			return occasion{}, false
		}
		at := c.Booking.Cancellation.At
		return since(at, at.Add(moneyUse)), true
	}},
}

const (
	// lapsedUse is how long "your hold has ended" is of use: afterwards the
	// couple knows, or has booked again.
	lapsedUse = 24 * time.Hour
	// moneyUse is how long news about money stay of use.
	moneyUse = 30 * 24 * time.Hour
)

func since(due, until time.Time) occasion {
	return occasion{key: strconv.FormatInt(due.UnixMilli(), 36), due: due, until: until}
}

func whileStanding(state retreats.PlaceState) func(booking.Case) (occasion, bool) {
	return func(c booking.Case) (occasion, bool) {
		if c.Standing.State != state || c.Booking.IsOver() {
			return occasion{}, false
		}
		until := c.Cohort.Start()
		if c.Standing.Until != nil {
			until = *c.Standing.Until
		}
		return since(c.Standing.Since, until), true
	}
}

// Plan gives the messages that ought to exist for a couple. It is pure: the
// same case gives the same messages, with the same ids.
func Plan(c booking.Case, now time.Time) []Message {
	var messages []Message
	for _, rule := range Rules {
		o, applies := rule.occasion(c)
		if !applies {
			continue
		}
		for _, partner := range recipients(c.Booking) {
			next := o.due
			messages = append(messages, Message{
				Meta: store.Meta{ID: fmt.Sprintf("%s.%s.%s.%d", rule.Name, c.Booking.ID, o.key, partner)},
				Rule: rule.Name, BookingID: c.Booking.ID, CohortID: c.Booking.CohortID, Partner: partner,
				State: Planned, DueAt: o.due, UsefulUntil: o.until, NextAt: &next, CreatedAt: now,
			})
		}
	}
	return messages
}

// recipients gives the partners that get a copy each: one, when they read the
// same mailbox [D39].
func recipients(b *booking.Booking) []int {
	if people.SameEmail(b.Partners[0].Email, b.Partners[1].Email) {
		return []int{0}
	}
	return []int{0, 1}
}
