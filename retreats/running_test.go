package retreats_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/retreats"
)

// reading counts the documents that searches bring.
type reading struct {
	store.Engine
	documents atomic.Int64
}

func (r *reading) Find(ctx context.Context, collection string, scan store.Scan) ([]store.Record, error) {
	found, err := r.Engine.Find(ctx, collection, scan)
	r.documents.Add(int64(len(found)))
	return found, err
}

func openReading(t *testing.T, now func() time.Time) (*retreats.Service, *reading) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := &reading{Engine: engine}
	db := store.Open(r)
	t.Cleanup(func() { _ = db.Close() })
	s, err := retreats.NewService(t.Context(), db, now)
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

// withCircle is a published cohort with a session four weeks after its first day.
func withCircle(t *testing.T, id string) *retreats.Cohort {
	t.Helper()
	c := cohort(t, 1)
	c.ID = id
	plan := retreats.PlannedSession{Kind: retreats.Integration, Title: "Circle", Day: 28, Clock: "18:00", Minutes: 90, Online: true}
	if err := c.ChangeSession("", plan, morning); err != nil {
		t.Fatal(err)
	}
	c.AnnounceAt = nil // its couples know
	return c
}

func runningIDs(t *testing.T, s *retreats.Service) string {
	t.Helper()
	page, _, err := s.Running(t.Context(), 50, retreats.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	ids := ""
	for _, c := range page {
		ids += c.ID + " "
	}
	return ids
}

// TestWhatRunsIsFoundAmongWhatHasBeen: dates linger until their last session, and
// those that are over are not read, however many there are.
func TestWhatRunsIsFoundAmongWhatHasBeen(t *testing.T) {
	t.Parallel()
	at := &clock{at: morning}
	s, read := openReading(t, at.now)
	for i := range 100 {
		c := cohort(t, 1) // nothing comes after its last day
		c.ID = fmt.Sprintf("past%d", i)
		c.Settle(c.End())
		if err := s.AddCohort(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	c := withCircle(t, "circle")
	if err := s.AddCohort(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	last := c.Sessions[len(c.Sessions)-1].EndsAt
	for _, step := range []struct {
		at   time.Time
		want string
	}{
		{c.End().Add(-time.Millisecond), "circle "}, {c.End(), "circle "}, {last.Add(-time.Millisecond), "circle "}, {last, ""},
	} {
		at.set(step.at)
		if _, err := s.SettleDue(t.Context(), at.now()); err != nil {
			t.Fatal(err)
		}
		read.documents.Store(0)
		if got := runningIDs(t, s); got != step.want {
			t.Errorf("at %v %q run, want %q", step.at, got, step.want)
		}
		if n := read.documents.Load(); n > 1 {
			t.Errorf("at %v %d documents were read", step.at, n)
		}
	}
	if _, err := s.SettleDue(t.Context(), at.now()); err != nil {
		t.Fatal(err)
	}
	over, err := s.Cohort(t.Context(), "circle")
	if err != nil || over.Lingering || over.NextDeadline != nil {
		t.Errorf("when all has been: lingering %v, next at %v, %v", over.Lingering, over.NextDeadline, err)
	}
}

// TestOldRecordsLinger: dates that were saved before that was written down.
func TestOldRecordsLinger(t *testing.T) {
	t.Parallel()
	at := &clock{at: morning}
	s, _ := openReading(t, at.now)
	c := withCircle(t, "circle")
	c.Settle(c.End())
	c.Lingering, c.NextDeadline = false, nil
	at.set(c.End())
	if err := s.AddCohort(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SettleDue(t.Context(), at.now()); err != nil {
		t.Fatal(err)
	}
	if got := runningIDs(t, s); got != "circle " {
		t.Errorf("%q run", got)
	}
}

// TestALingeringSessionMoves: a session that was moved keeps its dates running.
func TestALingeringSessionMoves(t *testing.T) {
	t.Parallel()
	c := withCircle(t, "circle")
	now := c.End()
	c.Settle(now)
	circle := c.Sessions[len(c.Sessions)-1]
	plan := retreats.PlannedSession{Kind: retreats.Integration, Title: "Circle", Day: 40, Clock: "18:00", Minutes: 90, Online: true}
	if err := c.ChangeSession(circle.ID, plan, now); err != nil {
		t.Fatal(err)
	}
	c.Settle(circle.EndsAt)
	if !c.Lingering {
		t.Error("they do not linger until the session that was moved")
	}
}

// TestTheDatesOfARetreat: of what is ahead the next ones, of what is over the last
// ones, and nothing of other retreats is read.
func TestTheDatesOfARetreat(t *testing.T) {
	t.Parallel()
	at := &clock{at: morning}
	s, read := openReading(t, at.now)
	for i := range 60 {
		c := cohort(t, 1)
		c.ID, c.StartsOn, c.EndsOn = fmt.Sprintf("co%02d", i), c.StartsOn.AddDays(i), c.EndsOn.AddDays(i)
		c.RetreatID = fmt.Sprint("retreat", i%2)
		if i%4 == 0 {
			c.State = retreats.Finished
		}
		if err := s.AddCohort(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []struct {
		retreat string
		state   retreats.CohortState
		ids     string
	}{
		{"retreat1", retreats.Open, "co01 co03 co05 "}, {"retreat0", retreats.Open, "co02 co06 co10 "}, {"retreat0", retreats.Finished, "co48 co52 co56 "},
	} {
		read.documents.Store(0)
		found, more, err := s.OfRetreat(t.Context(), want.retreat, want.state, 3)
		ids := ""
		for _, c := range found {
			ids += c.ID + " "
		}
		if err != nil || !more || ids != want.ids {
			t.Errorf("%s %s: %q, more %v, %v; want %q", want.retreat, want.state, ids, more, err, want.ids)
		}
		if n := read.documents.Load(); n > 4 {
			t.Errorf("%s %s: %d documents were read", want.retreat, want.state, n)
		}
	}
}

// TestAPageOfWhatRunsReadsAboutItself: pages go through all states by first day and
// leave nothing out, and what one reads does not grow with what there is.
func TestAPageOfWhatRunsReadsAboutItself(t *testing.T) {
	t.Parallel()
	const limit = 25
	states := []retreats.CohortState{retreats.Open, retreats.Closed}
	for _, cohorts := range []int{100, 1000} {
		at := &clock{at: morning}
		s, read := openReading(t, at.now)
		for i := range cohorts {
			c := withCircle(t, fmt.Sprintf("co%04d", i))
			c.StartsOn, c.EndsOn = c.StartsOn.AddDays(i/7), c.EndsOn.AddDays(i/7)
			// Those that linger come first, then what is closed and open by turns.
			if c.State = states[i%2]; i < cohorts/10 {
				c.State, c.Lingering = retreats.Finished, true
			}
			if err := s.AddCohort(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		var after retreats.Cursor
		seen := 0
		for more := true; more; {
			read.documents.Store(0)
			var page []*retreats.Cohort
			var err error
			if page, more, err = s.Running(t.Context(), limit, after); err != nil {
				t.Fatal(err)
			}
			// Of each state there may be a few that come later than the page does, and
			// after the cursor's day are those of that day once more.
			if n := read.documents.Load(); n > limit+3*(8+1)+3*7 {
				t.Errorf("of %d cohorts a page of %d read %d", cohorts, limit, n)
			}
			for _, c := range page {
				if want := fmt.Sprintf("co%04d", seen); c.ID != want {
					t.Fatalf("of %d cohorts %s comes after %d, not %s", cohorts, c.ID, seen, want)
				}
				seen++
				after = retreats.Cursor{StartsOn: c.StartsOn, ID: c.ID}
			}
		}
		if seen != cohorts {
			t.Errorf("%d of %d cohorts run", seen, cohorts)
		}
	}
}
