package notifications

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
)

// What reminders say in the words of staff: plain text with a few placeholders,
// which is not a language that somebody would have to test.

// placeholder is anything in braces.
var placeholder = regexp.MustCompile(`\{[^{}\n]*\}`)

// The placeholders.
const (
	fillName     = "{name}"
	fillPractice = "{practice}"
	fillSession  = "{session}"
	fillDay      = "{day}"
	fillTime     = "{time}"
	fillAmount   = "{amount}"
	fillLink     = "{link}"
)

// Placeholders are what can be filled in in a text of the reminder: subject,
// body or short. Subjects and text messages, which others see, hold no names
// [D38], and links are in mails.
func (r Reminder) Placeholders(field string) []string {
	open := []string{fillPractice, fillDay}
	if !slices.Contains([]Anchor{AtCohortStart, AtCohortEnd, AtConfirmed, AtJoined}, r.Anchor) {
		open = append(open, fillTime)
	}
	if field != "body" {
		return open
	}
	open = append(open, fillName, fillLink)
	if r.isOfSessions() && r.To != ToDriver {
		open = append(open, fillSession)
	}
	if r.Anchor == AtChargeDue && r.To != ToStaff {
		open = append(open, fillAmount)
	}
	return open
}

// NoteWords are the words of staff, filled in.
type NoteWords struct {
	Subject, Short string
	Paragraphs     []NoteParagraph
}

// NoteParagraph is a paragraph in pieces.
type NoteParagraph []NotePiece

// NotePiece is a text, or the place of the reader's link.
type NotePiece struct {
	Text   string
	IsLink bool
}

// tellNote fills in the words of staff for the readers of a mail.
func tellNote(c booking.Case, r Reminder, s subject, m *MailData) {
	zone := c.Cohort.Location()
	if m.Zone != nil && (r.Anchor == AtOfferEnd || s.isOnline()) {
		zone = m.Zone // wherever they are then
	}
	brief := strings.NewReplacer(r.filled(c, s, m, zone, "")...)
	fill := strings.NewReplacer(r.filled(c, s, m, zone, " ("+civil.ZoneName(zone.String())+")")...)
	note := &NoteWords{Subject: brief.Replace(r.Subject), Short: brief.Replace(r.Short)}
	for paragraph := range strings.SplitSeq(r.Body, "\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph == "" {
			continue
		}
		var pieces NoteParagraph
		for i, text := range strings.Split(paragraph, fillLink) {
			if i > 0 {
				pieces = append(pieces, NotePiece{IsLink: true})
			}
			if text != "" {
				pieces = append(pieces, NotePiece{Text: fill.Replace(text)})
			}
		}
		note.Paragraphs = append(note.Paragraphs, pieces)
	}
	m.Note = note
}

// filled are the placeholders, each followed by what takes its place. Which
// zone's time it is is said where there is room.
func (r Reminder) filled(c booking.Case, s subject, m *MailData, zone *time.Location, zoneWords string) []string {
	at := r.about(c, s)
	fills := []string{
		fillName, m.Hello, fillPractice, m.Practice.Name, fillDay, at.In(zone).Format("Monday 2 January"),
		fillTime, clock(at, zone) + zoneWords,
	}
	if len(s.sessions) > 0 {
		fills = append(fills, fillSession, s.sessions[0].Title)
	}
	if s.charge != nil {
		var amounts []string
		for _, d := range duesOf(c, s.charge.ID, m.readers) {
			amounts = append(amounts, d.Open.String())
		}
		fills = append(fills, fillAmount, strings.Join(amounts, " and "))
	}
	return fills
}

// about is the moment that {day} and {time} name.
func (r Reminder) about(c booking.Case, s subject) time.Time {
	switch r.Anchor {
	case AtSessionStart, AtSessionEnd:
		return s.start()
	case AtCohortEnd:
		return c.Cohort.EndsOn.At(noonClock, c.Cohort.Location())
	case AtCohortStart, AtConfirmed, AtJoined, AtMaterial:
		return c.Cohort.StartsOn.At(noonClock, c.Cohort.Location())
	}
	return r.moment(c, s)
}

// noonClock stands for a day that has no time.
const noonClock = civil.Clock("12:00")

// atTheLongest is the text message with the longest that can be filled in but
// the practice, whose name is the same every day.
func (r Reminder) atTheLongest() string {
	return strings.NewReplacer(fillDay, "Wednesday 30 September", fillTime, "20:00").Replace(r.Short)
}

// shortNote is the text message as the template sms/note.txt writes it.
func shortNote(practice, short string) string {
	return practice + ": " + strings.ReplaceAll(short, fillPractice, practice) + " STOP ends texts."
}
