package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// crowd are couples who ask for places, each with a connection of their own, one
// place after the other, until the program is gone.
type crowd struct {
	url string

	// asked tells the program to stop; what was sent before must be answered.
	asked atomic.Bool
	// taken counts the requests that were on their way at that moment.
	taken atomic.Int32

	mu       sync.Mutex
	answered []booked
	lost     []error
	enough   int
	reached  chan struct{}
}

// come asks for places until a request fails that was sent when the program was
// stopping already.
func (c *crowd) come(name, cohort string) {
	client := http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for n := 0; ; n++ {
		var sentBefore atomic.Bool
		trace := &httptrace.ClientTrace{WroteRequest: func(w httptrace.WroteRequestInfo) {
			if w.Err == nil && !c.asked.Load() {
				sentBefore.Store(true)
			}
		}}
		answer, err := c.ask(httptrace.WithClientTrace(context.Background(), trace), &client, cohort, fmt.Sprintf("%s-%d", name, n))
		early, over := sentBefore.Load(), c.asked.Load()
		c.mu.Lock()
		switch {
		case err == nil:
			if c.answered = append(c.answered, answer); len(c.answered) == c.enough {
				close(c.reached)
			}
		case early:
			c.lost = append(c.lost, err)
		}
		c.mu.Unlock()
		if early && over {
			c.taken.Add(1)
		}
		if err != nil {
			return
		}
	}
}

func (c *crowd) ask(ctx context.Context, client *http.Client, cohort, key string) (answer booked, err error) {
	body, err := json.Marshal(map[string]any{
		"partners": []any{
			map[string]any{"name": "Maya", "email": "maya." + key + "@example.org"}, map[string]any{"name": "Jon", "email": "jon." + key + "@example.org"},
		}, "accept_policy": true,
	})
	if err != nil {
		return answer, err
	}
	// Without an Idempotency-Key: the client would repeat what was cut off.
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/api/v1/cohorts/"+cohort+"/bookings", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return answer, fmt.Errorf("status %d", response.StatusCode)
	}
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}

// TestStoppingUnderLoad tells the program to stop while many ask for places. Each
// request that was sent by then is answered, the program ends well, and the next
// one knows of everything that was answered.
func TestStoppingUnderLoad(t *testing.T) {
	t.Parallel()
	const couples, enough = 24, 100
	dir := t.TempDir()
	bearer := token(t, "--data", dir)
	p := start(t, "serve", "--data", dir)
	c := &crowd{url: p.url, enough: enough, reached: make(chan struct{})}
	var cohorts []string // one each, so that there are places enough
	for range couples {
		cohorts = append(cohorts, openCohort(t, p.url, bearer, 200))
	}
	var all sync.WaitGroup
	for _, cohort := range cohorts {
		all.Go(func() { c.come(cohort, cohort) })
	}
	<-c.reached
	c.asked.Store(true)
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	<-p.ended
	if code := p.command.ProcessState.ExitCode(); code != 0 {
		t.Errorf("stopping ended with %d:\n%s", code, p.log)
	}
	if err := errors.Join(c.lost...); err != nil {
		t.Errorf("of what was sent before, %d were lost: %v", len(c.lost), err)
	}
	if c.taken.Load() == 0 {
		t.Error("nothing was on its way when it was stopped")
	}

	p = start(t, "serve", "--data", dir)
	for _, b := range c.answered {
		standsHeld(t, p.url, b)
	}
}

// standsHeld checks that a couple has what it was answered.
func standsHeld(t *testing.T, url string, b booked) {
	t.Helper()
	var now booked
	status, err := call("GET", url+"/api/v1/bookings/"+b.Booking.ID, b.Booking.Token, nil, nil, &now)
	if err != nil || status != http.StatusOK || now.Booking.Place.State != "held" {
		t.Errorf("booking %s was held, now: %d %q %v", b.Booking.ID, status, now.Booking.Place.State, err)
	}
}

// TestWhoStopsSaysSo: a proxy asks others, and everybody is still answered.
func TestWhoStopsSaysSo(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	if w := st.ask("GET", "/readyz", nil, nil); w.Code != http.StatusOK || w.Header().Get("Connection") != "" {
		t.Errorf("before: %d, %q", w.Code, w.Header())
	}
	st.server.Leave()
	if w := st.ask("GET", "/readyz", nil, nil); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("whether it is ready: %d, %q", w.Code, w.Header())
	}
	if w := st.ask("GET", "/", nil, nil); w.Code != http.StatusOK || w.Header().Get("Connection") != "close" {
		t.Errorf("a page: %d, %q", w.Code, w.Header())
	}
}
