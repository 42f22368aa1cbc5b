package sms

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Meaning is what an answer to a text asks for.
type Meaning string

// What an answer can mean.
const (
	Stop  Meaning = "stop"  // no texts any more
	Start Meaning = "start" // texts again
	Help  Meaning = "help"
	Yes   Meaning = "yes" // what was asked last
	No    Meaning = "no"
	Other Meaning = "other" // for a person
)

var (
	// stopAlone end texts when they are all that is said. In a sentence they may
	// be about something else, such as a visit.
	stopAlone  = []string{"cancel", "end", "quit", "revoke", "out", "remove", "no texts", "no text"}
	startAlone = []string{"start", "unstop", "resume"}
	helpAlone  = []string{"help", "info"}
	yesAlone   = []string{"yes", "y", "c", "confirm", "confirmed", "i confirm", "yes please", "yes thanks", "yes thank you"}
	noAlone    = []string{"no", "n", "no sorry", "sorry no", "no i cant", "no i cannot", "i cant", "i cannot", "sorry i cant", "sorry i cannot"}

	// stopAnywhere are words that end texts wherever they stand. Who is
	// misunderstood gets mail instead, which is the lesser harm.
	stopAnywhere = regexp.MustCompile(`\b(stop|stopall|stopp|unsubscribe|optout|opt out|opt me out|revoke)\b`)
	// stopPhrases are what a reasonable person reads as an end of texts.
	stopPhrases = regexp.MustCompile(`\b(` + strings.Join([]string{
		`(dont|do not|never|no longer|please not) (ever )?(text|message|msg|sms|contact|write|send)`,
		`no more (texts?|messages?|msgs?|sms|reminders?)`,
		`(cancel|end|quit|without) (the |these |your |all |my )?(texts?|texting|messages?|sms|reminders?|subscription)`,
		`(remove|delete|take) (me|my number|this number|us)\b`,
		`leave me alone`, `wrong number`, `wrong person`, `not my number`, `(withdraw|revoke) (my )?consent`,
	}, "|") + `)`)
)

// Read tells what somebody means by an answer. Whatever a reasonable person
// takes for an end of texts is one [D36]; yes is only what can mean nothing else
// [D37].
func Read(body string) Meaning {
	said := normal(body)
	switch {
	case slices.Contains(stopAlone, strings.TrimSuffix(strings.TrimPrefix(said, "please "), " please")),
		stopAnywhere.MatchString(said), stopPhrases.MatchString(said):
		return Stop
	case slices.Contains(startAlone, said):
		return Start
	case slices.Contains(helpAlone, said):
		return Help
	case slices.Contains(yesAlone, said):
		return Yes
	case slices.Contains(noAlone, said):
		return No
	}
	return Other
}

// normal is lower case, apostrophes dropped, other signs as single spaces.
func normal(body string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == '\'' || r == '’':
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, body)
	return strings.Join(strings.Fields(kept), " ")
}
