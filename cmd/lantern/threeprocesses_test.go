package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/internal/store/mongo/mongotest"
	"lantern/notifications"
)

// office is a process with a mail server of its own, which tells what that
// process has sent.
type office struct {
	*process
	box *letterbox
}

// TestThreeProcessesAndOneIsKilled has three processes on one store. Couples ask
// them in turn, and the first that sends mail is killed in the middle of it.
// Every place is given once, every mail is sent, those that live share the work,
// and what the dead one was at is taken over.
func TestThreeProcessesAndOneIsKilled(t *testing.T) {
	t.Parallel()
	const places, couples = 30, 45
	uri, secret := mongotest.Start(t).Database(t), strings.Repeat("5e", 32)
	bearer := token(t, "--data", t.TempDir(), "--store", uri)
	var offices []office
	for range 3 {
		box := openLetterbox(t)
		offices = append(offices, office{start(t, "serve", "--data", t.TempDir(), "--store", uri, "--secret", secret,
			"--smtp", box.url, "--mail-from", "Cedar House <office@example.org>"), box})
	}
	cohort := openCohort(t, offices[0].url, bearer, places)
	begun, killed := make(chan struct{}), make(chan int, 1)
	go func() { killed <- killWhoSends(offices, begun) }()

	var held []booked
	var mu sync.Mutex
	var asking sync.WaitGroup
	turns := make(chan struct{}, 8)
	for i := range couples {
		if i == places/2 {
			<-begun // the others come while mails leave
		}
		turns <- struct{}{}
		asking.Go(func() {
			defer func() { <-turns }()
			if answer, ok := bookInTurn(t, offices, i, cohort); ok {
				mu.Lock()
				defer mu.Unlock()
				held = append(held, answer)
			}
		})
	}
	asking.Wait()
	dead := <-killed
	if dead < 0 {
		t.Fatal("nobody sends")
	}
	living := slices.Delete(slices.Clone(offices), dead, dead+1)
	if len(held) != places {
		t.Errorf("%d of %d places were given", len(held), places)
	}
	for _, o := range living {
		if taken := rosterOf(t, o.url, bearer, cohort); len(taken.Places) != places {
			t.Errorf("%d of %d places are taken", len(taken.Places), places)
		}
	}
	for i, b := range held {
		standsHeld(t, living[i%2].url, b)
	}
	more := everybodySends(t, living, openCohort(t, living[0].url, bearer, places))
	nothingIsDue(t, uri, secret)
	for _, o := range living {
		if code := o.terminate(); code != 0 {
			t.Errorf("stopping ended with %d:\n%s", code, o.log)
		}
	}
	heir := openLetterbox(t)
	st := openStory(t, clock().Add(3*time.Minute), func(s *settings) {
		s.Store, s.Secret, s.SMTP, s.From = uri, secret, heir.url, "Cedar House <office@example.org>"
	})
	st.tick()
	st.tick()
	eachCameOnce(t, offices, heir, dead, 2*(places+more))
}

// killWhoSends kills the first process that has sent a few mails, and tells
// which; none if nobody sends. Begun is closed when the first mail has left.
func killWhoSends(offices []office, begun chan struct{}) int {
	begin := sync.OnceFunc(func() { close(begun) })
	defer begin()
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for i, o := range offices {
			n := o.box.came.Load()
			if n > 0 {
				begin()
			}
			if n > 2 {
				o.kill()
				return i
			}
		}
	}
	return -1
}

// everybodySends books until each process has sent something, and gives how many
// couples it took: each is asked for by the process that has sent nothing, which
// then looks for what is due before the others do.
func everybodySends(t *testing.T, offices []office, cohort string) (couples int) {
	t.Helper()
	deadline := time.Now().Add(2 * patience)
	for _, o := range offices {
		for ; o.box.came.Load() == 0; couples++ {
			if _, status, err := book(o.url, cohort, fmt.Sprint("late", couples)); err != nil || status != http.StatusCreated {
				t.Fatalf("a late couple was answered %d, %v", status, err)
			}
			for wait := time.Now().Add(time.Second); o.box.came.Load() == 0 && time.Now().Before(wait); {
				time.Sleep(time.Millisecond)
			}
			if time.Now().After(deadline) {
				t.Fatal("a process sends nothing")
			}
		}
	}
	return couples
}

// nothingIsDue waits until all has been sent that is due and not claimed.
func nothingIsDue(t *testing.T, uri, secret string) {
	t.Helper()
	st := openStory(t, clock(), func(s *settings) { s.Store, s.Secret = uri, secret })
	defer st.end()
	for deadline := time.Now().Add(2 * patience); ; {
		bookings, err := st.bookings.PlanDue(t.Context(), clock())
		st.must(err)
		messages, err := st.notices.List(t.Context(), "", notifications.Planned, 200, "")
		st.must(err)
		due := slices.DeleteFunc(messages.Items, func(m *notifications.Message) bool { return m.NextAt.After(clock()) })
		if len(bookings)+len(due) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bookings and %d messages wait", len(bookings), len(due))
		}
	}
}

// eachCameOnce checks what has come to all mail servers. What the dead process
// had handed over and not marked comes again, as the same mail, from its heir (or,
// where all this takes longer than a claim lasts, from one of the others).
func eachCameOnce(t *testing.T, offices []office, heir *letterbox, dead, mails int) {
	t.Helper()
	all := map[string][]int{} // by whom each mail has come
	for i, o := range append(slices.Clone(offices), office{box: heir}) {
		o.box.mu.Lock()
		for id, came := range o.box.mails {
			for range came {
				all[id] = append(all[id], i)
			}
		}
		t.Logf("%d has sent %d", i, len(o.box.mails))
		o.box.mu.Unlock()
	}
	for id, by := range all {
		if len(by) > 2 || (len(by) == 2 && (by[0] == by[1] || !slices.Contains(by, dead))) {
			t.Errorf("%s came by %v; %d was killed", id, by, dead)
		}
	}
	if len(all) != mails {
		t.Errorf("%d of %d mails came", len(all), mails)
	}
}

// bookInTurn asks one process after the other, with one key, until one answers.
func bookInTurn(t *testing.T, offices []office, couple int, cohort string) (answer booked, ok bool) {
	var status int
	var err error
	for try := range offices {
		answer, status, err = book(offices[(couple+try)%len(offices)].url, cohort, fmt.Sprint("couple", couple))
		if err == nil {
			break // else that one is dead
		}
	}
	if err != nil || (status != http.StatusCreated && status != http.StatusConflict) {
		t.Errorf("couple %d was answered %d, %v", couple, status, err)
	}
	return answer, err == nil && status == http.StatusCreated
}
