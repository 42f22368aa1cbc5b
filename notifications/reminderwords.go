package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/retreats"
)

// ReminderWords are what mails say that remind of something.
type ReminderWords struct {
	// Meeting is the one that the mail is about, Next the one that comes after
	// what it is about; nil for none.
	Meeting, Next *SessionLine
	// Coming says that all readers of the mail have said that they come.
	Coming bool
	// Consent and Forms say which papers are missing, By until when they are
	// asked for, Overdue that this has passed.
	Consent, Forms bool
	By             string
	Overdue        bool
	// Drives are the days on which nobody takes the couple home yet.
	Drives []SessionLine
	// PickUp is when a driver is expected, PickUpDay its day for subjects, and
	// PickUpShort both for texts; PickUpPlace is where, if there is room for it.
	PickUp, PickUpDay, PickUpShort, PickUpPlace string
	// Note are words of staff, nil for none; ToStaff says that staff read them.
	Note    *NoteWords
	ToStaff bool
}

// tellReminder puts what a reminder, due then, is about into its mail.
func tellReminder(c booking.Case, r Reminder, s subject, due time.Time, m *MailData) {
	switch r.Template {
	case TellNote:
		tellNote(c, r, s, m)
	case TellPreparation, TellIntegration:
		line := lineOf(c, s.sessions[0], m.Zone)
		m.Meeting = &line
		m.Coming = !slices.ContainsFunc(m.readers, func(partner int) bool { return !c.Booking.HasReplied(s.sessions[0], partner) })
	case TellPapers:
		for _, partner := range m.readers {
			m.Consent = m.Consent || lacksConsent(c, partner)
			m.Forms = m.Forms || lacksForms(c, partner)
		}
		// It ends with a day, so the day before its last instant is named.
		by := c.PapersDue(c.Standing.Since)
		m.By, m.Overdue = civil.DateOf(by.Add(-time.Millisecond), c.Cohort.Location()).Words(), !due.Before(by)
	case TellRide:
		tellRide(c, s, m)
	case TellNoDriver:
		for _, session := range withoutDriver(c, s) {
			m.Drives = append(m.Drives, lineOf(c, session, m.Zone))
		}
	case TellAfterwards:
		for _, session := range c.Cohort.Sessions {
			if session.StartsAt.After(s.end()) && session.Kind == retreats.Integration {
				line := lineOf(c, session, m.Zone)
				m.Next = &line
				break
			}
		}
	}
}

// lineOf is when to be where, for a reader in that zone.
func lineOf(c booking.Case, session retreats.Session, zone *time.Location) SessionLine {
	line := SessionLine{StartsAt: session.StartsAt, EndsAt: session.EndsAt, Zone: c.Cohort.Location(), ByVideo: session.Online}
	if session.Online && zone != nil {
		line.Zone = zone
	}
	return line
}

// Day is the meeting's day for subjects: "Friday 12 March".
func (l SessionLine) Day() string { return l.StartsAt.In(l.Zone).Format("Monday 2 January") }
