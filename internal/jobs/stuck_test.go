package jobs_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"lantern/internal/jobs"
)

func TestAPassThatHangsIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		pass := jobs.Pass{Name: "hangs", Every: time.Hour, Timeout: time.Minute, Run: func(context.Context, time.Time) error {
			<-end // it does not heed that its time is over
			return context.DeadlineExceeded
		}}
		r := jobs.New(slog.New(slog.DiscardHandler), time.Now, pass)
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(90 * time.Second)
		if stuck := r.Stuck(); stuck != "" {
			t.Errorf("%s counts as stuck while it may still be ending", stuck)
		}
		time.Sleep(time.Minute)
		if stuck := r.Stuck(); stuck != "hangs" {
			t.Errorf("%q counts as stuck", stuck)
		}
		close(end)
		synctest.Wait()
		status := r.Status()[0]
		if r.Stuck() != "" || status.Failures != 1 || status.Busy != 150*time.Second {
			t.Errorf("%q counts as stuck, and the status is %+v", r.Stuck(), status)
		}
		if err := r.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
