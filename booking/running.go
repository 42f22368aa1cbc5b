package booking

import (
	"context"
	"strings"

	"lantern/internal/civil"
	"lantern/internal/store"
	"lantern/retreats"
)

// Running is Overview for all cohorts that take place or have sessions to come,
// on offer or not.
func (s *Service) Running(ctx context.Context, limit int, after string) (all []Attention, next string, err error) {
	from, err := runningFrom(after)
	if err != nil {
		return nil, "", err
	}
	cohorts, more, err := s.retreats.Running(ctx, limit, from)
	if err != nil {
		return nil, "", err
	}
	for _, cohort := range cohorts {
		a, err := s.attention(ctx, cohort)
		if err != nil {
			return nil, "", err
		}
		all = append(all, a)
	}
	if more {
		last := cohorts[len(cohorts)-1]
		next = runningPlace(retreats.Cursor{StartsOn: last.StartsOn, ID: last.ID})
	}
	return all, next, nil
}

// runningFrom is where a page of what runs goes on, as it stands in addresses.
func runningFrom(after string) (from retreats.Cursor, err error) {
	if after == "" {
		return from, nil
	}
	day, id, _ := strings.Cut(after, ".")
	startsOn, err := civil.ParseDate(day)
	if err != nil {
		return from, store.ErrBadCursor.Because(err)
	}
	return retreats.Cursor{StartsOn: startsOn, ID: id}, nil
}

// runningPlace is such a place as it stands in addresses.
func runningPlace(at retreats.Cursor) string { return string(at.StartsOn) + "." + at.ID }
