package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"lantern/internal/store"
)

// Collections names the collections that are there.
func (e *Engine) Collections(ctx context.Context) ([]string, error) {
	e.place.mu.RLock()
	defer e.place.mu.RUnlock()
	return slices.Sorted(maps.Keys(e.place.collections)), e.may(ctx)
}

// Walk gives all documents of the collections as they are at one moment. Nothing
// is held while each is called, so it may write.
func (e *Engine) Walk(ctx context.Context, collections []string, each func(string, store.Record) error) (oneMoment bool, err error) {
	all, err := e.snapshot(ctx, collections)
	if err != nil {
		return false, err
	}
	for i, records := range all {
		for _, r := range records {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			if err := each(collections[i], r); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// snapshot gives the records of each collection by id. Their bodies are shared
// and never changed, so it costs little.
func (e *Engine) snapshot(ctx context.Context, collections []string) ([][]store.Record, error) {
	e.place.mu.RLock()
	defer e.place.mu.RUnlock()
	if err := e.may(ctx); err != nil {
		return nil, err
	}
	all := make([][]store.Record, len(collections))
	for i, collection := range collections {
		docs, ok := e.place.collections[collection]
		if !ok {
			return nil, fmt.Errorf("collection %s has not been prepared", collection)
		}
		for _, id := range slices.Sorted(maps.Keys(docs.entries)) {
			all[i] = append(all[i], docs.entries[id].record())
		}
	}
	return all, nil
}
