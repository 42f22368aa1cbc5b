package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/chromedp/chromedp"

	"lantern/internal/access"
)

// window is a browser in front of a story. It sees what is visible and finds
// what it presses by its words, as people do; each step waits for what has to
// be there, never for time. The browser has a clock of its own, so countdowns
// in it mean nothing.
type window struct {
	*story
	ctx context.Context
}

// phone opens a browser at the size of a phone.
func (st *story) phone() *window { return &window{story: st, ctx: browser(st.t)} }

// desk opens a browser at the size of a laptop, and signs in an organizer who
// may give money back.
func (st *story) desk() *window {
	st.t.Helper()
	w := st.phone()
	laptop(st.t, w.ctx)
	w.signsIn()
	return w
}

// signsIn opens a link as it is sent by mail; sessions end sooner than stories.
func (w *window) signsIn() {
	w.t.Helper()
	ctx := w.t.Context()
	w.asTreasurer() // who is there by now
	person, err := w.team.ByEmail(ctx, "tess@example.org")
	w.must(err)
	link, err := w.team.LinkFor(ctx, access.Console(), person.ID)
	w.must(err)
	w.opens("/signin/" + link.Token)
	w.presses("Sign in")
	do(w.t, w.ctx, chromedp.WaitVisible(chromedp.CSS(".staff-nav")))
}

// opens goes to a page of the story's program.
func (w *window) opens(path string) {
	w.t.Helper()
	do(w.t, w.ctx, chromedp.Navigate(w.settings.URL+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

// inScript writes a text for a script.
func inScript(text string) string {
	quoted, _ := json.Marshal(text) // a text is always written
	return string(quoted)
}

// presses finds a visible button, link or summary by how its words begin.
func (w *window) presses(words string) {
	w.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("main button, main a, main summary, main label")].find(
		(e) => e.checkVisibility() && e.innerText.replace(/\s+/g, " ").trim().startsWith(%s))`, inScript(words))
	do(w.t, w.ctx, chromedp.Click(chromedp.JSPath(find)))
}

// reads waits until the page says all of these words.
func (w *window) reads(words ...string) {
	w.t.Helper()
	for _, want := range words {
		says := fmt.Sprintf(`document.body?.innerText.replace(/[\u2068\u2069]/g, "").replace(/\s+/g, " ").includes(%s) ? document.body : null`, inScript(want))
		limited, cancel := context.WithTimeout(w.ctx, patience)
		err := chromedp.Do(limited, chromedp.WaitVisible(chromedp.JSPath(says)))
		cancel()
		if err != nil {
			w.t.Fatalf("the page does not say %q: %v\n%s", want, err, text(w.t, w.ctx, "body"))
		}
	}
}

// types replaces what a field holds.
func (w *window) types(id, typed string) {
	w.t.Helper()
	field := chromedp.ID(id)
	do(w.t, w.ctx, chromedp.WaitVisible(field))
	// What is selected is replaced by typing.
	if _, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](`(() => { const f = document.getElementById(`+inScript(id)+`); f.focus(); f.select(); return true })()`)); err != nil {
		w.t.Fatal(err)
	}
	do(w.t, w.ctx, chromedp.SendKeys(field, typed))
}

// ticks presses a box, or one of several.
func (w *window) ticks(id string) {
	w.t.Helper()
	do(w.t, w.ctx, chromedp.Click(chromedp.ID(id)))
}

// fits checks that nothing is wider than the window.
func (w *window) fits() {
	w.t.Helper()
	const wide = `document.documentElement.scrollWidth - document.documentElement.clientWidth`
	if by, err := chromedp.Run(w.ctx, chromedp.Evaluate[int](wide)); err != nil || by > 0 {
		w.t.Errorf("the page is %d pixels too wide, %v:\n%s", by, err, text(w.t, w.ctx, "main"))
	}
}

// books fills in the form for two and gives the booking's id.
func (w *window) books(name string) string {
	w.t.Helper()
	place := booksOnAPhone(w.t, w.ctx, w.settings.URL+"/cohorts/co", name, "Your place is held")
	b, _, err := w.bookings.ByToken(w.t.Context(), regexp.MustCompile(`[^/]+$`).FindString(place))
	w.must(err)
	w.booked = append(w.booked, b.ID)
	return b.ID
}

// card types a card on the card page and sends it.
func (w *window) card(number string) {
	w.t.Helper()
	for field, typed := range map[string]string{"number": number, "exp": "12/40", "cvc": "123"} {
		w.types(field, typed)
	}
	do(w.t, w.ctx, chromedp.Click(chromedp.CSS(`main form button[type="submit"]`)))
}

// mail opens the newest mail to an address with a subject, in the outbox, and
// gives the link of its own that it holds.
func (w *window) mail(to, subject string, says ...string) (link string) {
	w.t.Helper()
	w.opens("/outbox")
	find := fmt.Sprintf(`[...document.querySelectorAll("main li")].find(
		(e) => e.innerText.includes(%s) && e.innerText.startsWith(%s))?.querySelector("a")`, inScript("<"+to+">"), inScript(subject))
	do(w.t, w.ctx, chromedp.Click(chromedp.JSPath(find)), chromedp.WaitVisible(chromedp.CSS(".mail-text")))
	w.reads(says...)
	return regexp.MustCompile(`/b/\S+`).FindString(text(w.t, w.ctx, ".mail-text"))
}

// passesBy lets time go by until a moment, and all that is due by then happen.
func (st *story) passesBy(d time.Duration) {
	st.t.Helper()
	st.wait(d)
	st.tick()
	st.hear()
	st.tick()
}
