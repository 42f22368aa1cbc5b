package notifications_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/internal/sms"
	"lantern/internal/store"
	"lantern/internal/wording"
	"lantern/notifications"
)

var ownHeld = wording.Source{Subject: "Kept for you", Text: "Dear {{.Hello}}, {{.Link}}\n\n{{template \"foot\" .}}"}

// heldTo is what the office's last couple was told of its place.
func (o *office) heldTo(t *testing.T, partner int) *notifications.Message {
	t.Helper()
	messages, err := o.OfBooking(t.Context(), o.booking, partner)
	must(t, err)
	for _, m := range messages {
		if m.Rule == "held" && m.Copy != nil {
			return m
		}
	}
	t.Fatal("nobody was told")
	return nil
}

func (o *office) subjectHeld(t *testing.T) string {
	t.Helper()
	o.deliver(t)
	return o.heldTo(t, 0).Copy.Subject
}

// TestOwnWordsAreUsed from the next message on, and Lantern's again after that.
func TestOwnWordsAreUsed(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	if got := o.subjectHeld(t); got != "held" {
		t.Errorf("Lantern's own subject is %q", got)
	}
	w, err := o.Reword(t.Context(), "mail.held", ownHeld, 0, robin)
	must(t, err)
	if !w.Wording.Own || w.Version != 1 || len(w.Trail) != 1 || w.Trail[0].By != "Robin" || !strings.Contains(w.Trail[0].To, "Kept for you") || w.Broken != "" {
		t.Errorf("stored is %+v", w.Wording)
	}
	o.book(t, "ben", false)
	if got := o.subjectHeld(t); got != ownHeld.Subject {
		t.Errorf("the own subject is %q", got)
	}
	if _, err := o.RestoreWording(t.Context(), "mail.held", 0, robin); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an older version was answered %v", err)
	}
	w, err = o.RestoreWording(t.Context(), "mail.held", 1, robin)
	must(t, err)
	if w.Wording.Own || w.Version != 2 || len(w.Trail) != 2 || w.Source() != w.Saying.Own {
		t.Errorf("restored is %+v", w.Wording)
	}
	if _, err := o.Reword(t.Context(), "mail.held", ownHeld, 1, robin); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an older version was answered %v", err)
	}
}

// withWords opens an office with words in the store that nobody has checked, as
// after a change of the program.
func withWords(t *testing.T, log *bytes.Buffer, source wording.Source) *office {
	t.Helper()
	return openOfficeWith(t, false, func(options *notifications.Options) {
		options.Log = slog.New(slog.NewJSONHandler(log, nil))
		stored, err := store.Define[notifications.Wording](t.Context(), options.DB, "wordings")
		must(t, err)
		must(t, stored.Insert(t.Context(), &notifications.Wording{Meta: store.Meta{ID: "mail.held"}, Own: true, Subject: source.Subject, Text: source.Text, Version: 3}))
	})
}

// TestWordsThatBreakGiveWay: the mail is sent in Lantern's own words, the page
// and the log say so, and the log says nothing personal.
func TestWordsThatBreakGiveWay(t *testing.T) {
	t.Parallel()
	for about, c := range map[string]struct {
		text string
		line int
	}{
		"a field that there is no more": {"Secret {{.Hello}}\n{{.Gone}} {{.Link}}", 0},
		"something that is not there":   {"Secret {{.Hello}}\n{{.Other.Name}} {{.Link}}", 2},
		"a text that is too long":       {"Secret {{.Hello}} {{.Link}}" + strings.Repeat(`{{template "foot" .}}`, 400), 0},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			o := withWords(t, &log, wording.Source{Subject: "Kept", Text: c.text})
			if got := o.subjectHeld(t); got != "held" {
				t.Errorf("the subject is %q", got)
			}
			w, err := o.WordingOf(t.Context(), "mail.held")
			must(t, err)
			if w.Broken == "" || w.FailedAt == nil || w.FailedLine != c.line {
				t.Errorf("the page hears %q, %v, line %d", w.Broken, w.FailedAt, w.FailedLine)
			}
			if got := log.String(); strings.Count(got, "own words could not be used") != 1 || !strings.Contains(got, "mail.held") || strings.Contains(got, "Maya") || strings.Contains(got, "Secret") {
				t.Errorf("the log says\n%s", got)
			}
			// Words that work end that.
			w, err = o.Reword(t.Context(), "mail.held", ownHeld, 3, robin)
			must(t, err)
			if w.Broken != "" || w.FailedAt != nil {
				t.Errorf("after new words: %q, %v", w.Broken, w.FailedAt)
			}
			o.book(t, "ben", false)
			if got := o.subjectHeld(t); got != ownHeld.Subject {
				t.Errorf("the own subject is %q", got)
			}
		})
	}
}

// TestWordsAreReadOnceASecond: what another process has changed is seen after
// that, and not asked for before each message.
func TestWordsAreReadOnceASecond(t *testing.T) {
	t.Parallel()
	var other *notifications.Service
	o := openOfficeWith(t, false, func(options *notifications.Options) {
		one, err := notifications.NewService(t.Context(), *options)
		must(t, err)
		other = one
	})
	o.deliver(t)
	_, err := other.Reword(t.Context(), "mail.held", ownHeld, 0, robin)
	must(t, err)
	o.book(t, "ben", false)
	if got := o.subjectHeld(t); got != "held" {
		t.Errorf("within the second the subject is %q", got)
	}
	o.mu.Lock()
	o.now = o.now.Add(time.Second)
	o.mu.Unlock()
	addCohort(t, o.cohorts, "other", 2, o.clock())
	o.apply(t, "other", application("cleo"))
	if got := o.subjectHeld(t); got != ownHeld.Subject {
		t.Errorf("a second later the subject is %q", got)
	}
}

