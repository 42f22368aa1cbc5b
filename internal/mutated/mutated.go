// Package mutated lets fuzz targets search a little in every run of the tests.
// `go test -fuzz` needs a build of its own, which takes minutes for the whole
// program; changing the seeds by chance needs none, and finds what is near to
// them. `make fuzz` searches for longer, led by what the code does.
package mutated

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Variable names the variable that brings a run's chance back.
const Variable = "LANTERN_FUZZ_SEED"

// Seeds are those of a fuzz target, and what comes of them by chance.
type Seeds struct {
	f       *testing.F
	tries   int
	entries [][]any
}

// Of lets the target try so many changed seeds, beside the seeds themselves.
func Of(f *testing.F, tries int) *Seeds { return &Seeds{f: f, tries: tries} }

// Add adds a seed, as testing.F's does: strings, bools, ints and uints.
func (s *Seeds) Add(args ...any) {
	s.f.Helper()
	s.f.Add(args...)
	s.entries = append(s.entries, args)
}

// Fuzz is testing.F's. While Go's own search goes on, nothing is added to what it
// finds by itself.
func (s *Seeds) Fuzz(body any) {
	s.f.Helper()
	if searching := flag.Lookup("test.fuzz"); searching == nil || searching.Value.String() == "" {
		seed, err := chosen()
		if err != nil {
			s.f.Fatal(err)
		}
		s.f.Logf("%d seeds and %d changed by chance; %s=%d brings the same back", len(s.entries), s.tries, Variable, seed)
		for _, args := range Changed(seed, s.entries, s.tries) {
			s.f.Add(args...)
		}
	}
	s.f.Fuzz(body)
}

// chosen is the seed of chance: another one in each run, unless one is named.
func chosen() (uint64, error) {
	named := os.Getenv(Variable)
	if named == "" {
		return rand.Uint64(), nil
	}
	seed, err := strconv.ParseUint(named, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", Variable, err)
	}
	return seed, nil
}

// Changed makes so many entries of those that there are. The same seed makes the
// same.
func Changed(seed uint64, entries [][]any, tries int) [][]any {
	if len(entries) == 0 {
		return nil
	}
	c := chance{rand.New(rand.NewPCG(seed, 0))}
	all := make([][]any, tries)
	for i := range all {
		args := slices.Clone(entries[c.IntN(len(entries))])
		other := entries[c.IntN(len(entries))]
		for range 1 + c.IntN(3) {
			at := c.IntN(len(args))
			args[at] = c.change(args[at], other[at])
		}
		all[i] = args
	}
	return all
}

type chance struct{ *rand.Rand }

// change makes another value of the same type; other is what the same argument
// is elsewhere.
func (c chance) change(value, other any) any {
	switch v := value.(type) {
	case string:
		return c.text(v, other.(string))
	case bool:
		return !v
	case int:
		return c.number(v, other.(int))
	case uint:
		return uint(c.number(int(v), int(other.(uint))))
	}
	panic(fmt.Sprintf("mutated: %T is no type of a seed here", value))
}

func (c chance) number(n, other int) int {
	switch c.IntN(5) {
	case 0:
		return n + c.IntN(5) - 2
	case 1:
		return -n
	case 2:
		return other
	case 3:
		return []int{0, 1, -1, math.MaxInt, math.MinInt, math.MaxInt32, 1 << 20}[c.IntN(7)]
	}
	return c.IntN(1000)
}

// telling is what means something to one of those who read texts.
var telling = []string{
	"\x00", "\xff", "\u202e", "\u2028", "ä", "\r\n", "\n\n", "\n```\n", "\t", " ", "'", `"`, `\`, `\u0000`, "%", "%00", "%ff", "&", "=", ";", "+", "<", ">",
	"<script>alert(1)</script>", "<!--", "]]>", "](javascript:alert(1))", "[", "]", "{", "}", "{{", "}}", "{{.}}", "{{end}}", "{{range .}}", "{{if .Link}}", "$", "$x",
	"{name}", "{link}", "../", "/", "//", ":", ",", ".", "-", "0", "-1", "1e309", "9223372036854775808", "null", "true", "[]", "{}", "9999-12-31", "0000-00-00", "24:00",
	"\u200d\u200d", "#", "*", "_", "|", "STOP", "@", "(", "((((((((((((((((", "]]]]]]]]]]]]]]]]", "> > > > > > > > ", "****************",
}

// text cuts, doubles, puts in or crosses with another text.
func (c chance) text(s, other string) string {
	from := c.IntN(len(s) + 1)
	to := min(len(s), from+c.IntN(1+min(len(s), 40)))
	switch c.IntN(8) {
	case 0:
		return s[:from] + s[to:]
	case 1:
		return s[:to] + s[from:]
	case 2, 3:
		return s[:from] + telling[c.IntN(len(telling))] + s[from:]
	case 4:
		return s[:from] + telling[c.IntN(len(telling))] + s[to:]
	case 5:
		return s[:from] + other[c.IntN(len(other)+1):]
	case 6:
		return s[:from] + string(byte(c.IntN(256))) + s[to:]
	}
	return s[:from] + strings.Repeat(s[from:to], c.IntN(30)) + s[to:]
}
