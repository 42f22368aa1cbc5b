package sms

import (
	"strings"
	"unicode/utf16"
)

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

const (
	// inSegment are the septets of each part of a text that is longer than one,
	// since each names its place among them.
	inSegment = 153
	// ucsLongest and ucsSegment are the same for texts with a character that is
	// not in the GSM alphabet, in units of UTF-16.
	ucsLongest, ucsSegment = 70, 67
)

// Segments is as how many texts the text is charged for, and whether it is so
// for a character that is not in the GSM alphabet.
func Segments(text string) (count int, isUCS bool) {
	_, ok := Septets(text)
	longest, each, cost := Longest, inSegment, func(r rune) int { n, _ := Septets(string(r)); return n }
	if !ok {
		longest, each, cost = ucsLongest, ucsSegment, utf16.RuneLen
	}
	all, count, filled := 0, 1, 0
	for _, r := range text {
		n := max(cost(r), 1) // what is no character is sent as the sign for that
		all += n
		if filled += n; filled > each { // no character is parted
			count, filled = count+1, n
		}
	}
	if all <= longest {
		count = 1
	}
	return count, !ok
}
