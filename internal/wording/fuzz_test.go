package wording

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"lantern/internal/mutated"
)

// FuzzWords: whatever staff write is refused in words that they understand, or
// becomes a mail of bounded length that has nothing in it but text and links,
// and nothing of what it may not read.
func FuzzWords(f *testing.F) {
	seeds := mutated.Of(f, 3000)
	for _, name := range Mails() {
		own, err := OwnMail(name)
		if err != nil {
			f.Fatal(err)
		}
		seeds.Add(own.Subject, own.Text, "Ana")
	}
	for _, text := range []string{
		"{{if .Other}}{{.Other.Name}}{{else}}{{.Hello}}{{end}}", "{{range .Lines}}- {{.Says}} {{$.Hello}}\n{{end}}{{with .Data.x}}{{.}}{{end}}", "{{.hidden}} {{$.hidden}}",
		"{{.At.Format \"2006\"}} {{.At}} {{.At.Zone}}", "{{template \"foot\" .}}{{template \"charge\" .Lines}}", "[page]({{.Link}}) <{{.Link}}> ![x]({{.Note}}) [y]({{.Hello}})",
		"{{and .Hello (or .Note .Link)}} {{len .Lines}} {{if eq .Hello \"Ana\"}}a{{end}} {{if lt 1 (len .Lines)}}b{{end}}",
		"{{range .Lines}}{{range $.Lines}}{{range $.Lines}}x{{end}}{{end}}{{end}}", "<script>alert(1)</script>\n\n# x\n\n> > > *a* `b` <b onclick=x>", "{{define \"x\"}}{{end}}{{printf \"%999999d\" 1}}",
	} {
		seeds.Add("{{.Hello}}", text, "[x](https://evil.example) <img src=x onerror=y>")
	}
	seeds.Fuzz(func(t *testing.T, subject, text, name string) {
		w, faults := Parse(Source{Subject: subject, Text: text}, letterScope)
		if w == nil {
			for _, p := range []*Problem{faults.Subject, faults.Text} {
				if p != nil && (p.Text == "" || strings.Contains(p.Error(), "wording.")) {
					t.Errorf("%q, %q: refused with %q", subject, text, p)
				}
			}
			return
		}
		if faults != (Faults{}) {
			t.Errorf("%q, %q: taken in spite of %v", subject, text, faults)
		}
		data := letter{
			Hello: name, Note: name, Link: "https://x.example/b/a.b", Lines: []line{{Name: name, Link: "https://x.example/b/c.d"}, {}},
			Other: &line{Name: name}, Data: map[string]string{"x": name}, hidden: "SECRET",
		}
		for about, put := range map[string]func(any) (string, error){"subject": w.Subject, "line": w.Line, "text": w.Text} {
			said, err := put(data)
			if err != nil && said != "" || len(said) > LongestText+1 {
				t.Errorf("%q, %q: the %s has %d bytes, %v", subject, text, about, len(said), err)
			}
			if strings.Contains(said, "SECRET") && !strings.Contains(subject+text+name, "SECRET") {
				t.Errorf("%q, %q: the %s says what is hidden", subject, text, about)
			}
			if about != "text" && strings.ContainsAny(said, "\r\n") {
				t.Errorf("%q, %q: the %s has two lines", subject, text, about)
			}
		}
		page, err := w.HTML(name, name, data)
		if errors.Is(err, ErrTooLong) {
			return
		}
		if err == nil {
			onlyTextAndLinks(t, page)
		}
		if strings.Contains(page, `href="https://evil.example`) && !strings.Contains(text, "evil") {
			t.Errorf("%q: a name has become a link:\n%s", text, page)
		}
		if strings.Contains(page, "SECRET") && !strings.Contains(text+name, "SECRET") {
			t.Errorf("%q: the page says what is hidden", text)
		}
	})
}

// onlyTextAndLinks reads a mail as its reader's program does.
func onlyTextAndLinks(t *testing.T, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	const allowed = " html head meta title body div p br hr em strong code pre blockquote ul ol li h3 h4 h5 h6 a "
	for n := range root.Descendants() {
		if n.Type == html.CommentNode || n.Type == html.ElementNode && !strings.Contains(allowed, " "+n.Data+" ") {
			t.Errorf("the mail has <%s>:\n%s", n.Data, page)
		}
		for _, a := range n.Attr {
			scheme, _, ok := strings.Cut(a.Val, ":")
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "src":
				t.Errorf("the mail has %s=%q:\n%s", a.Key, a.Val, page)
			case a.Key == "href" && ok && !strings.ContainsAny(scheme, "/?#") && !strings.Contains(" https http mailto tel ", " "+strings.ToLower(scheme)+" "):
				t.Errorf("the mail leads to %q:\n%s", a.Val, page)
			}
		}
	}
}
