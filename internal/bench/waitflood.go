package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

const (
	waitCouples = 2000
	// beside is how many other cohorts are in the store; then ten times as many.
	beside = 200
)

// measureWaitflood lets two thousand couples at once join the waitlist of one
// cohort whose places are all taken.
func measureWaitflood(ctx context.Context, program string, rounds int) (err error) {
	bare, err := startReference(ctx, "echo", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	var joins [2][]float64
	var p99, echoes, singles []float64
	for round := range min(rounds, 5) + 1 { // one to warm up
		var floods [2]result
		for i, cohorts := range []int{beside, 10 * beside} {
			if floods[i], err = waitflood(ctx, program, cohorts); err != nil {
				return err
			}
		}
		echo, err := rush(ctx, applications(bare.url+"/x", waitCouples, "wait"))
		if err != nil {
			return err
		}
		single, err := singleJoins(ctx)
		if err != nil {
			return err
		}
		if round == 0 {
			continue
		}
		joins[0], joins[1] = append(joins[0], floods[0].perSecond), append(joins[1], floods[1].perSecond)
		p99 = append(p99, float64(floods[0].p99)/float64(time.Millisecond))
		echoes, singles = append(echoes, echo.perSecond), append(singles, single)
	}
	figure("waitflood_per_s", median(joins[0]), "1/s")
	figure("waitflood_p99_ms", median(p99), "ms")
	figure("waitflood_per_s_x10", median(joins[1]), "1/s")
	figure("waitflood_single_commits_per_s", median(singles), "1/s")
	figure("waitflood_vs_single_commits", ratio(joins[0], singles), "ratio")
	figure("waitflood_vs_bare_echo", ratio(joins[0], echoes), "ratio")
	figure("waitflood_x10_ratio", ratio(joins[0], joins[1]), "ratio")
	return nil
}

// waitflood is one flood on a program of its own: what follows from it, two
// mails for each couple, goes on for long and must not disturb the next.
func waitflood(ctx context.Context, program string, cohorts int) (flood result, err error) {
	r, dir, err := newRecords(ctx)
	if err != nil {
		return flood, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	err = errors.Join(
		r.addCohorts(ctx, "beside", cohorts, quiet),
		r.addCohorts(ctx, "full", 1, layout{capacity: 12, confirmed: 12, cap: waitCouples}),
		r.db.Close())
	if err != nil {
		return flood, err
	}
	lantern, err := startLanternIn(ctx, program, dir)
	if err != nil {
		return flood, err
	}
	defer func() { err = errors.Join(err, lantern.kill()) }()
	url := lantern.url + "/api/v1/cohorts/full0/bookings"
	// Who would not wait is refused, which leaves nothing behind.
	if _, err := rush(ctx, applications(url, floodCouples, "fail")); err != nil {
		return flood, err
	}
	if flood, err = rush(ctx, applications(url, waitCouples, "wait")); err != nil {
		return flood, err
	}
	if flood.statuses[http.StatusCreated] != waitCouples {
		return flood, fmt.Errorf("those who wait were answered with %v", flood.statuses)
	}
	return flood, allWait(ctx, dir)
}

// allWait checks that everybody has a turn, and one only.
func allWait(ctx context.Context, dir string) (err error) {
	r, err := openRecords(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	c, err := r.cohorts.Get(ctx, "full0")
	if err != nil {
		return err
	}
	turns := map[string]bool{}
	for _, w := range c.Roster.Waitlist {
		turns[w.Booking] = true
	}
	if len(turns) != waitCouples || len(c.Roster.Waitlist) != waitCouples {
		return fmt.Errorf("%d couples wait in %d turns, of %d", len(turns), len(c.Roster.Waitlist), waitCouples)
	}
	return nil
}

// singleJoins loads, decides and saves one cohort again and again, one after
// the other: the decision of those who join the waitlist, with lists as long
// as it meets on its way to its end.
func singleJoins(ctx context.Context) (perSecond float64, err error) {
	r, dir, err := newRecords(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.db.Close(), os.RemoveAll(dir)) }()
	const lengths, each = 20, 10
	ids := make([]string, lengths)
	for i := range ids {
		word := fmt.Sprintf("list%d-", i)
		ids[i] = word + "0"
		l := layout{capacity: 12, confirmed: 12, waiting: (2*i+1)*waitCouples/(2*lengths) - each/2, cap: waitCouples}
		if err := r.addCohorts(ctx, word, 1, l); err != nil {
			return 0, err
		}
	}
	start := time.Now()
	for _, id := range ids {
		for i := range each {
			if _, err := r.retreats.Join(ctx, id, fmt.Sprint("joins", i), ""); err != nil {
				return 0, err
			}
		}
	}
	return lengths * each / time.Since(start).Seconds(), nil
}
