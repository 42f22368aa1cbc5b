package retreats

import (
	"cmp"
	"context"
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/store"
)

// Running returns the cohorts that take place, on offer or closed, and those
// that have ended with sessions still to come, by their first day. The last of
// a page is where the next goes on: after is its day and id.
func (s *Service) Running(ctx context.Context, limit int, after Cursor) (page []*Cohort, more bool, err error) {
	return s.goOn(ctx, runs(), limit, after)
}

// Ahead is Running for those whose last day has not been.
func (s *Service) Ahead(ctx context.Context, limit int, after Cursor) (page []*Cohort, more bool, err error) {
	return s.goOn(ctx, runs()[:2], limit, after)
}

// Lingering is Running for those whose last day has been.
func (s *Service) Lingering(ctx context.Context, limit int, after Cursor) (page []*Cohort, more bool, err error) {
	return s.goOn(ctx, runs()[2:], limit, after)
}

// goOn gives what comes first of all that the searches find beyond the cursor.
func (s *Service) goOn(ctx context.Context, searches []store.Query, limit int, after Cursor) (page []*Cohort, more bool, err error) {
	var ways []*runningWay
	for _, q := range searches {
		q.From, q.Limit = after.StartsOn, 1
		ways = append(ways, &runningWay{query: q, after: after})
	}
	now := s.now()
	for {
		var first *runningWay
		for _, way := range ways {
			if err := s.advance(ctx, way, now, max(fewRunning, limit/4)); err != nil {
				return nil, false, err
			}
			if way.next != nil && (first == nil || cursorOf(way.next).compare(cursorOf(first.next)) < 0) {
				first = way
			}
		}
		n := len(page)
		switch {
		case first == nil:
			return page, false, nil
		case n > 0 && page[n-1].ID == first.next.ID: // it was being settled, and was found in two states
		case n == limit:
			return page, true, nil
		default:
			page = append(page, first.next)
		}
		first.next = nil
	}
}

// fewRunning is how many cohorts of a state are read together at least. Only what
// comes first of all states is shown, so reading a page of each would read three
// pages for one.
const fewRunning = 8

// runningWay goes through what one search finds, in its order. Of the next one is
// known, or that there is none.
type runningWay struct {
	query store.Query
	after Cursor
	next  *Cohort
	found []*Cohort
	ended bool
}

// advance looks for the way's next cohort, unless it is known.
func (s *Service) advance(ctx context.Context, way *runningWay, now time.Time, atOnce int) error {
	for way.next == nil {
		if len(way.found) == 0 {
			if way.ended {
				return nil
			}
			page, err := s.cohorts.Find(ctx, way.query)
			if err != nil {
				return err
			}
			way.found, way.ended = page.Items, page.Next == ""
			way.query.After, way.query.Limit = page.Next, atOnce
			continue
		}
		c := way.found[0]
		way.found = way.found[1:]
		if cursorOf(c).compare(way.after) <= 0 {
			continue
		}
		if c.Settle(now); !c.IsOver() || c.State == Finished && c.hasToCome(now) {
			way.next = c
		}
	}
	return nil
}

// runs are the searches for what takes place, on offer and closed, and for what
// lingers. A cohort that is to be settled may still be found in the one before.
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
