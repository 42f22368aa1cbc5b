package calendar

import (
	"bytes"
	"cmp"
	"strings"

	ical "github.com/arran4/golang-ical"
)

// Methods say what a file is for (RFC 5546).
const (
	Publish = "PUBLISH" // to be taken over by whoever wants it
	Request = "REQUEST" // an appointment, or how it is now
	Cancel  = "CANCEL"  // an appointment that does not take place
)

// Mailbox is somebody with an address.
type Mailbox struct{ Name, Email string }

// Invitation is the file of one appointment as it goes by mail: from whom and for
// whom, and a request unless it does not take place. It is about one entry, since
// calendars take no other (RFC 5546, 3.2.2). No answer is asked for: those are
// given on pages.
func Invitation(organizer, attendee Mailbox, e Event) []byte {
	method := Request
	if e.Cancelled {
		method = Cancel
	}
	return file(method, []Event{e}, func(event *ical.VEvent) {
		event.SetOrganizer(words(organizer.Email), named(organizer)...)
		event.AddAttendee(words(attendee.Email), append(named(attendee),
			ical.CalendarUserTypeIndividual, ical.ParticipationRoleReqParticipant, ical.ParticipationStatusNeedsAction)...)
	})
}

// named is the parameter with a name, which can hold no quotation mark and no line
// end (RFC 5545, 3.2).
func named(m Mailbox) []ical.PropertyParameter {
	name := strings.NewReplacer(`"`, "'", "\n", " ", "\t", " ").Replace(words(m.Name))
	return []ical.PropertyParameter{ical.WithCN(cmp.Or(name, words(m.Email)))}
}

// MethodOf is what a file is for, which a mail says of it too (RFC 6047).
func MethodOf(file []byte) string {
	_, rest, _ := bytes.Cut(file, []byte("\r\nMETHOD:"))
	method, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return cmp.Or(string(method), Publish)
}
