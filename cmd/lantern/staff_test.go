package main

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"lantern/internal/web/webtest"
)

// useLink presses the button of a sign-in link and returns the status and
// where it leads.
func useLink(t *testing.T, link string) (status int, location string) {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(link, url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header.Get("Location")
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestStaffOnTheConsole(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	// The first is added before the service has ever run; the others while it
	// runs.
	address := freeAddress(t)
	staff := func(args ...string) (string, string, int) {
		t.Helper()
		return lantern(t, []string{"LANTERN_ADDR=" + address, "LANTERN_DATA=" + data}, append([]string{"staff"}, args...)...)
	}
	must := func(args ...string) string {
		t.Helper()
		out, errs, code := staff(args...)
		if code != 0 {
			t.Fatalf("staff %q: %s", args, errs)
		}
		return out
	}
	out := must("add", "--email", "robin@example.org", "--name", "Robin", "--role", "organizer", "--refund")
	first := lastLine(out)
	_, port, _ := strings.Cut(address, ":")
	if !strings.HasPrefix(first, "http://localhost:"+port+"/signin/") || !strings.Contains(out, "Robin may sign in by this link, once, until ") {
		t.Fatalf("adding says %s", out)
	}
	p := start(t, "serve", "--data", data)
	local := func(link string) string { return p.url + link[strings.Index(link, "/signin/"):] }
	if status, to := useLink(t, local(first)); status != http.StatusSeeOther || to != "/staff" {
		t.Errorf("the first link: %d to %q", status, to)
	}
	if status, _ := useLink(t, local(first)); status != http.StatusGone {
		t.Errorf("the first link again: %d", status)
	}
	must("add", "--email", "sam@example.org", "--name", "Sam", "--role", "staff")
	second := lastLine(must("link", "--email", "SAM@example.org"))
	if status, _ := useLink(t, local(second)); status != http.StatusSeeOther {
		t.Errorf("a new link: %d", status)
	}
	left := lastLine(must("link", "--email", "sam@example.org"))
	must("end", "--email", "sam@example.org")
	if status, _ := useLink(t, local(left)); status != http.StatusGone {
		t.Errorf("a link of one who has left: %d", status)
	}
	list := must("list")
	for _, want := range []string{`Robin +robin@example.org +organizer +yes +\d{4}-\d\d-\d\d *\n`, `Sam +sam@example.org +staff +no +\S+ +\d{4}-\d\d-\d\d\n`} {
		if !regexp.MustCompile(want).MatchString(list) {
			t.Errorf("the list lacks %s:\n%s", want, list)
		}
	}
	for want, args := range map[string][]string{
		"works here already":    {"add", "--email", "robin@example.org", "--name", "R", "--role", "viewer"},
		"name@example.org":      {"add", "--email", "robin", "--name", "R", "--role", "viewer"},
		"must be one of":        {"add", "--email", "r@example.org", "--name", "R", "--role", "owner"},
		"This is the last":      {"end", "--email", "robin@example.org"},
		"Nobody who works here": {"link", "--email", "sam@example.org"},
	} {
		if out, errs, code := staff(args...); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("staff %q: %d %s%s", args, code, out, errs)
		}
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestTokensOnTheConsole(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		out, errs, code := lantern(t, []string{"LANTERN_DATA=" + data}, append([]string{"token"}, args...)...)
		if code != 0 {
			t.Fatalf("token %q: %s", args, errs)
		}
		return out
	}
	secret := strings.TrimSpace(run("create", "--role", "viewer", "--label", "Our site", "--refund"))
	list := run("list")
	id := regexp.MustCompile(`token:\S+`).FindString(list)
	if !strings.Contains(list, "Our site") || strings.Contains(list, secret) || id == "" {
		t.Fatalf("the list is\n%s", list)
	}
	p := start(t, "serve", "--data", data)
	status := func() int {
		t.Helper()
		status, err := call("GET", p.url+"/api/v1/messages", secret, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
	if got := status(); got != http.StatusOK {
		t.Errorf("the token is answered %d", got)
	}
	run("withdraw", id)
	if got := status(); got != http.StatusUnauthorized {
		t.Errorf("the withdrawn token is answered %d", got)
	}
	if _, errs, code := lantern(t, []string{"LANTERN_DATA=" + data}, "token", "withdraw", id); code == 0 || !strings.Contains(errs, "not there any more") {
		t.Errorf("withdrawing twice: %d %s", code, errs)
	}
}

// The demonstration has one person in each role, and new links at each start.
func TestStaffOfTheDemonstration(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	var before string
	for range 2 {
		lines, err := sampleStaff(t.Context(), st.team, "")
		if err != nil {
			t.Fatal(err)
		}
		if lines == before || strings.Count(lines, "\n") != 4 {
			t.Errorf("the links are\n%s", lines)
		}
		before = lines
	}
	people, err := st.team.People(t.Context())
	if err != nil || len(people) != 4 {
		t.Fatalf("%d people, %v", len(people), err)
	}
	for line := range strings.Lines(before) {
		fields := strings.Fields(line) // name, role, link
		w := st.ask("POST", fields[2], url.Values{}, nil)
		cookies := w.Result().Cookies()
		if w.Code != http.StatusSeeOther || len(cookies) != 1 {
			t.Fatalf("%s was answered %d", line, w.Code)
		}
		page := st.ask("GET", "/staff/account", nil, map[string]string{"Cookie": cookies[0].Name + "=" + cookies[0].Value})
		if got := webtest.Words(st.check("/staff/account", page)); !strings.Contains(got, "You work here as "+fields[1]) {
			t.Errorf("%s sees %s", fields[0], got)
		}
	}
}

// The command line makes the secret where the service looks for it.
func TestStaffNeedsTheSecretOfTheService(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	_, errs, code := lantern(t, []string{"LANTERN_SECRET=short"}, "staff", "list", "--data", data)
	if code == 0 || !strings.Contains(errs, "32 random bytes") {
		t.Errorf("a wrong secret: %d %s", code, errs)
	}
	if _, errs, code := lantern(t, nil, "staff", "list", "--data", data); code != 0 {
		t.Errorf("an empty team: %s", errs)
	}
	if info, err := os.Stat(data + "/secret"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret is %v, %v", info, err)
	}
}
