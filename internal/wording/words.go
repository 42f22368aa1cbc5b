package wording

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	texttemplate "text/template"
	"text/template/parse"

	"lantern/internal/markdown"
	"lantern/templates"
)

// Scope is what the words of a message may read.
type Scope struct {
	// Data is the type of the data, May its fields; nil for all. What is in its
	// map is named like "Data.time".
	Data reflect.Type
	May  map[string]bool
}

// Words are parsed words. Everything in them has been checked, so that they
// fail only where something is not there that they do not ask for.
type Words struct {
	subject, text, html *texttemplate.Template
}

// LongestSource and LongestText bound what is written, and what comes of it, in
// characters and bytes.
const (
	LongestSource = 10_000
	LongestText   = 20_000
)

// ErrTooLong is of words that say more than LongestText.
var ErrTooLong = errors.New("the text is too long")

// Faults are what is wrong with each field of a source; empty for nothing.
type Faults struct{ Subject, Text *Problem }

// Parse reads what a person has written.
func Parse(source Source, scope Scope) (*Words, Faults) {
	var faults Faults
	subject, problem := parseField(source.Subject, scope, nil)
	faults.Subject = problem
	text, problem := parseField(source.Text, scope, nil)
	faults.Text = problem
	if faults != (Faults{}) {
		return nil, faults
	}
	return &Words{subject: assemble(subject, false), text: assemble(text, false), html: assemble(text, true)}, faults
}

// Reads names the fields that a source reads.
func Reads(source Source, data reflect.Type) map[string]bool {
	read := map[string]bool{}
	for _, text := range []string{source.Subject, source.Text} {
		// What cannot be read in it is nothing that it reads.
		_, _ = parseField(text, Scope{Data: data}, read)
	}
	return read
}

func parseField(source string, scope Scope, read map[string]bool) (*parse.Tree, *Problem) {
	tree, err := parseTree(source)
	if err != nil {
		return nil, readable(err)
	}
	if read == nil {
		read = map[string]bool{}
	}
	c := &checker{source: source, data: scope.Data, root: scope.Data, may: scope.May, read: read, parts: parts()}
	if err := c.list(tree.Root, scope.Data); err != nil {
		problem, _ := errors.AsType[*Problem](err)
		return nil, problem
	}
	return tree, nil
}

const entry = "words"

func parseTree(source string) (*parse.Tree, error) {
	tree, set := parse.New(entry), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck // the checker says it better
	tree, err := tree.Parse(source, "", "", set)
	if err != nil {
		return nil, err
	}
	for name := range set {
		if name != entry {
			return nil, &Problem{Text: "{{define}} and {{block}} cannot be used here."}
		}
	}
	return tree, nil
}

// parts are what several mails share, by name.
var parts = sync.OnceValue(func() map[string]*parse.Tree {
	text, err := fs.ReadFile(templates.FS, mailFolder+partsFile+".txt")
	set := map[string]*parse.Tree{}
	if err == nil {
		tree := parse.New(partsFile)
		tree.Mode = parse.SkipFuncCheck
		_, err = tree.Parse(string(text), "", "", set)
	}
	if err != nil {
		panic(fmt.Sprintf("reading the parts of mails: %v", err)) // they are part of the program
	}
	delete(set, partsFile)
	return set
})

// assemble makes a template of words. In Markdown, what the data say is written
// so that it reads as it is.
func assemble(tree *parse.Tree, inMarkdown bool) *texttemplate.Template {
	t := texttemplate.New(entry).Funcs(texttemplate.FuncMap{plainFunc: plain, linkFunc: link})
	trees := map[string]*parse.Tree{entry: tree}
	for name, part := range parts() {
		trees[name] = part
	}
	for name, tree := range trees {
		if inMarkdown {
			tree = tree.Copy()
			escape(tree.Root)
		}
		if _, err := t.AddParseTree(name, tree); err != nil {
			panic(fmt.Sprintf("assembling words: %v", err)) // only a tree twice is refused
		}
	}
	return t
}

var placed = regexp.MustCompile(`^template: \w+:(\d+):(?:\d+:)? ?(.*)$`)

