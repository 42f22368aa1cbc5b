package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// rulesOf gives the rules that a set of reminders comes to: one for each series.
// Those that all cohorts have are a series by what they say, and take each
// other's place. Of those that organizers wrote, each is said by itself; a series
// of them is only for who comes late.
func rulesOf(reminders []Reminder) []Rule {
	rules := make([]Rule, 0, len(Templates))
	for _, template := range Templates {
		var all, own []Reminder
		for _, r := range reminders {
			switch {
			case r.Template != template || r.Off:
			case r.IsOwn():
				own = append(own, r)
			default:
				all = append(all, r)
			}
		}
		for _, series := range append([][]Reminder{all}, alike(own)...) {
			if len(series) > 0 {
				rules = append(rules, Rule{template, func(c booking.Case) []occasion { return remind(c, series) }})
			}
		}
	}
	return rules
}

// alike puts together what is said to the same people about the same things.
func alike(reminders []Reminder) [][]Reminder {
	type about struct {
		anchor   Anchor
		sessions retreats.SessionKind
		to       Audience
		while    Condition
	}
	var order []about
	series := map[about][]Reminder{}
	for _, r := range reminders {
		a := about{r.Anchor, r.Sessions, r.To, r.While}
		if series[a] == nil {
			order = append(order, a)
		}
		series[a] = append(series[a], r)
	}
	var all [][]Reminder
	for _, a := range order {
		all = append(all, series[a])
	}
	return all
}

// reminded reports whether the couple is reminded of anything: it has its
// place, the dates take place, and neither of the two is refused, which ends
// the booking.
func reminded(c booking.Case) bool {
	return c.Standing.State == retreats.Confirmed && isOn(c) && !c.Booking.IsNotCleared()
}

// isOn reports whether neither the booking nor the dates have ended.
func isOn(c booking.Case) bool {
	return !c.Booking.IsOver() && c.Cohort.State != retreats.Cancelled
}

// concerns reports whether a reminder with the anchor is for couples that stand
// as this one does.
func (a Anchor) concerns(c booking.Case) bool {
	switch a {
	case AtJoined:
		return isOn(c) && c.Standing.State == retreats.WaitingOn
	case AtOfferEnd:
		return isOn(c) && c.Standing.State == retreats.Offered && c.Standing.Until != nil
	case AtChargeDue:
		return reminded(c) && asks(c)
	}
	return reminded(c)
}

// remind gives the occasions of a series of reminders.
func remind(c booking.Case, series []Reminder) []occasion {
	if !slices.ContainsFunc(series, func(r Reminder) bool { return r.Anchor.concerns(c) }) {
		return nil
	}
	var all []occasion
	for _, subject := range subjectsOf(c, series[0]) {
		all = append(all, inTurn(c, series, subject)...)
	}
	return all
}

// subject is what a series is about: sessions that belong together, a charge,
// or none of these where it is about the whole cohort.
type subject struct {
	sessions []retreats.Session
	charge   *booking.Charge
	// driver is who drives after the session, if the series is for them.
	driver *booking.Driver
}

// subjectsOf gives what a series that begins with the reminder is about, each by
// itself.
func subjectsOf(c booking.Case, first Reminder) []subject {
	kind := first.Sessions
	switch {
	case first.To == ToDriver:
		return ridesOf(c)
	case first.Anchor == AtChargeDue:
		return chargesOf(c)
	case first.Anchor == AtMaterial:
		if _, ok := c.Cohort.MaterialFrom(); !ok {
			return nil
		}
		return []subject{{}}
	case kind == "":
		return []subject{{}}
	}
	var all []subject
	for _, s := range c.Cohort.Sessions {
		if s.Kind != kind {
			continue
		}
		last := len(all) - 1
		if last >= 0 && kind == retreats.Medicine && !first.IsOwn() && s.StartsAt.Sub(all[last].end()) < daysTogether {
			all[last].sessions = append(all[last].sessions, s)
			continue
		}
		all = append(all, subject{sessions: []retreats.Session{s}})
	}
	return all
}

// daysTogether is how close medicine sessions lie that are spoken of at once:
// those of one stay. Two mails on two days about one journey would be noise.
const daysTogether = 48 * time.Hour

// chargesOf are the charges of which something is open, each once.
func chargesOf(c booking.Case) []subject {
	var all []subject
	for _, d := range c.Dues() {
		if !slices.ContainsFunc(all, func(s subject) bool { return s.charge.ID == d.Charge.ID }) {
			charge := d.Charge
			all = append(all, subject{charge: &charge})
		}
	}
	return all
}

// duesOf are the open parts of a charge that concern one of the readers; with no
// readers, all of them.
func duesOf(c booking.Case, chargeID string, readers []int) []booking.Due {
	return slices.DeleteFunc(c.Dues(), func(d booking.Due) bool {
		return d.Charge.ID != chargeID || d.Share != nil && len(readers) > 0 && !slices.Contains(readers, *d.Share)
	})
}

func (s subject) start() time.Time { return s.sessions[0].StartsAt }
func (s subject) end() time.Time   { return s.sessions[len(s.sessions)-1].EndsAt }

// isOnline reports whether it is a meeting by video.
func (s subject) isOnline() bool { return len(s.sessions) > 0 && s.sessions[0].Online }

// key names what it is about as that is now: moved sessions and charges are
// another occasion, and so is another offer.
func (s subject) key(c booking.Case, anchor Anchor) string {
	switch {
	case s.charge != nil:
		return s.charge.ID + "." + keyOf(s.charge.DueAt)
	case anchor == AtJoined && c.Booking.JoinedAt != nil:
		return string(c.Cohort.StartsOn) + "." + keyOf(*c.Booking.JoinedAt)
	case anchor == AtOfferEnd && c.Standing.Until != nil:
		return string(c.Cohort.StartsOn) + "." + keyOf(c.Standing.Since)
	case len(s.sessions) == 0:
		return string(c.Cohort.StartsOn)
	}
	key := s.sessions[0].ID
	for _, session := range s.sessions {
		key += "." + keyOf(session.StartsAt)
	}
	if s.driver != nil {
		// Somebody else, or another address, is asked anew.
		key += "." + retreats.Hash(s.driver.LinkHash + " " + s.driver.Email)[:8]
	}
	return key
}
