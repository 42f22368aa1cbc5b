package notifications

import (
	"fmt"
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/people"
	"lantern/internal/store"
	"lantern/retreats"
)

// Rule says when something is said to a couple.
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
	// to are the partners whom it is said to; nil for both.
	to []int
	// tell puts what the occasion is about into the mail's data; nil when the
	// mail needs nothing but what every mail has.
	tell func(*MailData)
	// patient says that it waits for the hours at which its reader can be
	// written to [D34].
	patient bool
	// text is how it uses texts for those who want them, and session the meeting
	// that a text asks about, to which YES answers [D37]; empty for none.
	text    way
	session string
	// invites is the meeting whose calendar file goes with its mail; empty for none.
	invites string
	// reminder is the id of the one that it comes from, empty for none.
	reminder string
	// driver is for whom it is, nil for the partners; staff says that it is for
	// those on duty.
	driver *booking.Driver
	staff  bool
}

// Rules is what Lantern says. Most of it answers something that a couple or
// time has just done, so it is due at once.
var Rules = []Rule{
	{"held", whileStanding(retreats.Held)},
	{"confirmed", confirmations},
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
		if b.LapsedAt == nil || b.EndReason != "" || len(b.Charges) == 0 || (len(b.Payments) > 0 && len(b.Disputes) == 0) {
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
	{"readdressed", readdressings},
	{"moved", moves},
	{"transferred", transfers},
	{"rescheduled", reschedulings},
	{"balance_soon", balanceSoon},
	{"balance_late", balanceLate},
	{"card_failed", cardFailures},
	{"receipt", receipts},
	{"price_lowered", priceLowered},
	{"card_saved", cardsSaved},
	{"card_removed", cardsRemoved},
	{"late_refunded", lateRefunds},
	{"cancelled", whenCancelled(endedByCouple)},
	{"called_off", whenCancelled(endedByDates)},
	{"booking_ended", whenCancelled(endedByStaff)},
	{"refilled", refilled},
	{"money_returned", moneyReturned},
	{"refund_failed", refundsGivenUp},
	{"sign_in", asked}, {digestRule, asked}, {"talk_request", asked},
	{"talk_asked", asked}, {"talk_fixed", asked}, {"talk_withdrawn", asked}, {"talk_invited", asked}, {"talk_declined", asked},
}

const (
	// lapsedUse is how long "your hold has ended" is of use: afterwards the
	// couple knows, or has booked again.
	lapsedUse = 24 * time.Hour
	// removedUse is how long it is of use to say why a turn was ended.
	removedUse = 14 * 24 * time.Hour
	// moneyUse is how long news about money stay of use.
	moneyUse = 30 * 24 * time.Hour
	// lateUse is how long it is of use to say that something is open.
	lateUse = 14 * 24 * time.Hour
)

// Plan gives the messages that ought to exist for a couple: what its own doing
// and time bring about, and the reminders that its cohort has. It is pure: the
// same case gives the same messages, with the same ids. What is said to each
// of the two comes once to a mailbox that they share.
func Plan(c booking.Case, now time.Time, reminders ...Reminder) []Message {
	return planFor(c, now, reminders, nil)
}

// planFor is Plan with those of the staff who are on duty.
func planFor(c booking.Case, now time.Time, reminders []Reminder, onDuty []Reader) []Message {
	var messages []Message
	known := map[string]bool{}
	for _, rule := range slices.Concat(Rules, rulesOf(reminders)) {
		for _, o := range rule.occasions(c) {
			if o.staff {
				messages = append(messages, toStaff(c, rule.Name, o, onDuty, now)...)
				continue
			}
			for _, partner := range recipients(c.Booking, o.to) {
				if isOld(c.Booking, partner, o) {
					continue
				}
				id := idOf(rule.Name, c.Booking.ID, o.key, partner)
				if known[id] {
					continue
				}
				known[id] = true
				channel := channelOf(rule.Name, o, c.Booking, partner)
				due := o.dueFor(c, partner, channel)
				next, driver := due, ""
				if o.driver != nil {
					driver = o.driver.Session
				}
				messages = append(messages, Message{
					Meta: store.Meta{ID: id},
					Rule: rule.Name, BookingID: c.Booking.ID, CohortID: c.Booking.CohortID, Partner: partner, Driver: driver,
					Channel: channel,
					State:   Planned, PlannedFor: c.Booking.Rev,
					DueAt: due, UsefulUntil: o.until, NextAt: &next, CreatedAt: now,
				})
			}
			messages = append(messages, textsBeside(c, rule.Name, o, now)...)
		}
	}
	return append(messages, welcomes(c, now)...)
}

// dueFor is when it is said to the partner.
func (o occasion) dueFor(c booking.Case, partner int, channel Channel) time.Time {
	switch {
	case channel == ByText:
		return textHours.fit(o.due, o.until, o.due, o.zone(c, partner))
	case !o.patient:
		return o.due
	}
	return mailHours.fit(o.due, o.until, c.Standing.Since, o.zone(c, partner))
}

// zone is by which clocks its reader lives: a driver comes to the place, and staff
// are there.
func (o occasion) zone(c booking.Case, partner int) *time.Location {
	if o.driver != nil || o.staff {
		return c.Cohort.Location()
	}
	return civil.ZoneOrUTC(c.Booking.Partners[partner].Zone)
}

// occasionOf finds what a message is about, which tells its mail; there is none
// if it does not apply any more.
func occasionOf(c booking.Case, m Message, reminders []Reminder) (occasion, bool) {
	if m.Handed.IsByHand() {
		return handedOf(c, m)
	}
	if m.Beside {
		return besideOf(c, m, reminders)
	}
	for _, rule := range slices.Concat(Rules, rulesOf(reminders)) {
		if rule.Name != m.Rule {
			continue
		}
		for _, o := range rule.occasions(c) {
			switch {
			case o.staff != (m.Reader != ""):
			case o.staff && m.ID == staffID(rule.Name, m.BookingID, o.key, m.Reader):
				return o, true
			case !o.staff && m.ID == idOf(rule.Name, m.BookingID, o.key, m.Partner) && slices.Contains(recipients(c.Booking, o.to), m.Partner):
				return o, true
			}
		}
	}
	return occasion{}, false
}

func idOf(rule, bookingID, occasion string, partner int) string {
	return fmt.Sprintf("%s.%s.%s.%d", rule, bookingID, occasion, partner)
}

// recipients gives those of the partners that get a copy each; nil asks for
// both. It is one when they read the same mailbox, whoever is meant [D39].
func recipients(b *booking.Booking, to []int) []int {
	switch {
	case sharesMailbox(b):
		return []int{0}
	case to == nil:
		return []int{0, 1}
	}
	return to
}

func sharesMailbox(b *booking.Booking) bool {
	return people.SameEmail(b.Partners[0].Email, b.Partners[1].Email)
}
