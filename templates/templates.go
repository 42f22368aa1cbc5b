// Package templates holds everything that a person reads: pages, mails, the
// style sheet and the script. It depends on the standard library alone.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
)

// FS holds layout.html and parts.html, pages/*.html with the parts of long pages
// in folders of their names, mail/*.txt with mail/*.html, sms/*.txt, the parts of
// the style sheet, and static files.
//
//go:embed layout.html parts.html pages mail sms style static
var FS embed.FS

// sheets are the parts of the style sheet, a subject each. Where two of one
// layer say something about the same, the later one holds.
var sheets = []string{
	"base", "parts", "pages", "payments", "board", "money", "print", "demonstration", "console", "door", "messages",
}

// Static gives a file as browsers ask for it. The style sheet is one file for
// them, so that a page waits for one answer.
func Static(name string) ([]byte, error) {
	if name != "style.css" {
		return fs.ReadFile(FS, "static/"+name)
	}
	var parts [][]byte
	for _, sheet := range sheets {
		part, err := fs.ReadFile(FS, "style/"+sheet+".css")
		if err != nil {
			return nil, fmt.Errorf("reading the style sheet: %w", err)
		}
		parts = append(parts, part)
	}
	return bytes.Join(parts, []byte("\n")), nil
}
