package markdown_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"lantern/internal/markdown"
	"lantern/internal/mutated"
)

func TestWhatTextsAreFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ about, source, want string }{
		{"paragraphs and stress", "Two days\nfor *both* of **you**.\n\nRest.", "<p>Two days\nfor <em>both</em> of <strong>you</strong>.</p>\n<p>Rest.</p>\n"},
		{"headings go beneath those of the page", "# Days\n\n## First\n\n### Food\n\n###### Tea", "<h3>Days</h3>\n<h3>First</h3>\n<h4>Food</h4>\n<h6>Tea</h6>\n"},
		{"lists", "3. three\n4. four", "<ol start=\"3\">\n<li>three</li>\n<li>four</li>\n</ol>\n"},
		{"a link", "[Map](https://maps.example/x?a=1&b=2)", `<p><a href="https://maps.example/x?a=1&amp;b=2" rel="nofollow noopener">Map</a></p>` + "\n"},
		{"an address in brackets", "<https://example.org>", `<p><a href="https://example.org" rel="nofollow noopener">https://example.org</a></p>` + "\n"},
		{"a mail address", "[Write](mailto:us@example.org)", `<p><a href="mailto:us@example.org" rel="nofollow noopener">Write</a></p>` + "\n"},
		{"a page of ours", "[Dates](/cohorts/x)", `<p><a href="/cohorts/x" rel="nofollow noopener">Dates</a></p>` + "\n"},
		{"what a picture stands for", "![The *house*](https://example.org/house.png) by the sea", "<p>The <em>house</em> by the sea</p>\n"},
		{"nothing", "", ""},
		{"signs", "5 < 6 & \"so\"", "<p>5 &lt; 6 &amp; &#34;so&#34;</p>\n"},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			if got := string(markdown.Render(c.source)); got != c.want {
				t.Errorf("%q became\n%q, want\n%q", c.source, got, c.want)
			}
		})
	}
}

// hostile are texts that want more than to be read.
var hostile = []string{
	"<script>alert(1)</script>",
	"<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
	"<img src=x onerror=alert(1)>",
	"<svg onload=alert(1)>",
	"<style>body{background:url(https://evil.example)}</style>",
	"<iframe src=https://evil.example></iframe>",
	"<a href=\"https://x.example\" onclick=alert(1) style=color:red>x</a>",
	"<p style='background:url(//evil.example/x)'>x</p>",
	"<form action=https://evil.example><input name=card></form>",
	"<meta http-equiv=refresh content='0;url=https://evil.example'>",
	"<base href=https://evil.example/>",
	"[x](javascript:alert(1))",
	"[x](JaVaScRiPt:alert(1))",
	"[x](java&#115;cript:alert(1))",
	"[x](&#x6A;avascript:alert(1))",
	"[x](<java\tscript:alert(1)>)",
	"[x]( javascript:alert(1))",
	"[x](vbscript:msgbox)",
	"[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
	"<data:text/html,hello>",
	"<javascript:alert(1)>",
	"[x][y]\n\n[y]: javascript:alert(1)",
	"![x](https://evil.example/x.png)",
	"![x](data:image/png;base64,AAAA)",
	"![x](javascript:alert(1))",
	"![x][y]\n\n[y]: https://evil.example/x.png \"t\"",
	"[![x](https://evil.example/x.png)](https://x.example)",
	"[x](https://x.example \"a\\\" onmouseover=alert(1) \")",
	"[x](https://x.example\"onmouseover=\"alert(1))",
	"```js\" onclick=\"alert(1)\nx\n```",
	"# x {onclick=alert(1)}",
	"x<!-- --><script>alert(1)</script>",
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"<<script>script>alert(1)<</script>/script>",
	"\x00<scr\x00ipt>alert(1)</script>",
}

func TestHostileTextsAreHarmless(t *testing.T) {
	t.Parallel()
	for _, source := range hostile {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			harmless(t, source)
		})
	}
}

func FuzzRender(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	for _, source := range hostile {
		seeds.Add(source)
	}
	seeds.Fuzz(harmless)
}

// harmless reads the HTML as a browser would and complains about everything
// that a text of words and links has no use for.
func harmless(t *testing.T, source string) {
	t.Helper()
	out := string(markdown.Render(source))
	root, err := html.Parse(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	const allowed = " html head body p br hr em strong code pre blockquote ul ol li h3 h4 h5 h6 a "
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			if n.Type == html.CommentNode {
				t.Errorf("%q leaves a comment: %q", source, out)
			}
			continue
		}
		if !strings.Contains(allowed, " "+n.Data+" ") {
			t.Errorf("%q makes <%s>: %q", source, n.Data, out)
		}
		rel := ""
		for _, a := range n.Attr {
			switch {
			case n.Data == "a" && a.Key == "href":
				scheme, _, ok := strings.Cut(a.Val, ":")
				if ok && !strings.ContainsAny(scheme, "/?#") && !strings.Contains(" https http mailto tel ", " "+strings.ToLower(scheme)+" ") {
					t.Errorf("%q leads to %q", source, a.Val)
				}
			case n.Data == "a" && a.Key == "rel":
				rel = a.Val
			case n.Data == "ol" && a.Key == "start":
			default:
				t.Errorf("%q makes <%s %s=%q>", source, n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "a" && rel != "nofollow noopener" {
			t.Errorf("%q makes a link with rel %q: %q", source, rel, out)
		}
	}
}
