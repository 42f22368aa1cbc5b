package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// TestAComparisonThatIsKilled kills the program in each stage of the comparison
// that it makes at its start. The next one goes on with it when nobody else can
// be at it any more, and the books are right in the end, whatever was lost.
func TestAComparisonThatIsKilled(t *testing.T) {
	t.Parallel()
	before, couples := booksThatDiffer(t)
	cut := 0
	for _, stage := range []booking.Stage{
		booking.StageCheckouts, booking.StageIntents, booking.StageEvents, booking.StageBookings,
	} {
		dir := copyFolder(t, before)
		if killIn(t, dir, stage) {
			cut++
		}
		st := openStory(t, clock().Add(3*time.Minute), inFolder(dir))
		st.booked = couples
		for range 3 { // what is found, what follows from it, and what is said of it
			st.tick()
			st.hear()
		}
		runs, err := st.bookings.Comparisons(t.Context(), 10)
		if err != nil || len(runs) == 0 {
			t.Fatalf("comparisons %+v, %v", runs, err)
		}
		for _, run := range runs {
			if run.EndedAt == nil || run.Left > 0 {
				t.Errorf("killed in %s, a comparison is at %q and leaves %d to a person: %s", stage, run.Stage, run.Left, run.Trouble)
			}
		}
		for i, id := range couples {
			kept := int64(deposit)
			if i%3 == 0 {
				kept -= refundedThere
			}
			st.stands(id, retreats.Confirmed, kept)
		}
		st.end()
	}
	if cut == 0 {
		t.Error("no comparison was killed before its end")
	}
}

// refundedThere is what was given back on Stripe's dashboard, in minor units.
const refundedThere = 10000

// booksThatDiffer makes a folder with couples who have paid and got something
// back, of which no event has told.
func booksThatDiffer(t *testing.T) (dir string, couples []string) {
	t.Helper()
	dir = t.TempDir()
	bearer := token(t, "--data", dir)
	st := openStory(t, clock(), inFolder(dir))
	st.cohort = openCohort(t, "http://"+st.settings.Addr, bearer, 12)
	for i := range 12 {
		st.sandbox.SetTrouble(sandbox.Trouble{LoseEvents: i%3 != 0})
		id := st.book(fmt.Sprint("couple", i), false)
		st.payOn(st.openPage(id))
		st.hear()
		if i%3 == 0 {
			paid := st.stands(id, retreats.Confirmed, deposit).Booking.Payments[0]
			st.sandbox.SetTrouble(sandbox.Trouble{LoseEvents: true})
			st.must(st.sandbox.RefundAtStripe(paid.ID, refundedThere))
		}
	}
	st.differ = true
	st.end()
	return dir, st.booked
}

// inFolder has a story go on with what is in a folder.
func inFolder(dir string) func(*settings) {
	return func(s *settings) { s.Data, s.Store = dir, "sqlite:"+filepath.Join(dir, "lantern.db") }
}

func copyFolder(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// killIn starts the program, kills it as soon as its comparison has come to that
// stage, and reports whether it had not ended by then.
func killIn(t *testing.T, dir string, stage booking.Stage) bool {
	t.Helper()
	s := settings{Addr: "127.0.0.1:0", Data: dir}
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	key, err := loadKey(s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := openRecords(t.Context(), s, key, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer r.db.Close()
	last := func() booking.Comparison {
		runs, err := r.bookings.Comparisons(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(runs) == 0 {
			return booking.Comparison{}
		}
		return *runs[0]
	}
	p := launch(t, []string{"serve", "--data", dir})
	defer p.kill()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if run := last(); run.EndedAt != nil || run.Stage == stage {
			p.kill()
			return last().EndedAt == nil
		}
		if p.hasEnded() {
			break
		}
	}
	p.kill()
	if strings.Contains(p.log.String(), "address already in use") {
		return killIn(t, dir, stage)
	}
	t.Fatalf("no comparison begins:\n%s", p.log)
	return false
}
