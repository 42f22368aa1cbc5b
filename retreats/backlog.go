package retreats

import (
	"context"
	"time"

	"lantern/internal/jobs"
	"lantern/internal/store"
)

// Backlog is what waits to be settled although its deadline has passed.
func (s *Service) Backlog(ctx context.Context, now time.Time) (jobs.Backlog, error) {
	due := store.Query{Index: byDeadline, To: now}
	b := jobs.Backlog{Work: "cohorts"}
	var err error
	if b.Waiting, err = s.cohorts.Count(ctx, due); err != nil || b.Waiting == 0 {
		return b, err
	}
	due.Limit = 1
	first, err := s.cohorts.Find(ctx, due)
	for _, c := range first.Items {
		b.Since = c.NextDeadline
	}
	return b, err
}
