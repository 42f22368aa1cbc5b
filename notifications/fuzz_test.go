package notifications

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"lantern/internal/mutated"
	"lantern/internal/sms"
	"lantern/internal/web"
	"lantern/internal/wording"
)

// FuzzOwnWords: words of messages that the check accepts can be put to every
// occasion, whatever the couple's names are made of, and say no more than they
// may.
func FuzzOwnWords(f *testing.F) {
	seeds := mutated.Of(f, 150)
	sayings := Sayings()
	for i, s := range sayings {
		seeds.Add(uint(i), s.Own.Subject, s.Own.Text, "Maya")
		var all strings.Builder
		for _, field := range s.Fields() {
			all.WriteString(field.Write + "\n")
		}
		seeds.Add(uint(i), s.Own.Subject, all.String()+s.Own.Text, "[x](javascript:alert(1)) <https://evil.example> <img src=x onerror=y>\r\n# {{.Link}}")
	}
	seeds.Fuzz(func(t *testing.T, which uint, subject, text, name string) {
		s := sayings[which%uint(len(sayings))]
		source := tidied(wording.Source{Subject: subject, Text: text})
		words, err := s.Check(source, cedar)
		if err != nil {
			return
		}
		for _, on := range s.samples(cedar) {
			data := on.data
			if s.IsText() {
				line, err := words.Line(data)
				if line = sms.Plainly(line); err != nil || !sms.Fits(line) || len(Telling(strings.ReplaceAll(line, data.Practice.Name, ""))) > 0 {
					t.Errorf("%s %q says %q %s, %v", s.ID, source.Text, line, on.about, err)
				}
				continue
			}
			said, err := renderOwn(words, data)
			if err != nil || said.Subject == "" || !strings.Contains(said.Text, data.Link) || utf8.RuneCountInString(said.Subject) > longestSubject || len(Telling(said.Subject)) > 0 {
				t.Errorf("%s %q becomes %+v %s, %v", s.ID, source, said, on.about, err)
			}
			data.Hello, data.Own, data.Remark = name, name, name
			said, err = renderOwn(words, data)
			if err != nil { // too long: Lantern's own words are sent
				continue
			}
			leads := linksOf(t, said.HTML)
			if leads["https://evil.example"] && !strings.Contains(source.Text, "evil") || strings.ContainsAny(said.Subject, "\r\n") || strings.Contains(source.Text, "{{.Link}}") && !leads[data.Link] {
				t.Errorf("%s %q to %q becomes %+v", s.ID, source, name, said)
			}
		}
	})
}

// linksOf reads a mail as its reader's program does: it has text and links.
func linksOf(t *testing.T, page string) map[string]bool {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	links := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "img" || n.Data == "iframe" || n.Data == "form" || n.Data == "style" || n.Data == "link") {
			t.Errorf("the mail has <%s>:\n%s", n.Data, page)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("the mail has %s=%q:\n%s", a.Key, a.Val, page)
			}
			if n.Data == "a" && a.Key == "href" {
				links[a.Val] = true
			}
		}
	}
	return links
}

// FuzzReminderWords: words of reminders that are accepted become a mail with one
// link, the reader's own, and a text message that fits, whatever the names are.
func FuzzReminderWords(f *testing.F) {
	seeds := mutated.Of(f, 500)
	seeds.Add("We meet on {day}", "Bring warm socks, {name}.\n\nYour page: {link}, {session} {time}", "We meet on {day}, {time}.", "Maya", true)
	seeds.Add("{practice}", "{link}{link} {{link}} {{.Link}} {name}", "{practice}", "{link} {{.}} <b>", true)
	seeds.Add("<script>alert(1)</script>", "<a href=\"javascript:alert(1)\" onclick=x>{name}</a>\r\n\r\n[x](javascript:alert(1))", "ß€ [x]", "<script>alert(1)</script>", false)
	seeds.Add("A day", strings.Repeat("{name} ", 500), strings.Repeat("{day}", 6), "ליאת \u202e\x00", true)
	renderer, err := web.NewRenderer(web.Site{Practice: web.Practice{Name: cedar.Name}})
	if err != nil {
		f.Fatal(err)
	}
	const link = "https://book.example.org/b/bk_1.token"
	seeds.Fuzz(func(t *testing.T, subject, body, short, name string, text bool) {
		r := note(func(r *Reminder) { r.Subject, r.Body, r.Short, r.Text = subject, body, short, text })
		r = r.tidy()
		if len(r.check(cedar.Name)) > 0 {
			return
		}
		c := weekend("America/Los_Angeles", "2027-04-09", noon)
		c.Booking.Partners[0].Name = name
		for _, s := range subjectsOf(c, r) {
			data := MailData{Hello: name, Practice: cedar, Link: link, Ref: "K7F3-92QM", Zone: c.Cohort.Location()}
			tellNote(c, r, s, &data)
			mail, err := renderer.Mail(TellNote, data)
			if err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			if mail.Subject == "" || strings.ContainsAny(mail.Subject, "\r\n") || len(Telling(mail.Subject)) > 0 || !strings.Contains(mail.Text, link) {
				t.Errorf("%+v becomes %+v", r, mail)
			}
			if leads := linksOf(t, mail.HTML); len(leads) != 1 || !leads[link] {
				t.Errorf("%+v to %q leads to %v:\n%s", r, name, leads, mail.HTML)
			}
			line, err := renderer.Text(TellNote, data)
			if err != nil || text && !sms.Fits(line) {
				t.Errorf("%+v says %q, %v", r, line, err)
			}
		}
	})
}
