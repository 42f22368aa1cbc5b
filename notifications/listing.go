package notifications

import (
	"context"

	"lantern/internal/store"
)

// ListBy is List of what goes by one channel; nil is both. It looks at a bounded
// number of messages, so that a page may hold fewer than there is room for: next
// goes on.
func (s *Service) ListBy(ctx context.Context, channel *Channel, cohortID string, state State, limit int, after string) (store.Page[Message], error) {
	if channel == nil {
		return s.List(ctx, cohortID, state, limit, after)
	}
	found := store.Page[Message]{Next: after}
	for looked := 0; looked < mostLookedAt && len(found.Items) < limit; {
		// No more than there is room for, so that next goes on behind the last.
		room := limit - len(found.Items)
		page, err := s.List(ctx, cohortID, state, room, found.Next)
		if err != nil {
			return store.Page[Message]{}, err
		}
		for _, m := range page.Items {
			if m.Channel == *channel {
				found.Items = append(found.Items, m)
			}
		}
		looked += room
		if found.Next = page.Next; found.Next == "" {
			break
		}
	}
	return found, nil
}
