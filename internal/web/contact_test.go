package web_test

import (
	"slices"
	"testing"

	"lantern/internal/web"
)

// TestThePracticeIsATapAway: whatever of its contact can be called or written to is a
// link, and what cannot stays words.
func TestThePracticeIsATapAway(t *testing.T) {
	t.Parallel()
	for contact, want := range map[string][]web.ContactPart{
		"":                {},
		"+1 415 555 0132": {{Text: "+1 415 555 0132", Phone: "+14155550132"}},
		"(415) 555-0132 or office@example.org.": {
			{Text: "(415) 555-0132", Phone: "4155550132"}, {Text: " or "}, {Text: "office@example.org", Mail: "office@example.org"}, {Text: "."},
		},
		"12 High Street, 94107-1234 Cedar": {{Text: "12 High Street, "}, {Text: "94107-1234"}, {Text: " Cedar"}},
		"the desk @ Cedar House":           {{Text: "the desk @ Cedar House"}},
	} {
		if got := (web.Practice{Contact: contact}).ContactParts(); !slices.Equal(got, want) {
			t.Errorf("%q: %+v", contact, got)
		}
	}
}
