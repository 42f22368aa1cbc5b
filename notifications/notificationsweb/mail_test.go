package notificationsweb_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lantern/internal/web"
	"lantern/internal/web/webtest"
	"lantern/notifications"
)

// indiscreet are words that tell what kind of practice it is [D38].
var indiscreet = []string{"ketamine", "psychedelic", "medicine", "therapy", "therapist", "retreat", "clinic", "weekend"}

const link = "https://cedar.example/way/in?a=1&b=2"

func mailData() notifications.MailData {
	day := time.Date(2027, 4, 9, 12, 0, 0, 0, time.UTC)
	return notifications.MailData{
		Hello: "Ines <b>Roth</b>", Practice: notifications.Practice{Name: "Cedar House", Contact: "+1 415 555 0132"}, Link: link,
		StartsOn: day, EndsOn: day.AddDate(0, 0, 2), Zone: time.UTC, Until: time.Date(2027, 1, 13, 18, 0, 0, 0, time.UTC),
	}
}

// TestEveryRuleHasItsMail: a subject, a text and an HTML part that can be sent,
// that lead to the link, and that tell nobody what kind of practice it is.
func TestEveryRuleHasItsMail(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range notifications.Rules {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			data := mailData()
			data.Ref = "K7F3-92QM"
			if rule.Name == "sign_in" {
				data.Ref, data.Data = "", map[string]string{"link": link, "minutes": "20"}
			}
			m, err := renderer.Mail(rule.Name, data)
			if err != nil {
				t.Fatal(err)
			}
			if m.Subject == "" || !strings.Contains(m.Text, link) || !strings.Contains(m.Text, "Hello Ines <b>Roth</b>,") {
				t.Errorf("subject %q, text:\n%s", m.Subject, m.Text)
			}
			if !leadsTo(t, m.HTML, link) || strings.Contains(m.HTML, "<b>Roth") {
				t.Errorf("HTML:\n%s", m.HTML)
			}
			for _, part := range []string{m.Subject, m.Text, m.HTML} {
				if strings.Contains(part, "<no value>") || strings.Contains(part, "ZgotmplZ") {
					t.Errorf("there is a gap in\n%s", part)
				}
				for _, word := range indiscreet {
					if strings.Contains(strings.ToLower(part), word) {
						t.Errorf("it says %q", word)
					}
				}
				if about := strings.Contains(part, "Booking ") && part != m.Subject; data.Ref == "" && about {
					t.Errorf("it names a booking:\n%s", part)
				}
			}
		})
	}
}

// leadsTo reports whether the HTML has a link there that also leaves the frame
// in which the outbox shows the mail.
func leadsTo(t *testing.T, page, target string) bool {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data == "a" && webtest.Attr(n, "href") == target && webtest.Attr(n, "target") == "_top" {
			return true
		}
	}
	return false
}

func TestASignInLinkSaysHowLongItWorks(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	data := mailData()
	data.Data = map[string]string{"link": link, "minutes": "20"}
	m, err := renderer.Mail("sign_in", data)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{m.Text, m.HTML} {
		for _, want := range []string{"works once", "20 minutes", "did not ask", "Cedar House"} {
			if !strings.Contains(part, want) {
				t.Errorf("it lacks %q:\n%s", want, part)
			}
		}
	}
	if m.Subject != "Your sign-in link" {
		t.Errorf("its subject is %q", m.Subject)
	}
}
