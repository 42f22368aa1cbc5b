package mongo

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/x/mongo/driver"
	"go.mongodb.org/mongo-driver/x/mongo/driver/topology"

	"lantern/internal/fault"
	"lantern/internal/store"
)

func command(code int32) error { return mongo.CommandError{Code: code, Message: "as servers say it"} }

func write(codes ...int) error {
	var e mongo.WriteException
	for _, code := range codes {
		e.WriteErrors = append(e.WriteErrors, mongo.WriteError{Code: code})
	}
	return e
}

// concern is the answer to a write that was made but is not yet on a majority.
func concern(code int, errors ...mongo.WriteError) error {
	return mongo.WriteException{WriteConcernError: &mongo.WriteConcernError{Code: code}, WriteErrors: errors}
}

// TestPortable covers what FerretDB never answers, but a cluster does.
func TestPortable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ err, want error }{
		"nothing":                              {nil, nil},
		"no document":                          {mongo.ErrNoDocuments, store.ErrNotFound},
		"a taken id":                           {write(11000), store.ErrExists},
		"a taken id, in a command's answer":    {command(11000), store.ErrExists},
		"a taken id that may be rolled back":   {concern(64, mongo.WriteError{Code: 11000}), store.ErrUnavailable},
		"no majority in time":                  {concern(64), store.ErrUnavailable},
		"shut down before a majority":          {concern(91), store.ErrUnavailable},
		"no primary any more":                  {command(10107), store.ErrUnavailable},
		"stepping down":                        {command(189), store.ErrUnavailable},
		"interrupted by an election":           {command(11602), store.ErrUnavailable},
		"out of the server's time":             {command(50), store.ErrUnavailable},
		"too much to do":                       {command(462), store.ErrUnavailable},
		"a lost connection":                    {mongo.CommandError{Labels: []string{"NetworkError"}}, store.ErrUnavailable},
		"no server":                            {topology.ServerSelectionError{}, store.ErrUnavailable},
		"no connection":                        {topology.ConnectionError{Wrapped: errors.New("refused")}, store.ErrUnavailable},
		"a pool emptied by a failure":          {retryable{}, store.ErrUnavailable},
		"out of the caller's time":             {context.DeadlineExceeded, store.ErrUnavailable},
		"given up, in the middle of a network": {topology.ConnectionError{Wrapped: context.Canceled}, context.Canceled},
		"given up":                             {context.Canceled, context.Canceled},
		"closed":                               {mongo.ErrClientDisconnected, store.ErrClosed},
		"stale":                                {store.ErrStale, store.ErrStale},
	} {
		if got := portable(wrapped(c.err)); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for name, err := range map[string]error{
		"a wrong password":    command(18),
		"no permission":       command(13),
		"a document too long": write(10334),
		"an unknown error":    errors.New("what is this"),
	} {
		if got := portable(wrapped(err)); fault.KindOf(got) != fault.Internal || got.Error() != wrapped(err).Error() {
			t.Errorf("%s: %v (%s), want it unchanged", name, got, fault.KindOf(got))
		}
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("inserting: %w", err)
}

// retryable is the driver's answer when a pool was cleared under it.
type retryable struct{}

var _ driver.RetryablePoolError = retryable{}

func (retryable) Error() string   { return "pool cleared" }
func (retryable) Retryable() bool { return true }
