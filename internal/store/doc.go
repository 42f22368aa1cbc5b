// Package store keeps documents: one typed Collection over one of two engines,
// SQLite (embedded, the default) and MongoDB's protocol.
//
// # The contract
//
// A document is a struct that embeds Meta. It is the unit of truth and of
// atomicity: no operation spans two documents, and there are no transactions,
// so that the same code is right on a laptop and on a sharded cluster.
//
// Ids are UTF-8 strings that the program chooses; they are unique in a collection,
// also under racing writers. There are no other unique keys: what must be
// unique gets an id that says so (a message's id is made of its rule, booking
// and recipient).
//
// Rev counts the saves of a document, starting with 1. Update replaces a
// document only if its Rev is still the one that was loaded, else it loads and
// decides again.
//
// Fields are named by their json struct tags on every engine. A document may
// hold strings (UTF-8; each byte that is not comes back as U+FFFD), booleans,
// integers, floats, times, pointers to these, structs, slices, and maps from strings
// without "." and "$". Types that bring their own JSON encoding are not
// allowed, because engines do not share it; embedded structs are flattened, as
// encoding/json does. An empty slice or map may come back as nil.
//
// Times are kept to the millisecond and come back in UTC. Insert and Update
// cut and convert the document's times in place before they save it, so that
// what the caller goes on with is what was stored.
//
// # What an answer means
//
// An acknowledged write is on disk (SQLite: synced to it, FULL) or on a
// majority of the replica set (MongoDB). It survives kill -9 and power loss.
// A failed write may have happened, unless its error is ErrExists, ErrStale or
// ErrNotFound: whoever repeats it must decide on what is there then.
//
// Update calls of one document inside one process are combined: the first
// loads, all waiting decisions are applied in the order of arrival, one save
// keeps them, and only then does each caller get its own answer. After a save
// of several, those who wait then are joined by who comes within half the time
// that it took, of 10 ms at most; who waits alone is saved at once. A decision
// may run more than once. It must leave the document as it was when it
// returns an error, and must touch nothing outside that a second run would
// get wrong. It must not keep the document or parts of it: the next decision
// works on the same one, at the same time as the first caller goes on.
//
// # Finding
//
// Find and Count go through declared indexes only: equality on the leading
// fields of an index, then a range on the next, in the order of the index with
// the id as the last key. A document in which the ranged field is absent
// (a nil pointer) is not found; this is what lets "due at" fields end their
// work by becoming nil. Cursors name the last key seen, not a count, so paging
// is stable under concurrent writes: a document that is there all along and
// does not change its keys is seen exactly once.
//
// # Carrying
//
// Documents go to files and to other engines as JSON by the names of their type
// (Document). Walk shows all of them, at one moment on SQLite; on MongoDB each as
// it is when its turn comes. Add takes one with its revision, and refuses fields
// that its type does not have, so that nothing is lost without a word.
//
// # Errors
//
// ErrNotFound, ErrExists, ErrStale, ErrClosed and ErrUnavailable are the same
// on every engine; everything else is a defect or a broken disk and counts as
// internal.
package store
