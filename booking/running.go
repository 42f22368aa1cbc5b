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
	var from retreats.Cursor
	if after != "" {
		day, id, _ := strings.Cut(after, ".")
		startsOn, err := civil.ParseDate(day)
		if err != nil {
			return nil, "", store.ErrBadCursor.Because(err)
		}
		from = retreats.Cursor{StartsOn: startsOn, ID: id}
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
	if last := len(cohorts) - 1; more {
		next = string(cohorts[last].StartsOn) + "." + cohorts[last].ID
	}
	return all, next, nil
}
