package web

import (
	"regexp"
	"strings"
)

// ContactPart is a piece of how the practice is reached. What can be called has
// Phone, what can be written to has Mail, all else only its words.
type ContactPart struct{ Text, Phone, Mail string }

// reachable finds a mail address, or what may be a phone number, in running words.
var reachable = regexp.MustCompile(`[^\s,;:<>()]+@[^\s,;:<>()]+\.[^\s,;:<>().]+|[+(]?[0-9][0-9 ()./-]{5,}[0-9]`)

// ContactParts are the pieces of the practice's contact, in order: whoever reads it
// on a phone taps it, and does not type it.
func (p Practice) ContactParts() []ContactPart {
	var parts []ContactPart
	rest := p.Contact
	for rest != "" {
		at := reachable.FindStringIndex(rest)
		if at == nil {
			return append(parts, ContactPart{Text: rest})
		}
		if at[0] > 0 {
			parts = append(parts, ContactPart{Text: rest[:at[0]]})
		}
		part := ContactPart{Text: rest[at[0]:at[1]]}
		if strings.Contains(part.Text, "@") {
			part.Mail = part.Text
		} else {
			part.Phone = phoneIn(part.Text)
		}
		parts, rest = append(parts, part), rest[at[1]:]
	}
	return parts
}

// phoneIn gives the number as phones dial it, empty where the digits are too few
// to be one: a postal code is none.
func phoneIn(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	switch {
	case strings.HasPrefix(text, "+"):
		return "+" + digits
	case len(digits) < 10:
		return ""
	}
	return digits
}
