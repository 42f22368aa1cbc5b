package notifications

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"lantern/internal/fault"
	"lantern/internal/wording"
)

var cedar = Practice{Name: "Cedar House", Contact: "+1 415 555 0132"}

// TestEveryMessageCanBeWorded: each rule, each reminder and each text message has
// a title, and Lantern's own words pass every check as an installation's.
func TestEveryMessageCanBeWorded(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, name := range wording.Mails() {
		want = append(want, "mail."+name)
	}
	for _, name := range wording.TextMessages() {
		want = append(want, "text."+name)
	}
	for _, rule := range Rules {
		if !slices.Contains(want, "mail."+rule.Name) {
			t.Errorf("rule %s has no mail", rule.Name)
		}
	}
	for _, s := range Sayings() {
		got = append(got, s.ID)
		if _, err := s.Check(s.Own, cedar); err != nil {
			t.Errorf("%s: %v\n%v", s.ID, err, fault.FieldsOf(err))
		}
		if tidied(s.Own) != s.Own {
			t.Errorf("%s is kept otherwise than it is read", s.ID)
		}
	}
	// What staff write themselves has its words in the reminder, and a digest is a
	// list.
	want = slices.DeleteFunc(want, func(id string) bool { return strings.HasSuffix(id, "."+TellNote) || id == "mail.digest" })
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("words are for\n%v, want\n%v", got, want)
	}
}

// TestEveryFieldIsExplained, and what explains it can be written as it stands.
func TestEveryFieldIsExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{"At": true, "Short": true, "Data": true}
	for _, f := range fieldWords {
		explained[f.field] = true
	}
	for _, s := range Sayings() {
		for field := range s.May {
			if !explained[field] {
				t.Errorf("%s may say %s, which nothing explains", s.ID, field)
			}
		}
		for _, f := range s.Fields() {
			source := s.Own
			if !s.IsText() {
				source.Text = "Hello\n" + f.Write + "\n" + source.Text
			}
			if _, err := s.Check(source, cedar); err != nil {
				t.Errorf("%s with %s: %v", s.ID, f.Write, fault.FieldsOf(err))
			}
			if _, faults := wording.Parse(wording.Source{Text: f.Write}, s.scope()); faults.Text != nil {
				t.Errorf("%s with %s: %v", s.ID, f.Write, faults.Text)
			}
		}
	}
}

