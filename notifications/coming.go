package notifications

import (
	"context"
	"slices"
	"time"

	"lantern/internal/store"
)

// NextDue are the messages that somebody has to act on next, from that time on,
// by NextAt.
func (s *Service) NextDue(ctx context.Context, from time.Time, most int) ([]*Message, error) {
	var next []*Message
	for _, state := range []State{Planned, Sending} {
		page, err := s.messages.Find(ctx, store.Query{Index: byNext, Equal: []any{state}, From: from, Limit: most})
		if err != nil {
			return nil, err
		}
		next = append(next, page.Items...)
	}
	slices.SortStableFunc(next, func(a, b *Message) int { return a.NextAt.Compare(*b.NextAt) })
	return next[:min(most, len(next))], nil
}
