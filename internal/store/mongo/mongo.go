// Package mongo is the engine of the store for MongoDB: one server, a replica
// set, a sharded cluster, or another server of its protocol.
//
// It uses only what all of these do alike: inserts, replacements and removals
// of single documents by their _id, finds through indexes. There are no
// transactions, no scripts on the server, and no unique indexes but that of
// _id. On a sharded cluster, shard collections by _id (hashed).
//
// Writes are acknowledged by a majority and its journals, and reads ask the
// primary for what a majority has, so that what was answered once stays true
// through a failover. These settings win over those in the URI.
//
// If a server offers retryable writes, the driver repeats a write whose answer
// was lost and the server recognizes the repetition, so an insert that won is
// not answered with ErrExists. Servers that only pretend to offer them need
// retryWrites=false in the URI; a lost answer is an ErrUnavailable then.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"

	"lantern/internal/store"
)

const (
	// defaultDatabase is used when the URI names none.
	defaultDatabase = "lantern"
	// connectTimeout bounds the connecting to one server, and the first search
	// for one that answers.
	connectTimeout = 5 * time.Second
	// operationTimeout bounds one operation with its repetitions, also when the
	// set has to elect a primary meanwhile, see watch.
	operationTimeout = 15 * time.Second
)

// Engine implements store.Engine.
type Engine struct {
	client   *mongo.Client
	database *mongo.Database
	watch    *watch

	// mu is held for reading by every operation, so that Close waits for them.
	mu     sync.RWMutex
	closed bool
}

var _ store.Engine = (*Engine)(nil)

// Open connects to the server that the URI tells, and to the database that its
// path names ("lantern" if it names none). ErrUnavailable when no server
// answers.
func Open(ctx context.Context, uri string) (*Engine, error) {
	parts, err := connstring.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("reading the MongoDB URI: %w", err)
	}
	durable := writeconcern.Majority()
	journaled := true
	durable.Journal, durable.WTimeout = &journaled, operationTimeout
	seen := &watch{}
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri).
		SetAppName("lantern").
		SetConnectTimeout(connectTimeout).
		SetServerSelectionTimeout(electionTime).
		SetServerMonitor(seen.monitor()).
		SetReadPreference(readpref.Primary()).
		SetReadConcern(readconcern.Majority()).
		SetWriteConcern(durable))
	if err != nil {
		return nil, fmt.Errorf("connecting to MongoDB: %w", err)
	}
	name := parts.Database
	if name == "" {
		name = defaultDatabase
	}
	e := &Engine{client: client, database: client.Database(name), watch: seen}
	first, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := e.Ping(first); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to MongoDB: %w", err), e.Close())
	}
	return e, nil
}

// Prepare makes the collection's indexes. The driver names them after their
// fields, so asking for one that is there does nothing, whoever made it. Each
// is asked for alone, since FerretDB stumbles over several that are there.
func (e *Engine) Prepare(ctx context.Context, schema store.Schema) error {
	// Without an index there is nothing to make: a collection comes into
	// being with its first document.
	if err := e.Ping(ctx); err != nil {
		return err
	}
	for _, index := range schema.Indexes {
		var key bson.D
		for _, field := range index.Fields {
			key = append(key, bson.E{Key: field.Path, Value: 1})
		}
		key = append(key, bson.E{Key: idField, Value: 1})
		// An index over many documents takes its time: only ctx bounds it.
		err := e.run(ctx, 0, func(ctx context.Context) error {
			_, err := e.database.Collection(schema.Collection).Indexes().CreateOne(ctx, mongo.IndexModel{Keys: key})
			return err
		})
		if err != nil {
			return fmt.Errorf("making index %s: %w", index.Name, err)
		}
	}
	return nil
}

// Get reads one document.
func (e *Engine) Get(ctx context.Context, collection, id string) (record store.Record, err error) {
	err = e.run(ctx, operationTimeout, func(ctx context.Context) error {
		body, err := e.database.Collection(collection).FindOne(ctx, byID(id)).Raw()
		if err != nil {
			return err
		}
		record, err = toRecord(body)
		return err
	})
	return record, err
}

