package sandbox

import (
	"context"
	"errors"
	"time"
)

// NextDue is when time brings about something next, or the next event is
// delivered; a time that has passed if that is due already. ok is false when
// nothing is to come.
func (s *Sandbox) NextDue() (next time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sooner := func(at time.Time) {
		if !ok || at.Before(next) {
			next, ok = at.UTC(), true
		}
	}
	if len(s.agenda) > 0 {
		sooner(time.Unix(s.agenda[0].at, 0))
	}
	if s.webhookURL != "" {
		for _, e := range s.pending {
			if !e.settled() {
				sooner(time.UnixMilli(e.NextTry))
			}
		}
	}
	return next, ok
}

// Paused runs f while the goroutine of Start, if it was started, delivers
// nothing: for who moves the clock and calls Deliver at each time. An event that
// is signed at one time and comes at another would be refused.
func (s *Sandbox) Paused(ctx context.Context, f func() error) error {
	s.delivery.mu.Lock()
	running := s.delivery.running
	s.delivery.mu.Unlock()
	if !running {
		return f()
	}
	err := s.Stop(ctx)
	defer s.Start()
	return errors.Join(err, f())
}
