package main

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWordsAreShownWhileTheyAreWritten, in the form and as the mail will be.
func TestWordsAreShownWhileTheyAreWritten(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	st.book("ana", false)
	st.tick()
	st.tick()
	w := st.desk()
	w.opens(wordsOfHeld)
	w.reads("Your place is held until Wednesday 17:30")
	do(t, w.ctx, chromedp.SendKeys("#subject", " {{.Helo}}"))
	w.reads("These words cannot be saved yet", "Did you mean .Hello")
	w.presses("Save these words")
	w.reads("Nothing was changed")
	do(t, w.ctx, chromedp.SetValue("#subject", "Kept, {{.Hello}}"))
	w.presses("Preview")
	w.reads("Kept, Maya")
	w.presses("Save these words")
	w.reads("From now on", "your own words now")
	w.presses("Back to Lantern's own words")
	w.reads("Lantern's own words again")
}
