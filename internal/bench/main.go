// Command bench measures Lantern as its users would meet it: the real program
// in a process of its own, asked over HTTP, next to references taken in the
// same run. It prints one line for each figure: figure NAME VALUE UNIT.
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
	reference := flag.String("reference", "", "serve a reference instead of measuring: echo or static")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *reference != "" {
		err = serveReference(ctx, *reference)
	} else {
		err = measure(ctx, *program, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func figure(name string, value float64, unit string) {
	fmt.Printf("figure %s %.3g %s\n", name, value, unit)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func measure(ctx context.Context, program string, rounds int) error {
	for _, m := range []func(context.Context, string, int) error{measureFlood, measureSpread, measurePage} {
		if err := m(ctx, program, rounds); err != nil {
			return err
		}
	}
	return nil
}
