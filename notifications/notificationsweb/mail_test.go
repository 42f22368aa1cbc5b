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
		d.EndsOn, d.Until, d.HasPlace = d.StartsOn, time.Time{}, true
	},
	"one who comes": func(d *notifications.MailData) {
		d.By, d.Overdue = "Friday 19 March 2027", true
		d.Coming, d.Forms, d.Meeting = true, true, &notifications.SessionLine{StartsAt: d.Until, EndsAt: d.Until.Add(time.Hour), Zone: time.UTC}
	},
	"all": func(d *notifications.MailData) {
		d.Due, d.Returned, d.Reason = "$960.00", "$960.00", "A guide is <i>ill</i>."
		d.Position, d.Since, d.HasPlace, d.LastOffer = 2, d.Until, true, true
		d.Charges = []notifications.ChargeLine{{Name: "the deposit", Amount: "$960.00", When: when, Paid: true}, {Name: "the rest of your price", Amount: "$3,840.00", When: when}}
		d.Dues = []notifications.DueLine{{What: "the rest of your price", Amount: "$3,840.00", When: when, Card: "the card ending in 4242", ChargeOn: when}}
		d.Amount, d.What, d.Payer, d.AgreedAt = "$960.00", "the rest of your price", "Jon <b>Roth</b>", d.Until
		d.Paid, d.ByPolicy, d.Percent, d.Refill, d.Fee = "$1,920.00", true, 50, true, "$50.00"
		d.Sessions = []notifications.SessionLine{{StartsAt: d.Until, EndsAt: d.Until.Add(time.Hour), Zone: time.UTC}}
		d.Meeting, d.Next, d.Drives = &notifications.SessionLine{StartsAt: d.Until, EndsAt: d.Until.Add(time.Hour), Zone: time.UTC, ByVideo: true}, &d.Sessions[0], d.Sessions
		d.Consent, d.Forms, d.By = true, true, "Friday 19 March 2027"
		d.Note = &notifications.NoteWords{Subject: "A word", Paragraphs: []notifications.NoteParagraph{{{Text: "Bring <i>socks</i>: "}, {IsLink: true}}, {{Text: "Good night."}}}}
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
	var names []string
	for _, rule := range notifications.Rules {
		names = append(names, rule.Name)
	}
	for _, name := range append(names, notifications.Templates...) {
		for shape, change := range shapes {
			t.Run(name+", "+shape, func(t *testing.T) {
				t.Parallel()
				data := mailData()
				data.Ref = "K7F3-92QM"
				change(&data)
				switch name {
				case "sign_in":
					data.Ref, data.Data = "", map[string]string{"link": link, "time": "20 minutes"}
				case "talk_request":
					data.Ref, data.Data = "", map[string]string{"who": "Ana and Jon"}
				case "digest":
					data.Ref, data.Digest = "", &notifications.Digest{Day: "Monday 4 January 2027"}
					if shape != "least" {
						data.Digest.Sections = []notifications.DigestSection{{Title: "To phone", Link: link, Lines: []string{"Ana and Jon", "Mei and Li"}}}
					}
				}
				m, err := renderer.Mail(name, data)
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
		for _, word := range notifications.Telling(part) { // [D38]
			t.Errorf("it says %q", word)
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
		{"rescheduled", "one day, nothing paid", texts{"Friday 9 April 2027.", "stays yours", "new times come with this mail for your calendar"}, texts{" to ", "Sunday", "new file"}},
		{"preparation", "all", texts{"We meet on " + deadline + " to 19:00 (UTC, by video)", "Please say on your page that you come", "test camera"}, texts{"You have said"}},
		{"preparation", "one who comes", texts{"You have said that you come"}, texts{"Please say", "video"}},
		{"papers", "all", texts{"Please see to it by Friday 19 March 2027.", "Whether you take part", "Your forms"}, nil},
		{"papers", "one who comes", texts{"Your forms", "was to be here by Friday 19 March 2027; please"}, texts{"take part", "see to it by"}},
		{"driver_missing", "all", texts{"Neither of you can drive", "Nobody takes you home yet", deadline}, nil},
		{"afterwards", "all", texts{"We meet again on " + deadline, "emergency number"}, nil},
		{"afterwards", "least", texts{"came home well"}, texts{"again on"}},
		{"integration", "all", texts{"We meet on " + deadline, "by video"}, texts{"say on your page"}},
		{"offered", "least", texts{"keep your turn"}, texts{"your turn on the list ends"}},
		{"offered", "all", texts{"your turn on the list ends", "by mistake", "welcome"}, texts{"keep your turn"}},
		{"nudged", "least", texts{"let it go by"}, texts{"your turn on the list ends"}},
		{"nudged", "all", texts{"your turn on the list ends", "by mistake", "welcome"}, texts{"keep your turn"}},
		{"confirmed", "all", texts{"$960.00, the deposit: paid", "$3,840.00, the rest of your price: due " + when}, nil},
		{"receipt", "all", texts{"received $960.00 by card from Jon", " for the rest of your price", "kept for you both until " + deadline, "the rest of it, $960.00"}, texts{"Everything is paid"}},
		{"receipt", "least", texts{"Everything is paid"}, texts{" from ", "kept for you", "still open"}},
		{"cancelled", "all", texts{"You get back $960.00: 50 % of the $1,920.00", "refund policy that you accepted", "goes back to the card", "ten days", "another couple takes your place", "less $50.00", "You owe nothing more"}, texts{"is ill", "<i>"}},
		{"cancelled", "least", texts{"Nothing is owed"}, texts{"get back", "refund", "another couple"}},
		{"booking_ended", "all", texts{"Why: A guide is", "You get back $960.00: 50 %", "You owe nothing more", "write or call"}, texts{"another couple"}},
		{"booking_ended", "least", texts{"We have ended your booking", "Nothing is owed"}, texts{"Why", "get back"}},
		{"refilled", "all", texts{"$960.00 in addition", "everything that you had paid less $50.00", "ten days"}, nil},
		{"price_lowered", "all", texts{"What is open now", "$3,840.00, the rest of your price"}, texts{"Everything is paid"}},
		{"price_lowered", "least", texts{"when a place is free for you"}, texts{"open now"}},
		{"card_saved", "all", texts{"has saved a card", "the card ending in 4242", "You allow us.\nOn a day.", "on your page"}, nil},
		{"card_removed", "all", texts{"the card ending in 4242 is not saved any more", "$3,840.00, the rest of your price"}, nil},
		{"card_removed", "least", texts{"As you asked"}, texts{"open"}},
		{"refund_failed", "all", texts{"return $960.00", "not taken it", "write to you"}, nil},
	} {
		data := mailData()
		shapes[c.shape](&data)
		checkSays(t, renderer, c.rule, c.shape, data, c.says, c.never)
	}
}

// TestWhatMailsSayOfMoney by how it is to come, or goes back.
func TestWhatMailsSayOfMoney(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	type words = notifications.MoneyWords
	due := func(change func(*notifications.DueLine)) words {
		line := notifications.DueLine{What: "your part of instalment 2 of 3", Amount: "$600.00", When: when}
		change(&line)
		return words{Dues: []notifications.DueLine{line}, Day: "Wednesday 10 March"}
	}
	const later = "Friday 12 March 2027, 10:00 (Pacific time)"
	type line = notifications.DueLine
	const card = "the card ending in 4242"
	for _, c := range []struct {
		rule, about string
		given       words
		says, never []string
	}{
		{"balance_soon", "no card", due(func(*line) {}), []string{"$600.00, your part of instalment 2 of 3, is due on " + when, "pay it on your page by then"}, []string{"charge"}},
		{"balance_soon", "a card", due(func(l *line) { l.Card, l.ChargeOn = card, when }), []string{"We will charge " + card + " then: there is nothing to do"}, []string{"Please pay"}},
		{"balance_soon", "a card, later", due(func(l *line) { l.Card, l.ChargeOn = card, later }), []string{"We will charge " + card + " on " + later}, []string{"Please pay"}},
		{"balance_soon", "held back [D13]", due(func(l *line) { l.Card, l.Waits = card, true }), []string{"Nothing is charged before both of you are cleared"}, []string{"Please pay", "nothing to do"}},
		{"balance_soon", "held back, no card [D13]", due(func(l *line) { l.Waits = true }), []string{"You need not pay before both of you are cleared"}, []string{"Please pay"}},
		{"balance_soon", "disputed [D13]", due(func(l *line) { l.Card, l.Disputed = card, true }), []string{"Nothing is charged while"}, []string{"Please pay", "cleared"}},
		{"balance_late", "open [D14]", due(func(*line) {}), []string{"$600.00, your part of instalment 2 of 3, was due on " + when, "Please pay on your page", "write or call"}, nil},
		{"card_failed", "declined [D15]", due(func(l *line) { l.Card, l.ChargeOn = card, later }), []string{"could not be charged to " + card, "has declined it", "We try again on " + later}, []string{"Please pay"}},
		{"card_failed", "declined for good [D15]", due(func(l *line) { l.Card = card }), []string{"has declined it", "We do not try it again. Please pay on your page, with another card."}, []string{"We try again"}},
		{"card_failed", "asked [D15]", due(func(l *line) { l.Card, l.Asks = card, true }), []string{"The bank wants to ask", "We do not try it again. Please pay on your page."}, []string{"declined", "another card"}},
		{"card_failed", "useless [D15]", due(func(l *line) { l.Card, l.Useless = card, true }), []string{"cannot be charged any more", "with another card"}, []string{"declined", "wants to ask"}},
		{"money_returned", "part", words{Returned: "$5.00", Why: "part"}, []string{"Only a part of what was due had come when your hold ended", "$5.00", "ten days"}, nil},
		{"money_returned", "twice", words{Returned: "$5.00", Why: "twice"}, []string{"More came than was due", "$5.00"}, nil},
		{"money_returned", "after the end", words{Returned: "$5.00", Why: "cancelled"}, []string{"after your booking had ended", "$5.00"}, nil},
		{"money_returned", "a present", words{Returned: "$5.00", Why: "exception", Waived: true, WayBack: notifications.WayBack{Hand: true}}, []string{"returned $5.00", "do not owe it again", "by hand"}, []string{"banks"}},
		{"money_returned", "by both ways", words{Returned: "$5.00", Why: "by_hand", WayBack: notifications.WayBack{Card: true, Hand: true}}, []string{"returned $5.00", "back to that card", "by hand"}, []string{"do not owe it again"}},
		{"cancelled", "all [D11]", words{Paid: "$5.00", Returned: "$5.00", All: true}, []string{"You get everything back: $5.00", "goes back to the card"}, []string{"%", "clear", "another couple"}},
		{"booking_ended", "all [D11]", words{Paid: "$5.00", Returned: "$5.00", All: true}, []string{"You get everything back: $5.00"}, []string{"%", "clear", "Why"}},
		{"cancelled", "nothing [D16]", words{Paid: "$5.00", ByPolicy: true, Refill: true}, []string{"nothing of the $5.00", "everything back, and we write"}, []string{"less", "goes back"}},
		{"refilled", "without a fee [D16]", words{Returned: "$5.00"}, []string{"everything that you had paid. It goes back"}, []string{"less"}},
		{"receipt", "cash", words{Amount: "$5.00", What: "instalment 2 of 3", Method: "cash", Charges: []notifications.ChargeLine{{Name: "instalment 3 of 3", Amount: "$7.00", When: later, Own: "$3.00"}}},
			[]string{"received $5.00 in cash for instalment 2 of 3.", "$7.00, instalment 3 of 3: due " + later + "; your part is $3.00"}, []string{"Everything"}},
		{"receipt", "transfer", words{Amount: "$5.00", What: "the deposit", Method: "transfer"}, []string{"received $5.00 by bank transfer for the deposit."}, nil},
	} {
		data := mailData()
		data.MoneyWords = c.given
		checkSays(t, renderer, c.rule, c.about, data, c.says, c.never)
		m, err := renderer.Mail(c.rule, data)
		if err != nil || strings.ContainsAny(m.Subject, "$") {
			t.Errorf("%s: its subject is %q, %v", c.rule, m.Subject, err)
		}
	}
}

// checkSays reads both parts of a mail.
func checkSays(t *testing.T, renderer *web.Renderer, rule, about string, data notifications.MailData, says, never []string) {
	t.Helper()
	m, err := renderer.Mail(rule, data)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("<strong>", "", "</strong>", "", "<bdi>Jon &lt;b&gt;Roth&lt;/b&gt;</bdi>", "Jon").Replace(m.HTML)
	_, plain, _ = strings.Cut(plain, "<bdi>") // what comes before is style
	for _, part := range []string{m.Text, plain} {
		for _, want := range says {
			if !strings.Contains(part, want) {
				t.Errorf("%s, %s, lacks %q:\n%s", rule, about, want, part)
			}
		}
		for _, bad := range never {
			if strings.Contains(part, bad) {
				t.Errorf("%s, %s, says %q:\n%s", rule, about, bad, part)
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
