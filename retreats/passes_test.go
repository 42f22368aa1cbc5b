package retreats_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/internal/audit"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/retreats"
)

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) set(at time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.at = at }

// brokenFor is an engine that cannot save some documents.
type brokenFor struct {
	store.Engine
	mu     sync.Mutex
	broken map[string]bool
}

var errDisk = errors.New("the disk is full")

func (b *brokenFor) Replace(ctx context.Context, collection string, record store.Record, rev int64) error {
	b.mu.Lock()
	broken := b.broken[record.ID]
	b.mu.Unlock()
	if broken {
		return errDisk
	}
	return b.Engine.Replace(ctx, collection, record, rev)
}

func openService(t *testing.T) (*retreats.Service, *clock, *brokenFor) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	broken := &brokenFor{Engine: engine, broken: map[string]bool{}}
	db := store.Open(broken, store.CheckDecisions())
	t.Cleanup(func() { _ = db.Close() })
	at := &clock{at: morning}
	s, err := retreats.NewService(t.Context(), db, at.now)
	if err != nil {
		t.Fatal(err)
	}
	return s, at, broken
}

func addCohort(t *testing.T, s *retreats.Service, id string) *retreats.Cohort {
	t.Helper()
	c := cohort(t, 1)
	c.ID = id
	if err := s.AddCohort(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSettleDueFindsWhatIsDue among two thousand cohorts, and tells of it until
// it has been passed on.
func TestSettleDueFindsWhatIsDue(t *testing.T) {
	t.Parallel()
	const all, due = 2000, 100
	s, at, _ := openService(t)
	var adding sync.WaitGroup
	for i := range all {
		c := cohort(t, 1)
		c.ID = fmt.Sprintf("co%04d", i)
		reserve(t, c, "held", morning)
		switch {
		case i%(all/due) == 0:
			join(t, c, "waits "+c.ID, morning)
		case i%3 == 1: // drafts have nothing to wait for
			c.State, c.Roster, c.NextDeadline = retreats.Draft, retreats.Roster{}, nil
		default:
			if err := c.Confirm("held", morning); err != nil {
				t.Fatal(err)
			}
		}
		adding.Go(func() { // the store saves together what comes together
			if err := s.AddCohort(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	adding.Wait()
	ended := morning.Add(36 * time.Minute)
	at.set(ended.Add(-time.Millisecond))
	if result, err := s.SettleDue(t.Context(), at.now()); err != nil || result.Cohorts != 0 {
		t.Fatalf("before anything is due: %+v, %v", result, err)
	}
	at.set(ended)
	for round := range 2 { // nobody is told before somebody says so
		result, err := s.SettleDue(t.Context(), ended)
		if err != nil || result.Cohorts != due || len(result.Offered) != due || len(result.Announced) != 0 {
			t.Fatalf("round %d: %d cohorts, %d offers, %v", round, result.Cohorts, len(result.Offered), err)
		}
		for _, o := range result.Offered {
			if o.Booking != "waits "+o.Cohort {
				t.Fatalf("offer %+v", o)
			}
		}
	}
	for i := range all {
		id := fmt.Sprintf("co%04d", i)
		want := int64(1)
		if i%(all/due) == 0 {
			want = 2 // once, though it was settled twice
		}
		if rev, err := s.CohortRev(t.Context(), id); err != nil || rev != want {
			t.Fatalf("%s was saved %d times, want %d: %v", id, rev, want, err)
		}
	}
	for i := all / due; i < all; i += all / due {
		id := fmt.Sprintf("co%04d", i)
		if err := s.Told(t.Context(), id, "waits "+id); err != nil {
			t.Fatal(err)
		}
	}
	result, err := s.SettleDue(t.Context(), ended)
	if err != nil || len(result.Offered) != 1 || result.Offered[0] != (retreats.OfferedPlace{Cohort: "co0000", Booking: "waits co0000"}) {
		t.Errorf("all but one are told: %+v, %v", result, err)
	}
}

func TestAnAnnouncementIsToldUntilItHasBeenPassedOn(t *testing.T) {
	t.Parallel()
	s, at, _ := openService(t)
	addCohort(t, s, "moved")
	addCohort(t, s, "quiet")
	for _, booking := range []string{"held", "waits"} {
		if _, err := s.Join(t.Context(), "moved", booking, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Release(t.Context(), "moved", "held"); err != nil {
		t.Fatal(err)
	}
	if err := s.Told(t.Context(), "moved", "waits"); err != nil {
		t.Fatal(err)
	}
	told := func() []retreats.Announcement {
		t.Helper()
		result, err := s.SettleDue(t.Context(), at.now())
		if err != nil || len(result.Offered) > 0 {
			t.Fatalf("%v, offers that are known: %+v", err, result.Offered)
		}
		return result.Announced
	}
	if got := told(); len(got) != 0 {
		t.Fatalf("announced %+v", got)
	}
	if _, err := s.Reschedule(t.Context(), "moved", "2027-06-01", robin); err != nil {
		t.Fatal(err)
	}
	first := told()
	if again := told(); len(first) != 1 || first[0].Cohort != "moved" || !slices.Equal(first, again) {
		t.Fatalf("announced %+v, then %+v", first, again)
	}
	// It moves again while the first is being passed on.
	at.set(morning.Add(time.Second))
	if _, err := s.Reschedule(t.Context(), "moved", "2027-06-02", robin); err != nil {
		t.Fatal(err)
	}
	if err := s.Announced(t.Context(), first[0]); err != nil {
		t.Fatal(err)
	}
	second := told()
	if len(second) != 1 || !second[0].At.Equal(at.now()) {
		t.Fatalf("the second move is lost: %+v", second)
	}
	for range 2 {
		if err := s.Announced(t.Context(), second[0]); err != nil {
			t.Fatal(err)
		}
	}
	if got := told(); len(got) != 0 {
		t.Errorf("told after it was passed on: %+v", got)
	}
}

func TestACohortThatCannotBeSettledDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	s, at, engine := openService(t)
	const all = 40
	for i := range all {
		id := fmt.Sprintf("co%02d", i)
		addCohort(t, s, id)
		if _, err := s.Reserve(t.Context(), id, "held", ""); err != nil {
			t.Fatal(err)
		}
	}
	engine.mu.Lock()
	engine.broken["co03"] = true
	engine.mu.Unlock()
	at.set(morning.Add(time.Hour))
	result, err := s.SettleDue(t.Context(), at.now())
	if result.Cohorts != all-1 || !errors.Is(err, errDisk) || !strings.Contains(err.Error(), "co03") {
		t.Errorf("%d cohorts, %v", result.Cohorts, err)
	}
	engine.mu.Lock()
	clear(engine.broken)
	engine.mu.Unlock()
	if result, err = s.SettleDue(t.Context(), at.now()); result.Cohorts != 1 || err != nil {
		t.Errorf("what failed is left: %d cohorts, %v", result.Cohorts, err)
	}
}

func TestWhoLooksSeesNothingMove(t *testing.T) {
	t.Parallel()
	s, at, _ := openService(t)
	addCohort(t, s, "co")
	for i := range 3 {
		if _, err := s.Join(t.Context(), "co", fmt.Sprintf("b%d", i), ""); err != nil {
			t.Fatal(err)
		}
	}
	look, err := s.Cohort(t.Context(), "co")
	if err != nil {
		t.Fatal(err)
	}
	before := encode(t, look)
	at.set(morning.Add(time.Hour))
	later, err := s.Cohort(t.Context(), "co") // the same revision, an hour later
	if err != nil {
		t.Fatal(err)
	}
	if later.Roster.Of("b1").State != retreats.Offered {
		t.Errorf("an hour later: %+v", later.Roster)
	}
	for _, act := range []func() error{
		func() error { _, err := s.SettleDue(t.Context(), at.now()); return err },
		func() error { return s.Told(t.Context(), "co", "b1") },
		func() error { _, err := s.Prioritise(t.Context(), "co", "b2", 3, "They asked.", robin); return err },
		func() error { _, err := s.Reschedule(t.Context(), "co", "2027-06-01", robin); return err },
		func() error { return s.Release(t.Context(), "co", "b1") },
	} {
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
	if encode(t, look) != before {
		t.Error("what somebody looked at has changed under them")
	}
}

func TestTheTrailSaysWhoDidWhat(t *testing.T) {
	t.Parallel()
	s, _, _ := openService(t)
	c := cohort(t, 1)
	c.ID, c.State, c.UndoMinutes = "co", retreats.Draft, 15
	if err := s.AddCohort(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Publish(ctx, "co", robin))
	must(s.Publish(ctx, "co", robin)) // no change, no line
	must(s.Reserve(ctx, "co", "b1", ""))
	must(s.ConfirmPaid(ctx, "co", "b1"))
	must(nil, s.Release(ctx, "co", "b1"))
	must(s.TakeBack(ctx, "co", "b1", robin))
	must(s.TakeBack(ctx, "co", "b1", robin)) // it is back already
	must(s.Close(ctx, "co", robin))
	must(s.Reschedule(ctx, "co", "2027-06-01", robin))
	must(s.Cancel(ctx, "co", " The house  has burnt down. ", robin))
	if _, err := s.Reopen(ctx, "co", robin); err == nil {
		t.Error("cancelled dates were opened again")
	}
	if _, err := s.Cancel(ctx, "co", " ", robin); err == nil {
		t.Error("cancelled without a reason")
	}
	got, err := s.Cohort(ctx, "co")
	if err != nil {
		t.Fatal(err)
	}
	want := []audit.Line{
		{What: "state", From: "draft", To: "open"},
		{What: "place given back", Booking: "b1"},
		{What: "state", From: "open", To: "closed"},
		{What: "first day", From: "2027-03-12", To: "2027-06-01"},
		{What: "state", From: "closed", To: "cancelled", Reason: "The house has burnt down."},
	}
	for i := range want {
		want[i].At, want[i].ByID, want[i].By = morning, robin.ID, robin.Name
	}
	if !slices.Equal(got.Trail, want) {
		t.Errorf("the trail is\n%+v, want\n%+v", got.Trail, want)
	}
}
