package store

import (
	"context"

	"lantern/internal/fault"
)

// The portable errors of every engine. They are faults, so that one that
// nobody handled still gets a fitting answer.
var (
	// ErrNotFound: no document has that id.
	ErrNotFound = fault.New(fault.NotFound, "There is nothing here.")
	// ErrExists: Insert met an id that is taken.
	ErrExists = fault.New(fault.Conflict, "This exists already.")
	// ErrStale: the document was saved by someone else since it was loaded.
	ErrStale = fault.New(fault.Conflict, "Somebody else changed this at the same time. Please try again.")
	// ErrClosed: the store has been closed.
	ErrClosed = fault.New(fault.Unavailable, "The service is stopping. Please try again in a moment.")
	// ErrUnavailable: the engine cannot be reached or did not answer in time.
	// A write may or may not have happened.
	ErrUnavailable = fault.New(fault.Unavailable, "The service cannot reach its records at the moment. Please try again in a minute.")
	// ErrBadCursor: the cursor was not made by this query.
	ErrBadCursor = fault.New(fault.Invalid, "This page of the list does not exist. Please start again from its beginning.")
)

// Engine is what a database has to offer: documents as encoded bodies, one
// operation each. Collection brings everything else (types, the update loop,
// combining, cursors), so that an engine holds no rules and is small.
//
// All methods may be called from many goroutines. A cancelled context ends a
// read at once; a write that was already handed over may still happen.
type Engine interface {
	// Marshal and Unmarshal are the engine's encoding of documents. Equal
	// documents have equal encodings, and the next revision of one takes no
	// more than a byte more.
	Marshal(document any) ([]byte, error)
	Unmarshal(body []byte, document any) error

	// Prepare makes the collection and its indexes if they are missing. It
	// may be called by several processes at once.
	Prepare(ctx context.Context, schema Schema) error

	// Get answers ErrNotFound when there is no such document.
	Get(ctx context.Context, collection, id string) (Record, error)
	// Rev gives the present revision alone, for callers who keep what they
	// made of the document; ErrNotFound as Get.
	Rev(ctx context.Context, collection, id string) (int64, error)
	// Revs gives the revisions of those of the documents that are there. An id
	// may be asked for twice.
	Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error)
	// Insert answers ErrExists when the id is taken.
	Insert(ctx context.Context, collection string, record Record) error
	// Replace saves the record over the one with its id and the revision
	// given; ErrStale when there is none such.
	Replace(ctx context.Context, collection string, record Record, rev int64) error
	// Delete removes the document with this id and revision; ErrStale when
	// there is none such.
	Delete(ctx context.Context, collection, id string, rev int64) error

	Find(ctx context.Context, collection string, scan Scan) ([]Record, error)
	// Count stops at the scan's limit, and counts all if that is 0. It does not
	// regard After.
	Count(ctx context.Context, collection string, scan Scan) (int64, error)

	// Collections names the collections that are there, whoever made them.
	Collections(ctx context.Context) ([]string, error)
	// Walk calls each for every document of prepared collections, in the order
	// given and within one by id, and stops at its first error. oneMoment says
	// that all of them are of one moment. Otherwise what was saved meanwhile
	// may be among them or not; each document is whole all the same.
	Walk(ctx context.Context, collections []string, each func(collection string, record Record) error) (oneMoment bool, err error)

	// Ping reports whether the engine can answer, with an ErrUnavailable or
	// ErrClosed when it cannot.
	Ping(ctx context.Context) error
	// Close ends the engine when running operations have ended. Later calls
	// answer ErrClosed. Closing twice is fine.
	Close() error
}

// Record is one encoded document. The body holds id and rev as well (fields
// "_id" and "rev").
type Record struct {
	ID   string
	Rev  int64
	Body []byte
}

// Schema describes a collection to an engine.
type Schema struct {
	Collection string
	Indexes    []ResolvedIndex
}

// Kind is the sort of value that an indexed field holds.
type Kind int

// The kinds of indexed fields. Values are handed to engines as string, int64,
// bool, and time.Time (UTC, whole milliseconds).
const (
	KindString Kind = iota + 1
	KindInt
	KindBool
	KindTime
)

// ResolvedIndex is an Index with the kinds of its fields.
type ResolvedIndex struct {
	Name   string
	Fields []IndexedField
}

// IndexedField is the path of a field in the document, with dots, and its kind.
type IndexedField struct {
	Path string
	Kind Kind
}

// Scan is a query in an engine's terms: fields Index.Fields[:len(Equal)] are
// equal to Equal; the next field, if there is one, is present and lies in
// [From, To) where these are not nil; results are in the order of the
// remaining fields and then the id (all of it reversed if Desc) and come after
// the key After (the values of those remaining fields, then the id).
// A field beyond the ranged one must be present too.
type Scan struct {
	Index    ResolvedIndex
	Equal    []any
	From, To any
	After    []any
	Desc     bool
	Limit    int
}

// Ordered gives the fields that order the results: those after the equal ones.
func (s Scan) Ordered() []IndexedField { return s.Index.Fields[len(s.Equal):] }
