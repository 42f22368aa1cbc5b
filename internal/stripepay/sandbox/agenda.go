package sandbox

import (
	"container/heap"
	"time"
)

// appointment is a thing that the clock will bring about.
type appointment struct {
	at int64 // seconds since 1970
	do func(now time.Time)
}

// agenda has the next appointment first.
type agenda []appointment

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at < a[j].at }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push is for container/heap.
func (a *agenda) Push(x any) { *a = append(*a, x.(appointment)) }

// Pop is for container/heap.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// plan has something done at a time. What is done must look whether it still
// applies, since nothing takes an appointment back.
func (s *Sandbox) plan(at int64, do func(now time.Time)) {
	heap.Push(&s.agenda, appointment{at, do})
}

// catchUp does what is due. It begins every change, so that nobody ever sees a
// session that is over still open.
func (s *Sandbox) catchUp(now time.Time) {
	for len(s.agenda) > 0 && s.agenda[0].at <= now.Unix() {
		heap.Pop(&s.agenda).(appointment).do(now)
	}
}

// planKept fills the agenda and the queue of events from the state of an
// earlier run.
func (s *Sandbox) planKept() {
	for _, co := range s.state.Checkouts.items {
		if co.Session.Status == sessionOpen {
			s.planExpiry(co)
		}
	}
	for id, outcome := range s.state.Outcomes {
		s.planOutcome(id, outcome)
	}
	for _, e := range s.state.Events.items {
		if !e.settled() {
			s.pending = append(s.pending, e)
		}
	}
}
