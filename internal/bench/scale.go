package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"lantern/internal/store"
)

// goalOfScale is how much dearer anything may be in a store that holds ten times
// as much.
const goalOfScale = 1.2

// measureScale compares everything that people and passes do in a store of so
// many cohorts with the same in one of a tenth of them.
func measureScale(ctx context.Context, program, dir string, cohorts, rounds int) error {
	var stores [2]string
	for i, n := range []int{cohorts / 10, cohorts} {
		stores[i] = filepath.Join(dir, fmt.Sprint("scale-", n))
		if err := havePast(ctx, stores[i], n); err != nil {
			return err
		}
	}
	if err := measureScaledPasses(ctx, stores, rounds); err != nil {
		return err
	}
	return measureScaledProgram(ctx, program, stores, cohorts, rounds)
}

// builtFile says that a folder holds all that it is to hold.
const builtFile = "built"

// havePast builds a store, unless it is there from an earlier run.
func havePast(ctx context.Context, dir string, n int) error {
	if _, err := os.Stat(filepath.Join(dir, builtFile)); err == nil {
		return nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return err
	}
	start := time.Now()
	if err := buildPast(ctx, dir, n); err != nil {
		return fmt.Errorf("building a store of %d cohorts: %w", n, err)
	}
	info, err := os.Stat(filepath.Join(dir, "lantern.db"))
	if err != nil {
		return err
	}
	note("scale", fmt.Sprintf("%d cohorts, %d bookings and %d messages, %d MB, built in %.0f s",
		n, n*bookingsOfEach, n*bookingsOfEach*messagesOfEach, info.Size()>>20, time.Since(start).Seconds()))
	return os.WriteFile(filepath.Join(dir, builtFile), nil, 0o600)
}

// scaled collects what things cost in both stores, by name.
type scaled struct {
	names []string
	costs map[string]*[2][]float64
}

func newScaled() *scaled { return &scaled{costs: map[string]*[2][]float64{}} }

func (s *scaled) add(name string, side int, cost float64) {
	if s.costs[name] == nil {
		s.names = append(s.names, name)
		s.costs[name] = &[2][]float64{}
	}
	s.costs[name][side] = append(s.costs[name][side], cost)
}

func (s *scaled) print(unit string) {
	for _, name := range s.names {
		c := s.costs[name]
		r := ratio(c[1], c[0])
		word := ""
		if r > goalOfScale {
			word = ", which is more than it may be"
		}
		note("scale", fmt.Sprintf("%s: %.3g and %.3g %s%s", name, median(c[0]), median(c[1]), unit, word))
		figure("scale_x10_"+name, r, "ratio")
	}
}

// measureScaledPasses runs each pass in both stores by turns, with a little to do.
func measureScaledPasses(ctx context.Context, stores [2]string, rounds int) (err error) {
	var sides [2]*pastRecords
	for i, dir := range stores {
		if sides[i], err = openPast(ctx, dir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sides[i].db.Close()) }()
	}
	costs, processor := newScaled(), newScaled()
	for round := range rounds + 1 {
		for i, p := range sides {
			if err := p.giveWork(ctx); err != nil {
				return err
			}
			for _, pass := range []struct {
				name string
				run  func(context.Context, time.Time) error
			}{
				{"settle", p.services.SettleCohorts}, {"attend", p.services.AttendDue}, {"plan", p.notices.PlanDue},
				{"dispatch", p.notices.DispatchDue}, {"digests", p.notices.TellDigests},
			} {
				runtime.GC()
				start, worked := time.Now(), ourTime()
				if err := pass.run(ctx, clock()); err != nil && !errors.Is(err, store.ErrNotFound) {
					return fmt.Errorf("pass %s: %w", pass.name, err)
				}
				if round > 0 {
					costs.add(pass.name, i, float64(time.Since(start))/float64(time.Millisecond))
					processor.add(pass.name+"_cpu", i, ourTime()-worked)
				}
			}
		}
	}
	costs.print("ms")
	processor.print("ms of a processor")
	return nil
}

// ourTime is how long processors have worked for this process, in milliseconds.
func ourTime() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e6
}

// scaledSide is the program on one of the stores.
type scaledSide struct {
	*server
	cookie string
	// rush is a cohort in which couples book.
	rush string
	// links are couples' pages, running the cohorts to look at.
	links, running []string
	asked          int
}

func measureScaledProgram(ctx context.Context, program string, stores [2]string, cohorts, rounds int) (err error) {
	costs := newScaled()
	for range min(rounds, 5) {
		for i, dir := range stores {
			ms, mb, err := startOnce(ctx, program, dir)
			if err != nil {
				return err
			}
			costs.add("start", i, ms)
			costs.add("rss_idle", i, mb)
		}
	}
	costs.print("ms or MB")
	var sides [2]*scaledSide
	for i, dir := range stores {
		if sides[i], err = openSide(ctx, program, dir, []int{cohorts / 10, cohorts}[i]); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sides[i].stop()) }()
	}
	costs = newScaled()
	processor, asks := newScaled(), newReads()
	for round := range rounds + 1 {
		for _, page := range scaledPages {
			for i, side := range sides {
				before, err := side.reads(ctx)
				if err != nil {
					return err
				}
				ms, cpu, err := side.cost(ctx, page)
				if err != nil {
					return err
				}
				after, err := side.reads(ctx)
				if err != nil {
					return err
				}
				asks.add(page.name, i, after.since(before))
				if round > 0 {
					costs.add(page.name, i, ms)
					processor.add(page.name+"_cpu", i, cpu)
				}
			}
		}
	}
	costs.print("ms")
	processor.print("ms of a processor")
	asks.print()
	for i, side := range sides {
		mb, err := side.rss()
		if err != nil {
			return err
		}
		note("scale", fmt.Sprintf("%.0f MB after all pages, store %d", mb, i+1))
	}
	return nil
}

// startOnce gives how long the program takes to be ready, in milliseconds, and how
// much memory it has then, in MB.
func startOnce(ctx context.Context, program, dir string) (ms, mb float64, err error) {
	start := time.Now()
	s, err := startLanternIn(ctx, program, dir)
	if err != nil {
		return 0, 0, err
	}
	ms = float64(time.Since(start)) / float64(time.Millisecond)
	mb, err = s.rss()
	return ms, mb, errors.Join(err, s.stop())
}

// rss is how much memory the program has, in MB, rssPeak the most that it had.
func (s *server) rss() (float64, error)     { return s.memory("VmRSS:") }
func (s *server) rssPeak() (float64, error) { return s.memory("VmHWM:") }

func (s *server) memory(which string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, which); ok {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			return float64(kb) / 1024, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process has")
}

// busy is how long processors have worked for the program, in milliseconds. On a
// machine that others use as well it says more than how long an answer took.
func (s *server) busy() (float64, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, thread := range threads {
		line, err := os.ReadFile(thread)
		if errors.Is(err, os.ErrNotExist) {
			continue // it has ended
		}
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(line), " ")
		ns, err := strconv.ParseFloat(first, 64)
		if err != nil {
			return 0, err
		}
		sum += ns / 1e6
	}
	return sum, nil
}
