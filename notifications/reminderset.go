package notifications

import (
	"fmt"
	"slices"
	"strings"
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
		all[i].Off, all[i].Days, all[i].Clock, all[i].Minutes = own.Off, own.Days, own.Clock, own.Minutes
	}
	s.Reminders = all
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
	errNoReminder    = "There is no such reminder."
	errOtherVersion  = fault.New(fault.Conflict, "Somebody else has changed these reminders meanwhile. Please look at them as they are now, and change them again.")
	longestReminding = 365
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
	s.Reminders, s.Trail, s.ReplanAt = changed, trail, &now
	s.Version++
	return nil
}

// edited is the reminder with an edit; what is wrong with that is noted.
func (r Reminder) edited(e ReminderEdit, fields fault.Fields) Reminder {
	r.Off = e.Off
	if r.IsAtOnce() {
		return r
	}
	if r.Clock == "" {
		if e.Minutes >= 0 || e.Minutes < -24*60 {
			fields[r.ID+".minutes"] = "Please write how many minutes before, 1 to 1440."
		}
		r.Minutes = e.Minutes
		return r
	}
	clock, err := civil.ParseClock(e.Clock)
	if err != nil {
		fields[r.ID+".clock"] = fault.TextOf(err)
		clock = r.Clock
	}
	least, most, words := -longestReminding, -1, fmt.Sprintf("Please write how many days before, 1 to %d.", longestReminding)
	if r.IsAfter() {
		least, most, words = 0, 30, "Please write how many days after, 0 to 30."
	}
	if e.Days < least || e.Days > most {
		fields[r.ID+".days"] = words
	}
	r.Days, r.Clock = e.Days, clock
	return r
}

// IsAtOnce reports whether the reminder has no time of its own.
func (r Reminder) IsAtOnce() bool { return r.Anchor == AtDriverNamed }

// IsAfter reports whether the reminder follows its anchor.
func (r Reminder) IsAfter() bool { return r.Anchor == AtConfirmed || r.Anchor == AtSessionEnd }

// titles say for staff what is said.
var titles = map[string]string{
	TellPapers: "consent and forms", TellNoDriver: "no driver named", TellPreparation: "preparation session",
	TellRide:       "to the driver",
	TellAfterwards: "after the medicine sessions", TellIntegration: "integration session",
}

// TitleOf says for staff what a reminder's template says.
func TitleOf(template string) string { return titles[template] }

// Title says for staff what it says.
func (r Reminder) Title() string { return titles[r.Template] }

// anchors are the anchors in words.
var anchors = map[Anchor]string{
	AtSessionStart: "before the session", AtCohortStart: "before the first day", AtConfirmed: "after they have their place", AtSessionEnd: "after the session",
	AtDriverNamed: "when they are named", AtPickUp: "before they are expected",
}

// AnchorWords say what the reminder is counted from.
func (r Reminder) AnchorWords() string { return anchors[r.Anchor] }

// conditions are the conditions in words.
var conditions = map[Condition]string{
	PapersMissing: "only to those whose consent or forms are missing", NotReplied: "only to those who have not said that they come",
	DriverNotNamed: "only while nobody is named to drive", RideNotAnswered: "only to drivers whose address is known, until they have answered",
	RideNotRefused: "only to drivers whose address is known and who have not said no",
}

// ConditionWords say to whom it goes, empty for everybody.
func (r Reminder) ConditionWords() string { return conditions[r.While] }

// Words say when it is sent: "21 days before the session, 10:00".
func (r Reminder) Words() string {
	var words string
	switch {
	case r.IsAtOnce():
		words = "at once " + r.AnchorWords()
	case r.Clock == "":
		words = fmt.Sprintf("%d minutes %s", -r.Minutes, r.AnchorWords())
	default:
		days := max(r.Days, -r.Days)
		words = fmt.Sprintf("%d days %s, %s", days, r.AnchorWords(), r.Clock)
		if days == 1 {
			words = strings.Replace(words, "1 days", "1 day", 1)
		}
	}
	if r.Off {
		words += ", off"
	}
	return words
}
