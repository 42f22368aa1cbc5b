package sms

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLengths in septets and parts, where one more changes them [D35].
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		septets  int
		ok, fits bool
		segments int
	}{
		{"", 0, true, true, 0},
		{"Cedar House", 11, true, true, 1},
		{"Größe: 5 € @ Ωmega", 19, true, true, 1},
		{strings.Repeat("a", 160), 160, true, true, 1},
		{strings.Repeat("a", 161), 161, true, false, 2},
		{strings.Repeat("€", 80), 160, true, true, 1},
		{strings.Repeat("€", 81), 162, true, false, 2},
		{strings.Repeat("a", 306), 306, true, false, 2},
		{strings.Repeat("a", 307), 307, true, false, 3},
		// 152 and a sign of two: it does not fit into the first part any more.
		{strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 306, true, false, 3},
		{strings.Repeat("א", 70), 0, false, false, 1},
		{strings.Repeat("א", 71), 0, false, false, 2},
		{strings.Repeat("😀", 35), 0, false, false, 1},
		{strings.Repeat("😀", 36), 0, false, false, 2},
		{"a `backquote`", 0, false, false, 1},
	} {
		septets, ok := Septets(c.text)
		if septets != c.septets || ok != c.ok || Fits(c.text) != c.fits || Segments(c.text) != c.segments {
			t.Errorf("%.20q: %d septets, %v, fits %v, %d segments", c.text, septets, ok, Fits(c.text), Segments(c.text))
		}
	}
	if !Fits(Plainly("Cedar House – it’s “you”…")) {
		t.Error("typographic signs are not written plainly")
	}
}

// TestSegmentsProperties: what fits is one segment, and more text is never
// fewer segments.
func TestSegmentsProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringOfN(rapid.RuneFrom([]rune("ab€^é א😀")), 0, 400, -1).Draw(t, "a")
		b := rapid.StringOfN(rapid.RuneFrom([]rune("ab€^é א😀")), 0, 40, -1).Draw(t, "b")
		if a != "" && Fits(a) && Segments(a) != 1 {
			t.Fatalf("%q fits and has %d segments", a, Segments(a))
		}
		if Segments(a+b) < Segments(a) {
			t.Fatalf("%q: more text is fewer segments", a+b)
		}
	})
}
