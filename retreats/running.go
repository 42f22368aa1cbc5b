package retreats

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/store"
)

// Running returns the cohorts that take place, on offer or closed, and those
// that have ended with sessions still to come, by their first day. The last of
// a page is where the next goes on: after is its day and id.
func (s *Service) Running(ctx context.Context, limit int, after Cursor) (page []*Cohort, more bool, err error) {
	now := s.now()
	for _, q := range runs() {
		q.From, q.Limit = after.StartsOn, limit+1
		found, err := s.firstRunning(ctx, q, after, limit+1, now)
		if err != nil {
			return nil, false, err
		}
		page = append(page, found...)
	}
	slices.SortFunc(page, func(a, b *Cohort) int { return cursorOf(a).compare(cursorOf(b)) })
	// What is being settled meanwhile may have been found in two states.
	page = slices.CompactFunc(page, func(a, b *Cohort) bool { return a.ID == b.ID })
	if len(page) > limit {
		return page[:limit], true, nil
	}
	return page, false, nil
}

// runs are the searches for what takes place or lingers.
func runs() []store.Query {
	return []store.Query{
		{Index: byOffer, Equal: []any{Open}}, {Index: byOffer, Equal: []any{Closed}}, {Index: byLinger, Equal: []any{true}},
	}
}

// Cursor is where a page of Running ends.
type Cursor struct {
	StartsOn civil.Date
	ID       string
}

func cursorOf(c *Cohort) Cursor { return Cursor{c.StartsOn, c.ID} }

func (c Cursor) compare(d Cursor) int {
	return cmp.Or(cmp.Compare(c.StartsOn, d.StartsOn), cmp.Compare(c.ID, d.ID))
}

// firstRunning gives the first so many that the query finds beyond the cursor.
func (s *Service) firstRunning(ctx context.Context, q store.Query, after Cursor, most int, now time.Time) (found []*Cohort, err error) {
	err = s.cohorts.All(ctx, q, func(c *Cohort) error {
		if cursorOf(c).compare(after) <= 0 {
			return nil
		}
		if c.Settle(now); !c.IsOver() || c.State == Finished && c.hasToCome(now) {
			if found = append(found, c); len(found) == most {
				return errEnough
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

// errEnough stops a search that has found what it was for.
var errEnough = errors.New("enough was found")

// lingerAll marks those that linger and were saved by an earlier version, which
// did not write that down.
func (s *Service) lingerAll(ctx context.Context, now time.Time) error {
	// No session lies farther than a year from the first day.
	earliest := civil.DateOf(now, time.UTC).AddDays(-366)
	q := store.Query{Index: byOffer, Equal: []any{Finished}, From: earliest}
	return s.cohorts.All(ctx, q, func(c *Cohort) error {
		if c.Lingering || !c.hasToCome(now) {
			return nil
		}
		_, err := s.settle(ctx, c.ID, now)
		return err
	})
}

// lastSessionEnds is when everything has been; nil without a session.
func (c *Cohort) lastSessionEnds() *time.Time {
	var last *time.Time
	for _, s := range c.Sessions {
		last = later(last, s.EndsAt)
	}
	return last
}

func later(last *time.Time, end time.Time) *time.Time {
	if last != nil && !end.After(*last) {
		return last
	}
	return &end
}

// hasToCome says whether a session is still to come or going on.
func (c *Cohort) hasToCome(now time.Time) bool {
	return slices.ContainsFunc(c.Sessions, func(s Session) bool { return now.Before(s.EndsAt) })
}
