package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// laptop makes the tab as wide as a laptop's.
func laptop(t *testing.T, ctx context.Context) {
	t.Helper()
	do(t, ctx, chromedp.EmulateViewport(1280, 800))
}

// tabTo presses the tabulator until the focus is where it should be, as
// somebody does who uses no mouse.
func tabTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	const most = 400
	for range most {
		do(t, ctx, chromedp.KeyEvent(kb.Tab))
		at, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.activeElement.matches(`+"`"+selector+"`"+`)`))
		if err != nil {
			t.Fatal(err)
		}
		if at {
			return
		}
	}
	t.Fatalf("%s cannot be reached with the keyboard; the page says:\n%s", selector, text(t, ctx, "body"))
}

// enter goes to a control and presses it.
func enter(t *testing.T, ctx context.Context, selector, arrives string) {
	t.Helper()
	tabTo(t, ctx, selector)
	do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(arrives)))
}

// booksOnAPhone fills in the form for two and returns the address of their page.
func booksOnAPhone(t *testing.T, ctx context.Context, cohort, name, heading string) string {
	t.Helper()
	do(t, ctx,
		chromedp.Navigate(cohort+"/book"),
		chromedp.WaitVisible(chromedp.CSS(`#partner1_name`)),
		chromedp.SendKeys(chromedp.CSS(`#partner1_name`), name),
		chromedp.SendKeys(chromedp.CSS(`#partner1_email`), strings.ToLower(name)+"@example.org"),
		chromedp.SendKeys(chromedp.CSS(`#partner2_name`), "Jon"),
		chromedp.SendKeys(chromedp.CSS(`#partner2_email`), "jon."+strings.ToLower(name)+"@example.org"),
		chromedp.Click(chromedp.CSS(`#accept_policy`)),
		chromedp.Click(chromedp.CSS(`form.booking button[type="submit"]`)),
		chromedp.WaitVisible(chromedp.CSS(`.standing h1`)),
	)
	if got := text(t, ctx, "h1"); !strings.Contains(got, heading) {
		t.Fatalf("%s reads %q, want %q", name, got, heading)
	}
	if wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > 390`)); err != nil || wide {
		t.Errorf("the couple's page is wider than a phone: %v, %v", wide, err)
	}
	place, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func paysOnAPhone(t *testing.T, ctx context.Context) {
	t.Helper()
	do(t, ctx,
		chromedp.Click(chromedp.CSS(`form[action$="/pay"] button`)),
		chromedp.WaitVisible(chromedp.CSS(`#number`)),
		chromedp.SendKeys(chromedp.CSS(`#number`), "4242424242424242"),
		chromedp.SendKeys(chromedp.CSS(`#exp`), "12/40"),
		chromedp.SendKeys(chromedp.CSS(`#cvc`), "123"),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)),
		chromedp.WaitVisible(chromedp.CSS(`.standing.done`)),
	)
}

// TestAnOrganizerFillsACohort tells the story of a cohort: the organizer makes
// it from a template with the keyboard alone, couples fill it on their phones,
// one gives up, the one who waits takes the place, and the board tells each
// step.
func TestAnOrganizerFillsACohort(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, "serve", "--data", data, "--practice", "Cedar House")
	address := strings.TrimPrefix(p.url, "http://")
	out, errs, code := lantern(t, nil, "staff", "add", "--email", "robin@example.org", "--name", "Robin", "--role", "organizer", "--data", data, "--addr", address)
	at := strings.Index(out, "/signin/")
	if code != 0 || at < 0 {
		t.Fatalf("adding an organizer: %d, %s%s", code, out, errs)
	}
	link := p.url + strings.Fields(out[at:])[0]

	robin := browser(t)
	laptop(t, robin)
	do(t, robin, chromedp.Navigate(link), chromedp.WaitVisible(chromedp.CSS("main button")))
	enter(t, robin, "main button", ".tabs")
	cohort := makesACohort(t, robin, p.url)

	board := func(want string) {
		t.Helper()
		do(t, robin, chromedp.Navigate(strings.Replace(cohort, "/cohorts/", "/staff/cohorts/", 1)), chromedp.WaitVisible(chromedp.CSS("#board")))
		if got := text(t, robin, ".board-pictures .quiet"); !strings.HasPrefix(got, want) {
			t.Errorf("the board says %q, want %q", got, want)
		}
	}
	board("2 places: 2 free")
	ana, ben, cleo := browser(t), browser(t), browser(t)
	booksOnAPhone(t, ana, cohort, "Ana", "Your place is held")
	paysOnAPhone(t, ana)
	board("2 places: 1 taken, 1 free")
	place := booksOnAPhone(t, ben, cohort, "Ben", "Your place is held")
	board("2 places: 1 taken, 1 held")
	waits := booksOnAPhone(t, cleo, cohort, "Cleo", "You are number 1 on the waitlist")
	board("2 places: 1 taken, 1 held. 1 waiting")
	if rows := text(t, robin, ".waitlist"); !strings.Contains(rows, "Cleo & Jon") {
		t.Errorf("the waitlist says:\n%s", rows)
	}
	renewsItself(t, robin, "#couples-table", func() {
		do(t, ben, chromedp.Navigate(place+"/cancel"), chromedp.Click(chromedp.CSS(`main form button[type="submit"]`)), chromedp.WaitVisible(chromedp.CSS(".standing")))
	}, "2 places: 1 taken, 1 offered")
	renewsItself(t, robin, ".board tbody a", func() {
		do(t, cleo, chromedp.Navigate(waits), chromedp.WaitVisible(chromedp.CSS(`button[value="accept"]`)), chromedp.Click(chromedp.CSS(`button[value="accept"]`)),
			chromedp.WaitVisible(chromedp.CSS(`form[action$="/pay"] button`)))
	}, "2 places: 1 taken, 1 held")
	paysOnAPhone(t, cleo)
	board("2 places: 2 taken")
	if rows := text(t, robin, ".board"); !strings.Contains(rows, "Ana & Jon") || !strings.Contains(rows, "Cleo & Jon") {
		t.Errorf("the couples are:\n%s", rows)
	}
	if ended := text(t, robin, "#ended + .list"); !strings.Contains(ended, "Ben & Jon") {
		t.Errorf("who ended:\n%s", ended)
	}

	saysWhenItIsDead(t, robin, "Sign in again", func() { send(t, robin, "/signout") })
	out, errs, code = lantern(t, nil, "staff", "link", "--email", "robin@example.org", "--data", data, "--addr", address)
	if at = strings.Index(out, "/signin/"); code != 0 || at < 0 {
		t.Fatalf("another link: %d, %s%s", code, out, errs)
	}
	send(t, robin, strings.Fields(out[at:])[0])
	eventually(t, robin, "the board lives again", `document.querySelector("[data-live-trouble]").textContent === ""`)
	saysWhenItIsDead(t, robin, "Check the connection", p.kill)
}

