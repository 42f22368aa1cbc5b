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
	floodCouples = 1000
	floodPlaces  = 12
)

// measureFlood lets a thousand couples ask at once for the twelve places of
// one cohort.
func measureFlood(ctx context.Context, program string, rounds int) (err error) {
	lantern, err := startLantern(ctx, program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lantern.stop()) }()
	bare, err := startReference(ctx, "echo", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	retreat, err := lantern.addRetreat(ctx, floodPlaces)
	if err != nil {
		return err
	}
	var decisions, p99, echoes, singles []float64
	for round := range rounds + 2 { // two to warm up
		cohort, err := lantern.addCohort(ctx, retreat)
		if err != nil {
			return err
		}
		flood, err := rush(ctx, applications(lantern.url+"/api/v1/cohorts/"+cohort+"/bookings", floodCouples, "fail"))
		if err != nil {
			return err
		}
		if flood.statuses[http.StatusCreated] != floodPlaces || flood.statuses[http.StatusConflict] != floodCouples-floodPlaces {
			return fmt.Errorf("the flood was answered with %v", flood.statuses)
		}
		echo, err := rush(ctx, applications(bare.url+"/x", floodCouples, "fail"))
		if err != nil {
			return err
		}
		single, err := singleCommits(ctx)
		if err != nil {
			return err
		}
		if round < 2 {
			continue
		}
		decisions, echoes, singles = append(decisions, flood.perSecond), append(echoes, echo.perSecond), append(singles, single)
		p99 = append(p99, float64(flood.p99)/float64(time.Millisecond))
	}
	mb, err := lantern.rssPeak()
	if err != nil {
		return err
	}
	figure("rss_flood_mb", mb, "MB")
	figure("flood_decisions_per_s", median(decisions), "1/s")
	figure("flood_p99_ms", median(p99), "ms")
	figure("single_commits_per_s", median(singles), "1/s")
	figure("bare_echo_per_s", median(echoes), "1/s")
	figure("flood_vs_single_commits", median(decisions)/median(singles), "ratio")
	figure("flood_vs_bare_echo", median(decisions)/median(echoes), "ratio")
	return nil
}

func applications(url string, couples int, ifFull string) []request {
	requests := make([]request, couples)
	for i := range requests {
		requests[i] = request{method: http.MethodPost, url: url, body: applicationOf(i, ifFull)}
	}
	return requests
}

// singleCommits loads, decides and saves one cohort again and again, one after
// the other, on the engine and the disk that Lantern uses.
func singleCommits(ctx context.Context) (perSecond float64, err error) {
	r, dir, err := newRecords(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.db.Close(), os.RemoveAll(dir)) }()
	if err := r.addCohorts(ctx, "flood", 1, layout{capacity: floodPlaces}); err != nil {
		return 0, err
	}
	const commits = 400
	start := time.Now()
	for i := range commits {
		booking := fmt.Sprintf("booking%d", i/2)
		if i%2 == 0 {
			_, err = r.retreats.Reserve(ctx, "flood0", booking, "")
		} else {
			err = r.retreats.Release(ctx, "flood0", booking)
		}
		if err != nil {
			return 0, err
		}
	}
	return commits / time.Since(start).Seconds(), nil
}

// measureSpread books places in two hundred cohorts that have enough of them.
func measureSpread(ctx context.Context, program string, rounds int) (err error) {
	lantern, err := startLantern(ctx, program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lantern.stop()) }()
	const cohorts, couples = 200, 2000
	retreat, err := lantern.addRetreat(ctx, 500)
	if err != nil {
		return err
	}
	ids := make([]string, cohorts)
	for i := range ids {
		if ids[i], err = lantern.addCohort(ctx, retreat); err != nil {
			return err
		}
	}
	var rates []float64
	for round := range min(rounds, 5) + 1 {
		requests := make([]request, couples)
		for i := range requests {
			requests[i] = request{
				method: http.MethodPost, url: lantern.url + "/api/v1/cohorts/" + ids[i%cohorts] + "/bookings",
				body: applicationOf(round*couples+i, "fail"),
			}
		}
		spread, err := rush(ctx, requests)
		if err != nil {
			return err
		}
		if spread.statuses[http.StatusCreated] != couples {
			return fmt.Errorf("the bookings were answered with %v", spread.statuses)
		}
		if round > 0 {
			rates = append(rates, spread.perSecond)
		}
	}
	figure("booking_create_per_s", median(rates), "1/s")
	return nil
}

// measurePage asks for one cohort's page, next to a handler that has the same
// bytes ready.
func measurePage(ctx context.Context, program string, rounds int) (err error) {
	lantern, err := startLantern(ctx, program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lantern.stop()) }()
	retreat, err := lantern.addRetreat(ctx, floodPlaces)
	if err != nil {
		return err
	}
	cohort, err := lantern.addCohort(ctx, retreat)
	if err != nil {
		return err
	}
	address := lantern.url + "/cohorts/" + cohort
	page, err := fetch(ctx, request{method: http.MethodGet, url: address})
	if err != nil {
		return err
	}
	static, err := startReference(ctx, "static", page)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, static.stop()) }()
	var ours, ready []float64
	for round := range rounds + 1 {
		a, err := rush(ctx, pages(address))
		if err != nil {
			return err
		}
		b, err := rush(ctx, pages(static.url+"/x"))
		if err != nil {
			return err
		}
		if round > 0 {
			ours, ready = append(ours, a.perSecond), append(ready, b.perSecond)
		}
	}
	figure("page_bytes", float64(len(page)), "bytes")
	figure("page_cohort_per_s", median(ours), "1/s")
	figure("page_static_per_s", median(ready), "1/s")
	figure("page_vs_static", median(ours)/median(ready), "ratio")
	return nil
}

func pages(url string) []request {
	requests := make([]request, 3000)
	for i := range requests {
		requests[i] = request{method: http.MethodGet, url: url}
	}
	return requests
}

func fetch(ctx context.Context, r request) ([]byte, error) {
	status, body, err := ask(ctx, r)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answered %d", r.url, status)
	}
	return body, err
}
