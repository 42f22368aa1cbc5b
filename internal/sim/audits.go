package main

import (
	"time"

	"lantern/booking"
)

// compares has the books compared with the card service's, as each night.
func (w *world) compares() {
	if w.isDown() {
		return
	}
	p := w.free(w.turn)
	err := p.bookings.CompareDue(w.ctx, w.now)
	w.say("process %d compares the books: %v", p.n+1, kindOf(err))
}

// calms lets all that is under way come to its end: nothing fails, and some days
// go by in which nobody does anything.
func (w *world) calms(days int) {
	w.clears()
	w.meanwhile = meanwhile{}
	for _, p := range w.procs {
		p.dies = 0
	}
	for range days {
		w.advance(w.now.Add(25 * time.Hour)) // refunds that failed are tried again
		if w.found != nil {
			return
		}
		if err := w.procs[0].bookings.AskComparison(w.ctx, robin); err == nil {
			_ = w.procs[0].bookings.CompareDue(w.ctx, w.now) // a person sees what differs
		}
		w.step()
		w.advance(w.now.Add(10 * time.Minute))
	}
}

// audits looks at everything, once it is calm.
func (w *world) audits() {
	w.say("an audit")
	w.calms(4)
	if w.found == nil {
		w.account.checkAll()
	}
	if w.found == nil {
		w.account.checkBooks()
	}
	if w.found == nil {
		w.account.checkMessages()
		w.account.checkSendings()
		w.account.checkTalks()
	}
	if w.found == nil {
		w.account.recounts()
	}
}

// end is the end of the story: whatever is still to come comes, then everything
// is looked at.
func (w *world) end() {
	w.audits()
	if w.found == nil {
		w.account.checkComplete()
	}
}

// everyBooking visits all bookings that there are.
func (w *world) everyBooking(visit func(booking.Case)) {
	for _, id := range w.place.IDs("bookings") {
		c, err := w.free(0).bookings.Case(w.ctx, id)
		if err != nil {
			w.breaks(7, "booking %s cannot be read: %v", id, err)
			return
		}
		visit(c)
	}
}
