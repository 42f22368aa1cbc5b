package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/retreats"
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
		flood, err := rush(ctx, applications(lantern.url+"/api/v1/cohorts/"+cohort+"/bookings", floodCouples))
		if err != nil {
			return err
		}
		if flood.statuses[http.StatusCreated] != floodPlaces || flood.statuses[http.StatusConflict] != floodCouples-floodPlaces {
			return fmt.Errorf("the flood was answered with %v", flood.statuses)
		}
		echo, err := rush(ctx, applications(bare.url+"/x", floodCouples))
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
	figure("flood_decisions_per_s", median(decisions), "1/s")
	figure("flood_p99_ms", median(p99), "ms")
	figure("single_commits_per_s", median(singles), "1/s")
	figure("bare_echo_per_s", median(echoes), "1/s")
	figure("flood_vs_single_commits", median(decisions)/median(singles), "ratio")
	figure("flood_vs_bare_echo", median(decisions)/median(echoes), "ratio")
	return nil
}

func applications(url string, couples int) []request {
	requests := make([]request, couples)
	for i := range requests {
		requests[i] = request{method: http.MethodPost, url: url, body: applicationOf(i)}
	}
	return requests
}

// singleCommits loads, decides and saves one cohort again and again, one after
// the other, on the engine and the disk that Lantern uses.
func singleCommits(ctx context.Context) (perSecond float64, err error) {
	dir, err := os.MkdirTemp("", "lantern-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	engine, err := sqlite.Open(ctx, filepath.Join(dir, "single.db"))
	if err != nil {
		return 0, err
	}
	db := store.Open(engine)
	defer func() { err = errors.Join(err, db.Close()) }()
	service, err := retreats.NewService(ctx, db, time.Now)
	if err != nil {
		return 0, err
	}
	if err := addCohortTo(ctx, service); err != nil {
		return 0, err
	}
	const commits = 400
	start := time.Now()
	for i := range commits {
		booking := fmt.Sprintf("booking%d", i/2)
		if i%2 == 0 {
			_, err = service.Reserve(ctx, "co", booking)
		} else {
			err = service.Release(ctx, "co", booking)
		}
		if err != nil {
			return 0, err
		}
	}
	return commits / time.Since(start).Seconds(), nil
}

func addCohortTo(ctx context.Context, service *retreats.Service) error {
	session := retreats.PlannedSession{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180, Receives: retreats.ReceivesBoth}
	terms := retreats.Terms{Capacity: floodPlaces, Price: money.Of(480000, "USD"), BalanceDays: 30}
	programme := retreats.Programme{Name: "Weekend", Location: "Cedar House"}
	r, err := retreats.NewRetreat("rt", programme, terms, []retreats.PlannedSession{session, session, session})
	if err != nil {
		return err
	}
	now := time.Now()
	start := now.AddDate(0, 0, 90).Format("2006-01-02")
	cohort, err := retreats.NewCohort("co", r, "America/Los_Angeles", civil.Date(start), now)
	if err != nil {
		return err
	}
	if err := cohort.Publish(now); err != nil {
		return err
	}
	return service.AddCohort(ctx, cohort)
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
			requests[i] = request{http.MethodPost, lantern.url + "/api/v1/cohorts/" + ids[i%cohorts] + "/bookings", applicationOf(round*couples + i)}
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
	page, err := fetch(ctx, address)
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

func fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
