package notifications

import (
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/internal/wording"
)

// Wording is what an installation says by one message in place of Lantern's own
// words. Its id is the message's: "mail.confirmed". It stays when the own words
// come back, with who changed what.
type Wording struct {
	store.Meta
	// Own says that these are the installation's words; else it is Lantern's
	// turn, and Subject and Text are empty.
	Own     bool   `json:"own"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	// Version counts the changes; 0 is a message that was never changed.
	Version int `json:"version"`
	// FailedAt is when these words could not be used for a message that was sent,
	// FailedLine where that was, 0 if that cannot be said; nil if they could.
	FailedAt   *time.Time  `json:"failed_at,omitempty"`
	FailedLine int         `json:"failed_line,omitempty"`
	Trail      audit.Trail `json:"trail,omitempty"`
}

// Source is what the words are.
func (w *Wording) Source() wording.Source { return wording.Source{Subject: w.Subject, Text: w.Text} }

var errOtherWording = fault.New(fault.Conflict, "Somebody else has changed this message meanwhile. Please look at it as it is now, and change it again.")

// Reword takes words that have been checked, in place of those at a version.
func (w *Wording) Reword(source wording.Source, version int, by audit.By, now time.Time) error {
	if version != w.Version {
		return errOtherWording
	}
	if w.Own && w.Source() == source && w.FailedAt == nil {
		return nil
	}
	from := "Lantern's own words"
	if w.Own {
		from = inBrief(w.Source())
	}
	w.Own, w.Subject, w.Text, w.FailedAt, w.FailedLine = true, source.Subject, source.Text, nil, 0
	w.Version++
	w.Trail = w.Trail.Add(by, now, audit.Line{What: "words", From: from, To: inBrief(source)})
	return nil
}

// Restore goes back to Lantern's own words.
func (w *Wording) Restore(version int, by audit.By, now time.Time) error {
	if version != w.Version {
		return errOtherWording
	}
	if !w.Own {
		return nil
	}
	from := inBrief(w.Source())
	w.Own, w.Subject, w.Text, w.FailedAt, w.FailedLine = false, "", "", nil, 0
	w.Version++
	w.Trail = w.Trail.Add(by, now, audit.Line{What: "words", From: from, To: "Lantern's own words"})
	return nil
}

// fail notes that the words of a version could not be used.
func (w *Wording) fail(version, line int, now time.Time) {
	if w.Own && w.Version == version && w.FailedAt == nil {
		w.FailedAt, w.FailedLine = &now, line
	}
}

// mostInBrief is how much of a text a line of the trail shows, in characters.
const mostInBrief = 200

func inBrief(source wording.Source) string {
	text := strings.Join(strings.Fields(source.Subject+" / "+source.Text), " ")
	if source.Subject == "" {
		text = strings.Join(strings.Fields(source.Text), " ")
	}
	if runes := []rune(text); len(runes) > mostInBrief {
		text = string(runes[:mostInBrief]) + "…"
	}
	return text
}

// tidied writes the words as they are kept: lines end as in a file, and nothing
// stands before or after them.
func tidied(source wording.Source) wording.Source {
	source.Text = strings.TrimSpace(strings.ReplaceAll(source.Text, "\r\n", "\n"))
	source.Subject = strings.TrimSpace(source.Subject)
	return source
}
