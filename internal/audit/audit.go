// Package audit keeps what staff changed: who, when, what, from what to what,
// and why where a reason is asked. The lines stand in the document that was
// changed and are saved with the change, so neither is ever without the other.
package audit

import (
	"strings"
	"time"

	"lantern/internal/fault"
)

// By is who changed something.
type By struct {
	// ID is the person's or token's, Name what others know them by.
	ID, Name string
}

// Line is one change by staff.
type Line struct {
	At   time.Time `json:"at"`
	ByID string    `json:"by_id"`
	By   string    `json:"by"`
	// What is the field or the act, in words: "capacity", "published".
	What string `json:"what"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Reason is why, where one is asked.
	Reason string `json:"reason,omitempty"`
	// Booking is the couple concerned, where the document is not about them
	// alone.
	Booking string `json:"booking,omitempty"`
}

// Trail is the changes of one document, oldest first.
type Trail []Line

// Add returns the trail with one more line. The old one stays as it was, since
// others may be looking at it.
func (t Trail) Add(by By, at time.Time, line Line) Trail {
	line.At, line.ByID, line.By = at, by.ID, by.Name
	return append(t[:len(t):len(t)], line)
}

// longestReason is enough for two sentences.
const longestReason = 300

// Reason checks the reason for a change that asks for one. The fault is by
// field: "reason".
func Reason(text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch {
	case text == "":
		return "", fault.InvalidFields(fault.Fields{"reason": "Please say why: others will ask."})
	case len([]rune(text)) > longestReason:
		return "", fault.InvalidFields(fault.Fields{"reason": "Please keep this to 300 characters."})
	}
	return text, nil
}
