package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"lantern/internal/calendar"
)

// TestAnInvitationIsWhatCalendarsTake (RFC 5546, 3.2.2 and 3.2.5): one entry, from
// whom and for whom, whatever they are called.
func TestAnInvitationIsWhatCalendarsTake(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 13, 17, 30, 0, 0, time.UTC)
	for _, name := range []string{
		"Maya", "", `Maya "M" von Oberndorf; Castillo: the third, ` + strings.Repeat("Äö", 40), "ליאת כהן־לוי", "Maya\r\nATTENDEE:mailto:x@example.org", "Maya^n\\n",
	} {
		for method, cancelled := range map[string]bool{calendar.Request: false, calendar.Cancel: true} {
			file := calendar.Invitation(
				calendar.Mailbox{Name: name, Email: "office@example.org"}, calendar.Mailbox{Name: name, Email: "maya@example.org"},
				calendar.Event{UID: "s1@lantern", Sequence: 3, Start: start, End: start.Add(time.Hour), Stamp: start, Title: "Session", Cancelled: cancelled},
			)
			for line := range bytes.SplitSeq(file, []byte("\r\n")) {
				if len(line) > 75 || bytes.ContainsAny(line, "\r\n") {
					t.Errorf("a line of %d octets: %q", len(line), line)
				}
			}
			parsed, err := ical.ParseCalendar(bytes.NewReader(file))
			if err != nil || len(parsed.Events()) != 1 || calendar.MethodOf(file) != method {
				t.Fatalf("%q: %v\n%s", name, err, file)
			}
			e := parsed.Events()[0]
			if all := e.Attendees(); len(all) != 1 || all[0].Email() != "maya@example.org" {
				t.Errorf("%q: for %v in\n%s", name, all, file)
			}
			if got := e.GetProperty(ical.ComponentPropertyOrganizer).Value; got != "mailto:office@example.org" {
				t.Errorf("%q: from %s", name, got)
			}
			if e.Id() != "s1@lantern" || e.GetProperty(ical.ComponentPropertySequence).Value != "3" || strings.Contains(string(file), "RSVP=") {
				t.Errorf("%q:\n%s", name, file)
			}
		}
	}
	if got := calendar.MethodOf([]byte("nothing")); got != calendar.Publish {
		t.Errorf("a file that says nothing is for %s", got)
	}
}
