package seal_test

import (
	"strings"
	"testing"

	"lantern/internal/seal"
)

// FuzzSecret: a secret that is taken for one does not show itself.
func FuzzSecret(f *testing.F) {
	f.Add(strings.Repeat("0a", 32))
	f.Add(strings.Repeat("0A", 32) + "\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := seal.Parse(text)
		shown := key.String()
		if err != nil {
			shown = err.Error()
		}
		if secret := strings.TrimSpace(text); len(secret) > 8 && strings.Contains(shown, secret) {
			t.Errorf("%q is shown: %s", text, shown)
		}
	})
}
