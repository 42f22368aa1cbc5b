package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/seal"
	"lantern/internal/web"
)

func TestTheGuardOfPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	stranger := &browser{desk: d}
	people := map[access.Role]*browser{}
	for _, role := range access.Roles {
		people[role] = d.signedIn(d.add(string(role), role))
	}
	for _, right := range guarded {
		path := "/test/" + string(right)
		stranger.leads("GET", path+"?a=1&b=2", nil, "/signin?next="+url.QueryEscape(path+"?a=1&b=2"))
		if got := stranger.page("POST", path, url.Values{}, http.StatusUnauthorized); !strings.Contains(got, "You are signed out.") {
			t.Errorf("a form without a session: %s", got)
		}
		for role, b := range people {
			for _, method := range []string{"GET", "POST"} {
				if !role.Has(right) {
					got := b.page(method, path, nil, http.StatusForbidden)
					if !strings.Contains(got, "Your role does not include this.") || !strings.Contains(got, "Sign out") {
						t.Errorf("%s %s as %s: %s", method, path, role, got)
					}
				} else if w := b.ask(method, path, nil); w.Code != http.StatusOK || w.Body.String() != string(role) {
					t.Errorf("%s %s as %s: %d %s", method, path, role, w.Code, w.Body)
				}
			}
		}
	}
	for _, path := range []string{"/test/public", "/test/own_booking"} {
		if got := stranger.ask("GET", path, nil).Body.String(); got != "nobody" {
			t.Errorf("a stranger is %s", got)
		}
		if got := people[access.Viewer].ask("GET", path, nil).Body.String(); got != "viewer" {
			t.Errorf("the viewer is %s", got)
		}
	}
}

// A store that does not answer is no reason to ask for a sign-in, nor to keep
// couples from their pages.
func TestPagesWithoutTheStore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	b := d.signedIn(d.add("robin", access.Organizer))
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	if w := b.ask("GET", "/test/read_roster", nil); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a page of staff answered %d", w.Code)
	}
	if w := b.ask("GET", "/test/own_booking", nil); w.Code != http.StatusOK || w.Body.String() != "nobody" {
		t.Errorf("a couple's page answered %d %s", w.Code, w.Body)
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	d.add("robin", access.Organizer)
	b := &browser{desk: d}
	if got := b.page("GET", "/signin?next=%2Fstaff%2Fretreats", nil, http.StatusOK); !strings.Contains(got, "There is no password") {
		t.Errorf("the page says %s", got)
	}
	if got := b.page("POST", "/signin", url.Values{"email": {"robin@example"}}, http.StatusUnprocessableEntity); !strings.Contains(got, "name@example.org") {
		t.Errorf("a wrong address: %s", got)
	}
	b.page("POST", "/signin", url.Values{"email": {"robin@example.org"}, "next": {"/staff/retreats?a=1&b=2"}}, http.StatusOK)
	mail := d.mail()
	if len(mail) != 1 {
		t.Fatalf("sent: %q", mail)
	}
	path, ok := strings.CutPrefix(mail[0], "robin@example.org http://localhost")
	if !ok {
		t.Fatalf("sent: %q", mail)
	}
	// Programs that check mail open the link, also with HEAD, and more than once.
	for _, method := range []string{"GET", "HEAD", "GET", "OPTIONS"} {
		if w := b.ask(method, path, nil); len(w.Result().Cookies()) > 0 {
			t.Errorf("%s signs in", method)
		}
	}
	if got := b.page("GET", path, nil, http.StatusOK); !strings.Contains(got, "Sign in as robin") {
		t.Errorf("the link says %s", got)
	}
	bare, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	b.leads("POST", bare, values, "/staff/retreats?a=1&b=2")
	if got := b.ask("GET", "/test/read_roster", nil).Body.String(); got != "robin" {
		t.Errorf("signed in as %s", got)
	}
	b.leads("GET", "/signin", nil, "/staff")
	other := &browser{desk: d}
	for _, method := range []string{"GET", "POST"} {
		if got := other.page(method, path, nil, http.StatusGone); !strings.Contains(got, "has been used or is too old") || !strings.Contains(got, "Send me a link") {
			t.Errorf("a used link says %s", got)
		}
	}
}

