package sms

import (
	"strings"
	"testing"
)

// TestLengths in septets, where one more changes them [D35].
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		septets  int
		ok, fits bool
	}{
		{"", 0, true, true},
		{"Cedar House", 11, true, true},
		{"Größe: 5 € @ Ωmega", 19, true, true},
		{strings.Repeat("a", 160), 160, true, true},
		{strings.Repeat("a", 161), 161, true, false},
		{strings.Repeat("€", 80), 160, true, true},
		{strings.Repeat("€", 81), 162, true, false},
		{strings.Repeat("a", 306), 306, true, false},
		{strings.Repeat("a", 307), 307, true, false},
		{strings.Repeat("א", 70), 0, false, false},
		{strings.Repeat("א", 71), 0, false, false},
		{strings.Repeat("😀", 35), 0, false, false},
		{strings.Repeat("😀", 36), 0, false, false},
		{"a `backquote`", 0, false, false},
	} {
		septets, ok := Septets(c.text)
		if septets != c.septets || ok != c.ok || Fits(c.text) != c.fits {
			t.Errorf("%.20q: %d septets, %v, fits %v", c.text, septets, ok, Fits(c.text))
		}
	}
	if !Fits(Plainly("Cedar House – it’s “you”…")) {
		t.Error("typographic signs are not written plainly")
	}
}
