package wording

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// letter has a field of each kind that words may read.
type letter struct {
	Hello, Link, Note string
	At                time.Time
	Lines             []line
	Other             *line
	Data              map[string]string
	hidden            string
}

type line struct{ Name, Link string }

// Says is a method that words may call.
func (l line) Says() string { return "says " + l.Name }

var letterScope = Scope{Data: reflect.TypeFor[letter]()}

func words(t interface {
	Helper()
	Fatalf(string, ...any)
}, source Source) *Words {
	t.Helper()
	w, faults := Parse(source, letterScope)
	if w == nil {
		t.Fatalf("%q: %v %v", source.Text, faults.Subject, faults.Text)
	}
	return w
}

func TestOwnWordsAreParted(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		file string
		want Source
		ok   bool
	}{
		"plain": {"{{define \"subject\"}}A {{.B}}{{end}}Hello\n", Source{"A {{.B}}", "Hello"}, true},
		"ends in the subject": {`{{define "subject"}}{{with .A}}{{if .B}}x{{else if .C}}y{{end}}{{end}}{{- end -}}Hello {{if .D}}z{{end}}`,
			Source{"{{with .A}}{{if .B}}x{{else if .C}}y{{end}}{{end}}", "Hello {{if .D}}z{{end}}"}, true},
		"without a subject": {"Hello", Source{}, false},
		"without an end":    {`{{define "subject"}}{{if .A}}x{{end}}`, Source{}, false},
	} {
		if got, ok := split(c.file); got != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v", about, got, ok)
		}
	}
	if _, err := OwnMail("nothing"); err == nil {
		t.Error("a mail that there is not has words")
	}
	if _, err := OwnText("nothing"); err == nil {
		t.Error("a text that there is not has words")
	}
}

func TestTheHTMLIsTheText(t *testing.T) {
	t.Parallel()
	data := letter{Hello: "Ana", Link: "https://x.example/b/a.b_c?d=1&e=2", Note: "one\n    two\n# three", Lines: []line{{Name: "*a*"}, {Name: "1. b"}}, Data: map[string]string{"x": "ליאת"}}
	for about, c := range map[string]struct {
		text     string
		has, not []string
	}{
		"strong":              {"**{{.Hello}}**", []string{"<strong>Ana</strong>"}, nil},
		"a list":              {"Then:\n{{range .Lines}}- {{.Name}}\n{{end}}", []string{"<li>*a*</li>", "<li>1. b</li>"}, []string{"<em>", "<ol>"}},
		"the own link":        {"Page: {{.Link}}", []string{`<a target="_top" style="color:#7a4300" href="https://x.example/b/a.b_c?d=1&amp;e=2"`}, nil},
		"the own link, named": {"[Page]({{.Link}})", []string{`href="https://x.example/b/a.b_c?d=1&amp;e=2" rel="nofollow noopener">Page</a>`}, nil},
		"lines stay":          {"one\ntwo", []string{"one<br", "two"}, nil},
		"lines of a value":    {"{{.Note}}", []string{"one<br", "two<br", "# three"}, []string{"<pre>", "<h3>"}},
		"a script":            {"<script>alert(1)</script><img src=x onerror=y>\n\n{{.Hello}}", []string{"Ana"}, []string{"<script", "<img", "onerror=y>"}},
		"a bad address":       {"[x](javascript:alert(1))", []string{"x"}, []string{"javascript"}},
		"from the right":      {"{{.Hello}} and {{.Data.x}}", []string{"Ana and \u2068ליאת\u2069"}, nil},
		"a method":            {"{{range .Lines}}{{.Says}}{{end}}", []string{"says *a*"}, nil},
	} {
		w := words(t, Source{Text: c.text})
		page, err := w.HTML("Cedar <i>House</i>", "", data)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.has {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q:\n%s", about, want, page)
			}
		}
		for _, not := range append(c.not, "<i>House") {
			if strings.Contains(page, not) {
				t.Errorf("%s has %q:\n%s", about, not, page)
			}
		}
		if root, err := html.Parse(strings.NewReader(page)); err != nil || strings.Count(page, "<div") != strings.Count(page, "</div") || root == nil {
			t.Errorf("%s is not sound:\n%s", about, page)
		}
	}
}

// visible is what a reader sees of a mail, with one blank for each gap.
func visible(t *rapid.T, page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "title" {
			out.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && n.Data != "p" && !slices.Contains([]string{"html", "head", "meta", "title", "body", "div", "br"}, n.Data) {
			t.Fatalf("a value has made <%s>:\n%s", n.Data, page)
		}
	}
	return oneLine(strings.NewReplacer(isolated, "", endIsolated, "").Replace(out.String()))
}

