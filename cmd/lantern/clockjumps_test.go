package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"lantern/booking"
	"lantern/notifications"
	"lantern/retreats"
)

// jumpy is a story whose clock jumps, with a mail server that counts.
type jumpy struct {
	*story
	box    *letterbox
	latest time.Time // that the clock has ever shown
	told   map[string]retreats.Standing
}

func newJumpy(t *testing.T) *jumpy {
	t.Helper()
	box := openLetterbox(t)
	st := newStoryWith(t, 3, func(s *settings) { s.SMTP, s.From = box.url, "Cedar House <office@example.org>" })
	return &jumpy{story: st, box: box, latest: st.time(), told: map[string]retreats.Standing{}}
}

// jump moves the clock, which may go back, and lets the program look.
func (j *jumpy) jump(by time.Duration) {
	j.wait(by)
	if now := j.time(); now.After(j.latest) {
		j.latest = now
	}
	j.tick() // fails the test if any pass fails
	j.hear()
}

// look checks every couple: nobody has lost a hold or an offer before the clock
// has shown the end that the couple was told.
func (j *jumpy) look() {
	j.t.Helper()
	for _, id := range j.booked {
		c, err := j.bookings.Case(j.t.Context(), id)
		j.must(err)
		told, ok := j.told[id]
		standing := c.Standing
		switch lost := c.Booking.LapsedAt != nil || standing.State == retreats.WaitingOn; {
		case ok && standing.State == told.State && standing.Until.Before(*told.Until):
			j.t.Errorf("%s was told %s, now it is %s until %s", id, told.Until, standing.State, standing.Until)
		case ok && lost && j.latest.Before(*told.Until):
			j.t.Errorf("%s was %s until %s and is no more; the clock has never shown more than %s", id, told.State, told.Until, j.latest)
		}
		if delete(j.told, id); standing.State == retreats.Held || standing.State == retreats.Offered {
			j.told[id] = standing
		}
	}
	cohort, err := j.retreats.Cohort(j.t.Context(), j.cohort)
	j.must(err)
	if over := cohort.OverBy(); over > 0 {
		j.t.Errorf("%d places too many are taken", over)
	}
}

// once checks that no mail came twice, and that all came that are marked as sent.
func (j *jumpy) once() {
	j.t.Helper()
	j.box.mu.Lock()
	defer j.box.mu.Unlock()
	for id, mails := range j.box.mails {
		if len(mails) != 1 {
			j.t.Errorf("%s came %d times", id, len(mails))
		}
	}
	sent := 0
	for after := ""; ; {
		page, err := j.notices.List(j.t.Context(), "", notifications.Sent, 200, after)
		j.must(err)
		sent += len(page.Items)
		if after = page.Next; after == "" {
			break
		}
	}
	if sent != len(j.box.mails) || sent == 0 {
		j.t.Errorf("%d are marked as sent, %d came", sent, len(j.box.mails))
	}
}

// TestAClockThatJumps lets couples book, pay and give up by chance while the
// clock jumps forward by hours and back by minutes: nothing is said twice,
// nobody loses a hold before its time, no pass fails, and the books agree.
func TestAClockThatJumps(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			t.Parallel()
			j, chance := newJumpy(t), rand.New(rand.NewPCG(seed, 0))
			for step := range 40 {
				j.act(chance, step)
				j.look()
				switch chance.IntN(4) {
				case 0:
					j.jump(time.Duration(1+chance.IntN(10)) * time.Hour)
				case 1:
					j.jump(-time.Duration(1+chance.IntN(45)) * time.Minute)
				default:
					j.jump(time.Duration(chance.IntN(120)) * time.Second)
				}
				j.look()
			}
			// The clock goes right again: what is due is done.
			for range 6 {
				j.jump(15 * time.Minute)
				j.look()
			}
			for _, state := range []notifications.State{notifications.Sending, notifications.Planned} {
				page, err := j.notices.List(t.Context(), "", state, 200, "")
				j.must(err)
				for _, m := range page.Items {
					if m.NextAt == nil || !m.NextAt.After(j.time().Add(-15*time.Minute)) {
						t.Errorf("%s has been %s since %s", m.ID, state, m.NextAt)
					}
				}
			}
			j.once()
		})
	}
}

// act is what a couple does, by chance.
func (j *jumpy) act(chance *rand.Rand, step int) {
	j.t.Helper()
	if step == 0 || (chance.IntN(3) == 0 && len(j.booked) < 10) {
		j.book(fmt.Sprint("couple", step), true)
		return
	}
	id := j.booked[chance.IntN(len(j.booked))]
	c, err := j.bookings.Case(j.t.Context(), id)
	j.must(err)
	switch state := c.Standing.State; {
	case state == retreats.Offered:
		j.must(j.bookings.AnswerOffer(j.t.Context(), id, booking.AcceptOffer))
	case state == retreats.Held && !c.Standing.Ending && chance.IntN(3) > 0:
		j.payOn(j.openPage(id))
		j.hear()
	case state != retreats.None && chance.IntN(4) == 0:
		j.must(j.bookings.Cancel(j.t.Context(), id, nil))
	}
}

// TestAHoldWhileTheClockIsSetBack lasts for no less than was said, and what has
// ended stays so.
func TestAHoldWhileTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	j := newJumpy(t)
	ana := j.book("ana", false)
	until := *j.stands(ana, retreats.Held, 0).Standing.Until
	j.jump(-20 * time.Minute)
	if c := j.stands(ana, retreats.Held, 0); !c.Standing.Until.Equal(until) {
		t.Errorf("held until %s, after the jump until %s", until, c.Standing.Until)
	}
	j.jump(50 * time.Minute) // a minute before its end
	j.stands(ana, retreats.Held, 0)
	j.jump(4 * time.Hour)
	j.stands(ana, retreats.None, 0)
	j.jump(-4*time.Hour - 10*time.Minute)
	j.stands(ana, retreats.None, 0)
	ben := j.book("ben", false)
	if left := j.stands(ben, retreats.Held, 0).Standing.Until.Sub(j.time()); left < 30*time.Minute {
		t.Errorf("who books then has %s", left)
	}
	for range 3 {
		j.jump(3 * time.Hour)
	}
	if sent := j.mails(ana); sent["held"] != 1 || sent["lapsed"] != 1 {
		t.Errorf("mails %v", sent)
	}
	j.once()
}

// TestTheClockJumpsWhileAMailIsHandedOver: it is marked as sent all the same,
// and nobody sends it again.
func TestTheClockJumpsWhileAMailIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]time.Duration{"forward": 5 * time.Hour, "back": -30 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJumpy(t)
			j.book("ana", false)
			j.must(j.notices.PlanDue(t.Context(), j.time()))
			j.box.shut.Lock()
			done := make(chan error, 1)
			go func() { done <- j.notices.DispatchDue(t.Context(), j.time()) }()
			for deadline := time.Now().Add(patience); j.box.came.Load() == 0; {
				if time.Now().After(deadline) {
					t.Fatal("no mail is on its way")
				}
			}
			j.wait(by)
			j.box.shut.Unlock()
			j.must(<-done)
			j.jump(time.Minute)
			j.jump(5 * time.Hour)
			j.jump(time.Minute)
			j.once()
		})
	}
}
