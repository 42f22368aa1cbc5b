package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// action is one thing that somebody does, or the world. What comes of it depends
// on how things are then, and on its own dice: so a story stays one when actions
// are left out.
type action struct {
	n     int // its number in the whole story
	after time.Duration
	what  doing
	who   int // the couple or the cohort
	dice  uint64
}

type doing int

const (
	opening    doing = iota // an organizer publishes a cohort
	visit                   // a couple looks at its page, and does something
	latePay                 // a couple pays on a page that it has open somewhere
	driving                 // a driver answers
	desk                    // staff do what there is to do
	organizing              // an organizer changes something
	banking                 // a bank, or somebody on Stripe's dashboard, does something
	trouble                 // something begins to fail
	meeting                 // something happens in the middle of what comes next
	clearing                // nothing fails any more
	night                   // the books are compared
	auditing                // everything is looked at in calm
)

func (a action) rand() *rand.Rand { return newRand(a.dice, uint64(a.what)) }

const day = 24 * time.Hour

// newStory is the story of a seed.
func newStory(s settings) []action {
	r := newRand(s.seed, 2)
	var story []action
	add := func(after time.Duration, what doing, who int) {
		story = append(story, action{after: after.Truncate(time.Second), what: what, who: who, dice: r.Uint64()})
	}
	anytime := func() time.Duration { return time.Duration(r.Int64N(int64(s.days) * int64(day))) }
	for cohort := range s.cohorts {
		add(s.opens(cohort), opening, cohort)
	}
	for i := range s.couples {
		visits(r, s, func(after time.Duration, what doing) { add(after, what, i) })
	}
	for d := range s.days {
		for _, hour := range []int{1, 6} { // noon and evening at the place, which is west
			add(time.Duration(d)*day+time.Duration(hour)*time.Hour+time.Duration(r.IntN(3000))*time.Second, desk, 0)
		}
		if d%s.nights() == 0 {
			add(time.Duration(d)*day+11*time.Hour+5*time.Minute, night, 0)
		}
	}
	for range s.days/4 + s.couples/3 {
		add(anytime(), organizing, 0)
		add(anytime(), banking, r.IntN(s.couples))
	}
	for range s.days / 3 {
		after := anytime()
		add(after, trouble, 0)
		add(after+time.Duration(r.IntN(2*24*60))*time.Minute, clearing, 0)
	}
	for d := 45; d < s.days; d += 45 {
		add(time.Duration(d)*day, auditing, 0)
	}
	for _, a := range slices.Clone(story) {
		if chance(r, 25) {
			add(a.after, meeting, 0)
		}
		if chance(r, 15) {
			add(anytime(), meeting, 0)
		}
	}
	slices.SortStableFunc(story, func(a, b action) int { return cmp.Or(cmp.Compare(a.after, b.after), cmp.Compare(b.what, a.what)) })
	for i := range story {
		story[i].n = i
	}
	return story
}

// nights is how many days there are between two comparisons of the books.
func (s settings) nights() int {
	if s.couples > 200 {
		return 7 // it goes through all bookings each time
	}
	return 2
}

// starts is the first day of a cohort, counted from the story's, and opens is
// when it is published.
func (s settings) starts(cohort int) int {
	first, last := 35, max(36, s.days-60)
	return first + (last-first)*cohort/max(1, s.cohorts)
}

func (s settings) opens(cohort int) time.Duration {
	return time.Duration(max(0, s.starts(cohort)-100)) * day
}

// visits is when a couple looks: often when it books, then now and then.
func visits(r *rand.Rand, s settings, add func(time.Duration, doing)) {
	cohort := r.IntN(s.cohorts)
	start := time.Duration(s.starts(cohort)) * day
	opens := s.opens(cohort)
	came := opens + time.Duration(r.Int64N(int64(start-opens-2*day)))
	if chance(r, 50) { // many come at once
		came = opens + time.Duration(r.Int64N(int64(2*time.Hour)))
	}
	for _, minutes := range []int{1, 3, 12, 25, 45, 200, 24 * 60, 60 * 60} {
		add(came+time.Duration(r.Int64N(int64(minutes)*int64(time.Minute))), visit)
	}
	add(came+time.Duration(20+r.IntN(40))*time.Minute, latePay)
	for range 8 {
		add(came+time.Duration(r.Int64N(int64(start+10*day-came))), visit)
	}
	for range 3 {
		add(start-time.Duration(r.Int64N(int64(20*day))), driving)
	}
	add(start+time.Duration(r.Int64N(int64(40*day))), visit)
}

// act does an action.
func (w *world) act(a action) {
	r := a.rand()
	switch a.what {
	case opening:
		w.publishes(a.who, r)
	case visit:
		w.visits(w.people[a.who], r)
	case latePay:
		w.paysLate(w.people[a.who], r)
	case driving:
		w.drives(w.people[a.who], r)
	case desk:
		w.works(r)
	case organizing:
		w.organizes(r)
	case banking:
		w.banks(w.people[a.who], r)
	case trouble:
		w.troubles(r)
	case meeting:
		w.interrupts(r)
	case clearing:
		w.clears()
	case night:
		w.compares()
	case auditing:
		w.audits()
	}
}
