package sms_test

import (
	"strings"
	"testing"

	"lantern/internal/mutated"
	"lantern/internal/sms"
)

// FuzzRead: whoever writes STOP alone, however they write it, is understood
// [D36], and reading is about words, not about signs.
func FuzzRead(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	for _, body := range []string{"STOP", "please stop!", "yes", "Yes but not Friday", "\x00", "arrêter", "ok ok", strings.Repeat("stop ", 100)} {
		seeds.Add(body)
	}
	seeds.Fuzz(func(t *testing.T, body string) {
		meaning := sms.Read(body)
		if again := sms.Read("  " + body + " \n"); again != meaning {
			t.Errorf("%q means %q, and with spaces around it %q", body, meaning, again)
		}
		if sms.Read("Stop "+body+" stop") == sms.Yes {
			t.Errorf("%q between two stops means yes", body)
		}
		plain := sms.Plainly(body)
		if sms.Plainly(plain) != plain {
			t.Errorf("%q is not plain after it was made so: %q", body, plain)
		}
		_ = sms.Fits(body)
	})
}
