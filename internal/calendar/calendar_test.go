package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

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
		if len(line) > 75 || bytes.ContainsAny(line, "\r\n") {
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
