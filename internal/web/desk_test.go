package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/web"
	"lantern/internal/web/webtest"
)

// desk is a server with a team and a page for each right, on a clock that the
// test moves.
type desk struct {
	*web.Server
	t      *testing.T
	db     *store.DB
	team   *access.Team
	tokens *access.Tokens

	mu   sync.Mutex
	now  time.Time
	sent []string // links that were sent
	fail error    // what sending answers
}

// guarded are the rights that pages of staff ask for.
var guarded = []access.Right{
	access.SignedIn, access.ReadRoster, access.ReadBookings, access.ManageWaitlist, access.ManageCohorts,
	access.RecordClearance, access.Attend, access.ManageConsultations, access.ManageTeam, access.Refund,
}

func newDesk(t *testing.T, baseURL string) *desk {
	t.Helper()
	return newDeskThat(t, baseURL, func(*web.Options) {})
}

// newDeskThat is newDesk with other options.
func newDeskThat(t *testing.T, baseURL string, set func(*web.Options)) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2027, 1, 11, 8, 0, 0, 0, time.UTC)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	must(err)
	d.db = store.Open(engine, store.CheckDecisions())
	t.Cleanup(func() { d.db.Close() })
	key, err := seal.Parse(strings.Repeat("5a", 32))
	must(err)
	d.team, err = access.NewTeam(t.Context(), d.db, key, d.time)
	must(err)
	d.tokens, err = access.NewTokens(t.Context(), d.db, d.time)
	must(err)
	answers, err := web.NewAnswers(t.Context(), d.db, key, d.time)
	must(err)
	options := web.Options{
		Log: slog.New(slog.DiscardHandler), Renderer: renderer(t, web.Site{Practice: web.Practice{Name: "Cedar House"}}),
		Team: d.team, Tokens: d.tokens, Answers: answers, BaseURL: baseURL, Now: d.time, SendLink: d.send,
		Owner: func(_ context.Context, token, _ string) error {
			if token == "bk_x.y" {
				return nil
			}
			return access.ErrToken
		},
	}
	set(&options)
	d.Server = web.NewServer(options)
	show := func(c echo.Context) error {
		actor, ok := web.ActorOf(c.Request().Context())
		if !ok {
			return c.String(http.StatusOK, "nobody")
		}
		return c.String(http.StatusOK, actor.Name)
	}
	for _, right := range append([]access.Right{access.Public, access.OwnBooking}, guarded...) {
		d.Mount([]web.Route{
			{Method: http.MethodGet, Path: "/test/" + string(right), Right: right, Handle: show},
			{Method: http.MethodPost, Path: "/test/" + string(right), Right: right, Handle: show},
		})
	}
	return d
}

func (d *desk) time() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) wait(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func (d *desk) send(_ context.Context, to access.Person, link string, minutes int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if minutes != 20 && minutes != 24*60 {
		d.t.Errorf("the link is good for %d minutes", minutes)
	}
	d.sent = append(d.sent, to.Email+" "+link)
	return d.fail
}

// mail gives what was sent since it was asked last.
func (d *desk) mail() []string {
	d.t.Helper()
	if err := d.Wait(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	sent := d.sent
	d.sent = nil
	return sent
}

func (d *desk) add(name string, role access.Role) access.Person { return d.addThat(name, role, false) }

// addThat adds somebody who may refund, or not.
func (d *desk) addThat(name string, role access.Role, mayRefund bool) access.Person {
	d.t.Helper()
	p, err := d.team.Add(d.t.Context(), access.Console(), name+"@example.org", name, role, mayRefund)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// link is the path of a link for the person.
func (d *desk) link(p access.Person) string {
	d.t.Helper()
	link, err := d.team.LinkFor(d.t.Context(), access.Console(), p.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return "/signin/" + link.Token
}

// browser keeps a cookie, as browsers do.
type browser struct {
	*desk
	cookie *http.Cookie
}

func (b *browser) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if b.cookie = cookie; cookie.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return w
}

// page is ask for a page, which is read as a browser does.
func (b *browser) page(method, path string, form url.Values, status int) string {
	b.t.Helper()
	w := b.ask(method, path, form)
	if w.Code != status {
		b.t.Fatalf("%s %s answered %d, not %d:\n%s", method, path, w.Code, status, w.Body)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		b.t.Errorf("%s may be kept: %q", path, w.Header().Get("Cache-Control"))
	}
	return webtest.Words(webtest.Parse(b.t, method+" "+path, w.Body.Bytes()))
}

// leads is ask for what leads on to another page.
func (b *browser) leads(method, path string, form url.Values, to string) {
	b.t.Helper()
	w := b.ask(method, path, form)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != to {
		b.t.Errorf("%s %s answered %d and leads to %q, not %q", method, path, w.Code, w.Header().Get("Location"), to)
	}
}

// signedIn is a browser with a session of the person.
func (d *desk) signedIn(p access.Person) *browser {
	d.t.Helper()
	b := &browser{desk: d}
	b.leads("POST", d.link(p), nil, "/staff")
	return b
}
