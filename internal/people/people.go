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
	"golang.org/x/net/idna"

	"lantern/internal/civil"
	"lantern/internal/fault"
)

const (
	longestName  = 100
	longestEmail = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
)

// Name trims a name and collapses the spaces in it. A name has a letter of
// some script, nothing that turns the direction of the text around it, and no link.
func Name(text string) (string, error) {
	name := strings.Join(strings.Fields(text), " ")
	switch {
	case !strings.ContainsFunc(name, unicode.IsLetter):
		return "", fault.New(fault.Invalid, "Please write the name.")
	case utf8.RuneCountInString(name) > longestName:
		return "", fault.Newf(fault.Invalid, "Please keep the name to %d characters.", longestName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isControl):
		return "", fault.New(fault.Invalid, "The name has a character that cannot be written. Please type it again.")
	case holdsAddress(name):
		return "", fault.New(fault.Invalid, "Please write the name alone, without an address of a page.")
	}
	return name, nil
}

// holdsAddress reports whether mail programs would make a link of a name. Mail
// greets people by the names that somebody else may have typed, and comes from an
// address that they trust.
func holdsAddress(name string) bool {
	lower := strings.ToLower(name)
	return strings.Contains(lower, "://") || strings.Contains(lower, "www.")
}

// isControl includes the marks that embed or override a direction (Unicode
// Standard Annex 9, 2.1 to 2.5). Joiners stay: names in Persian need them.
func isControl(r rune) bool {
	return unicode.IsControl(r) || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

// Email checks a bare mail address. The domain comes back in lower case and in
// the ASCII form that every mail server takes (RFC 5891).
func Email(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", fault.New(fault.Invalid, "Please write the mail address.")
	}
	// No cause is kept: the errors of net/mail repeat what was typed.
	bad := fault.New(fault.Invalid, "Please check the mail address; it should look like name@example.org.")
	// What follows takes more than linear time.
	if len(text) > longestEmail {
		return "", bad
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Name != "" || parsed.Address != text {
		return "", bad
	}
	if strings.ContainsAny(text, " \"<>()[],;:\\") || strings.ContainsFunc(text, isUnprintable) {
		return "", bad
	}
	local, domain, _ := strings.Cut(text, "@")
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(strings.Trim(domain, "."), ".") || strings.HasSuffix(domain, ".") {
		return "", bad
	}
	if email := local + "@" + domain; len(email) <= longestEmail {
		return email, nil
	}
	return "", bad
}

func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }

// SameEmail reports whether two addresses reach the same mailbox. By the
// letter of RFC 5321 the part before the @ may distinguish cases; no mail
// provider does.
func SameEmail(a, b string) bool { return strings.EqualFold(a, b) }

// Phone writes a phone number in the form +14155550132. Numbers without a
// country code are read as of the region ("US"), and refused when the region is
// empty. An empty text stays empty.
func Phone(text, region string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	bad := fault.New(fault.Invalid, "Write the phone number with its country code, for example +1 415 555 0132.")
	if len(text) > 40 {
		return "", bad
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil {
		return "", bad.Because(err)
	}
	// A number that is dialled within its town alone is none for a message.
	if phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", bad
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// Spaced writes a phone number that Phone has written as people read one, with its
// country code since readers are anywhere: "+44 20 7946 0958". What is no number
// stays as it is.
func Spaced(phone string) string {
	number, err := phonenumbers.Parse(phone, "")
	if err != nil {
		return phone
	}
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
}

// Zone checks the name of an IANA time zone.
func Zone(name string) (string, error) {
	if _, err := civil.Zone(name); err != nil {
		return "", err
	}
	return name, nil
}
