package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// line is what one process tells of a story that it has played.
type line struct {
	seed  uint64
	steps int
	found string // empty if nothing
}

func (l line) String() string {
	return strings.TrimSpace(fmt.Sprintf("seed %d, %d steps: %s", l.seed, l.steps, l.found))
}

// readLine reads what String wrote.
func readLine(text string) (l line, ok bool) {
	before, found, ok := strings.Cut(text, ":")
	n, err := fmt.Sscanf(before, "seed %d, %d steps", &l.seed, &l.steps)
	l.found = strings.TrimSpace(found)
	return l, ok && err == nil && n == 2
}

// together plays the stories in several processes, and shortens the first that
// fails.
func (o wishes) together() (all sum, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	lines := make(chan line)
	var done sync.WaitGroup
	failed := make([]error, o.workers)
	for i := range o.workers {
		done.Go(func() {
			if failed[i] = o.part(ctx, i, lines); failed[i] != nil {
				cancel()
			}
		})
	}
	go func() {
		done.Wait()
		close(lines)
	}()
	heard, first := 0, line{}
	for l := range lines {
		heard++
		all.steps += l.steps
		if o.all {
			fmt.Println(l)
		}
		if l.found == "" {
			continue
		}
		all.failed++
		if !o.all && first.found == "" {
			first = l
			cancel() // the others are of no interest now
		}
	}
	if first.found != "" {
		o.seed, o.seeds = first.seed, 1
		return o.alone()
	}
	for _, err := range failed {
		if err != nil {
			return all, err
		}
	}
	if heard != o.seeds {
		return all, fmt.Errorf("of %d stories only %d were told", o.seeds, heard)
	}
	return all, nil
}

// part has a process play every so manieth story, and passes on what it tells.
func (o wishes) part(ctx context.Context, i int, lines chan<- line) error {
	seeds := (o.seeds - i + o.workers - 1) / o.workers
	if seeds <= 0 {
		return nil
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"-workers", "1", "-all", "-seeds", fmt.Sprint(seeds), "-seed", fmt.Sprint(o.seed + uint64(i*o.stride)),
		"-stride", fmt.Sprint(o.stride * o.workers), "-couples", fmt.Sprint(o.couples), "-days", fmt.Sprint(o.days),
		"-plant", o.plant, fmt.Sprintf("-kind=%v", o.kind)}
	command := exec.CommandContext(ctx, own, args...)
	var says strings.Builder
	command.Stderr = &says
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return err
	}
	failing := false
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if l, ok := readLine(scan.Text()); ok {
			failing = failing || l.found != ""
			lines <- l
		}
	}
	if err := command.Wait(); err != nil && !failing && ctx.Err() == nil {
		return fmt.Errorf("a process that plays: %w\n%s", err, says.String())
	}
	return nil
}
