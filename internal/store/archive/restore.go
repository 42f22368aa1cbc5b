package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"lantern/internal/store"
)

// restoring is the collection of the mark that a store bears while it is filled.
const restoring = "restoring"

const markID = "restoring"

// mark says that a store has a part of its documents only.
type mark struct {
	store.Meta
	From  string    `json:"from"`
	Since time.Time `json:"since"`
}

// ErrHalf: the store was being filled and that did not end.
var ErrHalf = errors.New("the store is restored in part only")

// marks opens the collection of the mark. It is opened for each question, all
// of which come one after the other, before anything else uses the store.
func marks(ctx context.Context, db *store.DB) (*store.Collection[mark], error) {
	return store.Define[mark](ctx, db, restoring)
}

// RefuseHalf answers ErrHalf for a store whose restoring has not ended.
func RefuseHalf(ctx context.Context, db *store.DB) error {
	all, err := marks(ctx, db)
	if err != nil {
		return err
	}
	m, err := all.Get(ctx, markID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: restoring it from %s, begun %s, did not end. Run that command again", ErrHalf, m.From, m.Since.Format(time.DateTime))
}

// Target is where an archive goes.
type Target struct {
	DB *store.DB
	// From names the file to who finds the store half filled.
	From string
	// Accept says whether the store can make use of the file.
	Accept func(Header) error
	// Blank names collections with one document that the program makes by itself.
	// While it has never been changed, they count as empty.
	Blank []string
	// Replace says that what is in the store may go.
	Replace bool
	Now     time.Time
	// Finish is called when all documents are there, before the store counts as
	// whole.
	Finish func(ctx context.Context, c Contents) error
}

// ErrNotEmpty: there is something in the store.
var ErrNotEmpty = errors.New("the store is not empty")

// Restore fills the store with what is in the file. The whole file is read and
// checked before anything is written. If it is cut off, RefuseHalf tells, and it
// may be done again.
func Restore(ctx context.Context, file io.ReadSeeker, t Target) (Contents, error) {
	if _, err := Read(file, t.Accept, t.DB.Check); err != nil {
		return Contents{}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Contents{}, fmt.Errorf("reading the file again: %w", err)
	}
	if err := t.clear(ctx); err != nil {
		return Contents{}, err
	}
	c, err := inBatches(file, t.Accept, func(d store.Document) error { return t.DB.Add(ctx, d) })
	if err != nil {
		return c, err
	}
	if err := t.count(ctx, c.End); err != nil {
		return c, err
	}
	if t.Finish != nil {
		if err := t.Finish(ctx, c); err != nil {
			return c, err
		}
	}
	return c, t.unmark(ctx)
}

// clear marks the store and empties it. What is half filled may always go.
func (t Target) clear(ctx context.Context) error {
	half := RefuseHalf(ctx, t.DB)
	if half != nil && !errors.Is(half, ErrHalf) {
		return half
	}
	if half == nil {
		if err := t.mayFill(ctx); err != nil {
			return err
		}
		all, err := marks(ctx, t.DB)
		if err != nil {
			return err
		}
		if err := all.Insert(ctx, &mark{Meta: store.Meta{ID: markID}, From: t.From, Since: t.Now}); err != nil {
			return err
		}
	}
	for _, name := range t.DB.Defined() {
		if name == restoring {
			continue
		}
		if err := t.DB.Empty(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (t Target) mayFill(ctx context.Context) error {
	if t.Replace {
		return nil
	}
	for _, name := range t.DB.Defined() {
		n, err := t.DB.Size(ctx, name)
		if err != nil {
			return err
		}
		if n == 1 && slices.Contains(t.Blank, name) {
			if n, err = t.DB.Changed(ctx, name); err != nil {
				return err
			}
		}
		if n > 0 {
			return fmt.Errorf("%w: it has %d documents in %q", ErrNotEmpty, n, name)
		}
	}
	return nil
}

// filledAtOnce is how many documents are read before they are saved.
const filledAtOnce = 4096

// inBatches calls each for every document of the file, many at a time.
func inBatches(file io.Reader, accept func(Header) error, each func(store.Document) error) (Contents, error) {
	batch := make([]store.Document, 0, filledAtOnce)
	save := func() error {
		err := store.AtOnce(batch, each)
		batch = batch[:0]
		return err
	}
	c, err := Read(file, accept, func(d store.Document) error {
		batch = append(batch, d)
		if len(batch) < filledAtOnce {
			return nil
		}
		return save()
	})
	if err != nil {
		return c, err
	}
	return c, save()
}

// count proves that the store has what the file had.
func (t Target) count(ctx context.Context, end End) error {
	for _, name := range t.DB.Defined() {
		if name == restoring {
			continue
		}
		n, err := t.DB.Size(ctx, name)
		if err != nil {
			return err
		}
		if n != int64(end.Counts[name]) {
			return fmt.Errorf("%d documents of %q are in the file and %d in the store: is somebody else writing to it?", end.Counts[name], name, n)
		}
	}
	return nil
}

func (t Target) unmark(ctx context.Context) error {
	all, err := marks(ctx, t.DB)
	if err != nil {
		return err
	}
	m, err := all.Get(ctx, markID)
	if err != nil {
		return err
	}
	return all.Delete(ctx, markID, m.Rev)
}

// Import adds what is in the file to what is in the store: documents whose ids
// are taken are left alone, and counted. Nothing is added unless the whole file
// is right. It may be done again.
func Import(ctx context.Context, file io.ReadSeeker, db *store.DB, accept func(Header) error) (added, there int, err error) {
	if err := RefuseHalf(ctx, db); err != nil {
		return 0, 0, err
	}
	if _, err := Read(file, accept, db.Check); err != nil {
		return 0, 0, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, 0, fmt.Errorf("reading the file again: %w", err)
	}
	var taken atomic.Int64
	c, err := inBatches(file, accept, func(d store.Document) error {
		err := db.Add(ctx, d)
		if errors.Is(err, store.ErrExists) {
			taken.Add(1)
			return nil
		}
		return err
	})
	there = int(taken.Load())
	return c.End.Documents() - there, there, err
}

// TryWriting writes something to the store and removes it again.
func TryWriting(ctx context.Context, db *store.DB, now time.Time) error {
	all, err := marks(ctx, db)
	if err != nil {
		return err
	}
	m := &mark{Meta: store.Meta{ID: fmt.Sprintf("check-%d", now.UnixNano())}, Since: now}
	if err := all.Insert(ctx, m); err != nil {
		return err
	}
	return all.Delete(ctx, m.ID, m.Rev)
}
