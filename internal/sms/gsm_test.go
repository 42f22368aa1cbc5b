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

// TestSegments where one more character changes their number [D35].
func TestSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		count int
		isUCS bool
	}{
		{"", 1, false},
		{strings.Repeat("a", 160), 1, false},
		{strings.Repeat("a", 161), 2, false},
		{strings.Repeat("a", 306), 2, false},
		{strings.Repeat("a", 307), 3, false},
		{strings.Repeat("€", 80), 1, false},
		{strings.Repeat("€", 152), 2, false}, // 76 in each: the seventy-seventh would be parted
		{strings.Repeat("€", 153), 3, false},
		{strings.Repeat("א", 70), 1, true},
		{strings.Repeat("א", 71), 2, true},
		{strings.Repeat("א", 134), 2, true},
		{strings.Repeat("א", 135), 3, true},
		{strings.Repeat("😀", 35), 1, true},
		{strings.Repeat("😀", 66), 2, true}, // 33 in each
		{strings.Repeat("😀", 67), 3, true},
	} {
		if count, isUCS := Segments(c.text); count != c.count || isUCS != c.isUCS {
			t.Errorf("%.20q: %d, %v, want %d, %v", c.text, count, isUCS, c.count, c.isUCS)
		}
	}
}
