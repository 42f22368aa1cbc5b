package booking_test

import (
	"flag"
	"os"
	"strconv"
	"testing"
)

// TestMain lets chance tell fewer stories than rapid does by itself: each runs
// the whole slice with a store and a card service. -rapid.checks asks for more.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", strconv.Itoa(stories)); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
