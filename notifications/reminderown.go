package notifications

import (
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/seal"
)

// Reminders that organizers write for a cohort, beside those that every cohort
// has.

// ownPrefix begins the ids of reminders that organizers wrote. The rest is
// chance, so none is used twice and one in another set is another one.
const ownPrefix = "own-"

func newOwnID() string {
	const short = 10
	return ownPrefix + strings.TrimPrefix(seal.NewID(""), "_")[:short]
}

// IsOwn reports whether organizers wrote the reminder.
func (r Reminder) IsOwn() bool { return strings.HasPrefix(r.ID, ownPrefix) }

// mostOwn bounds the reminders that organizers can write for one cohort.
const mostOwn = 40

var (
	errNoSuchReminder = fault.New(fault.NotFound, "There is no such reminder.")
	errNotOwn         = fault.New(fault.Conflict, "This reminder is one that all dates have. It can be switched off, but not removed.")
	errTooManyOwn     = fault.New(fault.Conflict, "These dates have forty reminders of your own. Please remove one before you write another.")
)

// own are those that organizers wrote.
func (s *ReminderSet) own() []Reminder {
	return slices.DeleteFunc(slices.Clone(s.Reminders), func(r Reminder) bool { return !r.IsOwn() })
}

// with is a reminder that all cohorts have, with what one of them decides of
// it: whether it is sent, when, by what, for how long it is of use, and what
// becomes of it for who comes late.
func (r Reminder) with(own Reminder) Reminder {
	r.Off, r.Days, r.Clock, r.Minutes = own.Off, own.Days, own.Clock, own.Minutes
	r.Text, r.Beside, r.UsefulHours, r.Late = own.Text, own.Beside, own.UsefulHours, own.Late
	return r
}

// Write adds a reminder that has no id yet, or changes the one with its id: all
// of it if organizers wrote it, else what a cohort decides. The faults are by
// field. The practice's name is part of its text messages.
func (s *ReminderSet) Write(r Reminder, id, practice string, version int, by audit.By, now time.Time) (Reminder, error) {
	if version != s.Version {
		return Reminder{}, errOtherVersion
	}
	r = r.tidy()
	i := slices.IndexFunc(s.Reminders, func(known Reminder) bool { return r.ID != "" && known.ID == r.ID })
	switch {
	case r.ID == "" && len(s.own()) >= mostOwn:
		return Reminder{}, errTooManyOwn
	case r.ID == "":
		r.ID = id
	case i < 0:
		return Reminder{}, errNoSuchReminder
	case !r.IsOwn():
		r = s.Reminders[i].with(r)
	}
	if err := fault.InvalidFields(r.check(practice)); err != nil {
		return Reminder{}, err
	}
	if i < 0 {
		s.changed(append(slices.Clone(s.Reminders), r), audit.Line{What: "reminder added: " + r.Title(), To: r.account()}, by, now)
		return r, nil
	}
	if was := s.Reminders[i]; was != r {
		changed := slices.Clone(s.Reminders)
		changed[i] = r
		s.changed(changed, audit.Line{What: "reminder: " + r.Title(), From: was.account(), To: r.account()}, by, now)
	}
	return r, nil
}

// Remove takes out a reminder that organizers wrote.
func (s *ReminderSet) Remove(id string, version int, by audit.By, now time.Time) error {
	if version != s.Version {
		return errOtherVersion
	}
	r, ok := s.reminder(id)
	switch {
	case !ok:
		return errNoSuchReminder
	case !r.IsOwn():
		return errNotOwn
	}
	left := slices.DeleteFunc(slices.Clone(s.Reminders), func(known Reminder) bool { return known.ID == id })
	s.changed(left, audit.Line{What: "reminder removed: " + r.Title(), From: r.account()}, by, now)
	return nil
}

// Take puts other reminders in the place of all; whose says where they come
// from. What organizers wrote gets ids of its own, one of ids for each.
func (s *ReminderSet) Take(reminders []Reminder, ids []string, whose string, version int, by audit.By, now time.Time) error {
	if version != s.Version {
		return errOtherVersion
	}
	taken := slices.Clone(reminders)
	for i := range taken {
		if taken[i].IsOwn() {
			taken[i].ID, ids = ids[0], ids[1:]
		}
	}
	if !slices.Equal(taken, s.Reminders) {
		s.changed(taken, audit.Line{What: "all reminders", To: whose}, by, now)
	}
	return nil
}

// changed takes over the reminders, with a line about it, and asks for the
// cohort's couples to be planned for anew.
func (s *ReminderSet) changed(reminders []Reminder, line audit.Line, by audit.By, now time.Time) {
	s.replace(reminders, now)
	s.Trail = s.Trail.Add(by, now, line)
}

// account says for the trail what a reminder is like.
func (r Reminder) account() string {
	parts := []string{r.Words(), "to " + r.AudienceWords(), r.ChannelWords()}
	if c := r.ConditionWords(); c != "" {
		parts = append(parts, c)
	}
	if r.Subject != "" {
		parts = append(parts, "“"+r.Subject+"”")
	}
	return strings.Join(parts, "; ")
}
