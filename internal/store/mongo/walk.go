package mongo

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"

	"lantern/internal/store"
)

// Collections names the collections of the database.
func (e *Engine) Collections(ctx context.Context) (names []string, err error) {
	err = e.run(ctx, operationTimeout, func(ctx context.Context) error {
		names, err = e.database.ListCollectionNames(ctx, bson.D{})
		return err
	})
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "system.") }), err
}

// walkedAtOnce is how many documents are asked for at once: each question is
// short, so that none is cut off however many there are.
const walkedAtOnce = 500

// Walk reads page by page. Documents that are saved meanwhile are in it as they
// are when their page is read.
func (e *Engine) Walk(ctx context.Context, collections []string, each func(string, store.Record) error) (oneMoment bool, err error) {
	for _, collection := range collections {
		scan := store.Scan{Limit: walkedAtOnce}
		for {
			records, err := e.Find(ctx, collection, scan)
			if err != nil {
				return false, err
			}
			for _, r := range records {
				if err := each(collection, r); err != nil {
					return false, err
				}
			}
			if len(records) < walkedAtOnce {
				break
			}
			scan.After = []any{records[len(records)-1].ID}
		}
	}
	return false, nil
}