// send posts to a path from the page that is open, as another tab would.
func send(t *testing.T, ctx context.Context, path string) {
	t.Helper()
	sent, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`(() => {
		const r = new XMLHttpRequest(); r.open("POST", "`+path+`", false); r.send(); return r.status === 200;
	})()`))
	if err != nil || !sent {
		t.Fatalf("%s was not sent: %v", path, err)
	}
}

// eventually looks again and again, and lets the page do so as well.
func eventually(t *testing.T, ctx context.Context, what, script string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.dispatchEvent(new Event("visibilitychange")) && `+script))
		if err != nil {
			t.Fatal(err)
		}
		if is {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not so; the page says:\n%s", what, text(t, ctx, "main"))
		}
	}
}

// saysWhenItIsDead lets the board be cut off and waits until it says so.
func saysWhenItIsDead(t *testing.T, ctx context.Context, want string, happens func()) {
	t.Helper()
	happens()
	eventually(t, ctx, "the board says "+want, `document.querySelector("[data-live-trouble]").textContent.includes("`+want+`")`)
	if said := text(t, ctx, `[role="status"][data-live-trouble]`); !strings.HasPrefix(said, "Not renewed since ") {
		t.Errorf("it says %q", said)
	}
	if rows := text(t, ctx, ".board"); !strings.Contains(rows, "Ana & Jon") {
		t.Errorf("what was there is gone:\n%s", rows)
	}
}

// makesACohort goes from the overview to a published cohort for two couples,
// by keyboard, and returns its public address.
func makesACohort(t *testing.T, ctx context.Context, url string) string {
	t.Helper()
	enter(t, ctx, `.staff-nav a[href="/staff/retreats"]`, ".empty")
	enter(t, ctx, `main a.button`, ".shapes")
	enter(t, ctx, `.shapes a[href*="weekend"]`, "form.console")
	tabTo(t, ctx, "#capacity")
	do(t, ctx, chromedp.KeyEvent("2")) // what is there is selected by coming with the tabulator
	enter(t, ctx, `form.console .choices button`, "#starts_on")
	tabTo(t, ctx, "#starts_on")
	day := time.Now().AddDate(0, 0, 100)
	do(t, ctx, chromedp.KeyEvent(day.Format("01022006")))
	enter(t, ctx, `form[action$="/cohorts"] button`, `form[action$="/publish"] button`)
	enter(t, ctx, `form[action$="/publish"] button`, ".badge.free")
	location, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	id := strings.TrimPrefix(location, url+"/staff/cohorts/")
	id, _, _ = strings.Cut(id, "/")
	return url + "/cohorts/" + id
}

// renewsItself lets something happen elsewhere and waits until the page shows
// it by itself, with the focus and the selection where they were, and what has
// not changed untouched.
func renewsItself(t *testing.T, ctx context.Context, focus string, happens func(), want string) {
	t.Helper()
	tabTo(t, ctx, focus)
	state := `document.activeElement.id + " " + getSelection() + " " + window.row?.isConnected`
	before, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => {
		window.row = document.querySelector(".board tbody tr");
		getSelection().selectAllChildren(row.querySelector("bdi"));
		return `+state+`;
	})()`))
	if err != nil || !strings.HasSuffix(before, " Ana & Jon true") || strings.HasPrefix(before, " ") {
		t.Fatalf("focus and selection: %q, %v", before, err)
	}
	happens()
	deadline := time.Now().Add(patience)
	for !strings.HasPrefix(text(t, ctx, ".board-pictures .quiet"), want) {
		if time.Now().After(deadline) {
			t.Fatalf("the board still says %q", text(t, ctx, ".board-pictures .quiet"))
		}
		time.Sleep(time.Second)
	}
	if after, err := chromedp.Run(ctx, chromedp.Evaluate[string](state)); err != nil || after != before {
		t.Errorf("focus and selection went from %q to %q, %v", before, after, err)
	}
}
