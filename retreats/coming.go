package retreats

import (
	"context"
	"time"

	"lantern/internal/store"
)

// NextDeadlines are the cohorts in which time brings something about next, from
// that time on, the next one first.
func (s *Service) NextDeadlines(ctx context.Context, from time.Time, most int) ([]*Cohort, error) {
	page, err := s.cohorts.Find(ctx, store.Query{Index: byDeadline, From: from, Limit: most})
	return page.Items, err
}

// NextSession is the first session of all cohorts that take place which begins
// after that time, with its cohort; both nil if none does.
func (s *Service) NextSession(ctx context.Context, after time.Time) (in *Cohort, next *Session, err error) {
	for _, q := range runs() {
		err := s.cohorts.All(ctx, q, func(c *Cohort) error {
			for i := range c.Sessions {
				begins := c.Sessions[i].StartsAt
				if begins.After(after) && (next == nil || begins.Before(next.StartsAt)) {
					in, next = c, &c.Sessions[i]
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return in, next, nil
}
