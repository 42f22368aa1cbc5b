package mongo

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/x/mongo/driver"
	"go.mongodb.org/mongo-driver/x/mongo/driver/topology"

	"lantern/internal/store"
)

// passing are the server's codes for states that end by themselves: no primary
// yet, stepping down, shutting down, out of time, no majority in time, too much
// to do. (github.com/mongodb/specifications, "retryable writes" and "server
// discovery"; github.com/mongodb/mongo, src/mongo/base/error_codes.yml)
var passing = []int{
	6, 7, 50, 64, 89, 91, 133, 134, 189, 202, 262, 365, 402, 407, 462,
	9001, 10058, 10107, 11600, 11602, 13435, 13436,
}

// portable turns the driver's errors into those of the store. What it does not
// know stays as it is and counts as internal.
func portable(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mongo.ErrNoDocuments):
		return store.ErrNotFound
	case errors.Is(err, mongo.ErrClientDisconnected):
		return store.ErrClosed
	case errors.Is(err, context.Canceled):
		// The caller has given up, and knows best why.
		return err
	case isPassing(err):
		// Also of a taken id that no majority knows of yet: it may not last.
		return store.ErrUnavailable.Because(err)
	case mongo.IsDuplicateKeyError(err):
		// The only unique index is that of ids, and only Insert brings new ones.
		return store.ErrExists
	}
	return err
}

func isPassing(err error) bool {
	if mongo.IsTimeout(err) || mongo.IsNetworkError(err) {
		return true
	}
	if _, ok := errors.AsType[topology.ServerSelectionError](err); ok {
		return true
	}
	if _, ok := errors.AsType[topology.ConnectionError](err); ok {
		return true
	}
	var pool driver.RetryablePoolError
	if errors.As(err, &pool) && pool.Retryable() {
		return true
	}
	server, ok := errors.AsType[mongo.ServerError](err)
	return ok && slices.ContainsFunc(passing, server.HasErrorCode)
}
