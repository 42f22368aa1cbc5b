package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
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

func TestStopDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "deaf", Every: time.Second, Timeout: time.Hour,
			Run: func(context.Context, time.Time) error { <-release; return nil }})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		err := r.Stop(ctx)
		if waited := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || waited != 10*time.Second {
			t.Errorf("after %v: %v", waited, err)
		}
	})
}

func TestStopLetsARunEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended bool
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "a", Every: time.Second, Timeout: time.Hour,
			Run: func(ctx context.Context, _ time.Time) error {
				time.Sleep(3 * time.Second) // virtual
				ended = ctx.Err() == nil
				return ctx.Err()
			}})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil || !ended {
			t.Errorf("the run ended by itself: %t, %v", ended, err)
		}
		if status := r.Status()[0]; status.Runs != 1 || status.LastEnd.Sub(status.LastStart) != 3*time.Second {
			t.Errorf("status %+v", status)
		}
	})
}

func TestAPassNeverOverlapsItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at, most, runs atomic.Int32
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "slow", Every: time.Second, Timeout: time.Hour,
			Run: func(context.Context, time.Time) error {
				most.Store(max(most.Load(), at.Add(1)))
				defer at.Add(-1)
				runs.Add(1)
				time.Sleep(10 * time.Second) // virtual
				return nil
			}})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for range 100 {
			r.Wake("slow")
		}
		time.Sleep(25 * time.Second)
		synctest.Wait()
		// At 0, 10 and 20 seconds: whatever asked meanwhile made one run.
		if most.Load() != 1 || runs.Load() != 3 {
			t.Errorf("%d runs at once, %d in all", most.Load(), runs.Load())
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestARunHasATimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "a", Every: time.Hour, Timeout: time.Minute,
			Run: func(ctx context.Context, _ time.Time) error { <-ctx.Done(); return ctx.Err() }})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		status := r.Status()[0]
		if status.LastEnd.Sub(status.LastStart) != time.Minute || status.LastError != context.DeadlineExceeded.Error() {
			t.Errorf("status %+v", status)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestARunnerStartsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		pass := jobs.Pass{Name: "a", Every: time.Hour, Timeout: time.Minute,
			Run: func(context.Context, time.Time) error { runs++; return nil }}
		r := jobs.New(quiet, time.Now, pass)
		r.Wake("a") // before the start it is one with the first run
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		if err := r.Start(); err == nil {
			t.Error("it started twice")
		}
		synctest.Wait()
		if err := r.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if runs != 1 {
			t.Errorf("%d runs", runs)
		}
		stopped := jobs.New(quiet, time.Now, pass)
		if err := stopped.Stop(t.Context()); err != nil {
			t.Errorf("stopping what never started: %v", err)
		}
		if err := stopped.Start(); err == nil {
			t.Error("it started after it was stopped")
		}
	})
}

func TestPassesNeedATickAndATimeout(t *testing.T) {
	t.Parallel()
	for _, pass := range []jobs.Pass{
		{Name: "without a tick", Timeout: time.Minute},
		{Name: "with too short a tick", Every: time.Millisecond, Timeout: time.Minute},
		{Name: "without a timeout", Every: time.Minute},
	} {
		pass.Run = func(context.Context, time.Time) error { t.Errorf("%s: it ran", pass.Name); return nil }
		if err := jobs.New(quiet, time.Now, pass).Start(); err == nil {
			t.Errorf("%s: it started", pass.Name)
		}
	}
}

// TestWakesInQuickSuccession: the first one is heard at once, the others share
// runs, and none is lost.
func TestWakesInQuickSuccession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		began := time.Now()
		var runs []time.Duration
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "a", Every: time.Hour, Timeout: time.Minute,
			Run: func(context.Context, time.Time) error {
				runs = append(runs, time.Since(began))
				time.Sleep(20 * ms) // virtual
				return nil
			}})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		for range 50 { // each 10 ms for half a second
			r.Wake("a")
			time.Sleep(10 * ms)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		// Those in the last run of the rush are followed by one more.
		want := []time.Duration{0, 1000 * ms, 1120 * ms, 1240 * ms, 1360 * ms, 1480 * ms, 1600 * ms}
		if !slices.Equal(runs, want) {
			t.Errorf("it ran at %v, want %v", runs, want)
		}
		runs = nil
		r.Wake("a")
		synctest.Wait()
		time.Sleep(10 * ms)
		r.Wake("a") // while it runs
		time.Sleep(time.Second)
		r.Wake("a")
		time.Sleep(50 * ms)
		r.Wake("a") // while it rests
		time.Sleep(time.Second)
		synctest.Wait()
		if len(runs) != 4 || runs[1]-runs[0] != 120*ms || runs[3]-runs[2] != 120*ms {
			t.Errorf("woken while it runs and while it rests, it ran at %v", runs)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestStopDoesNotWaitForARest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		r := jobs.New(quiet, time.Now, jobs.Pass{Name: "a", Every: time.Hour, Timeout: time.Minute,
			Run: func(context.Context, time.Time) error { runs++; return nil }})
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		r.Wake("a")
		began := time.Now()
		if err := r.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 0 || runs != 1 {
			t.Errorf("stopping took %v and %d runs", took, runs)
		}
	})
}
