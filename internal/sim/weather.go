package main

import (
	"math/rand/v2"
	"time"

	"lantern/internal/stripepay/sandbox"
)

// weather is how unkind the world is at the moment.
type weather struct {
	// engine fails so many of the next readings and writes, these before or after
	// they happened.
	engine struct {
		reads, writes int
		after         bool
	}
	// mail and texts are refused, or taken with an answer that gets lost, so often.
	mail, texts struct{ refuses, lateAnswers int }
	// downUntil is until when no process does anything: what people do then gets no
	// answer, and the clock jumps for those who come back.
	downUntil time.Time
	// lastBad is when something was last made to fail.
	lastBad time.Time
}

// troubles makes something fail.
func (w *world) troubles(r *rand.Rand) {
	if w.kind {
		return
	}
	w.weather.lastBad = w.now
	few := func(most int) int { return 1 + r.IntN(most) }
	switch r.IntN(9) {
	case 0, 1, 2:
		p := w.pick(r)
		p.dies, p.written = few(12), chance(r, 50)
		w.say("process %d will die at its write %d", p.n+1, p.dies)
	case 3:
		w.weather.engine.writes, w.weather.engine.after = few(3), chance(r, 50)
		w.say("the engine fails %d writes (after they happened: %v)", w.weather.engine.writes, w.weather.engine.after)
	case 4:
		w.weather.engine.reads = few(4)
		w.say("the engine fails %d readings", w.weather.engine.reads)
	case 5, 6:
		w.cardTrouble(r)
	case 7:
		w.weather.mail.refuses, w.weather.mail.lateAnswers = r.IntN(8), r.IntN(3)
		w.weather.texts.refuses, w.weather.texts.lateAnswers = r.IntN(3), r.IntN(3)
		w.say("mail and texts are troubled: %+v, %+v", w.weather.mail, w.weather.texts)
	case 8:
		w.weather.downUntil = w.now.Add(time.Duration(few(one(r, 3, 30, 72))) * time.Hour)
		w.say("nothing runs until %s", w.weather.downUntil.Format("2 January 15:04"))
	}
}

func (w *world) cardTrouble(r *rand.Rand) {
	t := sandbox.Trouble{
		APIErrors: r.IntN(3), Timeouts: r.IntN(3), LateAnswers: r.IntN(3), RateLimits: r.IntN(2),
		HoldEvents:   time.Duration(one(r, 0, 0, 10, 120, 1500)) * time.Minute,
		DoubleEvents: chance(r, 30), ReorderEvents: chance(r, 30), LoseEvents: chance(r, 30),
	}
	w.cards.SetTrouble(t)
	w.say("the card service is troubled: %+v", t)
}

// clears ends whatever is failing.
func (w *world) clears() {
	w.weather = weather{lastBad: w.now}
	w.cards.SetTrouble(sandbox.Trouble{})
}

// isDown reports whether people get no answer.
func (w *world) isDown() bool { return w.now.Before(w.weather.downUntil) }