func TestTheCookieOfASession(t *testing.T) {
	t.Parallel()
	for baseURL, want := range map[string]http.Cookie{
		"http://localhost:8080":    {Name: "lantern_session"},
		"https://book.example.org": {Name: "__Host-lantern_session", Secure: true},
	} {
		d := newDesk(t, baseURL)
		b := d.signedIn(d.add("robin", access.Organizer))
		c := b.cookie
		if c.Name != want.Name || c.Secure != want.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode ||
			c.Path != "/" || c.Domain != "" || c.MaxAge != 7*24*3600 || len(c.Value) != 43 {
			t.Errorf("the cookie is %v", c)
		}
		// Programs bring tokens: a cookie does nothing for them.
		r := httptest.NewRequest("GET", "/api/v1/none", nil)
		r.AddCookie(c)
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("the API answered %d", w.Code)
		}
	}
}

func TestSigningInLeadsToThisSiteOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	robin := d.add("robin", access.Organizer)
	for next, want := range map[string]string{
		"/staff/team?done=added":       "/staff/team?done=added",
		"/":                            "/",
		"":                             "/staff",
		"//evil.example":               "/staff",
		"///evil.example":              "/staff",
		"/\\evil.example":              "/staff",
		"\\/evil.example":              "/staff",
		"/\t/evil.example":             "/staff",
		"/\n/evil.example":             "/staff",
		" //evil.example":              "/staff",
		"https://evil.example":         "/staff",
		"https:evil.example":           "/staff",
		"javascript:alert(1)":          "/staff",
		"evil.example":                 "/staff",
		"@evil.example":                "/staff",
		"/%zz":                         "/staff",
		"/signin":                      "/staff",
		"/signout":                     "/staff",
		"/staff\r\nX-Evil: 1":          "/staff",
		"/" + strings.Repeat("x", 500): "/staff",
	} {
		(&browser{desk: d}).leads("POST", d.link(robin), url.Values{"next": {next}}, want)
		w := (&browser{desk: d}).ask("GET", "/signin?next="+url.QueryEscape(next), nil)
		if strings.Contains(w.Body.String(), "evil") {
			t.Errorf("the form keeps %q", next)
		}
		b := d.signedIn(robin)
		b.leads("GET", "/signin?next="+url.QueryEscape(next), nil, want)
	}
}

// What is answered to an unknown address, and what is done for it, is the same
// but for the mail.
func TestUnknownAddressesAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	d.add("robin", access.Organizer)
	d.fail = errors.New("the mail server is down") // which is nobody else's business either
	b := &browser{desk: d}
	answers := map[string]string{}
	for _, email := range []string{"robin@example.org", "nobody@example.org"} {
		for range 6 {
			w := b.ask("POST", "/signin", url.Values{"email": {email}})
			answers[email] += w.Result().Status + strings.ReplaceAll(w.Body.String(), email, "")
		}
	}
	if answers["robin@example.org"] != answers["nobody@example.org"] {
		t.Errorf("answers differ:\n%s\n%s", answers["robin@example.org"], answers["nobody@example.org"])
	}
	if got := answers["nobody@example.org"]; !strings.Contains(got, "429 Too Many Requests") || !strings.Contains(got, "If this address belongs to somebody who works here, a link is on its way") {
		t.Errorf("answered %s", got)
	}
	if sent := d.mail(); len(sent) != 5 {
		t.Errorf("sent %q", sent)
	}
}

// askFrom asks for a sign-in link from an address, as a proxy tells it or not.
func (d *desk) askFrom(address string, forwarded ...string) int {
	r := httptest.NewRequest("POST", "/signin", strings.NewReader("email="+url.QueryEscape(seal.NewID("x")+"@example.org")))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = address
	r.Header["X-Forwarded-For"] = forwarded
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Code
}

func TestHowOftenOneClientMayAsk(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	for i, test := range []struct {
		address, forwarded string
		want               int
	}{
		{"203.0.113.1:1000", "", http.StatusTooManyRequests},
		{"203.0.113.1:1001", "198.51.100.7", http.StatusTooManyRequests}, // saying so does not make it another
		{"203.0.113.2:1000", "", http.StatusOK},
		{"[2001:db8::1]:1000", "", http.StatusOK},
		{"10.0.0.1:1000", "203.0.113.1", http.StatusOK}, // nor does it from a private network
	} {
		if i == 0 {
			for range 20 {
				if got := d.askFrom(test.address); got != http.StatusOK {
					t.Fatalf("answered %d", got)
				}
			}
		}
		if got := d.askFrom(test.address, test.forwarded); got != test.want {
			t.Errorf("%s for %q: %d", test.address, test.forwarded, got)
		}
	}
	for i := range 25 { // each from another address of one network
		want := http.StatusOK
		if i >= 19 { // one has asked before
			want = http.StatusTooManyRequests
		}
		if got := d.askFrom(fmt.Sprintf("[2001:db8::%x]:1000", i+2), ""); got != want {
			t.Errorf("address %d of a network: %d", i, got)
		}
	}
	d.wait(30 * time.Second)
	for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		if got := d.askFrom("203.0.113.1:1000"); got != want {
			t.Errorf("after half a minute: %d, not %d", got, want)
		}
	}
}

