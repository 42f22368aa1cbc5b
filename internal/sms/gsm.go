package sms

import "strings"

// basic is the default alphabet of GSM 03.38: a septet for each character.
const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

// extended characters take two septets: an escape, and a character.
const extended = "\f^{}\\[~]|€"

// Longest is how many septets one text holds.
const Longest = 160

// Septets is the length of the text in the GSM alphabet. It is not ok when the
// text has a character that is not in it.
func Septets(text string) (length int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(basic, r):
			length++
		case strings.ContainsRune(extended, r):
			length += 2
		default:
			return 0, false
		}
	}
	return length, true
}

// Fits reports whether the text is one text in the GSM alphabet [D35].
func Fits(text string) bool {
	length, ok := Septets(text)
	return ok && length <= Longest
}

// plainly are characters that word processors put in the place of others.
var plainly = strings.NewReplacer(
	"’", "'", "‘", "'", "“", "\"", "”", "\"", "–", "-", "—", "-", "…", "...", "\u00a0", " ", "\u202f", " ", "\t", " ")

// Plainly writes the text in the GSM alphabet where nothing is lost by that.
func Plainly(text string) string { return plainly.Replace(text) }
