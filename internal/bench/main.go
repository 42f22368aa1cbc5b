// Command bench measures Lantern as its users would meet it: the real program
// in a process of its own, asked over HTTP, next to references taken in the
// same run. It prints one line for each figure: figure NAME VALUE UNIT. Lines
// that begin with # say how a figure came about. Names that end in _x10 are
// those of the same with ten times as much in the store.
//
// Machines differ and are noisy, so the figures that count are ratios, and
// each is the median of several rounds.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
)

func main() {
	program := flag.String("lantern", "bin/lantern", "the program to measure")
	rounds := flag.Int("rounds", 9, "rounds of each measurement")
	only := flag.String("only", "", "measure this alone: flood, spread, page, board, waitflood, waitlist, webhook, nightly, keeping, plan, dispatch, tick, due or sharing")
	flag.IntVar(&nightlyBookings, "bookings", nightlyBookings, "bookings of the nightly comparison; it is measured with a tenth of them, too")
	reference := flag.String("reference", "", "serve a reference instead of measuring: echo, static or sandbox")
	compare := flag.String("compare", "", "compare the records in this folder instead of measuring, with the card service at -cards")
	cards := flag.String("cards", "", "address of the card service for -compare")
	scale := flag.Int("scale", 0, "measure a store of so many cohorts, with ten bookings and fifty messages each, against one of a tenth of it, and nothing else")
	scaleDir := flag.String("scale-data", os.TempDir(), "where -scale keeps its stores, to be used again")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *reference != "":
		err = serveReference(ctx, *reference)
	case *compare != "":
		err = compareRecords(ctx, *compare, *cards)
	case *scale > 0:
		err = measureScale(ctx, *program, *scaleDir, *scale, *rounds)
	default:
		err = measure(ctx, *program, *only, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func figure(name string, value float64, unit string) {
	fmt.Printf("figure %s %.3g %s\n", name, value, unit)
}

// note says how a figure came about.
func note(name, text string) { fmt.Printf("# %s: %s\n", name, text) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// ratio compares what was measured by turns: it is the median of the ratios,
// so that what slows the machine down for a while slows both sides of one.
func ratio(values, references []float64) float64 {
	ratios := make([]float64, len(values))
	for i := range values {
		ratios[i] = values[i] / references[i]
	}
	return median(ratios)
}

var measurements = []struct {
	name    string
	measure func(ctx context.Context, program string, rounds int) error
}{
	{"flood", measureFlood}, {"spread", measureSpread}, {"page", measurePage},
	{"board", measureBoard}, {"waitflood", measureWaitflood}, {"waitlist", measureWaitlist},
	{"webhook", measureWebhook}, {"nightly", measureNightly}, {"keeping", measureKeeping},
	{"plan", measurePlan}, {"dispatch", measureDispatch}, {"tick", measureTick}, {"due", measureDue},
	{"sharing", measureSharing},
}

func measure(ctx context.Context, program, only string, rounds int) error {
	for _, m := range measurements {
		if only != "" && only != m.name {
			continue
		}
		if err := m.measure(ctx, program, rounds); err != nil {
			return fmt.Errorf("measuring the %s: %w", m.name, err)
		}
	}
	return nil
}
