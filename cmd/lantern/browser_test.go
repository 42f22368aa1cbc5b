package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser opens a tab of Debian's Chromium at the size of a phone.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("LANTERN_BROWSER") == "required" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed; `make test` installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		// A click goes to where the button was when the page began to scroll.
		chromedp.Flag("force-prefers-reduced-motion", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	// The first step starts the browser, which lives as long as its context.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile)); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// patience is how long one step may take, however busy the machine is.
const patience = 40 * time.Second

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, step := range steps {
		limited, cancel := context.WithTimeout(ctx, patience)
		err := chromedp.Do(limited, step)
		cancel()
		if err != nil {
			page, _ := chromedp.Run(ctx, chromedp.Text("body"))
			t.Fatalf("step %d: %v; the page says:\n%s", i+1, err, page)
		}
	}
}

func text(t *testing.T, ctx context.Context, selector string) string {
	t.Helper()
	got, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		t.Fatalf("reading %s: %v", selector, err)
	}
	return got
}

// TestACoupleBooksAPlace goes the whole way on a phone, as a couple would:
// from the front page to the confirmed place, the mails and the calendar file,
// with scripts and without.
func TestACoupleBooksAPlace(t *testing.T) {
	t.Parallel()
	p := start(t, "demo", "--data", t.TempDir())
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := browser(t)
			if !scripts {
				do(t, ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
					_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
					return chromedp.Void{}, err
				})
			}
			bookOnAPhone(t, ctx, p.url, strings.ReplaceAll(name, " ", "."))
		})
	}
}

func bookOnAPhone(t *testing.T, ctx context.Context, url, who string) {
	t.Helper()
	do(t, ctx,
		chromedp.Navigate(url),
		chromedp.Click(chromedp.CSS(`.card a[href*="three-days"]`)),
		chromedp.WaitVisible(chromedp.CSS(`a[href$="/book"]`)),
	)
	if wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > 390`)); err != nil || wide {
		t.Errorf("the page is wider than a phone: %v, %v", wide, err)
	}
	do(t, ctx,
		chromedp.Click(chromedp.CSS(`a[href$="/book"]`)),
		chromedp.WaitVisible(chromedp.CSS(`#partner1_name`)),
		chromedp.SendKeys(chromedp.CSS(`#partner1_name`), "Maya Lindqvist"),
		chromedp.SendKeys(chromedp.CSS(`#partner1_email`), "maya."+who+"@example.org"),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)),
		chromedp.WaitVisible(chromedp.CSS(`.summary`)),
	)
	if got := text(t, ctx, "#partner2_name_error"); !strings.Contains(got, "write the name") {
		t.Errorf("next to the missing name: %q", got)
	}
	if got, err := chromedp.Run(ctx, chromedp.Value(chromedp.CSS("#partner1_name"))); err != nil || got != "Maya Lindqvist" {
		t.Errorf("what was typed is lost: %q, %v", got, err)
	}
	do(t, ctx,
		chromedp.SendKeys(chromedp.CSS(`#partner2_name`), "Jon Okafor"),
		chromedp.SendKeys(chromedp.CSS(`#partner2_email`), "jon."+who+"@example.org"),
		chromedp.Click(chromedp.CSS(`#accept_policy`)),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)),
		chromedp.WaitVisible(chromedp.CSS(`form[action$="/pay"] button`)),
	)
	if got := text(t, ctx, "h1"); !strings.HasPrefix(got, "Your place is held until") {
		t.Errorf("after booking: %q", got)
	}
	// Who pays within a second of booking is told only that the place is theirs.
	waitForMails(t, url, who, 1)
	do(t, ctx,
		chromedp.Click(chromedp.CSS(`form[action$="/pay"] button`)),
		chromedp.WaitVisible(chromedp.CSS(`#number`)),
		chromedp.SendKeys(chromedp.CSS(`#number`), "4242424242424242"),
		chromedp.SendKeys(chromedp.CSS(`#exp`), "12/40"),
		chromedp.SendKeys(chromedp.CSS(`#cvc`), "123"),
		chromedp.Click(chromedp.CSS(`button[type="submit"]`)),
		chromedp.WaitVisible(chromedp.CSS(`.standing.done`)),
	)
	if got := text(t, ctx, "h1"); !strings.Contains(got, "Your place is confirmed") {
		t.Errorf("after paying: %q", got)
	}
	checkCalendar(t, ctx)
	page := waitForMails(t, url, who, 2)
	if !strings.Contains(page, "Your place is held until") || !strings.Contains(page, "are confirmed") {
		t.Errorf("the outbox says:\n%s", page)
	}
}

// checkCalendar fetches the file that the page links to.
func checkCalendar(t *testing.T, ctx context.Context) {
	t.Helper()
	link, err := chromedp.Run(ctx, chromedp.AttributeValue(chromedp.CSS(`a[href$=".ics"]`), "href"))
	if err != nil {
		t.Fatal(err)
	}
	location, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	origin := location[:strings.Index(location, "/b/")]
	response, err := http.Get(origin + link.Value)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	file, err := ical.ParseCalendar(strings.NewReader(string(body)))
	if err != nil || len(file.Events()) != 9 {
		t.Fatalf("the calendar file: %v\n%s", err, body)
	}
	for _, word := range []string{"ketamine", "medicine", "therapy", "retreat"} {
		if strings.Contains(strings.ToLower(string(body)), word) {
			t.Errorf("the calendar file says %q [D38]", word)
		}
	}
}

// waitForMails looks at the outbox until each partner has got so many mails.
func waitForMails(t *testing.T, url, who string, each int) string {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		page := read(t, url+"/outbox")
		missing := ""
		for _, partner := range []string{"maya.", "jon."} {
			if strings.Count(page, "&lt;"+partner+who+"@example.org") < each {
				missing = partner
			}
		}
		if missing == "" {
			return page
		}
		if time.Now().After(deadline) {
			t.Fatalf("a mail to %s%s is missing:\n%s", missing, who, page)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func read(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
