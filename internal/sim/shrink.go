package main

import (
	"slices"
	"time"
)

// failing is a story that breaks an invariant.
type failing struct {
	settings settings
	story    []action
	found    *violation
}

// tells plays a story; nil is one in which all went well.
func tells(s settings, story []action) (*violation, *world, error) {
	w, err := newWorld(s)
	if err != nil {
		return nil, nil, err
	}
	return w.play(story), w, nil
}

// shorten leaves out of a failing story whatever it fails without, in ever smaller
// pieces, until nothing can be left out or the time is over.
func (f failing) shorten(within time.Duration) failing {
	ends := time.Now().Add(within)
	f.settings.tell = nil
	stillFails := func(story []action) bool {
		found, _, err := tells(f.settings, story)
		if err != nil || found == nil || found.invariant != f.found.invariant {
			return false
		}
		f.found = found
		return true
	}
	if i := slices.IndexFunc(f.story, func(a action) bool { return a.n == f.found.at }); i >= 0 {
		if until := slices.Clone(f.story[:i+1]); stillFails(until) {
			f.story = until
		}
	}
	for _, who := range f.who() { // couples who have nothing to do with it
		rest := slices.DeleteFunc(slices.Clone(f.story), func(a action) bool { return a.person() == who })
		if time.Now().Before(ends) && stillFails(rest) {
			f.story = rest
		}
	}
	for piece := max(1, len(f.story)/2); ; {
		shorter := false
		for from := 0; from < len(f.story) && time.Now().Before(ends); {
			rest := slices.Delete(slices.Clone(f.story), from, min(from+piece, len(f.story)))
			if stillFails(rest) {
				f.story, shorter = rest, true
			} else {
				from += piece
			}
		}
		if time.Now().After(ends) || (piece == 1 && !shorter) {
			return f
		}
		if !shorter || piece > len(f.story) {
			piece = max(1, piece/2)
		}
	}
}

// person is the couple whose action it is, -1 for anybody else's.
func (a action) person() int {
	if a.what == visit || a.what == latePay || a.what == driving {
		return a.who
	}
	return -1
}

// who are those who act in the story, in order.
func (f failing) who() (all []int) {
	for _, a := range f.story {
		if p := a.person(); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}
