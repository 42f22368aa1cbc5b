package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

const (
	// quietCohorts are in the store beside those that something happens to;
	// in the second store, ten times as many.
	quietCohorts = 10_000
	dueCohorts   = 100
	// promotions are measured in each store.
	promotions = 300
)

// quiet is a cohort in which nothing is due for a day.
var quiet = layout{capacity: 12, confirmed: 11, held: 1, waiting: 3, cap: 24, holdMinutes: 24 * 60}

// waitStore is a store full of cohorts.
type waitStore struct {
	*records
	dir  string
	like booking.Booking
	sets int // of cohorts that were made due
}

// measureWaitlist frees places that couples wait for, by a couple that gives
// its own up and by deadlines that pass, in a store of ten thousand cohorts
// and in one of ten times as many.
func measureWaitlist(ctx context.Context, program string, rounds int) (err error) {
	var stores [2]*waitStore
	for i, cohorts := range []int{quietCohorts, 10 * quietCohorts} {
		r, dir, err := newRecords(ctx)
		if err != nil {
			return err
		}
		stores[i] = &waitStore{records: r, dir: dir}
		defer func() { err = errors.Join(err, r.db.Close(), os.RemoveAll(dir)) }()
		if err := stores[i].prepare(ctx, cohorts); err != nil {
			return err
		}
	}
	if err := measurePromotion(ctx, stores); err != nil {
		return err
	}
	if err := measureSettling(ctx, stores, rounds); err != nil {
		return err
	}
	return measureLag(ctx, program, stores)
}

func (w *waitStore) prepare(ctx context.Context, cohorts int) (err error) {
	if w.like, err = w.couple(ctx); err != nil {
		return err
	}
	if err := w.addCohorts(ctx, "quiet", cohorts, quiet); err != nil {
		return err
	}
	return w.addCohorts(ctx, "promote", promotions, layout{capacity: 12, confirmed: 12, waiting: 24, cap: 24})
}

// measurePromotion gives places up in one cohort after the other, in both
// stores by turns.
func measurePromotion(ctx context.Context, stores [2]*waitStore) error {
	var took [2][]float64
	for i := range promotions {
		for s, w := range stores {
			d, err := w.promote(ctx, fmt.Sprint("promote", i))
			if err != nil {
				return err
			}
			took[s] = append(took[s], float64(d)/float64(time.Millisecond))
		}
	}
	note("waitlist_promote_ms", "one commit: a place that is given up is offered in the change that frees it")
	figure("waitlist_promote_ms", median(took[0]), "ms")
	figure("waitlist_promote_ms_x10", median(took[1]), "ms")
	return nil
}

// promote gives up the place of a cohort's first couple. The couple that waits
// longest must have it offered in the very next revision.
func (w *waitStore) promote(ctx context.Context, id string) (time.Duration, error) {
	before, err := w.cohorts.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	gone, next := before.Roster.Places[0].Booking, before.Roster.Waitlist[0].Booking
	start := time.Now()
	if err := w.retreats.Release(ctx, id, gone); err != nil {
		return 0, err
	}
	took := time.Since(start)
	after, err := w.cohorts.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	state := after.Roster.Of(next).State
	if after.Rev != before.Rev+1 || state != retreats.Offered || after.Roster.Of(gone).State != retreats.None {
		return 0, fmt.Errorf("after a place was given up, who waits stands as %q in revision %d after %d", state, after.Rev, before.Rev)
	}
	// The pass that tells couples would find these due.
	return took, w.retreats.Told(ctx, id, next)
}

// addDue adds cohorts in which a hold ends at that moment, with couples that
// wait, and gives their ids.
func (w *waitStore) addDue(ctx context.Context, at time.Time) ([]string, error) {
	w.sets++
	ids := make([]string, dueCohorts)
	l := quiet
	l.holdMinutes = retreats.DefaultHoldMinutes
	// The last place was taken so long ago that it becomes free then: its hold
	// has ended five minutes before.
	opened := at.Add(-time.Duration(l.holdMinutes+5) * time.Minute).Add(-time.Duration(l.confirmed) * time.Millisecond)
	return ids, fill(len(ids), func(i int) error {
		ids[i] = fmt.Sprintf("due%d-%d", w.sets, i)
		c, err := cohortOf(ids[i], l, opened)
		if err != nil {
			return err
		}
		if !c.NextDeadline.Equal(at) {
			return fmt.Errorf("a held place becomes free %s and should %s", c.NextDeadline, at)
		}
		for couple := l.confirmed; couple < l.confirmed+l.held+l.waiting; couple++ {
			if err := w.addBooking(ctx, w.like, c, couple); err != nil {
				return err
			}
		}
		return w.retreats.AddCohort(ctx, c)
	})
}

