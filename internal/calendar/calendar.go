// Package calendar writes calendar files (iCalendar, RFC 5545).
package calendar

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	ical "github.com/arran4/golang-ical"
)

// Event is one entry of a calendar. Its words are seen by whoever sees the
// calendar, so they stay discreet.
type Event struct {
	// UID is the same for ever; a higher Sequence replaces what was there.
	UID      string
	Sequence int
	// Start, End and Stamp are instants; calendars show them in their own zone.
	Start, End, Stamp  time.Time
	Title, Description string
	Location, URL      string
	Cancelled          bool
}

// productID names the program and nothing of what it is used for.
const productID = "-//Lantern//Calendar//EN"

// File writes the events with a method, see Publish (RFC 5546).
func File(method string, events []Event) []byte { return file(method, events, func(*ical.VEvent) {}) }

// file is File, of which each entry is completed by add.
func file(method string, events []Event, add func(*ical.VEvent)) []byte {
	whole := ical.NewCalendar()
	whole.SetProductId(productID)
	whole.SetMethod(ical.Method(method))
	for _, e := range events {
		event := whole.AddEvent(words(e.UID))
		event.SetDtStampTime(e.Stamp)
		event.SetSequence(e.Sequence)
		event.SetStartAt(e.Start)
		event.SetEndAt(e.End)
		event.SetSummary(words(e.Title))
		if e.Description != "" {
			event.SetDescription(words(e.Description))
		}
		if e.Location != "" {
			event.SetLocation(words(e.Location))
		}
		// An address is written as it is, so one with line ends is left out.
		if link, err := url.Parse(e.URL); err == nil && e.URL != "" {
			event.SetURL(link.String())
		}
		event.SetStatus(ical.ObjectStatusConfirmed)
		if e.Cancelled {
			event.SetStatus(ical.ObjectStatusCancelled)
		}
		add(event)
	}
	return []byte(whole.Serialize(ical.WithNewLineWindows))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// words makes a text fit for a file: line ends, which the library escapes in
// one form alone, and no control characters (RFC 5545, 3.3.11).
func words(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, lineEnds.Replace(text))
}
