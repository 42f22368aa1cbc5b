package notifications

import (
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/store"
)

// ReminderSet is what one cohort reminds its couples of. Its id is the cohort's.
type ReminderSet struct {
	store.Meta
	Reminders []Reminder `json:"reminders"`
	// Version counts the changes; 0 is the default set.
	Version int `json:"version"`
	// ReplanAt asks for the cohort's couples to be planned for anew; nil when
	// they are.
	ReplanAt *time.Time `json:"replan_at,omitempty"`
	// Staff says that some of them are for staff on duty, Duty who those were when
	// its couples were last planned for because of them.
	Staff bool   `json:"staff,omitempty"`
	Duty  string `json:"duty,omitempty"`
	// Trail is what staff changed.
	Trail audit.Trail `json:"trail,omitempty"`
}

func newReminderSet(cohortID string) *ReminderSet {
	return &ReminderSet{Meta: store.Meta{ID: cohortID}, Reminders: DefaultReminders()}
}

// complete adds the reminders that came to be after the cohort's set was made,
// and gives each what is not the cohort's to decide.
func (s *ReminderSet) complete() {
	all := DefaultReminders()
	for i, r := range all {
		own, ok := s.reminder(r.ID)
		if !ok {
			continue
		}
		all[i] = r.with(own)
	}
	s.Reminders = append(all, s.own()...)
}

// replace takes over the reminders, and asks for the cohort's couples to be
// planned for anew.
func (s *ReminderSet) replace(reminders []Reminder, now time.Time) {
	s.Reminders, s.ReplanAt = reminders, &now
	s.Staff = slices.ContainsFunc(reminders, func(r Reminder) bool { return r.To == ToStaff })
	s.Version++
}

func (s *ReminderSet) reminder(id string) (Reminder, bool) {
	i := slices.IndexFunc(s.Reminders, func(r Reminder) bool { return r.ID == id })
	if i < 0 {
		return Reminder{}, false
	}
	return s.Reminders[i], true
}

// ReminderEdit is what a cohort decides of a reminder: whether it is sent, and
// when. Which of Days with Clock or Minutes counts is the reminder's own.
type ReminderEdit struct {
	ID      string
	Off     bool
	Days    int
	Clock   string
	Minutes int
}

var (
	errNoReminder   = "There is no such reminder."
	errOtherVersion = fault.New(fault.Conflict, "Somebody else has changed these reminders meanwhile. Please look at them as they are now, and change them again.")
)

// Change takes edits of the set as it was at a version. The faults are by field:
// "papers-1.days".
func (s *ReminderSet) Change(edits []ReminderEdit, version int, by audit.By, now time.Time) error {
	if version != s.Version {
		return errOtherVersion
	}
	changed, fields, trail := slices.Clone(s.Reminders), fault.Fields{}, s.Trail
	for _, e := range edits {
		i := slices.IndexFunc(changed, func(r Reminder) bool { return r.ID == e.ID })
		if i < 0 {
			fields[e.ID] = errNoReminder
			continue
		}
		was := changed[i]
		changed[i] = was.edited(e, fields)
		if was != changed[i] {
			trail = trail.Add(by, now, audit.Line{What: "reminder: " + was.Title(), From: was.Words(), To: changed[i].Words()})
		}
	}
	if err := fault.InvalidFields(fields); err != nil {
		return err
	}
	if slices.Equal(changed, s.Reminders) {
		return nil
	}
	s.replace(changed, now)
	s.Trail = trail
	return nil
}

// edited is the reminder with an edit; what is wrong with that is noted.
func (r Reminder) edited(e ReminderEdit, fields fault.Fields) Reminder {
	r.Off = e.Off
	if r.IsAtOnce() {
		return r
	}
	if r.Clock == "" {
		r.Minutes = e.Minutes
		r.checkMinutes(r.ID+".minutes", fields)
		return r
	}
	clock, err := civil.ParseClock(e.Clock)
	if err != nil {
		fields[r.ID+".clock"] = fault.TextOf(err)
		clock = r.Clock
	}
	r.Days, r.Clock = e.Days, clock
	r.checkDays(r.ID+".days", fields)
	return r
}

// IsAtOnce reports whether the reminder has no time of its own.
func (r Reminder) IsAtOnce() bool { return r.Anchor == AtDriverNamed }
