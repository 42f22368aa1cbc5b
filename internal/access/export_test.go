package access

import (
	"context"

	"lantern/internal/store"
)

// Stored counts the links, askings and sessions in the store.
func (t *Team) Stored(ctx context.Context) (count int64, err error) {
	q := store.Query{Index: byEnd}
	for _, counted := range []func(context.Context, store.Query) (int64, error){t.links.Count, t.asked.Count, t.sessions.Count} {
		n, err := counted(ctx, q)
		if err != nil {
			return 0, err
		}
		count += n
	}
	return count, nil
}
