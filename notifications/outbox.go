package notifications

import (
	"context"

	"lantern/internal/store"
)

// bySent is the index of what was sent, by when it was. Reminders are planned
// long before.
const bySent = "sent"

// Outbox returns what was sent, the last first.
func (s *Service) Outbox(ctx context.Context, limit int, after string) (store.Page[Message], error) {
	return s.messages.Find(ctx, store.Query{Index: bySent, Equal: []any{Sent}, Desc: true, Limit: limit, After: after})
}