// Rev reads one document's revision.
func (e *Engine) Rev(ctx context.Context, collection, id string) (rev int64, err error) {
	onlyRev := options.FindOne().SetProjection(bson.D{{Key: revField, Value: 1}})
	err = e.run(ctx, operationTimeout, func(ctx context.Context) error {
		body, err := e.database.Collection(collection).FindOne(ctx, byID(id), onlyRev).Raw()
		if err != nil {
			return err
		}
		record, err := toRecord(body)
		rev = record.Rev
		return err
	})
	return rev, err
}

// mostRevs is how many documents are asked for at once.
const mostRevs = 1000

// Revs reads the revisions of many documents.
func (e *Engine) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	revs := make(map[string]int64, len(ids))
	onlyRev := options.Find().SetProjection(bson.D{{Key: revField, Value: 1}}).SetBatchSize(mostRevs)
	for some := range slices.Chunk(ids, mostRevs) {
		err := e.run(ctx, operationTimeout, func(ctx context.Context) error {
			cursor, err := e.database.Collection(collection).Find(ctx, byIDs(some), onlyRev)
			if err != nil {
				return err
			}
			var bodies []bson.Raw
			if err := cursor.All(ctx, &bodies); err != nil {
				return err
			}
			for _, body := range bodies {
				record, err := toRecord(body)
				if err != nil {
					return err
				}
				revs[record.ID] = record.Rev
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return revs, nil
}

// Insert adds one document.
func (e *Engine) Insert(ctx context.Context, collection string, record store.Record) error {
	return e.run(ctx, operationTimeout, func(ctx context.Context) error {
		_, err := e.database.Collection(collection).InsertOne(ctx, bson.Raw(record.Body))
		return err
	})
}

// Replace saves one document over its earlier revision.
func (e *Engine) Replace(ctx context.Context, collection string, record store.Record, rev int64) error {
	return e.run(ctx, operationTimeout, func(ctx context.Context) error {
		result, err := e.database.Collection(collection).ReplaceOne(ctx, byRev(record.ID, rev), bson.Raw(record.Body))
		if err == nil && result.MatchedCount == 0 {
			return store.ErrStale
		}
		return err
	})
}

// Delete removes one document.
func (e *Engine) Delete(ctx context.Context, collection, id string, rev int64) error {
	return e.run(ctx, operationTimeout, func(ctx context.Context) error {
		result, err := e.database.Collection(collection).DeleteOne(ctx, byRev(id, rev))
		if err == nil && result.DeletedCount == 0 {
			return store.ErrStale
		}
		return err
	})
}

// Find reads the documents of a scan.
func (e *Engine) Find(ctx context.Context, collection string, scan store.Scan) (records []store.Record, err error) {
	how := options.Find().SetSort(order(scan)).SetLimit(int64(scan.Limit)).SetBatchSize(int32(scan.Limit))
	err = e.run(ctx, operationTimeout, func(ctx context.Context) error {
		cursor, err := e.database.Collection(collection).Find(ctx, filter(scan), how)
		if err != nil {
			return err
		}
		var bodies []bson.Raw
		if err := cursor.All(ctx, &bodies); err != nil {
			return err
		}
		records = make([]store.Record, len(bodies))
		for i, body := range bodies {
			if records[i], err = toRecord(body); err != nil {
				return err
			}
		}
		return nil
	})
	return records, err
}

// Count counts the documents of a scan.
func (e *Engine) Count(ctx context.Context, collection string, scan store.Scan) (count int64, err error) {
	scan.After = nil
	how := options.Count()
	if scan.Limit > 0 {
		how.SetLimit(int64(scan.Limit))
	}
	err = e.run(ctx, operationTimeout, func(ctx context.Context) error {
		count, err = e.database.Collection(collection).CountDocuments(ctx, filter(scan), how)
		return err
	})
	return count, err
}

// Ping reports whether the primary answers.
func (e *Engine) Ping(ctx context.Context) error {
	return e.run(ctx, operationTimeout, func(ctx context.Context) error {
		return e.client.Ping(ctx, readpref.Primary())
	})
}

// Close waits for running operations and closes the connections.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), operationTimeout)
	defer cancel()
	return e.client.Disconnect(ctx)
}

// run does one operation in the time given (0: as long as ctx lasts), less when
// no server is there, and makes its error portable.
func (e *Engine) run(ctx context.Context, timeout time.Duration, operation func(context.Context) error) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return portable(err)
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, min(timeout, e.watch.patience(time.Now())))
		defer cancel()
	}
	return portable(operation(ctx))
}
