package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheClockOnAPhone: a couple books a day ahead of the browser's clock, and
// the time that is left to pay is counted by the demonstration's clock. They do
// not pay, and go on with the keyboard from event to event until that is over.
func TestTheClockOnAPhone(t *testing.T) {
	t.Parallel()
	p := start(t, "demo", "--data", t.TempDir())
	ctx := browser(t)
	do(t, ctx,
		chromedp.Navigate(p.url),
		chromedp.Click(chromedp.CSS(`.clock button[value="day"]`)),
		chromedp.WaitVisible(chromedp.CSS(`html:not([data-ahead="0"]) .clock`)),
		chromedp.Click(chromedp.CSS(`.card a[href*="three-days"]`)),
		chromedp.WaitVisible(chromedp.CSS(`a[href$="/book"]`)),
		chromedp.Click(chromedp.CSS(`a[href$="/book"]`)),
		chromedp.WaitVisible(chromedp.CSS(`#partner1_name`)),
	)
	for i, name := range []string{"Maya", "Jon"} {
		do(t, ctx,
			chromedp.SendKeys(chromedp.CSS(fmt.Sprintf("#partner%d_name", i+1)), name),
			chromedp.SendKeys(chromedp.CSS(fmt.Sprintf("#partner%d_email", i+1)), name+"@example.org"),
		)
	}
	do(t, ctx,
		chromedp.Click(chromedp.CSS(`#accept_policy`)),
		chromedp.Click(chromedp.CSS(`main button[type="submit"]`)),
		chromedp.WaitVisible(chromedp.CSS(`form[action$="/pay"] button`)),
	)
	if left := text(t, ctx, ".countdown"); left != "31 minutes left" && left != "30 minutes left" && left != "29 minutes left" {
		t.Errorf("to pay, there are %q", left)
	}
	if wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > 390`)); err != nil || wide {
		t.Errorf("the page is wider than a phone: %v, %v", wide, err)
	}
	for range 10 {
		if strings.Contains(text(t, ctx, "h1"), "ended") {
			return
		}
		ahead, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.documentElement.dataset.ahead`))
		if err != nil {
			t.Fatal(err)
		}
		enter(t, ctx, `.clock button[value="event"]`, fmt.Sprintf(`html:not([data-ahead="%s"]) .clock`, ahead))
	}
	t.Errorf("the time to pay never ended:\n%s", text(t, ctx, "body"))
}
