package booking

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/retreats"
)

// counting counts what an engine is asked and the documents that come of it.
type counting struct {
	store.Engine
	questions, documents atomic.Int64
}

func (c *counting) Get(ctx context.Context, collection, id string) (store.Record, error) {
	c.questions.Add(1)
	c.documents.Add(1)
	return c.Engine.Get(ctx, collection, id)
}

func (c *counting) Revs(ctx context.Context, collection string, ids []string) (map[string]int64, error) {
	c.questions.Add(1)
	return c.Engine.Revs(ctx, collection, ids)
}

func (c *counting) Find(ctx context.Context, collection string, scan store.Scan) ([]store.Record, error) {
	found, err := c.Engine.Find(ctx, collection, scan)
	c.questions.Add(1)
	c.documents.Add(int64(len(found)))
	return found, err
}

// manyPlaced is a service with so many cohorts, all of the same days, each with
// one couple that has done nothing yet.
func manyPlaced(t *testing.T, cohorts int, now time.Time) (*Service, *counting) {
	t.Helper()
	ctx := t.Context()
	engine, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	counted := &counting{Engine: engine}
	db := store.Open(counted)
	t.Cleanup(func() { _ = db.Close() })
	at := func() time.Time { return now }
	dates, err := retreats.NewService(ctx, db, at)
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.Parse(strings.Repeat("5e", 32))
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewService(ctx, Options{DB: db, Retreats: dates, Key: key, Now: at, Changed: func() {}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range cohorts {
		c := placedCouple(t)
		c.Cohort.ID, c.Booking.ID = fmt.Sprintf("co%04d", i), fmt.Sprintf("bk%04d", i)
		c.Booking.CohortID, c.Cohort.State = c.Cohort.ID, retreats.Open
		c.Cohort.Roster.Places = []retreats.Place{{Booking: c.Booking.ID, State: retreats.Confirmed, Since: c.Standing.Since}}
		if i%10 == 0 { // these are found as what has ended is, at last
			c.Cohort.State, c.Cohort.Lingering = retreats.Finished, true
		}
		all.Go(func() { // what is saved meanwhile shares a sync
			if err := dates.AddCohort(ctx, c.Cohort); err != nil {
				t.Error(err)
			}
			if err := s.bookings.Insert(ctx, c.Booking); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return s, counted
}

// TestAPageOfCallsIsBounded: what a page of calls reads does not grow with the
// cohorts that run, and the pages leave nobody out [D28].
func TestAPageOfCallsIsBounded(t *testing.T) {
	t.Parallel()
	zone := placedCouple(t).Cohort.Location()
	for name, test := range map[string]struct {
		now   time.Time
		calls int // of each couple
	}{
		"a week before": {time.Date(2027, 4, 3, 0, 0, 0, 0, zone), 3}, // a driver, and the papers of both
		"far before":    {time.Date(2027, 1, 20, 0, 0, 0, 0, zone), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var questions, documents [2]int64
			for i, cohorts := range []int{120, 480} {
				s, counted := manyPlaced(t, cohorts, test.now)
				seen, next := 0, ""
				for pages := 0; pages == 0 || next != ""; pages++ {
					counted.questions.Store(0)
					counted.documents.Store(0)
					page, err := s.CallList(t.Context(), next)
					if err != nil {
						t.Fatal(err)
					}
					if pages == 0 {
						questions[i], documents[i] = counted.questions.Load(), counted.documents.Load()
					}
					next = page.Next
					seen += len(page.Now) + len(page.Later)
				}
				if seen != cohorts*test.calls {
					t.Errorf("of %d couples there are %d calls, want %d of each", cohorts, seen, test.calls)
				}
			}
			if questions[0] != questions[1] || documents[0] != documents[1] {
				t.Errorf("the first page asks %d and, with four times as many cohorts, %d times for %d and %d documents",
					questions[0], questions[1], documents[0], documents[1])
			}
		})
	}
}
