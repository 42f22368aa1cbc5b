package democlock_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/democlock"
)

// TestTheClockNeverGoesBack: whatever it is moved to, however the machine's clock
// runs on meanwhile, and with restarts in between.
func TestTheClockNeverGoesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "democlock")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "clock")
		machine := time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC)
		open := func() *democlock.Clock {
			c, err := democlock.Open(path, func() time.Time { return machine })
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := open()
		shown := c.Now()
		if !shown.Equal(machine) {
			t.Fatalf("a new clock shows %v", shown)
		}
		minutes := rapid.Int64Range(-100_000, 100_000)
		t.Repeat(map[string]func(*rapid.T){
			"move": func(t *rapid.T) {
				to := c.Now().Add(time.Duration(minutes.Draw(t, "minutes")) * time.Minute)
				before := c.Now()
				if err := c.MoveTo(to); err != nil {
					t.Fatal(err)
				}
				want := before
				if to.After(before) {
					want = to
				}
				if !c.Now().Equal(want) {
					t.Fatalf("moved from %v to %v it shows %v", before, to, c.Now())
				}
			},
			"wait": func(t *rapid.T) {
				machine = machine.Add(rapid.Custom(func(t *rapid.T) time.Duration {
					return time.Duration(rapid.IntRange(0, 1000).Draw(t, "s")) * time.Second
				}).Draw(t, "wait"))
			},
			"restart": func(*rapid.T) { c = open() },
			"": func(t *rapid.T) {
				if c.Now().Before(shown) || c.Now().Sub(machine) != c.Ahead() {
					t.Fatalf("it showed %v and now %v, %v ahead of %v", shown, c.Now(), c.Ahead(), machine)
				}
				shown = c.Now()
			},
		})
	})
}

func TestAFileThatSaysNothingStopsTheStart(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "soon", "-1h0m0s"} {
		path := filepath.Join(t.TempDir(), "clock")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := democlock.Open(path, time.Now); err == nil {
			t.Errorf("%q was taken for a clock", text)
		}
	}
}

// TestAMoveThatIsNotKeptIsNotMade: a restart would go back.
func TestAMoveThatIsNotKeptIsNotMade(t *testing.T) {
	t.Parallel()
	c, err := democlock.Open(filepath.Join(t.TempDir(), "gone", "clock"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.MoveTo(c.Now().Add(time.Hour)); err == nil || c.Ahead() != 0 {
		t.Errorf("it is %v ahead, %v", c.Ahead(), err)
	}
}
