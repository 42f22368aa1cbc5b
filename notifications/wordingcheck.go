package notifications

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"lantern/internal/fault"
	"lantern/internal/sms"
	"lantern/internal/wording"
)

// longestSubject is what mail programs still show of one, in characters.
const longestSubject = 100

// Check reads words of a message and tries them on all occasions. What is wrong
// is told by field, "subject" and "text"; then there are no words.
func (s Saying) Check(source wording.Source, practice Practice) (*wording.Words, error) {
	faults := fault.Fields{}
	s.checkForm(source, faults)
	if err := fault.InvalidFields(faults); err != nil {
		return nil, err
	}
	words, problems := wording.Parse(source, s.scope())
	for field, problem := range map[string]*wording.Problem{"subject": problems.Subject, "text": problems.Text} {
		if problem != nil {
			faults[field] = problem.Error()
		}
	}
	if words != nil {
		// What the practice is called, and how it is reached, may say what it likes.
		neutral := Practice{Name: neutralName(practice.Name)}
		if practice.Contact != "" {
			neutral.Contact = neutralName(practice.Contact)
		}
		for _, sample := range s.samples(neutral) {
			s.try(words, sample, faults)
		}
	}
	if err := fault.InvalidFields(faults); err != nil {
		return nil, err
	}
	return words, nil
}

// neutralName is as long as a name and tells nothing.
func neutralName(name string) string {
	return strings.Repeat("N", max(1, utf8.RuneCountInString(name)))
}

func (s Saying) checkForm(source wording.Source, faults fault.Fields) {
	switch {
	case s.IsText() && source.Subject != "":
		faults["subject"] = "A text message has no subject."
	case s.IsText():
	case strings.TrimSpace(source.Subject) == "":
		faults["subject"] = "Please write a subject."
	case strings.ContainsAny(source.Subject, "\r\n"):
		faults["subject"] = "A subject is one line."
	case utf8.RuneCountInString(source.Subject) > wording.LongestSource:
		faults["subject"] = "Please keep the subject shorter."
	}
	switch length := utf8.RuneCountInString(source.Text); {
	case strings.TrimSpace(source.Text) == "":
		faults["text"] = "Please write a text."
	case length > wording.LongestSource:
		faults["text"] = fmt.Sprintf("These are %d characters. Please keep the text to %d.", length, wording.LongestSource)
	}
}

// try puts words to one occasion. A field that is faulty already is left alone:
// one thing to do is enough.
func (s Saying) try(words *wording.Words, on sample, faults fault.Fields) {
	note := func(field, text string) {
		if text != "" && faults[field] == "" {
			faults[field] = text
		}
	}
	if s.IsText() {
		line, err := words.Line(on.data)
		line = sms.Plainly(line)
		note("text", failed(err, on))
		note("text", saysWrong("A text message", line, on))
		note("text", s.checkLine(line, on))
		return
	}
	subject, err := words.Subject(on.data)
	note("subject", failed(err, on))
	note("subject", saysWrong("The subject", subject, on))
	switch length := utf8.RuneCountInString(subject); {
	case subject == "":
		note("subject", fmt.Sprintf("The subject is empty %s.", on.about))
	case length > longestSubject:
		note("subject", fmt.Sprintf("The subject has %d characters %s. Please keep it to %d.", length, on.about, longestSubject))
	}
	text, err := words.Text(on.data)
	note("text", failed(err, on))
	note("text", saysWrong("The mail", text, on))
	page, err := words.HTML(on.data.Practice.Name, "", on.data)
	note("text", failed(err, on))
	note("text", holdsLinks(text, page, on))
}

// failed says why words cannot be put to an occasion.
func failed(err error, on sample) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, wording.ErrTooLong):
		return fmt.Sprintf("What comes of it is longer than %d characters %s.", wording.LongestText, on.about)
	}
	where := ""
	if line := wording.Place(err); line > 0 {
		where = fmt.Sprintf("Line %d: ", line)
	}
	return where + "something is not there " + on.about + ". Write {{with …}} before it and {{end}} after it, as the list of fields does."
}

// noMoment is how a moment reads that there is not.
var noMoment = regexp.MustCompile(`\b(January|December) 000[01]\b`)

// saysWrong looks for what must not be read by anybody [D38], and for gaps.
func saysWrong(what, text string, on sample) string {
	if word := tells(text); word != "" {
		return fmt.Sprintf("%s must not say “%s”: others may see it, and it tells what kind of practice this is.", what, word)
	}
	if strings.Contains(text, "<no value>") || strings.Contains(text, "<nil>") || noMoment.MatchString(text) {
		return what + " names something that is not there " + on.about + ". Write {{with …}} or {{if …}} before it and {{end}} after it, as the list of fields does."
	}
	return ""
}

// checkLine looks at a text message: one text [D35] that says who it is from,
// how texts end [D36], no word that would end them [D37], and no address.
func (s Saying) checkLine(line string, on sample) string {
	switch segments, isUCS := sms.Segments(line); {
	case strings.TrimSpace(line) == "":
		return fmt.Sprintf("The text is empty %s.", on.about)
	case isUCS:
		return fmt.Sprintf("It has a character that is not in the alphabet of text messages (%s), so it would be charged as %d and is not sent.", foreign(line), segments)
	case segments > 1:
		length, _ := sms.Septets(line)
		return fmt.Sprintf("It has %d characters %s, which is %d text messages, and is not sent so. Please keep it to %d, also with a name of a practice as long as “%s”.", length, on.about, segments, sms.Longest, longPractice)
	case !strings.Contains(line, on.data.Practice.Name):
		return "A text message has to say who it is from: {{.Practice.Name}}."
	case strings.Contains(strings.ToLower(line), "http"), strings.Contains(strings.ToLower(line), "www."):
		return "A text message has no link: personal links are in mails, and others look like fraud."
	case !strings.HasPrefix(s.Name, "reply_") && !strings.Contains(line, "STOP"):
		return "A text message has to say how texts end, such as “STOP ends texts.”"
	}
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		switch word {
		case "CANCEL", "END", "QUIT", "REVOKE":
			return "Nobody may be asked to answer with " + word + ": it ends all texts."
		}
	}
	return ""
}

// foreign names the first character that is not in the GSM alphabet.
func foreign(line string) string {
	for _, r := range line {
		if _, ok := sms.Septets(string(r)); !ok {
			return string(r)
		}
	}
	return ""
}

// holdsLinks sees to it that a mail leads its readers to their own pages.
func holdsLinks(text, page string, on sample) string {
	holds := func(link string) bool {
		return strings.Contains(text, link) && strings.Contains(page, `href="`+html.EscapeString(link)+`"`)
	}
	switch {
	case !holds(on.data.Link):
		return "The reader's own link is missing " + on.about + ": write {{.Link}}."
	case on.data.Other != nil && !holds(on.data.Other.Link):
		return `Two who share a mailbox need the link of each: write {{template "foot" .}} at the end.`
	}
	return ""
}
