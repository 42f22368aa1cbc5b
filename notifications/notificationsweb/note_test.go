package notificationsweb_test

import (
	"strings"
	"testing"

	"lantern/internal/web"
	"lantern/notifications"
)

// TestWhatANoteSays is what staff wrote: paragraphs, with the reader's link
// where they put it, and nothing of it read as HTML.
func TestWhatANoteSays(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	data := mailData()
	data.Ref = "K7F3-92QM"
	data.Note = &notifications.NoteWords{Subject: "We meet on Friday 12 March", Short: "We meet on Friday 12 March.", Paragraphs: []notifications.NoteParagraph{
		{{Text: "Bring <i>socks</i>. Your page is "}, {IsLink: true}, {Text: ", as ever."}}, {{Text: "\u202eGood night."}},
	}}
	m, err := renderer.Mail(notifications.TellNote, data)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != data.Note.Subject || !strings.Contains(m.Text, "Bring <i>socks</i>. Your page is "+link+", as ever.\n\n\u202eGood night.\n\nYour page: "+link) {
		t.Errorf("%q\n%s", m.Subject, m.Text)
	}
	if !strings.Contains(m.HTML, "Bring &lt;i&gt;socks&lt;/i&gt;. Your page is <a href=") || !strings.Contains(m.HTML, ">your page</a>, as ever.</p>") {
		t.Errorf("HTML:\n%s", m.HTML)
	}
	body, err := renderer.Text(notifications.TellNote, data)
	if err != nil || body != "Cedar House: We meet on Friday 12 March. STOP ends texts." {
		t.Errorf("%q, %v", body, err)
	}
	data.ToStaff = true
	if m, err = renderer.Mail(notifications.TellNote, data); err != nil || !strings.Contains(m.Text, "The booking: "+link) || strings.Contains(m.Text+m.HTML, "Open your page") {
		t.Errorf("to staff:\n%s\n%v", m.Text, err)
	}
}
