package seal_test

import (
	"strings"
	"testing"

	"lantern/internal/mutated"
	"lantern/internal/seal"
)

// FuzzSecret: a secret that is taken for one does not show itself.
func FuzzSecret(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	seeds.Add(strings.Repeat("0a", 32))
	seeds.Add(strings.Repeat("0A", 32) + "\n")
	seeds.Add("")
	seeds.Fuzz(func(t *testing.T, text string) {
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
