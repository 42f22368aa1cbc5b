package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/calendar"
	"lantern/retreats"
)

// Calendar files that go with mails to partners: appointments that calendars enter,
// move and take out by themselves. Whoever wants texts has had them with the mail
// that said that the place is theirs.

// ending are the rules whose mails take out all that is to come.
var ending = []string{"cancelled", "called_off", "booking_ended"}

// invitations are the entries that go with a mail: the meeting of which it reminds;
// all when the couple has its place, or when they have moved; with other dates those
// of the old ones, too, which do not take place; and when the booking has ended, that
// none does.
func invitations(c booking.Case, rule string, o occasion, practice string, now time.Time) []calendar.Event {
	ended, has := slices.Contains(ending, rule), c.Standing.State == retreats.Confirmed
	return slices.DeleteFunc(c.CalendarEvents(practice), func(e calendar.Event) bool {
		switch {
		case !e.End.After(now):
			// Calendars may still show it on the day that it had in the old dates.
			return rule != "transferred" || !has || !c.HasLeft(e.UID)
		case ended:
			return !e.Cancelled
		case o.invites != "":
			return e.Cancelled || e.UID != c.CalendarUID(o.invites)
		case rule == "confirmed":
			return e.Cancelled || !has
		}
		return rule != "rescheduled" && rule != "transferred" || !has
	})
}

// calendars are the calendar files of a mail: those of a couple, or the one that a
// notice brings along.
func (s *Service) calendars(l letter) (files [][]byte) {
	if file := l.data.Data[calendarData]; file != "" {
		files = append(files, []byte(file))
	}
	for _, e := range l.invitations {
		files = append(files, calendar.Invitation(s.options.Sender, calendar.Mailbox{Name: l.name, Email: l.email}, e))
	}
	return files
}
