package notifications

import (
	"context"
	"slices"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// What reminders come to for one couple, for those who decide on them.

// Coming is a reminder as one couple would get it if it lacked everything.
type Coming struct {
	Reminder Reminder
	At       time.Time
}

// asReminded is the couple as one that is reminded: with its place, or, where it
// waits or has an offer, as it is.
func asReminded(c booking.Case) booking.Case {
	if c.Standing.State != retreats.WaitingOn && c.Standing.State != retreats.Offered {
		c.Standing.State = retreats.Confirmed
	}
	return c
}

// Course gives what the reminders come to for one couple, in order of time,
// whatever their conditions: what it would get as long as nothing is done.
func Course(c booking.Case, reminders []Reminder) []Coming {
	c = asReminded(c)
	var all []Coming
	for _, rule := range rulesOf(always(reminders)) {
		for _, o := range rule.occasions(c) {
			i := slices.IndexFunc(reminders, func(r Reminder) bool { return r.ID == o.reminder })
			all = append(all, Coming{Reminder: reminders[i], At: o.dueFor(c, 0, ByMail)})
		}
	}
	slices.SortStableFunc(all, func(a, b Coming) int { return a.At.Compare(b.At) })
	return all
}

// always gives the reminders without their conditions.
func always(reminders []Reminder) []Reminder {
	all := slices.Clone(reminders)
	for i := range all {
		all[i].While = ""
	}
	return all
}

// ownLink stands for a couple's link where others than they read.
const ownLink = "(their own link)"

// Preview puts the reminders into words, with what is so of a couple today: the
// first of each template under the template's name, and each that organizers
// wrote under its id. It holds nobody's link.
func (s *Service) Preview(ctx context.Context, c booking.Case, reminders []Reminder) (map[string]Rendered, error) {
	c = asReminded(c)
	now, previews := s.options.Now(), map[string]Rendered{}
	for _, rule := range rulesOf(always(reminders)) {
		for _, o := range rule.occasions(c) {
			i := slices.IndexFunc(reminders, func(r Reminder) bool { return r.ID == o.reminder })
			name := rule.Name
			if reminders[i].IsOwn() {
				name = o.reminder
			}
			if _, known := previews[name]; known {
				continue
			}
			data := s.mailData(c, Message{Partner: 0}, o, now)
			data.Link, data.Other = ownLink, nil
			words, err := s.render(ctx, rule.Name, data)
			if err != nil {
				return nil, err
			}
			previews[name] = words
		}
	}
	return previews, nil
}