func TestWordsThatCannotBe(t *testing.T) {
	t.Parallel()
	const foot = "\n{{.Link}}\n{{template \"foot\" .}}"
	for about, c := range map[string]struct{ id, subject, text, field, says string }{
		"no subject":                          {"mail.confirmed", " ", "Hello" + foot, "subject", "write a subject"},
		"a subject that is empty at times":    {"mail.confirmed", "{{if .HasPlace}}Yours{{end}}", "Hello" + foot, "subject", "is empty where nothing is there"},
		"a subject of two lines":              {"mail.confirmed", "One\nTwo", "Hello" + foot, "subject", "one line"},
		"a long subject":                      {"mail.confirmed", strings.Repeat("long ", 21), "Hello" + foot, "subject", "keep it to 100"},
		"a subject too long with a long name": {"mail.confirmed", strings.Repeat("a", 70) + " {{.Hello}}", "Hello" + foot, "subject", "with long names"},
		"a subject that tells [D38]":          {"mail.confirmed", "Your Retreat", "Hello" + foot, "subject", "“retreat”"},
		"a subject that tells in parts":       {"mail.confirmed", `Your ther{{""}}apy`, "Hello" + foot, "subject", "“therapy”"},
		"a mail that tells [D38]":             {"mail.confirmed", "Yours", "Your weekend" + foot, "text", "“weekend”"},
		"no text":                             {"mail.confirmed", "Yours", " \n", "text", "write a text"},
		"too much":                            {"mail.confirmed", "Yours", strings.Repeat("a", 10_001) + foot, "text", "characters. Please keep the text to 10000"},
		"too much comes of it":                {"mail.confirmed", "Yours", "{{range .Sessions}}{{range $.Sessions}}" + strings.Repeat("a", 9000) + "{{end}}{{end}}" + foot, "text", "20000 characters"},
		"without the link":                    {"mail.confirmed", "Yours", `Hello {{template "foot" .}}`, "text", "own link is missing"},
		"with the link as code":               {"mail.confirmed", "Yours", "Hello `{{.Link}}`" + `{{template "foot" .}}`, "text", "own link is missing"},
		"with the link only at times":         {"mail.confirmed", "Yours", `Hello {{if .HasPlace}}{{.Link}}{{end}} {{template "foot" .}}`, "text", "own link is missing where nothing is there"},
		"without the other's link [D39]":      {"mail.confirmed", "Yours", "Hello {{.Link}}", "text", "share a mailbox"},
		"signing in without the link":         {"mail.sign_in", "Sign in", "Hello {{.Hello}}", "text", "own link is missing"},
		"a broken template":                   {"mail.confirmed", "Yours", "Hello\n{{if .HasPlace}}\nyours" + foot, "text", "has no {{end}}"},
		"an end too many":                     {"mail.confirmed", "Yours", "Hello\n\n{{end}}" + foot, "text", "Line 3: This {{end}} ends nothing"},
		"an open action":                      {"mail.confirmed", "Yours {{.Hello", "Hello" + foot, "subject", "has no }}"},
		"an unknown field":                    {"mail.confirmed", "Yours", "Hello {{.Helo}}" + foot, "text", "Line 1: There is no .Helo here. Did you mean .Hello"},
		"a field of a field":                  {"mail.confirmed", "Yours", "\n{{.Practice.Nam}}" + foot, "text", "Line 2: There is no .Practice.Nam here. Did you mean .Name"},
		"a field of other messages":           {"mail.confirmed", "Yours", "{{with .Meeting}}{{.When}}{{end}}" + foot, "text", "There is no .Meeting"},
		"an unknown field in a branch":        {"mail.confirmed", "Yours", "{{if not .HasPlace}}{{if .Position}}x{{end}}{{.Nothing}}{{end}}" + foot, "text", "There is no .Position"},
		"an unknown function":                 {"mail.confirmed", "Yours", "{{nott .HasPlace}}" + foot, "text", "Did you mean not"},
		"a function that can hang":            {"mail.confirmed", "Yours", `{{printf "%1000000000d" 1}}` + foot, "text", "There is no function “printf”"},
		"a range that hangs":                  {"mail.confirmed", "Yours", "{{range 1000000000}}{{end}}" + foot, "text", "is not a list"},
		"a range of a length":                 {"mail.confirmed", "Yours", "{{range len .Sessions}}{{end}}" + foot, "text", "is not a list"},
		"three lists deep":                    {"mail.confirmed", "Yours", "{{range .Sessions}}{{range $.Sessions}}{{range $.Sessions}}{{end}}{{end}}{{end}}" + foot, "text", "More than 2 lists"},
		"a variable":                          {"mail.confirmed", "Yours", "{{$x := 1}}" + foot, "text", "begin with $"},
		"a pipe":                              {"mail.confirmed", "Yours", "{{.Hello | len}}" + foot, "text", "sign |"},
		"a part of one's own":                 {"mail.confirmed", "Yours", `{{define "foot"}}x{{end}}{{.Link}}`, "text", "{{define}}"},
		"a part that there is not":            {"mail.confirmed", "Yours", `{{template "feet" .}}` + foot, "text", "Did you mean {{template \"foot\" .}}"},
		"a part of other messages":            {"mail.confirmed", "Yours", `{{template "received" .}}` + foot, "text", "does not fit here"},
		"a part of something else":            {"mail.confirmed", "Yours", `{{template "charge" .}}` + foot, "text", "does not fit here"},
		"a moment as it is":                   {"mail.offered", "Yours", "{{.Until}}" + foot, "text", "{{.At .Until}}"},
		"a list as it is":                     {"mail.confirmed", "Yours", "{{.Sessions}}" + foot, "text", "{{range .Sessions}}"},
		"all data":                            {"mail.confirmed", "Yours", "{{.}}" + foot, "text", "has no words of its own"},
		"a method without its value":          {"mail.offered", "Yours", "{{.At}}" + foot, "text", "too few or too many"},
		"a method with another value":         {"mail.offered", "Yours", "{{.At .Hello}}" + foot, "text", "is not followed by what"},
		"a moment that is not always":         {"mail.receipt", "Yours", "{{.At .Until}}" + foot, "text", "names something that is not there where nothing is there"},
		"a meeting that is not always":        {"mail.afterwards", "Yours", "{{.Next.When}}" + foot, "text", "Line 1: something is not there"},
		"data that are not always":            {"mail.talk_fixed", "Yours", "{{.Data.when}} {{.Link}}", "text", "names something that is not there"},
		"data of other notices":               {"mail.sign_in", "Yours", "{{with .Data.when}}{{.}}{{end}} {{.Link}}", "text", "There is no .Data.when"},
		"the dates in a notice":               {"mail.sign_in", "Yours", `{{.StartsOn.Format "Monday"}} {{.Link}}`, "text", "There is no .StartsOn"},
		"a text with a subject":               {"text.offered", "Yours", "{{.Practice.Name}} STOP", "subject", "has no subject"},
		"a text of two [D35]":                 {"text.offered", "", "{{.Practice.Name}} STOP " + strings.Repeat("a", 140), "text", "which is 2 text messages, and is not sent so"},
		"a text in other letters [D35]":       {"text.offered", "", "{{.Practice.Name}} STOP שלום", "text", "not in the alphabet of text messages (ש)"},
		"a text that tells [D38]":             {"text.offered", "", "{{.Practice.Name}}: your clinic. STOP", "text", "“clinic”"},
		"a text from nobody":                  {"text.offered", "", "STOP ends texts.", "text", "who it is from"},
		"a text without an end [D36]":         {"text.offered", "", "{{.Practice.Name}}: hello", "text", "how texts end"},
		"a text that asks for an end [D37]":   {"text.offered", "", "{{.Practice.Name}}: STOP or QUIT", "text", "answer with QUIT"},
		"a text with a link":                  {"text.offered", "", "{{.Practice.Name}}: https://example.org STOP", "text", "no link"},
		"a text with a personal link":         {"text.offered", "", "{{.Practice.Name}}: {{.Link}} STOP", "text", "There is no .Link"},
		"a text with a name":                  {"text.offered", "", "{{.Practice.Name}}: {{.Hello}} STOP", "text", "There is no .Hello"},
	} {
		s, ok := SayingOf(c.id)
		if !ok {
			t.Fatalf("there is no %s", c.id)
		}
		_, err := s.Check(wording.Source{Subject: c.subject, Text: c.text}, cedar)
		faults := fault.FieldsOf(err)
		if !strings.Contains(faults[c.field], c.says) || len(faults) != 1 {
			t.Errorf("%s: %q", about, slices.Collect(maps.Values(faults)))
		}
	}
}
