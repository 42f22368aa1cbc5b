package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestKilledStarts kills the program ten times while it starts, each time a
// little later, first on an empty folder and then on one with bookings. Each time
// the next start goes well, and whatever was answered is so.
func TestKilledStarts(t *testing.T) {
	t.Parallel()
	if _, err := binary(); err != nil { // building it does not count
		t.Fatal(err)
	}
	begun := time.Now()
	p := start(t, "serve", "--data", t.TempDir())
	whole := time.Since(begun)
	p.kill()

	dir := t.TempDir()
	killWhileStarting(t, dir, whole)
	bearer := token(t, "--data", dir)
	p = start(t, "serve", "--data", dir)
	cohort := openCohort(t, p.url, bearer, 12)
	var held []booked
	for i := range 12 {
		b, status, err := book(p.url, cohort, fmt.Sprint(i))
		if err != nil || status != http.StatusCreated {
			t.Fatalf("booking: %d, %v", status, err)
		}
		held = append(held, b)
	}
	p.kill()

	killWhileStarting(t, dir, whole)
	p = start(t, "serve", "--data", dir)
	for _, b := range held {
		standsHeld(t, p.url, b)
	}
	if taken := rosterOf(t, p.url, bearer, cohort); len(taken.Places) != len(held) {
		t.Errorf("%d places are taken, %d were answered", len(taken.Places), len(held))
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("stopping ended with %d:\n%s", code, p.log)
	}
}

// killWhileStarting kills ten starts at moments that are spread over the time
// that a whole one takes. None may end by itself before.
func killWhileStarting(t *testing.T, dir string, whole time.Duration) {
	t.Helper()
	const kills = 10
	for i := range kills {
		p := launch(t, []string{"serve", "--data", dir})
		select {
		case <-time.After(whole * time.Duration(i) / kills):
		case <-p.ended:
			if log := p.log.String(); !strings.Contains(log, "address already in use") {
				t.Errorf("after %d kills it does not start:\n%s", i, log)
			}
		}
		p.kill()
	}
}
