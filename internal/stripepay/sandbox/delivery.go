package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// deliveryTimeout bounds one delivery.
	deliveryTimeout = 20 * time.Second
	// The pause after a failed delivery doubles from the first to the longest.
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	// giveUpAfter is how long Stripe keeps trying (docs.stripe.com/webhooks).
	giveUpAfter = 3 * 24 * time.Hour
	// longestSleep is how long the running delivery waits when nothing is due.
	longestSleep = time.Minute
)

// delivery is the goroutine that sends events.
type delivery struct {
	client *http.Client
	wake   chan struct{} // holds at most one

	mu      sync.Mutex
	running bool
	stop    chan struct{}      // closed: no new delivery begins
	abort   context.CancelFunc // ends the one that runs
	done    chan struct{}      // closed when the goroutine has ended
}

func newDelivery(transport http.RoundTripper) delivery {
	return delivery{
		client: &http.Client{
			Timeout:   deliveryTimeout,
			Transport: transport,
			// Stripe takes a redirect for a failure.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		wake: make(chan struct{}, 1),
	}
}

func (d *delivery) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// SetWebhookURL says where events go from now on; those kept so far follow.
func (s *Sandbox) SetWebhookURL(address string) {
	s.mu.Lock()
	s.webhookURL = address
	s.mu.Unlock()
	s.delivery.nudge()
}

// Start begins to deliver events, those of an earlier run included, and to end
// sessions whose time is over. Starting twice is the same as once.
func (s *Sandbox) Start() {
	d := &s.delivery
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running {
		return
	}
	ctx, abort := context.WithCancel(context.Background())
	d.running, d.stop, d.abort, d.done = true, make(chan struct{}), abort, make(chan struct{})
	go s.deliverUntil(ctx, d.stop, d.done)
}

// Stop lets the delivery that runs finish, or cuts it off when ctx ends, and
// waits for the goroutine. What is not delivered stays for the next Start.
func (s *Sandbox) Stop(ctx context.Context) error {
	d := &s.delivery
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.running {
		return nil
	}
	d.running = false
	close(d.stop)
	defer d.abort()
	select {
	case <-d.done:
		return nil
	case <-ctx.Done():
		d.abort()
		<-d.done
		return ctx.Err()
	}
}

func (s *Sandbox) deliverUntil(ctx context.Context, stop <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	for {
		err := s.deliverDue(ctx, stop)
		pause := s.untilNext()
		if err != nil {
			s.options.Log.Error("the sandbox could not keep its state", "error", err)
			pause = max(pause, firstPause)
		}
		timer := time.NewTimer(pause)
		select {
		case <-stop:
			timer.Stop()
			return
		case <-s.delivery.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// Deliver brings about what time brings, such as the end of sessions, and tries
// once, in the order in which they happened, every event that is due. It is what the goroutine of
// Start does; a program with a clock of its own calls it instead. The error is
// about keeping the state: a delivery that failed is tried again when due.
func (s *Sandbox) Deliver(ctx context.Context) error { return s.deliverDue(ctx, nil) }

func (s *Sandbox) deliverDue(ctx context.Context, stop <-chan struct{}) error {
	var due []*event
	var address string
	times := 1
	// Saved before anybody hears of it: what an event tells must outlive a crash.
	err := s.do(func(now time.Time) {
		if address = s.webhookURL; address == "" {
			return
		}
		due = s.dueEvents(now)
		if s.trouble.ReorderEvents {
			slices.Reverse(due)
		}
		if s.trouble.DoubleEvents {
			times = 2
		}
	})
	if err != nil || address == "" {
		return err
	}
	for _, e := range due {
		if isClosed(stop) {
			break
		}
		for range times {
			err = s.deliver(ctx, address, s.payload(e))
		}
		if ctx.Err() != nil {
			break
		}
		s.noteDelivery(e, err)
	}
	// One write for the round: should it be lost, the events come twice, as
	// they may from Stripe.
	return s.do(func(time.Time) {})
}

func isClosed(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

// dueEvents gives the events to deliver now, and forgets those that are settled.
func (s *Sandbox) dueEvents(now time.Time) (due []*event) {
	s.pending = slices.DeleteFunc(s.pending, (*event).settled)
	for _, e := range s.pending {
		if e.NextTry <= now.UnixMilli() {
			due = append(due, e)
		}
	}
	return due
}

// untilNext is how long nothing will be due.
func (s *Sandbox) untilNext() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	next := now.Add(longestSleep)
	if s.webhookURL != "" {
		for _, e := range s.pending {
			if at := time.UnixMilli(e.NextTry); !e.settled() && at.Before(next) {
				next = at
			}
		}
	}
	if len(s.agenda) > 0 {
		if at := time.Unix(s.agenda[0].at, 0); at.Before(next) {
			next = at
		}
	}
	return max(0, next.Sub(now))
}

func (s *Sandbox) noteDelivery(e *event, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	if err == nil {
		e.Delivered = true
		return
	}
	now := s.options.Now()
	e.Tries++
	pause := min(firstPause<<min(e.Tries-1, 20), longestPause)
	e.NextTry = now.Add(pause).UnixMilli()
	e.GivenUp = now.Sub(time.Unix(e.Created, 0)) > giveUpAfter
	s.options.Log.Warn("an event of the sandbox was not taken", "event", e.ID, "type", e.Type, "tries", e.Tries, "given_up", e.GivenUp, "error", err)
}

func (s *Sandbox) payload(e *event) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return mustMarshal(e.body(s.eventVersion()))
}

// deliver sends one event. Only a 2xx answer counts.
func (s *Sandbox) deliver(ctx context.Context, address string, payload []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "Stripe/1.0 (sandbox)")
	request.Header.Set("Stripe-Signature", Sign(payload, s.options.WebhookSecret, s.options.Now()))
	response, err := s.delivery.client.Do(request)
	if err != nil {
		return err
	}
	// Reading to the end lets the connection be used again.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %d", response.StatusCode)
	}
	return nil
}

// Sign makes the header with which Stripe signs an event
// (docs.stripe.com/webhooks, verify manually).
func Sign(payload []byte, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(payload)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}
