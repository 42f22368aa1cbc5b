package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/store/mongo/mongotest"
	"lantern/notifications"
)

// TestAStoreThatGoesAwayAndComesBack ends the MongoDB-protocol server in the
// middle of a flood. Meanwhile everybody is told to come again, in pages and for
// programs; when it is back, the program goes on by itself, and nothing that was
// answered is lost.
func TestAStoreThatGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	const places, couples = 20, 30
	server := mongotest.StartFerret(t)
	uri, secret := server.URI()+"lantern", strings.Repeat("5e", 32)
	bearer := token(t, "--data", t.TempDir(), "--store", uri)
	p := start(t, "serve", "--data", t.TempDir(), "--store", uri, "--secret", secret)
	cohort := openCohort(t, p.url, bearer, places)

	var asking sync.WaitGroup
	var mu sync.Mutex
	var refused atomic.Int32
	var held []booked
	enough, gone := make(chan struct{}), make(chan struct{})
	for i := range couples {
		asking.Go(func() {
			if i >= places/2 { // the others come when it is gone
				<-gone
			}
			answer, ok := bookAtLast(t, p.url, cohort, fmt.Sprint("couple", i), &refused)
			if !ok {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if held = append(held, answer); len(held) == places/4 {
				close(enough)
			}
		})
	}
	<-enough
	server.Kill()
	close(gone)
	saysNotNow(t, p.url, cohort)
	server.Start()
	if !p.isReady() {
		t.Fatal("it is not ready although the store is back")
	}
	asking.Wait()

	if refused.Load() == 0 {
		t.Error("nobody was refused while the store was away")
	}
	if len(held) != places {
		t.Errorf("%d of %d places were given in the end", len(held), places)
	}
	for _, b := range held {
		standsHeld(t, p.url, b)
	}
	if taken := rosterOf(t, p.url, bearer, cohort); len(taken.Places) != places {
		t.Errorf("%d of %d places are taken", len(taken.Places), places)
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("stopping ended with %d:\n%s", code, p.log)
	}
	saidInTheEnd(t, func(s *settings) { s.Store, s.Secret = uri, secret }, 2*places)
}

// bookAtLast asks for a place, with one key, until it is given or all are taken.
func bookAtLast(t *testing.T, url, cohort, key string, refused *atomic.Int32) (answer booked, ok bool) {
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); {
		answer, status, err := book(url, cohort, key)
		switch {
		case err == nil && status == http.StatusCreated:
			return answer, true
		case err == nil && status == http.StatusConflict:
			return answer, false
		case err == nil && status == http.StatusServiceUnavailable:
			refused.Add(1)
		default:
			t.Errorf("%s was answered %d, %v", key, status, err)
			return answer, false
		}
	}
	t.Errorf("%s never got an answer", key)
	return answer, false
}

// saysNotNow checks what somebody is told while the store is away.
func saysNotNow(t *testing.T, url, cohort string) {
	t.Helper()
	var all sync.WaitGroup
	defer all.Wait()
	for path, want := range map[string]struct{ kind, text string }{
		"/readyz":                   {"text/plain", "the store does not answer"},
		"/":                         {"text/html", "try again in a minute"},
		"/cohorts/" + cohort:        {"text/html", "try again in a minute"},
		"/api/v1/cohorts":           {"application/problem+json", "try again in a minute"},
		"/api/v1/cohorts/" + cohort: {"application/problem+json", "urn:lantern:problem:unavailable"},
	} {
		all.Go(func() {
			response, err := http.Get(url + path)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" ||
				!strings.HasPrefix(response.Header.Get("Content-Type"), want.kind) || !strings.Contains(string(text), want.text) {
				t.Errorf("%s is answered %d, %q, %v:\n%s", path, response.StatusCode, response.Header, err, text)
			}
		})
	}
	if response, err := http.Get(url + "/healthz"); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the process lives, but says %v, %v", response, err)
	} else {
		response.Body.Close()
	}
}

// saidInTheEnd lets a program take over whose clock is ahead, so that nobody has
// to wait for claims to end, and checks that it leaves nothing unsaid: so many
// messages at least.
func saidInTheEnd(t *testing.T, where func(*settings), messages int) {
	t.Helper()
	st := openStory(t, clock().Add(3*time.Minute), where)
	st.tick()
	st.tick()
	states, err := st.notices.CountStates(t.Context())
	if err != nil || states[notifications.Sending] != 0 || int(states[notifications.Sent]) < messages {
		t.Errorf("messages by state %v, %v; %d should have been sent", states, err, messages)
	}
}
