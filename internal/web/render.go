package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	texttemplate "text/template"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/people"
	"lantern/templates"
)

// Practice is who runs the retreats.
type Practice struct{ Name, Contact string }

// Site is what is the same on every page.
type Site struct {
	Practice Practice
	// Demo shows that nothing is real, Sandbox that no money moves.
	Demo, Sandbox bool
	// Outbox shows the link to the outbox.
	Outbox bool
}

// Page is embedded by every page's data.
type Page struct {
	Site
	Title string
	// Private keeps the page out of search engines.
	Private bool
	// Refresh asks the browser to load the page again after so many seconds.
	Refresh int
	// Wide gives a page of tables all the room there is.
	Wide bool
	// Style, Script and Icon are filled in by the renderer.
	Style, Script, Icon string
	// Actor is who is signed in, nil for everybody else; with it comes the
	// navigation of staff. Server.Render fills them in.
	Actor *access.Actor
	Nav   []NavLink
	// DemoClock is the bar of the demonstration; Server.Render fills it in.
	DemoClock *clockView
}

// NavLink is one line of the navigation; Here marks where the reader is.
type NavLink struct {
	URL, Text string
	Here      bool
}

func (p *Page) base() *Page { return p }

// Renderer holds all pages and mails, parsed.
type Renderer struct {
	site   Site
	pages  map[string]*template.Template
	mails  map[string]mailTemplates
	texts  map[string]*texttemplate.Template
	assets map[string]string
}

type mailTemplates struct {
	text *texttemplate.Template
	html *template.Template
}

// NewRenderer parses everything, so that a broken template stops the start.
func NewRenderer(site Site) (*Renderer, error) {
	r := &Renderer{site: site, pages: map[string]*template.Template{}, mails: map[string]mailTemplates{}, texts: map[string]*texttemplate.Template{}, assets: map[string]string{}}
	for _, name := range []string{"style.css", "lantern.js", "icon.svg"} {
		content, err := templates.Static(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		sum := sha256.Sum256(content)
		r.assets[name] = "/static/" + name + "?v=" + hex.EncodeToString(sum[:6])
	}
	if err := r.parsePages(); err != nil {
		return nil, err
	}
	if err := r.parseMails(); err != nil {
		return nil, err
	}
	return r, r.parseTexts()
}

func (r *Renderer) parsePages() error {
	files, err := fs.Glob(templates.FS, "pages/*.html")
	if err != nil {
		return err
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		// A long page has parts of its own, in a folder of its name.
		parts, err := fs.Glob(templates.FS, "pages/"+name+"/*.html")
		if err != nil {
			return err
		}
		page, err := template.New("layout.html").Option("missingkey=error").Funcs(template.FuncMap{"phone": people.Spaced}).
			ParseFS(templates.FS, append([]string{"layout.html", "parts.html", file}, parts...)...)
		if err != nil {
			return fmt.Errorf("parsing page %s: %w", file, err)
		}
		r.pages[name] = page
	}
	return nil
}

func (r *Renderer) parseMails() error {
	files, err := fs.Glob(templates.FS, "mail/*.txt")
	if err != nil {
		return err
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".txt")
		if name == "parts" {
			continue
		}
		text, err := texttemplate.New(path.Base(file)).ParseFS(templates.FS, "mail/parts.txt", file)
		if err != nil {
			return fmt.Errorf("parsing mail %s: %w", file, err)
		}
		html, err := template.New("layout.html").ParseFS(templates.FS, "mail/layout.html", "mail/parts.txt", "mail/"+name+".html")
		if err != nil {
			return fmt.Errorf("parsing mail %s: %w", name, err)
		}
		r.mails[name] = mailTemplates{text: text, html: html}
	}
	return nil
}

// Page renders a page whole before anything of it is sent.
func (r *Renderer) Page(name string, data interface{ base() *Page }) ([]byte, error) {
	page, ok := r.pages[name]
	if !ok {
		return nil, fmt.Errorf("there is no page %q", name)
	}
	base := data.base()
	base.Site, base.Style, base.Script, base.Icon = r.site, r.assets["style.css"], r.assets["lantern.js"], r.assets["icon.svg"]
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("rendering page %s: %w", name, err)
	}
	return leadingSomewhere(out.Bytes()), nil
}

// Mail is a mail in words.
type Mail struct{ Subject, Text, HTML string }

// Mail renders a mail. The subject is a block of the text's template.
func (r *Renderer) Mail(name string, data any) (Mail, error) {
	t, ok := r.mails[name]
	if !ok {
		return Mail{}, fmt.Errorf("there is no mail %q", name)
	}
	var subject, text, html bytes.Buffer
	if err := t.text.ExecuteTemplate(&subject, "subject", data); err != nil {
		return Mail{}, fmt.Errorf("rendering the subject of mail %s: %w", name, err)
	}
	if err := t.text.Execute(&text, data); err != nil {
		return Mail{}, fmt.Errorf("rendering the text of mail %s: %w", name, err)
	}
	if err := t.html.Execute(&html, data); err != nil {
		return Mail{}, fmt.Errorf("rendering mail %s: %w", name, err)
	}
	return Mail{
		Subject: strings.Join(strings.Fields(subject.String()), " "),
		Text:    strings.TrimSpace(text.String()) + "\n",
		HTML:    html.String(),
	}, nil
}

// Render answers with a page.
func (s *Server) Render(c echo.Context, status int, name string, data interface{ base() *Page }) error {
	if actor, ok := ActorOf(c.Request().Context()); ok {
		base := data.base()
		base.Actor, base.Nav = &actor, navigation(actor, c.Request().URL.Path)
	}
	s.showClock(c, data.base())
	body, err := s.options.Renderer.Page(name, data)
	if err != nil {
		return err
	}
	askAgain(c, status)
	return c.HTMLBlob(status, body)
}

// errorPageData says what went wrong and what to do.
type errorPageData struct {
	Page
	Status int
	Text   string
}

func (s *Server) errorPage(c echo.Context, status int, text string) error {
	title := "That did not work"
	if status == 404 || status == 410 {
		title = "Nothing here"
	}
	return s.Render(c, status, "error", &errorPageData{Page: Page{Title: title}, Status: status, Text: text})
}

// Practice is who the pages are of.
func (r *Renderer) Practice() Practice { return r.site.Practice }
