package notifications

import (
	"slices"
	"strings"
	"unicode"
)

// telling are the beginnings of words that say what kind of practice a message
// comes from. None of them is in a subject, in a text message, in the title of a
// calendar entry or on a card's statement: others see those too [D38].
var telling = []string{
	"ketamin", "esketamin", "psilocybin", "psychedelic", "mdma", "ayahuasca", "medicine", "medical", "medication", "drug", "dosing", "dose",
	"therap", "psychotherap", "psychiatr", "clinic", "diagnos", "treatment", "patient", "retreat", "weekend", "ceremon", "trauma",
}

// Telling gives the words of the text that tell what kind of practice it comes
// from [D38], each once, in the order in which they come.
func Telling(text string) []string {
	var found []string
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		tells := slices.ContainsFunc(telling, func(beginning string) bool { return strings.HasPrefix(word, beginning) })
		if tells && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}

// tells gives the first of the words that a text has, empty if it has none.
func tells(text string) string {
	if found := Telling(text); len(found) > 0 {
		return found[0]
	}
	return ""
}