// TestValuesReadAsTheyAre whatever they are made of: they mark nothing, lead
// nowhere, and lose nothing.
func TestValuesReadAsTheyAre(t *testing.T) {
	t.Parallel()
	w, _ := Parse(Source{Text: "{{.Hello}}"}, letterScope)
	sign := rapid.SampledFrom([]string{"*", "_", "`", "<b>", "&amp;", "&", "[", "](", ")", "http://x.example", "www.x.example", "\\", "1.", "1)", "-", "+", "#", ">", "|", "~~", "!", " ", "\n", "\t", "    ", "a", "é", "ש", "=", "---", ":", "<!--", "x@y.example", "\"", "'"})
	rapid.Check(t, func(t *rapid.T) {
		value := strings.Join(rapid.SliceOfN(sign, 1, 12).Draw(t, "signs"), "")
		page, err := w.HTML("", "", letter{Hello: value})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := visible(t, page), oneLine(value); got != want {
			t.Fatalf("%q reads as %q", want, got)
		}
	})
}

// TestWordsComeToAnEnd: whatever is accepted ends soon, with no more than is
// allowed, or fails.
func TestWordsComeToAnEnd(t *testing.T) {
	t.Parallel()
	data := letter{Hello: strings.Repeat("x", 100), Lines: make([]line, 60)}
	for about, text := range map[string]string{
		"much":     strings.Repeat("{{.Hello}}", 201),
		"in lists": "{{range .Lines}}{{range $.Lines}}{{$.Hello}}{{end}}{{end}}",
	} {
		w := words(t, Source{Text: text})
		if got, err := w.Text(data); !errors.Is(err, ErrTooLong) || got != "" {
			t.Errorf("%s: %v, %d characters", about, err, len(got))
		}
		if got, err := w.HTML("", "", data); !errors.Is(err, ErrTooLong) || got != "" {
			t.Errorf("%s as HTML: %v", about, err)
		}
	}
	if got, err := words(t, Source{Text: strings.Repeat("{{.Hello}}", 200)}).Line(data); err != nil || len(got) != LongestText {
		t.Errorf("as much as is allowed: %v, %d characters", err, len(got))
	}
}

// TestNothingElseCanBeRead by words that are typed by chance: they are refused,
// or come to an end; they never bring the program down.
func TestNothingElseCanBeRead(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		"{{", "}}", "{{.Hello}}", "{{.hidden}}", "{{if .Other}}", "{{with .Other}}", "{{range .Lines}}", "{{else}}", "{{end}}", "{{.Name}}", "{{$.Hello}}", "{{$}}", "{{.}}",
		"{{.At}}", "{{.At.Format \"2006\"}}", "{{.At.Zone}}", "{{(.At).IsZero}}", "{{.Says}}", "{{.Says 1}}", "{{.Data.x}}", "{{len .Lines}}", "{{eq .Hello \"x\"}}", "{{eq 1 .Hello}}", "{{and}}", "{{not .Other .Other}}",
		"{{template \"foot\" .}}", "{{template \"foot\"}}", "{{template \"charge\" .}}", "{{block \"x\" .}}", "{{define \"x\"}}", "{{break}}", "{{continue}}", "{{nil}}", "{{range 5}}", "{{range $i, $l := .Lines}}", "{{$i}}",
		"{{_plain .Hello}}", "{{html .Hello}}", "{{call .Hello}}", "{{index .Lines 9}}", "{{/* x */}}", "{{- 1 -}}", "{{'a'}}", "{{1.5}}", "{{\"x\"}}", "{{`x`}}", "{{true}}", "{{.Hello.Link}}", "{{.Lines.Name}}", "{{.Other.Name}}", "text\n", "{{.Hello | len}}", "{{(len .Hello)}}", "{{lt .Hello 5}}",
	})
	data := letter{Hello: "Ana", Lines: []line{{Name: "a"}}, hidden: "SECRET"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 1, 8).Draw(t, "pieces"), "")
		w, faults := Parse(Source{Text: text}, letterScope)
		if (w == nil) != (faults.Text != nil) {
			t.Fatalf("%q is neither refused nor taken: %v", text, faults.Text)
		}
		if w == nil {
			if faults.Text.Error() == "" || strings.Contains(faults.Text.Error(), "wording.") {
				t.Fatalf("%q is refused with %q", text, faults.Text)
			}
			return
		}
		for _, render := range []func(any) (string, error){w.Text, w.Line, func(data any) (string, error) { return w.HTML("", "", data) }} {
			if got, err := render(data); err == nil && strings.Contains(got, "SECRET") {
				t.Fatalf("%q says %q", text, got)
			}
		}
	})
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"Hello", "Link", "StartsOn", "EndsOn"}
	for name, want := range map[string][]string{"Helo": {"Hello"}, "hello": {"Hello"}, "StartOn": {"StartsOn"}, "Quux": nil} {
		if got := nearest(name, names); len(want) == 0 && len(got) > 0 || len(want) > 0 && (len(got) == 0 || got[0] != want[0]) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
