package web_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"lantern/internal/web"
	"lantern/internal/web/webtest"
	"lantern/templates"
)

func renderer(t *testing.T, site web.Site) *web.Renderer {
	t.Helper()
	r, err := web.NewRenderer(site)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// bareErrorPage has the fields that the page of errors reads.
type bareErrorPage struct {
	web.Page
	Status int
	Text   string
}

func TestThePageAroundEveryPage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		site web.Site
		want []string
		not  []string
	}{
		"demonstration": {
			web.Site{Practice: web.Practice{Name: "Cedar House", Contact: "+1 415 555 0132"}, Demo: true, Sandbox: true},
			[]string{"This is a demonstration: no money moves and no mail leaves.", "See the outbox", "Cedar House · +1 415 555 0132"},
			[]string{"Cards are a sandbox"},
		},
		"sandbox": {web.Site{Practice: web.Practice{Name: "Cedar House"}, Sandbox: true}, []string{"Cards are a sandbox here"}, []string{"demonstration", "·  "}},
		"for real": {web.Site{Practice: web.Practice{Name: "Cedar House"}}, []string{"Skip to the content", "local emergency number"},
			[]string{"demonstration", "sandbox"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := renderer(t, test.site).Page("error", &bareErrorPage{Page: web.Page{Title: "Nothing here"}, Status: 404, Text: "There is no page."})
			if err != nil {
				t.Fatal(err)
			}
			got := webtest.Words(webtest.Parse(t, name, body))
			for _, want := range append(test.want, "Nothing here", "There is no page.") {
				if !strings.Contains(got, want) {
					t.Errorf("the page lacks %q: %s", want, got)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("the page says %q: %s", not, got)
				}
			}
		})
	}
}

func TestWhatIsTypedIsShownAndNotObeyed(t *testing.T) {
	t.Parallel()
	for _, text := range webtest.Awkward {
		r := renderer(t, web.Site{Practice: web.Practice{Name: text, Contact: text}})
		body, err := r.Page("error", &bareErrorPage{Page: web.Page{Title: text}, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if got := webtest.Words(webtest.Parse(t, text, body)); strings.Count(got, text) < 5 {
			t.Errorf("the page shows %q %d times: %s", text, strings.Count(got, text), got)
		}
	}
}

func TestPagesThatCannotBeRendered(t *testing.T) {
	t.Parallel()
	r := renderer(t, web.Site{})
	if _, err := r.Page("nowhere", &bareErrorPage{}); err == nil {
		t.Error("a page that does not exist was rendered")
	}
	body, err := r.Page("error", &struct{ web.Page }{})
	if err == nil || body != nil {
		t.Errorf("a page without its data was rendered: %s", body)
	}
	if _, err := r.Mail("nowhere", nil); err == nil {
		t.Error("a mail that does not exist was rendered")
	}
	if mail, err := r.Mail("held", struct{}{}); err == nil || mail != (web.Mail{}) {
		t.Errorf("a mail without its data was rendered: %+v", mail)
	}
}

// A changed file has another address, so that browsers may keep what they have.
func TestAddressesOfAssetsHoldAHash(t *testing.T) {
	t.Parallel()
	page := &bareErrorPage{}
	if _, err := renderer(t, web.Site{}).Page("error", page); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{page.Style, page.Script, page.Icon} {
		file, version, ok := strings.Cut(address, "?v=")
		if _, err := templates.Static(strings.TrimPrefix(file, "/static/")); err != nil || !ok || len(version) != 12 {
			t.Errorf("address %q: %v", address, err)
		}
	}
}

func TestEveryMailHasBothParts(t *testing.T) {
	t.Parallel()
	parts := map[string]int{}
	files, err := fs.Glob(templates.FS, "mail/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := path.Base(file)
		parts[strings.TrimSuffix(name, path.Ext(name))]++
	}
	for name, count := range parts {
		if shared := name == "layout" || name == "parts"; shared != (count == 1) {
			t.Errorf("mail %s has %d parts", name, count)
		}
	}
	if len(parts) < 8 {
		t.Errorf("only %d mails", len(parts))
	}
}