// TestTriedWordsShowWhatIsWrong, on messages that there are, and hold nobody's
// link.
func TestTriedWordsShowWhatIsWrong(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.deliver(t)
	occasions, err := o.Occasions(t.Context(), "mail.held")
	must(t, err)
	if len(occasions) != 2 || occasions[0].Hello == occasions[1].Hello {
		t.Fatalf("the occasions are %+v", occasions)
	}
	for _, occasion := range occasions {
		tried, err := o.TryWords(t.Context(), "mail.held", occasion.Message, wording.Source{Subject: "Your retreat", Text: ownHeld.Text})
		must(t, err)
		if tried.Faults["subject"] == "" || !strings.Contains(tried.Text, "Dear "+occasion.Hello+", (their own link)") || strings.Contains(tried.HTML, "http://localhost") {
			t.Errorf("tried for %s: %v\n%s", occasion.Hello, tried.Faults, tried.Text)
		}
		if _, err := o.TryWords(t.Context(), "mail.confirmed", occasion.Message, ownHeld); fault.KindOf(err) != fault.NotFound {
			t.Errorf("words of another message were tried: %v", err)
		}
	}
	draft, err := o.KeepDraft("mail.held", occasions[0].Message, ownHeld)
	must(t, err)
	shown, err := o.ShowDraft(t.Context(), "mail.held", draft)
	if err != nil || !strings.Contains(shown.HTML, occasions[0].Hello) {
		t.Errorf("the draft shows %v:\n%s", err, shown.HTML)
	}
	for _, text := range []string{"", "AAAA", draft[:len(draft)-2]} {
		if _, err := o.ShowDraft(t.Context(), "mail.held", text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("draft %q: %v", text, err)
		}
	}
	if _, err := o.ShowDraft(t.Context(), "mail.offered", draft); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the draft of another message: %v", err)
	}
}

// TestOwnTextsAreUsed while they fit into one text [D35]; those that do not give
// way to Lantern's.
func TestOwnTextsAreUsed(t *testing.T) {
	t.Parallel()
	o := openOfficeWith(t, false, func(options *notifications.Options) {
		options.Practice = notifications.Practice{Name: "Cedar House"}
		options.RenderText = func(rule string, _ notifications.MailData) (string, error) { return "Lantern's " + rule, nil }
	})
	help := func(id string) string {
		t.Helper()
		said, err := o.Hear(t.Context(), sms.Word{ID: id, From: "+14155550132", Body: "HELP"})
		must(t, err)
		return said
	}
	if got := help("1"); got != "Lantern's reply_help" {
		t.Errorf("answered %q", got)
	}
	_, err := o.Reword(t.Context(), "text.reply_help", wording.Source{Text: "{{.Practice.Name}} – we’re here."}, 0, robin)
	must(t, err)
	if got := help("2"); got != "Cedar House - we're here." {
		t.Errorf("answered %q", got)
	}
	long := openOfficeWith(t, false, func(options *notifications.Options) {
		options.Practice = notifications.Practice{Name: "Cedar House"}
		options.RenderText = func(rule string, _ notifications.MailData) (string, error) { return "Lantern's " + rule, nil }
		stored, err := store.Define[notifications.Wording](t.Context(), options.DB, "wordings")
		must(t, err)
		must(t, stored.Insert(t.Context(), &notifications.Wording{Meta: store.Meta{ID: "text.reply_help"}, Own: true, Text: strings.Repeat("long ", 33), Version: 1}))
	})
	o = long
	if got := help("3"); got != "Lantern's reply_help" {
		t.Errorf("answered %q", got)
	}
	if w, err := o.WordingOf(t.Context(), "text.reply_help"); err != nil || w.FailedAt == nil || w.Broken == "" {
		t.Errorf("the page hears %+v, %v", w.Wording, err)
	}
}

// TestASubjectTellsNothingThatStaffWrote [D38]: words that pass the check can show
// what somebody writes later, such as a reason. Then Lantern's are used.
func TestASubjectTellsNothingThatStaffWrote(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"The clinic at Cedar House is closed.": "removed", // Lantern's own
		"We are closed.":                       "Cedar House Clinic: We are closed.",
	} {
		var log bytes.Buffer
		o := openOfficeWith(t, false, func(options *notifications.Options) {
			options.Practice = notifications.Practice{Name: "Cedar House Clinic"} // it may be called so
			options.Log = slog.New(slog.NewJSONHandler(&log, nil))
		})
		_, err := o.Reword(t.Context(), "mail.removed", wording.Source{
			Subject: "{{.Practice.Name}}: {{with .Reason}}{{.}}{{else}}you are not on the list{{end}}", Text: ownHeld.Text,
		}, 0, robin)
		must(t, err)
		o.book(t, "ben", false)
		o.book(t, "cleo", true)
		must(t, o.bookings.RemoveWaiting(t.Context(), o.booking, reason, robin))
		o.deliver(t)
		messages, err := o.OfBooking(t.Context(), o.booking, 0)
		must(t, err)
		got := ""
		for _, m := range messages {
			if m.Rule == "removed" && m.Copy != nil {
				got = m.Copy.Subject
			}
		}
		if got != want {
			t.Errorf("the subject is %q, want %q", got, want)
		}
		w, err := o.WordingOf(t.Context(), "mail.removed")
		must(t, err)
		if (w.FailedAt != nil) != (want == "removed") || strings.Contains(log.String(), "closed") {
			t.Errorf("staff are told %v, the log says %s", w.FailedAt, log.String())
		}
	}
}
