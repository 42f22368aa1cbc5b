package main

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/notifications"
	"lantern/retreats"
)

// small is a story that takes little time to tell.
func small(seed uint64) settings {
	return settings{seed: seed, days: 80, couples: 8, cohorts: 2}
}

// play tells a seed's story and gives what broke, and each line of it.
func play(t *testing.T, s settings) (*violation, []string) {
	t.Helper()
	var lines []string
	s.tell = func(line string) { lines = append(lines, line) }
	found, _, err := tells(s, newStory(s))
	if err != nil {
		t.Fatal(err)
	}
	return found, lines
}

// TestNothingHappensThatMustNot plays some stories, in which much goes wrong
// (DESIGN: what must never happen). `make sim` plays more.
func TestNothingHappensThatMustNot(t *testing.T) {
	for seed := range stories {
		s := small(seed)
		if found, lines := play(t, s); found != nil {
			t.Errorf("seed %d breaks %s\n%s", seed, found, strings.Join(lines[max(0, len(lines)-30):], "\n"))
		}
	}
}

// TestASeedIsOneStory: the same seed tells the same, to the last id.
func TestASeedIsOneStory(t *testing.T) {
	s := small(3)
	s.days = 40
	_, first := play(t, s)
	_, second := play(t, s)
	if i := firstDifference(first, second); i >= 0 {
		t.Fatalf("line %d differs:\n%s\n%s", i, at(first, i), at(second, i))
	}
	if len(first) < 100 {
		t.Errorf("only %d things happen", len(first))
	}
}

// TestWhatIsReadIsWhatIsStored: the engine in memory remembers documents decoded, and
// that is what decoding gives.
func TestWhatIsReadIsWhatIsStored(t *testing.T) {
	s := small(4)
	s.days = 50
	_, w, err := tells(s, newStory(s))
	if err != nil {
		t.Fatal(err)
	}
	sameAsDecoded[retreats.Cohort](t, w, "cohorts")
	sameAsDecoded[booking.Booking](t, w, "bookings")
	sameAsDecoded[notifications.Message](t, w, "messages")
}

func sameAsDecoded[T any](t *testing.T, w *world, collection string) {
	t.Helper()
	ids := w.place.IDs(collection)
	if len(ids) == 0 {
		t.Errorf("there are no %s", collection)
	}
	for _, id := range ids {
		r, err := w.disk.Get(w.ctx, collection, id)
		if err != nil {
			t.Fatal(err)
		}
		var got, want T
		if err := errors.Join(w.disk.Unmarshal(r.Body, &got), json.Unmarshal(r.Body, &want)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s %s is read as %+v, want %+v: %v", collection, id, got, want, err)
		}
	}
}

func at(lines []string, i int) string { return strings.Join(lines[i:min(len(lines), i+1)], "") }

func firstDifference(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if at(a, min(i, len(a))) != at(b, min(i, len(b))) {
			return i
		}
	}
	return -1
}

// TestPlantedMistakesAreFound: for each invariant there is a mistake that breaks
// it, and a story that shows it, among the first two hundred.
func TestPlantedMistakesAreFound(t *testing.T) {
	for _, plant := range sorted(plants) {
		t.Run(plant, func(t *testing.T) {
			for seed := range uint64(200) {
				s := small(seed)
				s.plant = plant
				found, _ := play(t, s)
				if found == nil {
					continue
				}
				if found.invariant != plants[plant] {
					t.Errorf("seed %d breaks %s, want invariant %d", seed, found, plants[plant])
				}
				t.Logf("seed %d: %s", seed, found)
				return
			}
			t.Error("no story shows it")
		})
	}
	for invariant := 1; invariant <= 7; invariant++ {
		found := false
		for _, breaks := range plants {
			found = found || breaks == invariant
		}
		if !found {
			t.Errorf("no mistake is planted that breaks invariant %d", invariant)
		}
	}
}

// TestAShorterStoryIsFound: of a story that fails, little is left, and what is
// left fails in the same way when it is told again.
func TestAShorterStoryIsFound(t *testing.T) {
	s := small(1)
	s.plant = "loose tongue"
	story := newStory(s)
	found, _, err := tells(s, story)
	if err != nil || found == nil {
		t.Fatalf("found %v, %v", found, err)
	}
	short := failing{settings: s, story: story, found: found}.shorten(10 * time.Second)
	if len(short.story) > len(story)/5 {
		t.Errorf("%d of %d actions are left", len(short.story), len(story))
	}
	if !slices.IsSortedFunc(short.story, func(a, b action) int { return a.n - b.n }) {
		t.Error("the actions are out of order")
	}
	if again, _, err := tells(s, short.story); err != nil || again == nil || *again != *short.found {
		t.Errorf("told again: %v, %v, want %v", again, err, short.found)
	}
}
