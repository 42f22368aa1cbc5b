// Package people checks and normalises what a person types about themselves.
// Its faults are texts for that person.
package people

import (
	"net/mail"
	"strings"
	_ "time/tzdata" // zones are known on machines without a zone database too
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"lantern/internal/civil"
	"lantern/internal/fault"
)

const (
	longestName  = 100
	longestEmail = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
)

// Name trims a name and collapses the spaces in it.
func Name(text string) (string, error) {
	name := strings.Join(strings.Fields(text), " ")
	switch {
	case name == "":
		return "", fault.New(fault.Invalid, "Please write the name.")
	case utf8.RuneCountInString(name) > longestName:
		return "", fault.Newf(fault.Invalid, "Please keep the name to %d characters.", longestName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", fault.New(fault.Invalid, "The name has a character that cannot be written. Please type it again.")
	}
	return name, nil
}

// Email checks a bare mail address and lowers the case of its domain.
func Email(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fault.New(fault.Invalid, "Please write the mail address.")
	}
	bad := fault.New(fault.Invalid, "Please check the mail address; it should look like name@example.org.")
	parsed, err := mail.ParseAddress(text)
	if err != nil {
		return "", bad.Because(err)
	}
	local, domain, _ := strings.Cut(parsed.Address, "@")
	plain := parsed.Name == "" && parsed.Address == text && len(text) <= longestEmail
	if !plain || !strings.Contains(domain, ".") || strings.ContainsAny(text, " \"<>()[],;:\\") ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.ContainsFunc(text, unicode.IsControl) {
		return "", bad
	}
	return local + "@" + strings.ToLower(domain), nil
}

// SameEmail reports whether two addresses reach the same mailbox. By the
// letter of RFC 5321 the part before the @ may distinguish cases; no mail
// provider does.
func SameEmail(a, b string) bool { return strings.EqualFold(a, b) }

// Phone writes a phone number in the form +14155550132. Numbers without a
// country code are read as of the region ("US"). Empty stays empty.
func Phone(text, region string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	bad := fault.New(fault.Invalid, "Please check the phone number; write it with its country code, for example +1 415 555 0132.")
	if len(text) > 40 {
		return "", bad
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil {
		return "", bad.Because(err)
	}
	if !phonenumbers.IsPossibleNumber(number) {
		return "", bad
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// Zone checks the name of an IANA time zone.
func Zone(name string) (string, error) {
	if _, err := civil.Zone(name); err != nil {
		return "", err
	}
	return name, nil
}
