package main

import (
	"net/http"
	"strings"
	"testing"

	"lantern/internal/store/mongo/mongotest"
)

// TestTwoProcessesShareAFlood runs two processes on one MongoDB-protocol
// server and lets couples ask both of them for the same places.
func TestTwoProcessesShareAFlood(t *testing.T) {
	t.Parallel()
	const places, couples = 12, 120
	uri := mongotest.Start(t).Database(t)
	secret := strings.Repeat("5e", 32)
	bearer := token(t, "--data", t.TempDir(), "--store", uri)
	var urls []string
	for range 2 {
		p := start(t, "serve", "--data", t.TempDir(), "--store", uri, "--secret", secret)
		urls = append(urls, p.url)
	}
	cohort := openCohort(t, urls[0], bearer, places)
	held, refused := flood(t, urls, cohort, couples)
	if held != places || refused != couples-places {
		t.Errorf("%d held and %d refused", held, refused)
	}
	taken := rosterOf(t, urls[1], bearer, cohort)
	if len(taken.Places) != places {
		t.Errorf("%d of %d places are taken", len(taken.Places), places)
	}
	// What one process has answered, the other knows.
	again, status, err := book(urls[1], cohort, "couple-0")
	if err != nil || (status != http.StatusCreated && status != http.StatusConflict) {
		t.Fatalf("the repeated request was answered %d %+v, %v", status, again, err)
	}
	other, otherStatus, err := book(urls[0], cohort, "couple-0")
	if err != nil || otherStatus != status || other != again {
		t.Errorf("two processes answer one request with %d %+v and %d %+v, %v", status, again, otherStatus, other, err)
	}
}
