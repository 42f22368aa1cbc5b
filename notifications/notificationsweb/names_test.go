package notificationsweb_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"lantern/internal/web"
	"lantern/internal/web/webtest"
	"lantern/notifications"
	"lantern/templates"
)

// files gives the names of the templates in a folder, without those that are
// only parts of others.
func files(t *testing.T, folder string) []string {
	t.Helper()
	all, err := fs.ReadDir(templates.FS, folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range all {
		name, _, _ := strings.Cut(file.Name(), ".")
		if name != "layout" && name != "parts" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// mailNames are the names of all mails that there are.
func mailNames() []string {
	names := slices.Clone(notifications.Templates)
	for _, rule := range notifications.Rules {
		names = append(names, rule.Name)
	}
	slices.Sort(names)
	return names
}

// TestEveryTemplateIsTried: what is rendered in the tests here is all that is in the
// folders of templates, so nothing new goes out that nobody has tried.
func TestEveryTemplateIsTried(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	if there, tried := files(t, "mail"), mailNames(); !slices.Equal(there, tried) {
		t.Errorf("there are the mails %v; tried are %v", there, tried)
	}
	texts := renderer.Texts()
	slices.Sort(texts)
	if there := files(t, "sms"); !slices.Equal(there, texts) {
		t.Errorf("there are the texts %v; tried are %v", there, texts)
	}
	// Two are made anew for each day or by each cohort, so they have no words that an
	// installation could change.
	var worded []string
	for _, s := range notifications.Sayings() {
		worded = append(worded, s.ID)
	}
	for _, name := range mailNames() {
		if own := name == "digest" || name == notifications.TellNote; slices.Contains(worded, "mail."+name) == own {
			t.Errorf("words of the mail %s: %v", name, own)
		}
	}
	for _, name := range texts {
		if slices.Contains(worded, "text."+name) == (name == notifications.TellNote) {
			t.Errorf("words of the text %s", name)
		}
	}
}

// TestNamesDoNotHarmMails: long ones, short ones and those that are written from the
// right, in every mail that there is. A subject names nobody, and in HTML a name's
// direction ends with it.
func TestNamesDoNotHarmMails(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"Anneliese-Magdalena von Oberndorf-Castillo", "O", "ליאת כהן־לוי", "عبد الرحمن بن محمد", `D'Arcy & "Jo"`} {
		for shape, change := range shapes {
			for _, name := range mailNames() {
				data := mailData()
				data.Ref = "K7F3-92QM"
				change(&data)
				data.Hello, data.Own, data.Payer = who, who, who
				data.Data = map[string]string{"link": link, "who": who + " and Jon", "time": "20 minutes", "when": when, "where": "By phone", "dates": "9 to 11 April 2027"}
				if data.Ref != "" && shape == "all" {
					data.Other = &notifications.OwnPage{Name: who, Link: link}
				}
				data.Digest = &notifications.Digest{Day: "Monday 4 January 2027", Sections: []notifications.DigestSection{{Title: "1 call to make", Link: link, Lines: []string{who + " & Jon: the driver cannot"}}}}
				m, err := renderer.Mail(name, data)
				if err != nil {
					t.Fatalf("%s, %s: %v", name, shape, err)
				}
				checkNamed(t, name+", "+shape, m, who)
			}
		}
	}
}

func checkNamed(t *testing.T, about string, m web.Mail, who string) {
	t.Helper()
	if length := utf8.RuneCountInString(m.Subject); length == 0 || length > 100 || strings.Contains(m.Subject, "\n") {
		t.Errorf("%s: the subject %q", about, m.Subject)
	}
	if utf8.RuneCountInString(who) > 1 && strings.Contains(m.Subject, who) || notifications.Telling(m.Subject) != nil {
		t.Errorf("%s: the subject %q tells too much [D38]", about, m.Subject)
	}
	if !strings.HasPrefix(m.Text, "Hello "+who+",\n") || strings.Contains(m.Text, "&amp;") || strings.Contains(m.Text, "&#") {
		t.Errorf("%s, text:\n%s", about, m.Text)
	}
	if utf8.RuneCountInString(who) == 1 {
		return
	}
	root, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.TextNode && strings.Contains(n.Data, who) && n.Parent.Data != "bdi" && webtest.Attr(n.Parent, "dir") != "auto" {
			t.Errorf("%s: a name outside of <bdi> in %q", about, n.Data)
		}
	}
}
