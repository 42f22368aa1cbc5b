package notifications

import (
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/retreats"
)

// MailData is what a mail is made of: today's data, for one recipient.
type MailData struct {
	// Hello is whom the mail greets: the recipient, or both where they share
	// a mailbox.
	Hello    string
	Practice Practice
	// Link is the page of the partner whose name Own is. Other is the page of
	// the partner who reads the same mailbox; nil for everybody else.
	Link, Own string
	Other     *OwnPage
	Ref       string
	// StartsOn and EndsOn are noon of the first and the last day, in UTC: the
	// dates are those of the place, wherever the recipient is.
	StartsOn, EndsOn time.Time
	Zone             *time.Location
	// Until is the deadline of a held or offered place.
	Until time.Time
	// HasPlace says that a place is held or confirmed, so that the recipient's
	// page has a calendar file.
	HasPlace bool
	// LastOffer says that the couple's turn ends if it lets the offer go by.
	LastOffer bool
	// Position is the couple's on the waitlist, 0 if it does not wait; Since is
	// when it joined that, or came to its place.
	Position int
	Since    time.Time
	// Reason is why the practice ended the booking, in its own words.
	Reason string
	// Due is what has to be paid to keep the place.
	Due      string
	Sessions []SessionLine
	MoneyWords
	ReminderWords
	// Remark is what somebody adds who sends the mail by hand; empty for nothing.
	Remark string
	// Digest is what staff are told of the day; nil in other mail.
	Digest *Digest
	// Data is what a notice brings along; nil for mail about a booking.
	Data map[string]string
	// readers are the partners who read the mail.
	readers []int
}

// OwnPage is one partner's own page.
type OwnPage struct{ Name, Link string }

// SessionLine is when to be where.
type SessionLine struct {
	StartsAt, EndsAt time.Time
	// Zone is the place's for who comes there, and the reader's for a meeting
	// by video.
	Zone    *time.Location
	ByVideo bool
}

// When says it: "Saturday 9 January 2027, 9:30 to 12:30 (Pacific time)".
func (l SessionLine) When() string {
	video := ""
	if l.ByVideo {
		video = ", by video"
	}
	return moment(l.StartsAt, l.Zone) + " to " + clock(l.EndsAt, l.Zone) + " (" + civil.ZoneName(l.Zone.String()) + video + ")"
}

func clock(t time.Time, zone *time.Location) string {
	return strings.TrimPrefix(t.In(zone).Format("15:04"), "0")
}

func moment(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Monday 2 January 2006, ") + clock(t, zone)
}

// At writes an instant in the reader's zone: "Monday 11 January 2027, 19:10".
func (d MailData) At(t time.Time) string { return moment(t, d.Zone) }

// Short is At for subjects: "Monday 19:10".
func (d MailData) Short(t time.Time) string { return t.In(d.Zone).Format("Monday ") + clock(t, d.Zone) }

// ZoneName is the reader's zone in words.
func (d MailData) ZoneName() string { return civil.ZoneName(d.Zone.String()) }

func (s *Service) mailData(c booking.Case, m Message, o occasion, now time.Time) MailData {
	switch {
	case o.driver != nil:
		return s.rideData(c, o)
	case o.staff:
		return s.staffData(c, o, "")
	}
	b := c.Booking
	zone := civil.ZoneOrUTC(b.Partners[m.Partner].Zone)
	data := MailData{
		Hello: b.Partners[m.Partner].Name, Own: b.Partners[m.Partner].Name, Practice: s.options.Practice, Ref: b.Ref,
		Link: s.options.Bookings.Link(b, m.Partner), Zone: zone, Position: c.Standing.Position,
		StartsOn: c.Cohort.StartsOn.At("12:00", time.UTC), EndsOn: c.Cohort.EndsOn.At("12:00", time.UTC),
		Since: c.Standing.Since, Reason: b.EndReason, LastOffer: c.Cohort.IsLastOffer(c.Booking.ID),
		HasPlace: c.Standing.State == retreats.Held || c.Standing.State == retreats.Confirmed,
		readers:  []int{m.Partner},
	}
	if sharesMailbox(b) && !m.Beside {
		data.Hello = b.Partners[0].Name + " and " + b.Partners[1].Name
		data.Other = &OwnPage{Name: b.Partners[1].Name, Link: s.options.Bookings.Link(b, 1)}
		data.readers = []int{0, 1}
	}
	if c.Standing.Until != nil {
		data.Until = *c.Standing.Until
	}
	data.Charges = chargeLines(c, data.readers)
	if c.Standing.State == retreats.Held && len(b.Charges) > 0 && !b.IsPaid(b.Charges[0]) {
		data.Due = b.Open(b.Charges[0]).String()
	}
	data.Sessions = sessionLines(c, zone, now)
	if o.tell != nil {
		o.tell(&data)
	}
	return data
}

// sessionLines are the sessions that are not over, for a reader in that zone.
func sessionLines(c booking.Case, zone *time.Location, now time.Time) []SessionLine {
	var lines []SessionLine
	for _, session := range c.Cohort.Sessions {
		if !session.EndsAt.After(now) {
			continue
		}
		lines = append(lines, lineOf(c, session, zone))
	}
	return lines
}
