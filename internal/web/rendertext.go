package web

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	texttemplate "text/template"

	"lantern/internal/sms"
	"lantern/templates"
)

func (r *Renderer) parseTexts() error {
	files, err := fs.Glob(templates.FS, "sms/*.txt")
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := texttemplate.ParseFS(templates.FS, file)
		if err != nil {
			return fmt.Errorf("parsing text %s: %w", file, err)
		}
		r.texts[strings.TrimSuffix(path.Base(file), ".txt")] = text
	}
	return nil
}

// Text renders a text message: one line, with plain signs in the place of
// typographic ones, which would make it dearer.
func (r *Renderer) Text(name string, data any) (string, error) {
	t, ok := r.texts[name]
	if !ok {
		return "", fmt.Errorf("there is no text %q", name)
	}
	var out strings.Builder
	if err := t.Execute(&out, data); err != nil {
		return "", fmt.Errorf("rendering text %s: %w", name, err)
	}
	return sms.Plainly(strings.Join(strings.Fields(out.String()), " ")), nil
}

// Texts names the text messages that there are.
func (r *Renderer) Texts() []string {
	var names []string
	for name := range r.texts {
		names = append(names, name)
	}
	return names
}
