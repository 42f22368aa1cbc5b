// Package jobs runs passes: functions that look for work and do it, called at
// their tick or when somebody wakes them. A pass keeps no memory between its
// runs, so one that is missed is made up by the next.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// Pass is one kind of work that time brings about.
type Pass struct {
	Name    string
	Every   time.Duration
	Timeout time.Duration
	// Run does what is due at now. It may be called at any time, twice, and by
	// several processes at once.
	Run func(ctx context.Context, now time.Time) error
}

// PassStatus is how a pass is doing.
type PassStatus struct {
	Name               string
	LastStart, LastEnd time.Time
	LastError          string // empty when the last run went well
	// Runs and Failures count since the start, Busy is how long the runs took.
	Runs, Failures int
	Busy           time.Duration
}

// spacing is the least time between two runs of a pass: in a rush it is woken
// by everybody, and one run does the work of many wakes.
const spacing = 100 * time.Millisecond

// grace is how long a pass that was cut off has to notice it.
const grace = 5 * time.Second

// Runner calls passes. Each runs in its own goroutine, never twice at once.
type Runner struct {
	log    *slog.Logger
	now    func() time.Time
	cron   *cron.Cron
	passes []*running
	byName map[string]*running

	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup
	stop    chan struct{}

	mu               sync.Mutex
	started, stopped bool
}

type running struct {
	Pass
	wake chan struct{}

	mu     sync.Mutex
	status PassStatus
	// begun is when it began to run, by the machine's clock; zero while it rests.
	begun time.Time
}

// New makes a runner that has not started.
func New(log *slog.Logger, now func() time.Time, passes ...Pass) *Runner {
	r := &Runner{
		log: log, now: now, byName: map[string]*running{}, stop: make(chan struct{}),
		// Ticks count elapsed time, so clock changes do not touch them.
		cron: cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cron.DiscardLogger)),
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	for _, pass := range passes {
		p := &running{Pass: pass, wake: make(chan struct{}, 1), status: PassStatus{Name: pass.Name}}
		r.passes = append(r.passes, p)
		r.byName[pass.Name] = p
	}
	return r
}

// Start runs every pass once at once and then at its tick. A runner starts
// once; what was stopped stays so.
func (r *Runner) Start() error {
	for _, p := range r.passes {
		if p.Every < time.Second || p.Timeout <= 0 {
			return fmt.Errorf("pass %s: needs a tick of at least a second, and a timeout", p.Name)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.started || r.stopped {
		return errors.New("passes can be started only once")
	}
	r.started = true
	for _, p := range r.passes {
		r.cron.Schedule(cron.Every(p.Every), cron.FuncJob(p.rouse))
		p.rouse()
		r.workers.Go(func() { r.work(p) })
	}
	r.cron.Start()
	return nil
}

// Wake asks for a run right now, or a moment after the last one. It does not
// wait; several calls before the run begins make one run, and a call while the
// pass runs makes another. An unknown name is a mistake in the program.
func (r *Runner) Wake(name string) {
	p, ok := r.byName[name]
	if !ok {
		panic("jobs: there is no pass " + name)
	}
	p.rouse()
}

func (p *running) rouse() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (r *Runner) work(p *running) {
	for {
		select {
		case <-r.stop:
			return
		default:
		}
		select {
		case <-r.stop:
			return
		case <-p.wake:
			r.run(p)
		}
		r.rest()
	}
}

// rest waits until a pass may run again. Who wakes it meanwhile is not
// forgotten.
func (r *Runner) rest() {
	timer := time.NewTimer(spacing)
	defer timer.Stop()
	select {
	case <-r.stop:
	case <-timer.C:
	}
}

func (r *Runner) run(p *running) {
	ctx, cancel := context.WithTimeout(r.ctx, p.Timeout)
	defer cancel()
	now, begun := r.now(), time.Now()
	p.mu.Lock()
	p.status.LastStart, p.begun = now, begun
	p.mu.Unlock()
	err := Safely(func() error { return p.Run(ctx, now) })
	p.mu.Lock()
	p.status.LastEnd, p.status.LastError = r.now(), ""
	p.begun = time.Time{}
	p.status.Runs++
	p.status.Busy += time.Since(begun)
	if err != nil {
		p.status.LastError = err.Error()
		p.status.Failures++
	}
	p.mu.Unlock()
	if err != nil {
		r.log.Error("a pass failed", "pass", p.Name, "error", err)
	}
}

// Stop starts no further runs and waits for those that run; when ctx ends they
// are cancelled, and have five seconds to notice. One that does not is left
// running, and the error says so. Stopping twice, or what was never started,
// is fine.
func (r *Runner) Stop(ctx context.Context) error {
	if !r.close() {
		return nil
	}
	ended := make(chan struct{})
	go func() {
		r.workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		r.cancel()
		return nil
	case <-ctx.Done():
	}
	r.cancel()
	select {
	case <-ended:
		return fmt.Errorf("passes were cut off: %w", ctx.Err())
	case <-time.After(grace):
		return fmt.Errorf("passes were cut off and have not ended: %w", ctx.Err())
	}
}

// close lets no further run begin, and reports whether any may have begun.
func (r *Runner) close() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopped {
		r.stopped = true
		close(r.stop)
		r.cron.Stop()
	}
	return r.started
}

// Status tells how each pass is doing, in the order given to New.
func (r *Runner) Status() []PassStatus {
	var all []PassStatus
	for _, p := range r.passes {
		p.mu.Lock()
		all = append(all, p.status)
		p.mu.Unlock()
	}
	return all
}

// stuckAfter is how long a pass may go on after its timeout before it counts as
// stuck.
const stuckAfter = time.Minute

// Stuck names a pass that goes on although its time was over long ago, which
// nothing but a restart ends; empty if none does.
func (r *Runner) Stuck() string {
	for _, p := range r.passes {
		p.mu.Lock()
		begun := p.begun
		p.mu.Unlock()
		if !begun.IsZero() && time.Since(begun) > p.Timeout+stuckAfter {
			return p.Name
		}
	}
	return ""
}
