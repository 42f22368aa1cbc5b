package notifications

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/audit"
	"lantern/internal/fault"
)

var robin = audit.By{ID: "staff_robin", Name: "Robin"}

func TestChangingReminders(t *testing.T) {
	t.Parallel()
	edit := func(id string, off bool, days int, clock string, minutes int) ReminderEdit {
		return ReminderEdit{ID: id, Off: off, Days: days, Clock: clock, Minutes: minutes}
	}
	for about, c := range map[string]struct {
		edit  ReminderEdit
		fault string // the field
		words string // of the reminder afterwards
	}{
		"another day and hour":     {edit("papers-1", false, -30, "09:15", 0), "", "30 days before the first day, 09:15"},
		"off":                      {edit("papers-1", true, -28, "10:00", 0), "", "28 days before the first day, 10:00, off"},
		"minutes":                  {edit("preparation-4", false, 0, "", -90), "", "90 minutes before the session"},
		"a day after":              {edit("afterwards-1", false, 1, "12:00", 0), "", "1 day after the session, 12:00"},
		"on the day of the place":  {edit("no-driver-1", false, 0, "18:00", 0), "", "0 days after they have their place, 18:00"},
		"after what it announces":  {edit("papers-1", false, 1, "10:00", 0), "papers-1.days", ""},
		"on the day itself":        {edit("papers-1", false, 0, "10:00", 0), "papers-1.days", ""},
		"years before":             {edit("papers-1", false, -366, "10:00", 0), "papers-1.days", ""},
		"before what it follows":   {edit("afterwards-1", false, -1, "10:00", 0), "afterwards-1.days", ""},
		"no time of day":           {edit("papers-1", false, -28, "25:00", 0), "papers-1.clock", ""},
		"minutes after":            {edit("preparation-4", false, 0, "", 5), "preparation-4.minutes", ""},
		"more minutes than a day":  {edit("preparation-4", false, 0, "", -1441), "preparation-4.minutes", ""},
		"what there is not":        {edit("nothing-1", false, 0, "", 0), "nothing-1", ""},
		"nothing, which is a page": {edit("papers-1", false, -28, "10:00", 0), "", "28 days before the first day, 10:00"},
	} {
		set := newReminderSet("co")
		before, _ := set.reminder(c.edit.ID)
		err := set.Change([]ReminderEdit{c.edit}, 0, robin, noon)
		after, _ := set.reminder(c.edit.ID)
		if c.fault != "" {
			if fault.FieldsOf(err)[c.fault] == "" || set.Version != 0 || set.ReplanAt != nil || len(set.Trail) != 0 || after != before {
				t.Errorf("%s: %v, version %d", about, err, set.Version)
			}
			continue
		}
		if err != nil || after.Words() != c.words {
			t.Errorf("%s: %q, %v", about, after.Words(), err)
		}
		if changed := after != before; changed != (set.Version == 1) || changed != (set.ReplanAt != nil) || changed != (len(set.Trail) == 1) {
			t.Errorf("%s: version %d, trail %v", about, set.Version, set.Trail)
		}
	}
	set := newReminderSet("co")
	set.Version = 3
	if err := set.Change(nil, 2, robin, noon); fault.KindOf(err) != fault.Conflict {
		t.Errorf("changed over what somebody else had changed: %v", err)
	}
}

// TestAReminderThatCameLater is in the sets that were made before it, and what
// they decided stays.
func TestAReminderThatCameLater(t *testing.T) {
	t.Parallel()
	set := newReminderSet("co")
	if err := set.Change([]ReminderEdit{{ID: "papers-2", Off: true, Days: -20, Clock: "08:00"}}, 0, robin, noon); err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(set.Reminders)
	set.Reminders = slices.DeleteFunc(set.Reminders, func(r Reminder) bool { return r.ID == "papers-1" })
	set.Reminders = append(set.Reminders, Reminder{ID: "what we said once"})
	set.complete()
	if diff := cmp.Diff(changed, set.Reminders); diff != "" {
		t.Error(diff)
	}
}

// TestTheCourse is in order of time, and does not ask what is so.
func TestTheCourse(t *testing.T) {
	t.Parallel()
	c := weekend("Europe/Berlin", "2026-04-10", utc("2026-01-05 12:30"))
	want := Course(c, DefaultReminders())
	if len(want) != 20 || !slices.IsSortedFunc(want, func(a, b Coming) int { return a.At.Compare(b.At) }) {
		t.Errorf("%d reminders: %v", len(want), want)
	}
	consents(&c, 0)
	c.Booking.Forms[0] = nil
	if diff := cmp.Diff(want, Course(c, DefaultReminders())); diff != "" {
		t.Error(diff)
	}
}
