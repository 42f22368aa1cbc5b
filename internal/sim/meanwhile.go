package main

import "math/rand/v2"

// meanwhile is something that the other process does in the middle of what one
// does: before one of its next calls of the store, of the card service or of the
// mail server. It is how two processes race here, the same way each time.
type meanwhile struct {
	calls int // until it happens; 0 for nothing to come
	dice  uint64
}

// interrupts has something happen in the middle of what comes next.
func (w *world) interrupts(r *rand.Rand) {
	w.meanwhile = meanwhile{calls: 1 + r.IntN(one(r, 6, 25, 80)), dice: r.Uint64()}
}

// calls is told of each call that a process is about to make.
func (w *world) calls(p *process) {
	if w.meanwhile.calls == 0 || w.busy != nil {
		return
	}
	if w.meanwhile.calls--; w.meanwhile.calls > 0 {
		return
	}
	w.busy = p
	w.say("in the middle of what process %d does:", p.n+1)
	r := newRand(w.meanwhile.dice, 4)
	switch what := one(r, -1, -1, -1, visit, visit, desk, organizing, banking); {
	case what < 0:
		w.passes()
	default:
		w.act(action{n: w.at, what: what, who: r.IntN(len(w.people)), dice: r.Uint64()})
	}
	w.say("so far what the other did")
	w.busy = nil
}

// free is a process that is not in the middle of something, the given one if it
// can be.
func (w *world) free(n int) *process {
	if p := w.procs[n%len(w.procs)]; p != w.busy {
		return p
	}
	return w.procs[(n+1)%len(w.procs)]
}
