package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	ical "github.com/arran4/golang-ical"

	"lantern/internal/calendar"
)

func TestFileReadsBack(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 13, 17, 30, 0, 0, time.UTC)
	location := strings.Repeat("Zürichstraße, ", 12) + "8001"
	file := calendar.File("PUBLISH", []calendar.Event{
		{UID: "s1@lantern", Sequence: 2, Start: start, End: start.Add(3 * time.Hour), Stamp: start, Title: "Session, with Cedar House", Location: location},
		{UID: "s2@lantern", Start: start, End: start, Stamp: start, Title: "Session", Cancelled: true},
	})
	for line := range bytes.SplitSeq(file, []byte("\r\n")) {
		if len(line) > 75 || bytes.ContainsAny(line, "\r\n") || !utf8.Valid(line) {
			t.Errorf("a line of %d octets: %q (RFC 5545, 3.1)", len(line), line)
		}
	}
	parsed, err := ical.ParseCalendar(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	events := parsed.Events()
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	if at, err := events[0].GetStartAt(); err != nil || !at.Equal(start) {
		t.Errorf("starts %v, %v", at, err)
	}
	if got := events[0].GetProperty(ical.ComponentPropertyLocation).Value; got != location {
		t.Errorf("location %q", got)
	}
	if got := events[1].GetProperty(ical.ComponentPropertyStatus).Value; got != "CANCELLED" {
		t.Errorf("status %q", got)
	}
}

func TestTimesAreInstants(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("five and a half hours east", 5*3600+1800)
	start := time.Date(2027, 3, 13, 17, 30, 0, 0, zone)
	file := string(calendar.File("PUBLISH", []calendar.Event{
		{UID: "s1@lantern", Sequence: 2, Start: start, End: start.Add(time.Hour), Stamp: start, Title: "Session"},
	}))
	for _, line := range []string{
		"METHOD:PUBLISH", "UID:s1@lantern", "SEQUENCE:2", "STATUS:CONFIRMED",
		"DTSTART:20270313T120000Z", "DTEND:20270313T130000Z", "DTSTAMP:20270313T120000Z",
	} {
		if !strings.Contains(file, "\r\n"+line+"\r\n") {
			t.Errorf("no line %s in\n%s", line, file)
		}
	}
}

func TestWordsStayInTheirLines(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 13, 17, 30, 0, 0, time.UTC)
	const (
		evil = "a, b; c\\d\nATTENDEE:mailto:x@example.org\r\nATTENDEE:y\rATTENDEE:z\x00\x7f"
		tame = "a, b; c\\d\nATTENDEE:mailto:x@example.org\nATTENDEE:y\nATTENDEE:z"
	)
	for _, link := range []string{"https://example.org/b/1?a=b;c,d", "https://example.org\r\nATTENDEE:mailto:x@example.org"} {
		file := calendar.File("PUBLISH", []calendar.Event{
			{UID: evil, Start: start, End: start, Stamp: start, Title: evil, Description: evil, Location: evil, URL: link},
		})
		if rest := bytes.ReplaceAll(file, []byte("\r\n"), nil); bytes.ContainsFunc(rest, unicode.IsControl) {
			t.Errorf("a control character within a line: %q", file)
		}
		parsed, err := ical.ParseCalendar(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		event := parsed.Events()[0]
		if attendees := event.Attendees(); len(attendees) > 0 {
			t.Errorf("words made an attendee: %s", file)
		}
		for _, property := range []ical.ComponentProperty{
			ical.ComponentPropertySummary, ical.ComponentPropertyDescription, ical.ComponentPropertyLocation,
		} {
			if got := event.GetProperty(property).Value; got != tame {
				t.Errorf("%s: %q, want %q", property, got, tame)
			}
		}
		written := event.GetProperty(ical.ComponentPropertyUrl)
		if strings.Contains(link, "\r\n") != (written == nil) || (written != nil && written.Value != link) {
			t.Errorf("%q was written as %v", link, written)
		}
	}
}
