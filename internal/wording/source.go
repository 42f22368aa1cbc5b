// Package wording puts messages into words that an installation has written
// itself, in place of the templates that come with Lantern.
//
// Words are written by people who may sign in, but their sessions and tokens can
// be stolen, so they are trusted no more than a stranger's: they read named
// fields of the data and call a few functions, and what comes out has an end.
// The HTML of a mail is made from its text, as Markdown.
package wording

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"lantern/templates"
)

// Source is what a person writes: templates of text/template. A text message
// has no subject.
type Source struct{ Subject, Text string }

// The folders of Lantern's own words.
const (
	mailFolder = "mail/"
	textFolder = "sms/"
	partsFile  = "parts"
)

// Mails names the mails that Lantern has words for.
func Mails() []string { return named(mailFolder) }

// TextMessages names the text messages that Lantern has words for.
func TextMessages() []string { return named(textFolder) }

func named(folder string) []string {
	files, err := fs.Glob(templates.FS, folder+"*.txt")
	if err != nil {
		panic(err) // only a wrong pattern is an error
	}
	var names []string
	for _, file := range files {
		if name := strings.TrimSuffix(path.Base(file), ".txt"); name != partsFile {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// OwnMail is what Lantern says by a mail, as a person would have written it.
func OwnMail(name string) (Source, error) {
	text, err := fs.ReadFile(templates.FS, mailFolder+name+".txt")
	if err != nil {
		return Source{}, fmt.Errorf("reading mail %s: %w", name, err)
	}
	source, ok := split(string(text))
	if !ok {
		return Source{}, fmt.Errorf("mail %s does not begin with its subject", name)
	}
	return source, nil
}

// OwnText is what Lantern says by a text message.
func OwnText(name string) (Source, error) {
	text, err := fs.ReadFile(templates.FS, textFolder+name+".txt")
	if err != nil {
		return Source{}, fmt.Errorf("reading text %s: %w", name, err)
	}
	return Source{Text: strings.TrimSpace(string(text))}, nil
}

// action finds the actions of a template, and the first word of those that
// begin with one.
var action = regexp.MustCompile(`\{\{-?\s*(\w*)[^}]*\}\}`)

const subjectBegins = `{{define "subject"}}`

// split parts a mail's file into the subject, which is a block at its beginning,
// and the text.
func split(file string) (Source, bool) {
	rest, ok := strings.CutPrefix(file, subjectBegins)
	if !ok {
		return Source{}, false
	}
	depth := 1
	for _, at := range action.FindAllStringSubmatchIndex(rest, -1) {
		switch rest[at[2]:at[3]] {
		case "if", "with", "range", "block", "define":
			depth++
		case "end":
			depth--
		}
		if depth == 0 {
			return Source{Subject: rest[:at[0]], Text: strings.TrimSpace(rest[at[1]:])}, true
		}
	}
	return Source{}, false
}
