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

// announcing are the rules whose mails bring all that is to come, ending those that
// take all of it out.
var (
	announcing = []string{"confirmed", "transferred"}
	ending     = []string{"cancelled", "called_off", "booking_ended"}
)

// invitations are the entries that go with a mail: the meeting of which it reminds;
// all when the couple has its place, or when they have moved; and when the booking
// has ended, that none takes place.
func invitations(c booking.Case, rule string, o occasion, practice string, now time.Time) []calendar.Event {
	ended, has := slices.Contains(ending, rule), c.Standing.State == retreats.Confirmed
	return slices.DeleteFunc(c.CalendarEvents(practice), func(e calendar.Event) bool {
		switch {
		case !e.End.After(now):
			return true
		case ended:
			return !e.Cancelled
		case o.invites != "":
			return e.Cancelled || e.UID != c.CalendarUID(o.invites)
		case slices.Contains(announcing, rule):
			return e.Cancelled || !has
		}
		return rule != "rescheduled" || !has
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
