package notifications

import "strings"

// Telling are words that tell what kind of practice a message comes from. None
// of them stands in a subject, a mail or a text message [D38].
var Telling = []string{"ketamine", "psychedelic", "medicine", "therapy", "therapist", "retreat", "clinic", "weekend"}

// tells gives the first of the words that a text has, empty if it has none.
func tells(text string) string {
	text = strings.ToLower(text)
	for _, word := range Telling {
		if strings.Contains(text, word) {
			return word
		}
	}
	return ""
}
