package notifications_test

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Sending is held to DESIGN §8, 4: nothing is sent twice, after its use is over, or
// silently not at all, wherever a process dies and however many there are.

// TestAProcessMayDieAtEachStepOfSending kills it at each of its writes, before it
// and after it, and at each message that leaves, and starts it anew.
func TestAProcessMayDieAtEachStepOfSending(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for _, where := range []string{"write", "message"} {
			t.Run(fmt.Sprintf("%s, after it %v", where, after), func(t *testing.T) {
				t.Parallel()
				for n := 1; ; n++ {
					f := openFirm(t)
					f.book("maya", "+14155550132")
					f.book("ana", "")
					p := f.processes[0]
					_ = p.notices.PlanDue(t.Context(), f.clock())
					f.remember()
					if where == "write" {
						p.engine.after = after
						p.engine.live(n)
					} else {
						f.when(n, after, func(p *process, _ string) { p.engine.die() })
					}
					_ = p.notices.DispatchDue(t.Context(), f.clock())
					died := p.engine.isDead()
					f.settle(fmt.Sprintf("death at %s %d", where, n))
					if !died {
						if t.Logf("%d steps", n-1); n < 6 {
							t.Errorf("there are only %d steps", n-1)
						}
						return
					}
					if t.Failed() {
						return
					}
				}
			})
		}
	}
}

// TestAMachineThatWasOffForThreeDays: what was due meanwhile and is still of use
// goes, the rest is said to have been missed or does not apply any more.
func TestAMachineThatWasOffForThreeDays(t *testing.T) {
	t.Parallel()
	f := openFirm(t)
	for i := range 9 { // three hold a place, six wait, three of whom are offered one meanwhile
		f.book(fmt.Sprint("couple", i), fmt.Sprintf("+1415555013%d", i))
	}
	_ = f.processes[0].notices.PlanDue(t.Context(), f.clock())
	f.remember()
	f.wait(72 * time.Hour)
	f.settle("off for three days")
	states := map[string]int{}
	for _, m := range f.all() {
		states[m.Rule+" "+string(m.State)]++
	}
	if states["waiting sent"] != 6 || states["held sent"] > 0 {
		t.Errorf("what became of it: %v", states)
	}
}

// TestALeaseThatEndsWhileSomebodySends: the other process takes the message up.
// Of a mail that is one more, under the same id; a text goes once.
func TestALeaseThatEndsWhileSomebodySends(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		f := openFirm(t)
		f.book("maya", "+14155550132")
		f.book("ana", "+14155550133")
		f.outlast(n + 1)
		f.run(t.Context(), f.processes[0])
		f.settle(fmt.Sprintf("a lease that ended at message %d", n+1))
	}
}

// outlast lets a message that leaves take longer than its lease, while the other
// process works.
func (f *firm) outlast(left int) {
	f.when(left, false, func(p *process, id string) {
		f.allow()
		f.mu.Lock()
		f.again[id]++
		f.spare++
		f.mu.Unlock()
		f.wait(3 * time.Minute)
		for _, other := range f.processes {
			if other != p {
				_ = other.notices.DispatchDue(f.t.Context(), f.clock())
			}
		}
	})
}

// TestSendingProperties lets couples, two processes, deaths and time come in any
// order.
func TestSendingProperties(t *testing.T) {
	// Not beside others: each try opens a store, so there are fewer than rapid
	// makes by itself.
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if checks := flag.Lookup("rapid.checks"); !asked {
		defer flag.Set("rapid.checks", checks.Value.String())
		must(t, flag.Set("rapid.checks", "15"))
	}
	rapid.Check(t, func(r *rapid.T) {
		f := openFirm(t)
		for i := range rapid.IntRange(6, 24).Draw(r, "steps") {
			f.step(r, i)
		}
		f.settle("in the end")
		if t.Failed() {
			r.Fatal("the ledger is wrong")
		}
	})
}

func (f *firm) step(r *rapid.T, i int) {
	p := f.processes[rapid.IntRange(0, 1).Draw(r, "process")]
	switch rapid.SampledFrom([]string{
		"book", "book", "cancel", "run", "run", "run", "both", "both", "death", "death", "stop", "outlast", "server", "time", "time",
	}).Draw(r, "step") {
	case "book":
		phone := ""
		if rapid.Bool().Draw(r, "texts") {
			phone = fmt.Sprintf("+1415555%04d", 100+i)
		}
		f.book(fmt.Sprint("couple", i), phone)
	case "cancel":
		if len(f.bookings) > 0 {
			_ = p.bookings.Cancel(f.t.Context(), rapid.SampledFrom(f.bookings).Draw(r, "booking"), nil)
		}
	case "run":
		f.run(f.t.Context(), p)
	case "both":
		var all sync.WaitGroup
		for _, p := range f.processes {
			all.Go(func() { f.run(f.t.Context(), p) })
		}
		all.Wait()
	case "death":
		p.engine.after = rapid.Bool().Draw(r, "after")
		n := rapid.IntRange(1, 12).Draw(r, "at")
		if rapid.Bool().Draw(r, "by message") {
			f.when(n, p.engine.after, func(p *process, _ string) { p.engine.die() })
		} else {
			p.engine.live(n)
		}
		f.run(f.t.Context(), p)
		f.bury()
	case "stop":
		ctx, stop := context.WithCancel(f.t.Context())
		defer stop()
		f.when(rapid.IntRange(1, 6).Draw(r, "at"), rapid.Bool().Draw(r, "after"), func(*process, string) { stop() })
		f.run(ctx, p)
		f.when(0, false, nil)
	case "outlast":
		f.outlast(rapid.IntRange(1, 4).Draw(r, "at"))
		f.run(f.t.Context(), p)
		f.when(0, false, nil)
	case "server":
		f.answers(rapid.SampledFrom([]error{nil, nil, errLater, errNever}).Draw(r, "answer"))
	case "time":
		f.wait(rapid.SampledFrom([]time.Duration{time.Minute, 3 * time.Minute, 32 * time.Minute, 9 * time.Hour, 72 * time.Hour}).Draw(r, "time"))
	}
}

// TestWhatWasNotBegunIsGivenBack: a pass that is stopped leaves nothing claimed,
// so that nobody waits for the end of its leases.
func TestWhatWasNotBegunIsGivenBack(t *testing.T) {
	t.Parallel()
	f := openFirm(t)
	for i := range 6 {
		f.book(fmt.Sprint("couple", i), "")
	}
	ctx, stop := context.WithCancel(t.Context())
	f.when(3, true, func(*process, string) { stop() })
	f.run(ctx, f.processes[0])
	if len(f.mails) >= 12 {
		t.Fatalf("all %d mails left before the pass was stopped", len(f.mails))
	}
	f.run(t.Context(), f.processes[1])
	for _, m := range f.all() {
		if f.mails[m.ID] != 1 {
			t.Errorf("%s left %d times and is %s", m.ID, f.mails[m.ID], m.State)
		}
	}
}