// measureSettling times the pass over a hundred cohorts that are due.
func measureSettling(ctx context.Context, stores [2]*waitStore, rounds int) error {
	var took [2][]float64
	for round := range rounds + 1 {
		for s, w := range stores {
			now := clock()
			if _, err := w.addDue(ctx, now); err != nil {
				return err
			}
			start := time.Now()
			settled, err := w.retreats.SettleDue(ctx, now)
			if err != nil {
				return err
			}
			if round > 0 {
				took[s] = append(took[s], float64(time.Since(start))/float64(time.Millisecond)/dueCohorts)
			}
			if settled.Cohorts != dueCohorts || len(settled.Offered) != dueCohorts {
				return fmt.Errorf("%d cohorts were settled and %d places offered", settled.Cohorts, len(settled.Offered))
			}
			err = fill(len(settled.Offered), func(i int) error {
				return w.retreats.Told(ctx, settled.Offered[i].Cohort, settled.Offered[i].Booking)
			})
			if err != nil {
				return err
			}
		}
	}
	figure("settle_cohort_ms", median(took[0]), "ms")
	figure("settle_cohort_ms_x10", median(took[1]), "ms")
	figure("settle_x10_ratio", ratio(took[1], took[0]), "ratio")
	return nil
}

// measureLag lets deadlines pass while the program runs and nobody asks it
// anything.
func measureLag(ctx context.Context, program string, stores [2]*waitStore) error {
	var longest [2]float64
	for i, w := range stores {
		lags, err := w.lags(ctx, program)
		if err != nil {
			return err
		}
		longest[i] = slices.Max(lags)
	}
	note("settle_due_lag_s", "of the running program, which nobody asks; the longest of one for each second of its tick")
	figure("settle_due_lag_s", longest[0], "s")
	figure("settle_due_lag_s_x10", longest[1], "s")
	return nil
}

// tickSeconds is how often the program looks for what is due.
const tickSeconds = 5

// lags measures from deadlines, one shortly after each of the seconds on which
// the program may look, to the last of the offers.
func (w *waitStore) lags(ctx context.Context, program string) (lags []float64, err error) {
	lantern, err := startLanternIn(ctx, program, w.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lantern.stop()) }()
	for second := range tickSeconds {
		at := clock().Truncate(time.Second).Add(2*time.Second + 100*time.Millisecond)
		for at.Unix()%tickSeconds != int64(second) {
			at = at.Add(time.Second)
		}
		ids, err := w.addDue(ctx, at)
		if err != nil {
			return nil, err
		}
		if !clock().Before(at) {
			return nil, errors.New("making cohorts took longer than until their deadline")
		}
		lag, err := w.awaitOffers(ctx, ids, at)
		if err != nil {
			return nil, err
		}
		lags = append(lags, lag.Seconds())
	}
	return lags, nil
}

// awaitOffers waits for the offer in each of the cohorts and gives how long
// after the deadline the last of them was saved.
func (w *waitStore) awaitOffers(ctx context.Context, ids []string, deadline time.Time) (time.Duration, error) {
	time.Sleep(time.Until(deadline))
	for len(ids) > 0 {
		if time.Since(deadline) > time.Minute {
			return 0, fmt.Errorf("%d of %d cohorts have not been settled in a minute", len(ids), dueCohorts)
		}
		time.Sleep(10 * time.Millisecond)
		var failed error
		ids = slices.DeleteFunc(ids, func(id string) bool {
			rev, err := w.cohorts.Rev(ctx, id)
			if err != nil || rev == 1 {
				failed = errors.Join(failed, err)
				return false
			}
			c, err := w.cohorts.Get(ctx, id)
			failed = errors.Join(failed, err)
			if err == nil && c.Roster.Counts().Offered != 1 {
				failed = errors.Join(failed, fmt.Errorf("cohort %s was settled without an offer", id))
			}
			return true
		})
		if failed != nil {
			return 0, failed
		}
	}
	return time.Since(deadline), nil
}
