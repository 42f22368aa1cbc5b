package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// wishes are what somebody asks for on the command line.
type wishes struct {
	seeds, workers int
	stride         int
	seed           uint64
	couples, days  int
	plant, only    string
	profile        string
	kind, loud     bool
	all            bool
	within         time.Duration
}

func asked() (wishes, error) {
	var o wishes
	flag.IntVar(&o.seeds, "seeds", 100, "how many stories to play")
	flag.Uint64Var(&o.seed, "seed", 1, "the first one")
	flag.IntVar(&o.couples, "couples", 0, "how many couples there are; 0 lets the seed decide")
	flag.IntVar(&o.days, "days", 0, "how many days a story lasts; 0 lets the seed decide")
	flag.StringVar(&o.plant, "plant", "", "a mistake that the world makes on purpose")
	flag.StringVar(&o.only, "only", "", "the numbers of the actions to play, with commas; empty plays all")
	flag.BoolVar(&o.kind, "kind", false, "nothing is made to fail")
	flag.BoolVar(&o.loud, "v", false, "tell the stories")
	flag.BoolVar(&o.all, "all", false, "go on after a story that fails, and say of each what came of it")
	flag.DurationVar(&o.within, "shorten", time.Minute, "how long to look for a shorter story that fails too")
	flag.IntVar(&o.workers, "workers", runtime.NumCPU(), "how many processes play")
	flag.IntVar(&o.stride, "stride", 1, "how far one seed is from the next")
	flag.StringVar(&o.profile, "profile", "", "a file for a profile of where the time goes")
	flag.Parse()
	if _, ok := plants[o.plant]; !ok && o.plant != "" {
		return o, fmt.Errorf("there is no planted mistake %q; there are: %s", o.plant, strings.Join(sorted(plants), ", "))
	}
	return o, nil
}

func main() {
	debug.SetGCPercent(400) // much is made anew in each step, and little stays
	o, err := asked()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := o.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run plays the stories, in several processes if there are several: each has a
// source of chance of its own.
func (o wishes) run() error {
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	begun := time.Now()
	play := o.alone
	if o.workers > 1 && o.seeds > 1 && !o.loud && o.only == "" && o.profile == "" {
		play = o.together
	}
	sum, err := play()
	if err != nil {
		return err
	}
	took := time.Since(begun)
	fmt.Printf("figure sim_steps_per_s %.0f 1/s\n", float64(sum.steps)/took.Seconds())
	if sum.failed > 0 {
		return fmt.Errorf("%d of %d stories failed", sum.failed, o.seeds)
	}
	fmt.Printf("%d stories, %d steps in %s: nothing happened that must not\n", o.seeds, sum.steps, took.Round(time.Millisecond))
	return nil
}

// sum is what came of several stories.
type sum struct{ steps, failed int }

// alone plays the stories one after the other.
func (o wishes) alone() (all sum, err error) {
	for n := range o.seeds {
		s := o.settings(o.seed + uint64(n*o.stride))
		story := newStory(s)
		if o.only != "" {
			story = chosen(story, o.only)
		}
		found, w, err := tells(s, story)
		if err != nil {
			return all, err
		}
		all.steps += w.steps
		if found != nil {
			all.failed++
		}
		if o.all {
			fmt.Println(line{seed: s.seed, steps: w.steps, found: found.orNothing()})
		} else if found != nil {
			return all, o.report(failing{settings: s, story: story, found: found})
		}
	}
	return all, nil
}

// settings are those of a seed's story, as far as nobody wishes for others.
func (o wishes) settings(seed uint64) settings {
	s := settingsOf(seed)
	if o.couples > 0 {
		s.couples, s.cohorts = o.couples, max(1, o.couples/6)
	}
	if o.days > 0 {
		s.days = o.days
	}
	s.plant, s.kind = o.plant, o.kind
	if o.loud {
		s.tell = func(line string) { fmt.Println(line) }
	}
	return s
}

// settingsOf is the size of a seed's story: mostly small ones, in which little
// has to go together for a lot to go wrong.
func settingsOf(seed uint64) settings {
	r := newRand(seed, 3)
	s := settings{seed: seed, days: 100 + r.IntN(60), couples: 6 + r.IntN(24)}
	if r.IntN(25) == 0 {
		s.days, s.couples = 365, 60+r.IntN(60)
	}
	s.cohorts = 1 + s.couples/(5+r.IntN(6))
	return s
}

// chosen are the actions of a story with these numbers.
func chosen(story []action, only string) (some []action) {
	for number := range strings.SplitSeq(only, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(number)); err == nil && n >= 0 && n < len(story) {
			some = append(some, story[n])
		}
	}
	return some
}

// report prints the shortest story that can be found which still fails, and how to
// tell it again.
func (o wishes) report(f failing) error {
	fmt.Printf("seed %d breaks %s\n", f.settings.seed, f.found)
	if o.only == "" {
		f = f.shorten(o.within)
	}
	fmt.Printf("\nthe shortest story that was found (%d actions):\n\n", len(f.story))
	f.settings.tell = func(line string) { fmt.Println(line) }
	_, _, err := tells(f.settings, f.story)
	fmt.Printf("\nagain:\n\n  %s\n", o.again(f))
	return err
}

// again is the command that tells a story once more.
func (o wishes) again(f failing) string {
	command := fmt.Sprintf("go run ./internal/sim -v -seeds 1 -seed %d", f.settings.seed)
	if o.couples > 0 {
		command += fmt.Sprintf(" -couples %d", o.couples)
	}
	if o.days > 0 {
		command += fmt.Sprintf(" -days %d", o.days)
	}
	if o.plant != "" {
		command += fmt.Sprintf(" -plant %q", o.plant)
	}
	if o.kind {
		command += " -kind"
	}
	numbers := make([]string, len(f.story))
	for i, a := range f.story {
		numbers[i] = strconv.Itoa(a.n)
	}
	return command + " -only " + strings.Join(numbers, ",")
}
