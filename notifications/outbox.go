package notifications

import (
	"context"
	"time"

	"lantern/internal/store"
)

// bySent is the index of what was sent, by when it was. Reminders are planned
// long before.
const bySent = "sent"

// Zone is the practice's, in which staff read times.
func (s *Service) Zone() *time.Location { return s.options.Bookings.Zone() }

// Outbox returns what was sent, the last first.
func (s *Service) Outbox(ctx context.Context, limit int, after string) (store.Page[Message], error) {
	return s.messages.Find(ctx, store.Query{Index: bySent, Equal: []any{Sent}, Desc: true, Limit: limit, After: after})
}
