package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"lantern/internal/store"
)

// incrementAll has each writer increment the document once, all at the same
// time and spread over the processes.
func incrementAll(t *testing.T, writers int, processes ...*store.Collection[item]) {
	t.Helper()
	var all sync.WaitGroup
	for n := range writers {
		all.Go(func() {
			if err := processes[n%len(processes)].Update(t.Context(), "counter", increment); err != nil {
				t.Errorf("writer %d: %v", n, err)
			}
		})
	}
	all.Wait()
}

func manyWriters(t *testing.T, h Harness) {
	c := openItems(t, h)
	insert(t, c, newItem("counter"))
	incrementAll(t, h.Writers, c)
	got := get(t, c, "counter")
	if got.Count != h.Writers {
		t.Errorf("%d of %d increments were kept", got.Count, h.Writers)
	}
	if saves := got.Rev - 1; saves < 1 || saves > int64(h.Writers) {
		t.Errorf("%d increments took %d saves", h.Writers, saves)
	}
	t.Logf("%d increments in %d saves", h.Writers, got.Rev-1)
}

func twoProcesses(t *testing.T, h Harness) {
	open := h.Place(t)
	one := define[item](t, openAt(t, open), "items")
	two := define[item](t, openAt(t, open), "items")
	insert(t, one, newItem("counter"))
	const rounds = 3
	for range rounds {
		incrementAll(t, h.Writers, one, two)
	}
	for _, c := range []*store.Collection[item]{one, two} {
		if got := get(t, c, "counter"); got.Count != rounds*h.Writers {
			t.Errorf("%d of %d increments were kept", got.Count, rounds*h.Writers)
		}
	}
}

func refusedDecisions(t *testing.T, h Harness) {
	ctx, c := t.Context(), openItems(t, h)
	insert(t, c, newItem("a"))
	errFull := errors.New("it is full")
	if err := c.Update(ctx, "a", func(*item) error { return errFull }); err != errFull { //nolint:errorlint // as it is
		t.Errorf("Update answered %v, want the decision's own error", err)
	}
	if got := get(t, c, "a"); got.Rev != 1 {
		t.Errorf("a refusal was saved: %+v", got)
	}
	// Of those who ask together each gets the answer to its own question.
	const places = 12
	answers := make([]error, h.Writers+places)
	var all sync.WaitGroup
	for n := range answers {
		all.Go(func() {
			answers[n] = c.Update(ctx, "a", func(i *item) error {
				if i.Count == places {
					return errFull
				}
				return increment(i)
			})
		})
	}
	all.Wait()
	taken := 0
	for _, err := range answers {
		if err == nil {
			taken++
		} else if !errors.Is(err, errFull) {
			t.Errorf("Update: %v", err)
		}
	}
	if got := get(t, c, "a"); taken != places || got.Count != places {
		t.Errorf("%d were told that they have one of %d places, %d are taken", taken, places, got.Count)
	}
}

func brokenDecisions(t *testing.T, h Harness) {
	c := openItems(t, h)
	insert(t, c, newItem("counter"))
	answers := make([]error, h.Writers)
	var all sync.WaitGroup
	for n := range answers {
		all.Go(func() {
			answers[n] = c.Update(t.Context(), "counter", func(i *item) error {
				i.Count++
				if n%2 == 0 {
					panic(fmt.Sprintf("writer %d stumbles", n))
				}
				return nil
			})
		})
	}
	all.Wait()
	for n, err := range answers {
		if n%2 == 1 && err != nil {
			t.Errorf("a sound decision was harmed: %v", err)
		}
		if own := fmt.Sprintf("writer %d stumbles", n); n%2 == 0 && (err == nil || !strings.Contains(err.Error(), own)) {
			t.Errorf("the answer to a panic is %v, want its reason", err)
		}
	}
	if got := get(t, c, "counter"); got.Count != h.Writers/2 {
		t.Errorf("%d increments were kept, want the %d sound ones", got.Count, h.Writers/2)
	}
}

func unchangedDocument(t *testing.T, h Harness) {
	open := h.Place(t)
	c := define[sink](t, openAt(t, open), "sinks")
	insert(t, c, aSink("a"))
	look := func(*sink) error { return nil }
	for range 3 {
		if err := c.Update(t.Context(), "a", look); err != nil {
			t.Fatal(err)
		}
	}
	// Times are compared in the form in which they are kept.
	err := c.Update(t.Context(), "a", func(s *sink) error {
		s.At = s.At.Add(1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	other := define[sink](t, openAt(t, open), "sinks")
	if err := other.Update(t.Context(), "a", look); err != nil {
		t.Fatal(err)
	}
	if rev, err := c.Rev(t.Context(), "a"); rev != 1 || err != nil {
		t.Errorf("Rev = %d, %v: what was not changed was saved", rev, err)
	}
}
