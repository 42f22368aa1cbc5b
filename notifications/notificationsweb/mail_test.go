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

const when = "Wednesday 10 March 2027, 10:00 (Pacific time)"

const link = "https://cedar.example/way/in?a=1&b=2"

func mailData() notifications.MailData {
	day := time.Date(2027, 4, 9, 12, 0, 0, 0, time.UTC)
	return notifications.MailData{
		Hello: "Ines <b>Roth</b>", Practice: notifications.Practice{Name: "Cedar House", Contact: "+1 415 555 0132"}, Link: link,
		StartsOn: day, EndsOn: day.AddDate(0, 0, 2), Zone: time.UTC, Until: time.Date(2027, 1, 13, 18, 0, 0, 0, time.UTC),
		MoneyWords: notifications.MoneyWords{Statement: "You allow us.\nOn a day.", Card: "the card ending in 4242", Day: "Wednesday 10 March"},
	}
}

// shapes are what the data of a mail can be like beyond the least.
var shapes = map[string]func(*notifications.MailData){
	"least": func(*notifications.MailData) {},
	"one day, nothing paid": func(d *notifications.MailData) {
		d.EndsOn, d.Until = d.StartsOn, time.Time{}
	},
	"all": func(d *notifications.MailData) {
		d.Due, d.Returned, d.Reason = "$960.00", "$960.00", "A guide is <i>ill</i>."
		d.Position, d.Since, d.HasPlace, d.LastOffer = 2, d.Until, true, true
		d.Charges = []notifications.ChargeLine{{Name: "the deposit", Amount: "$960.00", When: when, Paid: true}, {Name: "the rest of your price", Amount: "$3,840.00", When: when}}
		d.Dues = []notifications.DueLine{{What: "the rest of your price", Amount: "$3,840.00", When: when, Card: "the card ending in 4242", ChargeOn: when}}
		d.Amount, d.What, d.Payer, d.AgreedAt = "$960.00", "the rest of your price", "Jon <b>Roth</b>", d.Until
		d.Paid, d.ByPolicy, d.Percent, d.Refill, d.Fee = "$1,920.00", true, 50, true, "$50.00"
		d.Sessions = []notifications.SessionLine{{StartsAt: d.Until, EndsAt: d.Until.Add(time.Hour), Zone: time.UTC}}
	},
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
		for shape, change := range shapes {
			t.Run(rule.Name+", "+shape, func(t *testing.T) {
				t.Parallel()
				data := mailData()
				data.Ref = "K7F3-92QM"
				change(&data)
				if rule.Name == "sign_in" {
					data.Ref, data.Data = "", map[string]string{"link": link, "time": "20 minutes"}
				}
				m, err := renderer.Mail(rule.Name, data)
				if err != nil {
					t.Fatal(err)
				}
				checkMail(t, m, data.Ref)
			})
		}
	}
}

func checkMail(t *testing.T, m web.Mail, ref string) {
	t.Helper()
	if m.Subject == "" || !strings.Contains(m.Text, link) || !strings.Contains(m.Text, "Hello Ines <b>Roth</b>,") {
		t.Errorf("subject %q, text:\n%s", m.Subject, m.Text)
	}
	if !leadsTo(t, m.HTML, link) || strings.Contains(m.HTML, "<b>Roth") || strings.Contains(m.HTML, "<i>ill") {
		t.Errorf("HTML:\n%s", m.HTML)
	}
	if strings.Contains(m.Text, "\n\n\n") || strings.Contains(m.Text, "!") {
		t.Errorf("text:\n%s", m.Text)
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
		if about := strings.Contains(part, "Booking ") && part != m.Subject; ref == "" && about {
			t.Errorf("it names a booking:\n%s", part)
		}
	}
}

// TestWhatMailsSay: what must be in a mail, and what must not, by what is so.
func TestWhatMailsSay(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	const days, deadline = "Friday 9 April 2027 to Sunday 11 April 2027", "Wednesday 13 January 2027, 18:00"
	type texts = []string
	for _, c := range []struct {
		rule, shape string
		says, never texts
	}{
		{"called_off", "all", texts{days, "Why: A guide is", "$960.00", "goes back to the card", "another time"}, texts{"Nothing is owed"}},
		{"called_off", "least", texts{days, "Nothing is owed", "another time"}, texts{"Why:", "goes back"}},
		{"removed", "all", texts{"Friday 9 April 2027", "Why: A guide is", "write or call", "other dates"}, texts{"goes back"}},
		{"moved", "all", texts{days, "keep your time of joining, " + deadline + " (UTC)", "leave them on your page", "Waiting is free"}, texts{"Why:", "ill"}},
		{"moved", "least", texts{days, "kept for both of you", "leave them on your page"}, texts{"number"}},
		{"rescheduled", "all", texts{days, deadline + " to 19:00", "new file for your calendar", "write or call", "turn on the list"}, nil},
		{"rescheduled", "least", texts{days, "kept for you until", deadline}, texts{"calendar", "stays yours"}},
		{"rescheduled", "one day, nothing paid", texts{"Friday 9 April 2027.", "stays yours"}, texts{" to ", "Sunday"}},
		{"offered", "least", texts{"keep your turn"}, texts{"your turn on the list ends"}},
		{"offered", "all", texts{"your turn on the list ends", "by mistake", "welcome"}, texts{"keep your turn"}},
		{"nudged", "least", texts{"let it go by"}, texts{"your turn on the list ends"}},
		{"nudged", "all", texts{"your turn on the list ends", "by mistake", "welcome"}, texts{"keep your turn"}},
	} {
		data := mailData()
		shapes[c.shape](&data)
		m, err := renderer.Mail(c.rule, data)
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.NewReplacer("<strong>", "", "</strong>", "").Replace(m.HTML)
		_, plain, _ = strings.Cut(plain, "<bdi>") // what comes before is style
		for _, part := range []string{m.Text, plain} {
			for _, want := range c.says {
				if !strings.Contains(part, want) {
					t.Errorf("%s, %s, lacks %q:\n%s", c.rule, c.shape, want, part)
				}
			}
			for _, never := range c.never {
				if strings.Contains(part, never) {
					t.Errorf("%s, %s, says %q:\n%s", c.rule, c.shape, never, part)
				}
			}
		}
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
	data.Data = map[string]string{"link": link, "time": "20 minutes"}
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
