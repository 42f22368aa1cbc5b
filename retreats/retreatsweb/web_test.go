package retreatsweb_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/web"
	"lantern/internal/web/webtest"
	"lantern/retreats"
	"lantern/retreats/retreatsweb"
)

// desk is the slice with somebody who works at it.
type desk struct {
	t        *testing.T
	server   *web.Server
	retreats *retreats.Service
	tokens   *access.Tokens
	team     *access.Team
	now      time.Time
	session  string
	couples  []retreatsweb.Couple
}

var organizer = audit.By{ID: "staff_1", Name: "Robin"}

func newDesk(t *testing.T, role access.Role) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.now }
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lantern.db"))
	must(t, err)
	db := store.Open(engine)
	t.Cleanup(func() { must(t, db.Close()) })
	key, err := seal.Parse(strings.Repeat("5a", 32))
	must(t, err)
	d.retreats, err = retreats.NewService(t.Context(), db, now)
	must(t, err)
	d.tokens, err = access.NewTokens(t.Context(), db, now)
	must(t, err)
	d.team, err = access.NewTeam(t.Context(), db, key, now)
	must(t, err)
	answers, err := web.NewAnswers(t.Context(), db, key, now)
	must(t, err)
	renderer, err := web.NewRenderer(web.Site{Practice: web.Practice{Name: "Cedar House"}})
	must(t, err)
	d.server = web.NewServer(web.Options{
		Log: slog.New(slog.DiscardHandler), Renderer: renderer, Tokens: d.tokens, Team: d.team, Answers: answers,
		BaseURL: "http://localhost", Now: now,
	})
	retreatsweb.Mount(d.server, retreatsweb.Options{
		Retreats: d.retreats, Tokens: d.tokens,
		Couples: func(context.Context, string) ([]retreatsweb.Couple, error) { return d.couples, nil },
	})
	person, err := d.team.Add(t.Context(), access.Console(), "robin@example.org", "Robin", role, false)
	must(t, err)
	link, err := d.team.LinkFor(t.Context(), access.Console(), person.ID)
	must(t, err)
	d.session, _, err = d.team.SignIn(t.Context(), link.Token)
	must(t, err)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: "lantern_session", Value: d.session})
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, r)
	return w
}

// page asks for a page and reads it.
func (d *desk) page(path string) *html.Node {
	return d.read(d.ask(http.MethodGet, path, nil), path, 200)
}

// send sends a form that is answered with a page.
func (d *desk) send(path string, form url.Values, status int) *html.Node {
	d.t.Helper()
	return d.read(d.ask(http.MethodPost, path, form), path, status)
}

func (d *desk) read(w *httptest.ResponseRecorder, path string, status int) *html.Node {
	d.t.Helper()
	if w.Code != status {
		d.t.Fatalf("%s answered %d, want %d, leads to %q:\n%s", path, w.Code, status, w.Header().Get("Location"), w.Body)
	}
	return webtest.Parse(d.t, path, w.Body.Bytes())
}

// goesOn sends a form that is answered with another address.
func (d *desk) goesOn(path string, form url.Values) string {
	d.t.Helper()
	w := d.ask(http.MethodPost, path, form)
	if w.Code != http.StatusSeeOther {
		d.t.Fatalf("%s answered %d:\n%s", path, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

// makeCohort makes a cohort of the first shape that begins on a Friday to come.
func (d *desk) makeCohort(publish bool) *retreats.Cohort {
	d.t.Helper()
	shape := retreats.Shapes()[0]
	r, err := d.retreats.MakeRetreat(d.t.Context(), shape.Programme, shape.Terms, shape.Plan, organizer)
	must(d.t, err)
	c, err := d.retreats.MakeCohort(d.t.Context(), r.ID, "America/Los_Angeles", "2027-04-09", organizer)
	must(d.t, err)
	if publish {
		_, err = d.retreats.Publish(d.t.Context(), c.ID, organizer)
		must(d.t, err)
	}
	return d.cohort(c.ID)
}

func (d *desk) cohort(id string) *retreats.Cohort {
	d.t.Helper()
	c, err := d.retreats.Cohort(d.t.Context(), id)
	must(d.t, err)
	return c
}

// formOf reads what a browser would send of the form with the action.
func formOf(t *testing.T, root *html.Node, action string) url.Values {
	t.Helper()
	for form := range root.Descendants() {
		if form.Data != "form" || webtest.Attr(form, "action") != action {
			continue
		}
		values := url.Values{}
		for n := range form.Descendants() {
			name := webtest.Attr(n, "name")
			switch n.Data {
			case "input":
				isChecked := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
				if webtest.Attr(n, "type") == "checkbox" && !isChecked {
					continue
				}
				values.Add(name, webtest.Attr(n, "value"))
			case "textarea":
				values.Add(name, textOf(n))
			case "select":
				values.Add(name, selected(n))
			}
		}
		return values
	}
	t.Fatalf("there is no form that leads to %s", action)
	return nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// selected is the value of the option that is chosen, else of the first.
func selected(list *html.Node) string {
	first, value := true, ""
	for n := range list.Descendants() {
		if n.Data != "option" {
			continue
		}
		is := false
		own := webtest.Words(n)
		for _, a := range n.Attr {
			is = is || a.Key == "selected"
			if a.Key == "value" {
				own = a.Val
			}
		}
		if first || is {
			value = own
		}
		first = false
	}
	return value
}

func says(t *testing.T, root *html.Node, texts ...string) {
	t.Helper()
	words := webtest.Words(root)
	for _, text := range texts {
		if !strings.Contains(words, text) {
			t.Errorf("the page does not say %q:\n%s", text, words)
		}
	}
}

func doesNotSay(t *testing.T, root *html.Node, texts ...string) {
	t.Helper()
	words := webtest.Words(root)
	for _, text := range texts {
		if strings.Contains(words, text) {
			t.Errorf("the page says %q:\n%s", text, words)
		}
	}
}