// TestWhatProxiesSay is believed of as many as are set, from the right: what
// stands before was written by strangers.
func TestWhatProxiesSay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		proxies   int
		forwarded []string
		same      bool // as the one who has asked too often
	}{
		{0, []string{"203.0.113.1"}, false},
		{1, []string{"203.0.113.1"}, true},
		{1, []string{"198.51.100.7, 203.0.113.1"}, true},
		{1, []string{"198.51.100.7", "203.0.113.1"}, true},
		{1, []string{" 203.0.113.1:4711 "}, true},
		{1, []string{"203.0.113.1, 198.51.100.7"}, false},
		{2, []string{"203.0.113.1, 10.0.0.2"}, true},
		{2, []string{"198.51.100.7,203.0.113.1,10.0.0.2"}, true},
		{2, []string{"203.0.113.1"}, false}, // it did not come through both
		{1, nil, false},
		{1, []string{""}, false},
	} {
		d := newDeskThat(t, "http://localhost", func(o *web.Options) { o.Proxies = test.proxies })
		first := make([]string, max(1, test.proxies))
		for i := range first {
			first[i] = "203.0.113.1"
		}
		for range 20 {
			peer := "10.0.0.1:1000"
			if test.proxies == 0 {
				peer = "203.0.113.1:1000"
			}
			if got := d.askFrom(peer, first...); got != http.StatusOK {
				t.Fatalf("answered %d", got)
			}
		}
		if got := d.askFrom("10.0.0.1:1000", test.forwarded...); (got == http.StatusTooManyRequests) != test.same {
			t.Errorf("%d proxies and %q: %d", test.proxies, test.forwarded, got)
		}
	}
}

// TestAScreenThatRenewsItselfIsSignedOut: what a page asks by itself does not
// count as use.
func TestAScreenThatRenewsItselfIsSignedOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	b := d.signedIn(d.add("robin", access.Organizer))
	poll := func() int {
		r := httptest.NewRequest("GET", "/test/read_roster", nil)
		r.Header.Set("Lantern-Poll", "1")
		r.AddCookie(b.cookie)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w.Code
	}
	b.ask("GET", "/test/read_roster", nil)
	for range 12 {
		if got := poll(); got != http.StatusOK {
			t.Fatalf("answered %d", got)
		}
		d.wait(time.Hour)
	}
	if got := poll(); got != http.StatusSeeOther {
		t.Errorf("after twelve hours without anybody the page was answered %d", got)
	}
}

func TestSigningOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	robin := d.add("robin", access.Organizer)
	one, two, three := d.signedIn(robin), d.signedIn(robin), d.signedIn(robin)
	old := *one
	one.leads("POST", "/signout", nil, "/signin?out=1")
	if one.cookie != nil {
		t.Error("the cookie stays")
	}
	if got := one.page("GET", "/signin?out=1", nil, http.StatusOK); !strings.Contains(got, "You are signed out.") {
		t.Errorf("the page says %s", got)
	}
	old.leads("GET", "/test/signed_in", nil, "/signin?next=%2Ftest%2Fsigned_in")
	one.leads("POST", "/signout", nil, "/signin?out=1") // again
	if got := two.page("GET", "/staff/account", nil, http.StatusOK); !strings.Contains(got, "You work here as organizer") {
		t.Errorf("the page says %s", got)
	}
	two.leads("POST", "/signout/everywhere", nil, "/signin?out=1")
	three.leads("GET", "/test/signed_in", nil, "/signin?next=%2Ftest%2Fsigned_in")

	// Who signs in as somebody else leaves nothing behind.
	sam := d.add("sam", access.Staff)
	first := d.signedIn(robin)
	left := *first
	first.leads("POST", d.link(sam), nil, "/staff")
	left.leads("GET", "/test/signed_in", nil, "/signin?next=%2Ftest%2Fsigned_in")
}

func TestOtherSitesCannotSignAnybodyInOrOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "http://localhost")
	robin := d.add("robin", access.Organizer)
	b := d.signedIn(robin)
	for _, path := range []string{"/signin", d.link(robin), "/signout", "/signout/everywhere", "/staff/team", "/staff/tokens"} {
		r := httptest.NewRequest("POST", path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.AddCookie(b.cookie)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
	if got := b.ask("GET", "/test/signed_in", nil).Body.String(); got != "robin" {
		t.Errorf("robin is %s", got)
	}
}
