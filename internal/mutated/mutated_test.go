package mutated_test

import (
	"reflect"
	"strings"
	"testing"

	"lantern/internal/mutated"
)

func TestChangedSeeds(t *testing.T) {
	t.Parallel()
	seeds := [][]any{{"name=Ana", 3, uint(1), true}, {"", 0, uint(0), false}}
	all := mutated.Changed(1, seeds, 500)
	if !reflect.DeepEqual(all, mutated.Changed(1, seeds, 500)) {
		t.Error("the same chance makes something else")
	}
	if reflect.DeepEqual(all, mutated.Changed(2, seeds, 500)) {
		t.Error("another chance makes the same")
	}
	texts, wrong := map[string]bool{}, 0
	for _, args := range all {
		texts[args[0].(string)] = true
		if _, ok := args[2].(uint); !ok || len(args) != 4 {
			wrong++
		}
	}
	if len(all) != 500 || wrong > 0 || len(texts) < 100 {
		t.Errorf("%d entries, %d of another kind, with %d texts", len(all), wrong, len(texts))
	}
	if !reflect.DeepEqual(seeds, [][]any{{"name=Ana", 3, uint(1), true}, {"", 0, uint(0), false}}) {
		t.Errorf("the seeds have become %v", seeds)
	}
}

// FuzzFinds is a target that finds what is near to its seed. `make fuzz` leaves it
// out: there is nothing to be found in it.
func FuzzFinds(f *testing.F) {
	tried, found := 0, 0
	seeds := mutated.Of(f, 2000)
	seeds.Add("a name", 1)
	f.Cleanup(func() {
		if tried != 2001 || found == 0 {
			f.Errorf("of %d tries, %d have a script", tried, found)
		}
	})
	seeds.Fuzz(func(_ *testing.T, text string, _ int) {
		tried++
		if strings.Contains(text, "<script>") {
			found++
		}
	})
}
