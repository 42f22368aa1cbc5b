package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lantern/internal/jobs"
)

var quiet = slog.New(slog.DiscardHandler)

func TestPassesRunAtOnceAndAtTheirTick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "a", Every: 10 * time.Second, Timeout: time.Minute,
			Run: func(context.Context, time.Time) error { runs.Add(1); return nil }})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if runs.Load() != 1 {
			t.Errorf("%d runs at the start", runs.Load())
		}
		time.Sleep(35 * time.Second) // virtual
		synctest.Wait()
		if runs.Load() != 4 {
			t.Errorf("%d runs after 35 seconds, want 4", runs.Load())
		}
		r.Wake("a")
		synctest.Wait()
		if runs.Load() != 5 {
			t.Errorf("%d runs after being woken, want 5", runs.Load())
		}
		for range 2 {
			if err := r.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		}
		r.Wake("a")
		time.Sleep(time.Minute)
		if runs.Load() != 5 {
			t.Error("it ran after it was stopped")
		}
	})
}

func TestFailuresDoNotEndAPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "a", Every: time.Second, Timeout: time.Minute,
			Run: func(context.Context, time.Time) error {
				runs++
				switch runs {
				case 1:
					return errors.New("broken")
				case 2:
					panic("worse")
				}
				return nil
			}})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := r.Status()[0].LastError; got != "broken" {
			t.Errorf("status says %q", got)
		}
		time.Sleep(2500 * time.Millisecond)
		synctest.Wait()
		if status := r.Status()[0]; status.Runs != 3 || status.LastError != "" {
			t.Errorf("status %+v", status)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestStopCutsOffWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "a", Every: time.Second, Timeout: time.Hour,
			Run: func(ctx context.Context, _ time.Time) error { <-ctx.Done(); return ctx.Err() }})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := r.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNeverStarted(t *testing.T) {
	t.Parallel()
	r := jobs.New(quiet, time.Now)
	if err := r.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
