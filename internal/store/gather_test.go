package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lantern/internal/store"
)

// slowly is an engine whose saves take so long.
func slowly(save time.Duration) func(store.Engine) store.Engine {
	return func(e store.Engine) store.Engine {
		return hooked{e, func(context.Context, string) error {
			time.Sleep(save) // virtual
			return nil
		}}
	}
}

// rush adds lines to the note, each some time after the one before, and tells
// when each was answered.
func rush(t *testing.T, c *store.Collection[note], after ...time.Duration) (answered []time.Duration) {
	begun := time.Now()
	answered = make([]time.Duration, len(after))
	var all sync.WaitGroup
	for i, pause := range after {
		time.Sleep(pause)
		synctest.Wait()
		all.Go(func() {
			if err := c.Update(t.Context(), "a", adding(fmt.Sprint(i))); err != nil {
				t.Errorf("update %d: %v", i, err)
			}
			answered[i] = time.Since(begun)
		})
		synctest.Wait()
	}
	all.Wait()
	return answered
}

const ms = time.Millisecond

// TestInARushTheNextAreGathered: after a save of several, those who wait are
// saved together with those who come within half the time of it.
func TestInARushTheNextAreGathered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		save            time.Duration
		after, answered []time.Duration
	}{
		// 0 is saved alone till 8; 1 and 2 till 16; then three gather till 20.
		"a rush": {8 * ms, []time.Duration{0, ms, ms, 7 * ms, ms, 8 * ms}, []time.Duration{8 * ms, 16 * ms, 16 * ms, 28 * ms, 28 * ms, 28 * ms}},
		// However long a save takes.
		"a slow disk": {60 * ms, []time.Duration{0, ms, ms, 60 * ms, ms}, []time.Duration{60 * ms, 120 * ms, 120 * ms, 190 * ms, 190 * ms}},
		// 3 waits alone when the save of 1 and 2 ends.
		"the last one": {8 * ms, []time.Duration{0, ms, ms, 7 * ms}, []time.Duration{8 * ms, 16 * ms, 16 * ms, 24 * ms}},
		// 3 comes when nobody waits any more.
		"one who comes later": {8 * ms, []time.Duration{0, ms, ms, 15 * ms}, []time.Duration{8 * ms, 16 * ms, 16 * ms, 25 * ms}},
		"one after the other": {8 * ms, []time.Duration{0, 8 * ms, 8 * ms}, []time.Duration{8 * ms, 16 * ms, 24 * ms}},
		"two by turns":        {8 * ms, []time.Duration{0, 4 * ms, 8 * ms}, []time.Duration{8 * ms, 16 * ms, 24 * ms}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, end := openNotes(t, slowly(test.save))
				defer end()
				for i, at := range rush(t, c, test.after...) {
					if at != test.answered[i] {
						t.Errorf("update %d was answered after %v, want %v", i, at, test.answered[i])
					}
				}
			})
		})
	}
}

// TestClosingDoesNotWaitForOthers: nobody can come any more.
func TestClosingDoesNotWaitForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, end := openNotes(t, slowly(8*ms))
		done := make(chan []time.Duration)
		go func() { done <- rush(t, c, 0, ms, ms, 7*ms, ms) }()
		time.Sleep(17 * ms) // the last two gather till 20
		begun := time.Now()
		end()
		if took := time.Since(begun); took != 8*ms {
			t.Errorf("closing took %v", took)
		}
		if answered := <-done; answered[3] != 25*ms || answered[4] != 25*ms {
			t.Errorf("they were answered after %v", answered)
		}
	})
}

// TestWhatIsSaved: a change is seen, and no change is none, whatever it does to
// the length of the document and of its revision.
func TestWhatIsSaved(t *testing.T) {
	t.Parallel()
	c, end := openNotes(t, bare)
	defer end()
	look := func(*note) error { return nil }
	rev := int64(1)
	for i := range 120 { // the revision becomes longer at 10 and at 100
		lines := []string{fmt.Sprint(i % 2)} // as long as before
		if i%3 == 1 {
			lines = []string{"", ""} // longer by a byte or two
		}
		err := c.Update(t.Context(), "a", func(n *note) error {
			n.Lines = lines
			return nil
		})
		if rev++; err != nil {
			t.Fatal(err)
		}
		if err := c.Update(t.Context(), "a", look); err != nil {
			t.Fatal(err)
		}
		got, err := c.Get(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if got.Rev != rev || fmt.Sprint(got.Lines) != fmt.Sprint(lines) {
			t.Fatalf("after change %d the note is %+v, want revision %d with %q", i, got, rev, lines)
		}
	}
	for length := range 15 { // longer by a byte each time
		err := c.Update(t.Context(), "a", func(n *note) error {
			n.Lines = []string{strings.Repeat("7", length)}
			return nil
		})
		if rev++; err != nil {
			t.Fatal(err)
		}
		if got, err := c.Rev(t.Context(), "a"); got != rev || err != nil {
			t.Fatalf("Rev = %d, %v, want %d", got, err, rev)
		}
	}
}
