package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// TestAcknowledgedBookingsSurviveAKill kills the program in the middle of a
// flood, ten times, and asks after each restart for everything that was
// answered (DESIGN: an answer was given and the process died, and it is not so
// after the restart).
func TestAcknowledgedBookingsSurviveAKill(t *testing.T) {
	t.Parallel()
	const places, couples = 40, 160
	dir := t.TempDir()
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	for round := range 10 {
		cohort := openCohort(t, p.url, bearer, places)
		acknowledged := floodAndKill(t, p, cohort, round, couples, 1+rand.IntN(places))

		p = start(t, "serve", "--data", dir)
		taken := rosterOf(t, p.url, bearer, cohort)
		if len(taken.Places) > places {
			t.Fatalf("round %d: %d of %d places are taken", round, len(taken.Places), places)
		}
		for key, answer := range acknowledged {
			b := answer.Booking
			var now booked
			status, err := call("GET", p.url+"/api/v1/bookings/"+b.ID, b.Token, nil, nil, &now)
			if err != nil || status != http.StatusOK || now.Booking.Place.State != "held" {
				t.Errorf("round %d: booking %s was held before the kill, now: %d %q %v", round, b.ID, status, now.Booking.Place.State, err)
			}
			if !slices.ContainsFunc(taken.Places, func(p struct{ Booking, State string }) bool { return p.Booking == b.ID }) {
				t.Errorf("round %d: booking %s has lost its place", round, b.ID)
			}
			again, status, err := book(p.url, cohort, key)
			if err != nil || status != http.StatusCreated || again != answer {
				t.Errorf("round %d: the repeated request was answered %d %+v, %v; first it was %+v", round, status, again, err, answer)
			}
		}
		if len(acknowledged) == 0 {
			t.Errorf("round %d: nothing was acknowledged before the kill", round)
		}
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("stopping ended with %d:\n%s", code, p.log)
	}
}

// floodAndKill lets couples book until so many are acknowledged, kills the
// program and returns what was acknowledged, by idempotency key.
func floodAndKill(t *testing.T, p *process, cohort string, round, couples, enough int) map[string]booked {
	t.Helper()
	var mu sync.Mutex
	acknowledged := map[string]booked{}
	var count atomic.Int32
	killed := make(chan struct{})
	var flood sync.WaitGroup
	for i := range couples {
		flood.Go(func() {
			key := fmt.Sprintf("%d-%d", round, i)
			answer, status, err := book(p.url, cohort, key)
			if err != nil || status != http.StatusCreated {
				return // refused, or cut off by the kill
			}
			mu.Lock()
			acknowledged[key] = answer
			mu.Unlock()
			if int(count.Add(1)) == enough {
				p.kill()
				close(killed)
			}
		})
	}
	flood.Wait()
	select {
	case <-killed:
	default:
		p.kill()
	}
	return acknowledged
}

// TestAFloodSellsEveryPlaceOnce lets a thousand couples ask at once for the
// twelve places of one cohort.
func TestAFloodSellsEveryPlaceOnce(t *testing.T) {
	t.Parallel()
	const places, couples = 12, 1000
	dir := t.TempDir()
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	cohort := openCohort(t, p.url, bearer, places)
	held, refused := flood(t, []string{p.url}, cohort, couples)
	if held != places || refused != couples-places {
		t.Errorf("%d held and %d refused", held, refused)
	}
	if taken := rosterOf(t, p.url, bearer, cohort); len(taken.Places) != places {
		t.Errorf("%d places are taken", len(taken.Places))
	}
}

// flood sends couples to the addresses in turn and counts the answers.
func flood(t *testing.T, urls []string, cohort string, couples int) (held, refused int32) {
	t.Helper()
	var counts [2]atomic.Int32
	turns := make(chan struct{}, 64) // as many as a machine's sockets bear
	var asking sync.WaitGroup
	for i := range couples {
		turns <- struct{}{}
		asking.Go(func() {
			defer func() { <-turns }()
			_, status, err := book(urls[i%len(urls)], cohort, fmt.Sprintf("couple-%d", i))
			switch {
			case err == nil && status == http.StatusCreated:
				counts[0].Add(1)
			case err == nil && status == http.StatusConflict:
				counts[1].Add(1)
			default:
				t.Errorf("couple %d was answered %d, %v", i, status, err)
			}
		})
	}
	asking.Wait()
	return counts[0].Load(), counts[1].Load()
}