// readable says in words what a template's parser says.
func readable(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	found := placed.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	if found == nil {
		return &Problem{Text: "This cannot be read. Please look at what stands between {{ and }}."}
	}
	line, _ := strconv.Atoi(found[1])
	why := found[2]
	for _, known := range []struct{ sign, text string }{
		{"unexpected EOF", "A {{if}}, {{with}} or {{range}} has no {{end}}."},
		{"unexpected {{end}}", "This {{end}} ends nothing: there is no {{if}}, {{with}} or {{range}} before it."},
		{"unexpected {{else}}", "This {{else}} belongs to nothing: there is no {{if}}, {{with}} or {{range}} before it."},
		{"unclosed action", "A {{ has no }}."}, {"unclosed comment", "A comment {{/* has no */}}."},
		{"unterminated quoted string", "A text in quotation marks has no end."},
		{"missing value for", "Something is missing between {{ and }}."},
		{"undefined variable", "Names that begin with $ cannot be used here."},
	} {
		if strings.Contains(why, known.sign) {
			return &Problem{Line: line, Text: known.text}
		}
	}
	return &Problem{Line: line, Text: "This cannot be read (" + why + ")."}
}

// bounded takes so much and no more.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > LongestText {
		return 0, ErrTooLong
	}
	return b.Buffer.Write(p)
}

func render(t *texttemplate.Template, data any) (string, error) {
	var out bounded
	if err := t.Execute(&out, data); err != nil {
		return "", err
	}
	return out.String(), nil
}

// Place is the line of a text at which putting it into words failed, 0 if that
// cannot be said.
func Place(err error) int {
	if found := placed.FindStringSubmatch(err.Error()); found != nil {
		line, _ := strconv.Atoi(found[1])
		return line
	}
	return 0
}

// Line puts a text message into words: one line.
func (w *Words) Line(data any) (string, error) {
	text, err := render(w.text, data)
	return oneLine(text), err
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Subject puts the subject of a mail into words.
func (w *Words) Subject(data any) (string, error) {
	subject, err := render(w.subject, data)
	return oneLine(subject), err
}

// Text puts a mail into words, as plain text.
func (w *Words) Text(data any) (string, error) {
	text, err := render(w.text, data)
	if err != nil {
		return "", err
	}
	return manyLines.ReplaceAllString(strings.TrimSpace(text), "\n\n") + "\n", nil
}

// manyLines are the gaps that parts leave which are not there.
var manyLines = regexp.MustCompile(`\n[ \t]*\n(?:[ \t]*\n)+`)

// HTML is the mail's text as HTML, in the frame that all mails have. Above it
// stands a remark in plain words, if there is one.
func (w *Words) HTML(practice, remark string, data any) (string, error) {
	text, err := render(w.html, data)
	if err != nil {
		return "", err
	}
	// Two blanks before the end of a line keep it, as the plain text does.
	text = strings.ReplaceAll(text, "\n", "  \n")
	var page bytes.Buffer
	if err := frame().Execute(&page, framed{Practice: practiceName{practice}, Remark: remark, Body: styled(markdown.Render(text))}); err != nil {
		return "", fmt.Errorf("rendering the frame of a mail: %w", err)
	}
	return page.String(), nil
}

type (
	framed struct {
		Practice practiceName
		Remark   string
		Body     template.HTML
	}
	practiceName struct{ Name string }
)

// styled lets links leave the frame in which pages show a mail, and be seen as
// links by mail programs. The sanitizer has written the HTML, so there is no
// other text that looks like a tag.
func styled(body template.HTML) template.HTML {
	return template.HTML(strings.ReplaceAll(string(body), "<a href=", `<a target="_top" style="color:#7a4300" href=`))
}

var frame = sync.OnceValue(func() *template.Template {
	t := template.Must(template.New("layout.html").ParseFS(templates.FS, mailFolder+"layout.html"))
	return template.Must(t.Parse(`{{define "letter"}}<div style="overflow-wrap:anywhere">{{with .Remark}}<p style="margin:0 0 16px">{{.}}</p>{{end}}{{.Body}}</div></div>{{end}}`)) // it ends the frame too
})
