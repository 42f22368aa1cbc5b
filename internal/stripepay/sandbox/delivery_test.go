package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// receiver is an application's webhook without a network.
type receiver struct {
	mu     sync.Mutex
	taken  []string        // types of the events that were taken
	tries  []time.Duration // of every try, since the start
	begun  time.Time
	answer func(try int) int // status of the n-th try, from 1
	block  bool              // hang until the request is given up
}

func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	if r.block {
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
	var event struct{ Type string }
	if err := json.Unmarshal([]byte(readAll(request.Body)), &event); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries = append(r.tries, time.Since(r.begun))
	status := http.StatusOK
	if r.answer != nil {
		status = r.answer(len(r.tries))
	}
	if status/100 == 2 {
		r.taken = append(r.taken, event.Type)
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {"http://app.test/elsewhere"}}, Body: http.NoBody}, nil
}

// bubbleBench is a sandbox on the bubble's clock that delivers to r.
func bubbleBench(t *testing.T, path string, r *receiver) *bench {
	t.Helper()
	r.begun = time.Now()
	made, err := New(Options{
		Now: time.Now, BaseURL: "http://app.test/sandbox", Secret: testSecret, Path: path,
		WebhookURL: "http://app.test/webhooks/stripe", WebhookSecret: "whsec_test", Transport: r,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Sandbox: made, t: t, now: time.Now(), handler: made.Handler()}
}

// endSession makes one event.
func (b *bench) endSession() {
	b.t.Helper()
	if status, document := b.api("POST", "/v1/checkout/sessions/"+b.newSession()+"/expire", nil); status != http.StatusOK {
		b.t.Fatalf("a session cannot be ended: %v", document)
	}
}

func TestDeliveryIsRetriedWithGrowingPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func(try int) int {
			return []int{500, 404, 302, 503, 200}[min(try, 5)-1]
		}}
		b := bubbleBench(t, "", r)
		b.Start()
		b.Start() // the same as once
		b.endSession()
		time.Sleep(time.Hour)
		if err := b.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}
		if diff := cmp.Diff(want, r.tries); diff != "" {
			t.Errorf("tries (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"checkout.session.expired"}, r.taken); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

func TestDeliveryIsGivenUpAfterThreeDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func(int) int { return http.StatusInternalServerError }}
		b := bubbleBench(t, "", r)
		b.Start()
		b.endSession()
		time.Sleep(30 * 24 * time.Hour)
		if err := b.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		last := r.tries[len(r.tries)-1]
		if last < giveUpAfter || last > giveUpAfter+longestPause {
			t.Errorf("the last try came after %s", last)
		}
	})
}

func TestEventsOfAnEarlierRunAreDelivered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "stripe.json")
		down := &receiver{answer: func(int) int { return http.StatusServiceUnavailable }}
		before := bubbleBench(t, path, down)
		before.Start()
		id := before.newSession()
		before.submit("/pay/"+id, cardOf("4242424242424242", "12/34", "123"))
		synctest.Wait()
		if err := before.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}

		up := &receiver{}
		after := bubbleBench(t, path, up)
		after.Start()
		time.Sleep(time.Minute)
		if err := after.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Those of them that the endpoint is subscribed to.
		want := []string{"payment_intent.succeeded", "checkout.session.completed"}
		if diff := cmp.Diff(want, up.taken); diff != "" {
			t.Errorf("taken after the restart (-want +got):\n%s", diff)
		}
		third := &receiver{}
		again := bubbleBench(t, path, third)
		if err := again.Deliver(t.Context()); err != nil || len(third.taken) != 0 {
			t.Errorf("delivered once more: %v, %v", third.taken, err)
		}
	})
}

func TestSessionsEndInTimeByThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		b := bubbleBench(t, "", r)
		b.Start()
		b.newSession() // for an hour
		time.Sleep(time.Hour + time.Second)
		if err := b.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if !slices.Equal(r.taken, []string{"checkout.session.expired"}) || r.tries[0] > time.Hour+time.Second {
			t.Errorf("told %v after %v", r.taken, r.tries)
		}
	})
}

func TestStopWaitsButNotForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{block: true}
		b := bubbleBench(t, "", r)
		if err := b.Stop(t.Context()); err != nil {
			t.Errorf("stopped before it began: %v", err)
		}
		b.Start()
		b.endSession()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		// Cut off is not failed: it is due at once when started again.
		r.block = false
		b.Start()
		synctest.Wait()
		if err := b.Stop(t.Context()); err != nil || len(r.taken) != 1 {
			t.Errorf("after starting again: %v, %v", r.taken, err)
		}
	})
}

// Nobody hears of a change that a crash could still undo.
func TestEventsWaitUntilTheStateIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "data")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		r := &receiver{}
		b := bubbleBench(t, filepath.Join(folder, "stripe.json"), r)
		id := b.newSession()
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		if status, _ := b.api("POST", "/v1/checkout/sessions/"+id+"/expire", nil); status != http.StatusInternalServerError {
			t.Errorf("a change that was not kept is answered %d", status)
		}
		b.Start()
		time.Sleep(time.Minute)
		if err := b.Stop(t.Context()); err != nil || len(r.tries) != 0 {
			t.Errorf("without a file: told %v, %v", r.taken, err)
		}
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		b.Start()
		synctest.Wait()
		if err := b.Stop(t.Context()); err != nil || !slices.Equal(r.taken, []string{"checkout.session.expired"}) {
			t.Errorf("once there is a file: told %v, %v", r.taken, err)
		}
	})
}

func TestEventsWaitForAnAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		b := bubbleBench(t, "", r)
		b.SetWebhookURL("")
		b.Start()
		b.endSession()
		time.Sleep(time.Hour)
		if len(r.tries) != 0 {
			t.Errorf("tried %d times without an address", len(r.tries))
		}
		b.SetWebhookURL("http://app.test/webhooks/stripe")
		synctest.Wait()
		if err := b.Stop(t.Context()); err != nil || len(r.taken) != 1 {
			t.Errorf("with an address: %v, %v", r.taken, err)
		}
	})
}
