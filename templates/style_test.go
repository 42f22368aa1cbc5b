package templates

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// themes reads the colours of the style sheet: the first block is light, the
// second dark.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	style, err := Static("style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(style), "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("there is no dark theme")
	}
	colour := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	read := func(text string) map[string]string {
		colours := map[string]string{}
		for _, m := range colour.FindAllStringSubmatch(text, -1) {
			if _, known := colours[m[1]]; !known {
				colours[m[1]] = m[2]
			}
		}
		return colours
	}
	return map[string]map[string]string{"light": read(light), "dark": read(dark)}
}

// luminance is WCAG 2.2's relative luminance.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryPairOfColoursCanBeRead(t *testing.T) {
	t.Parallel()
	for theme, colours := range themes(t) {
		for pair, least := range map[string]float64{
			"ink ground": 4.5, "ink raised": 4.5, "ink accent-soft": 4.5, "ink late-soft": 4.5, "quiet ground": 4.5, "quiet raised": 4.5,
			"link ground": 4.5, "link raised": 4.5, "link accent-soft": 4.5, "accent-ink accent": 4.5, "done raised": 4.5, "done ground": 4.5,
			"done done-soft": 4.5, "late raised": 4.5, "late ground": 4.5, "raised late": 4.5, "quiet accent-soft": 4.5,
			"field-line raised": 3, "field-line ground": 3, "field-line accent-soft": 3,
			"accent-edge ground": 3, "accent-edge raised": 3, "accent-edge accent-soft": 3,
		} {
			var text, ground string
			fmt.Sscan(pair, &text, &ground)
			if colours[text] == "" || colours[ground] == "" {
				t.Fatalf("%s: the style sheet lacks %q", theme, pair)
			}
			if got := contrast(t, colours[text], colours[ground]); got < least {
				t.Errorf("%s: %s has a contrast of %.2f, WCAG asks for %.1f", theme, pair, got, least)
			}
		}
	}
}

// TestTheStyleSheetIsWhole: no file is forgotten when they become one, and the order
// of the layers is said before anything else.
func TestTheStyleSheetIsWhole(t *testing.T) {
	t.Parallel()
	style, err := Static("style.css")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(style), "@layer tokens, base, layout, parts, pages, print;") {
		t.Error("the style sheet does not begin with the order of its layers")
	}
	files, err := fs.Glob(FS, "style/*")
	if err != nil || len(files) != len(sheets) {
		t.Fatalf("there are %d files for %d sheets: %v", len(files), len(sheets), err)
	}
	for _, file := range files {
		part, err := fs.ReadFile(FS, file)
		if err != nil || strings.Count(string(style), string(part)) != 1 {
			t.Errorf("the style sheet does not hold %s once: %v", file, err)
		}
	}
}

func TestNothingComesFromElsewhere(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(FS, path)
		own := strings.NewReplacer(`xmlns="http://www.w3.org/2000/svg"`, "", "url(#", "").Replace(string(text))
		for _, sign := range []string{"http://", "https://", "@import", "url("} {
			if strings.Contains(own, sign) {
				t.Errorf("%s holds %q", path, sign)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
