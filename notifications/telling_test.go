package notifications

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTelling(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                              nil,
		"We meet on Friday 12 March":    nil,
		"Your Medicine session":         {"medicine"},
		"THERAPIST, therapists; clinic": {"therapist", "therapists", "clinic"},
		"retreat and retreat":           {"retreat"},
		"psycho-therapy\u00a0weekend!":  {"therapy", "weekend"},
		"A word on the eclinical":       nil,
	} {
		if diff := cmp.Diff(want, Telling(text)); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}
