package booking_test

import (
	"fmt"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// tale is what couples do until the process dies, if it does. It returns the
// bookings that it was told of.
type tale func(w *world) []string

// onTime: a couple books and pays.
func onTime(w *world) (told []string) {
	id, err := w.book("ana", false)
	if err != nil {
		return nil
	}
	told = append(told, id)
	w.now = w.now.Add(5 * time.Minute)
	if page, err := w.bookings.Pay(w.t.Context(), id, booking.Order{Charge: booking.DepositCharge, Partner: 0}); err == nil {
		w.pay(page)
	}
	w.passes()
	return told
}

// tooLate: the money comes when another couple has the place and a third one
// waits; then the place is given up.
func tooLate(w *world) (told []string) {
	ana, err := w.book("ana", false)
	if err != nil {
		return nil
	}
	told = append(told, ana)
	w.now = w.now.Add(20 * time.Minute)
	page, err := w.bookings.Pay(w.t.Context(), ana, booking.Order{Charge: booking.DepositCharge, Partner: 0})
	if err != nil {
		return told
	}
	w.now = w.now.Add(12 * time.Minute)
	for _, other := range []struct {
		name string
		wait bool
	}{{"ben", false}, {"cleo", true}} {
		if id, err := w.book(other.name, other.wait); err == nil {
			told = append(told, id)
		}
	}
	w.pay(page)
	w.passes()
	if len(told) > 1 {
		_ = w.bookings.Cancel(w.t.Context(), told[1], nil)
	}
	w.passes()
	return told
}

// givenUp: the couple gives its booking up while its money is on the way.
func givenUp(w *world) (told []string) {
	ana, err := w.book("ana", false)
	if err != nil {
		return nil
	}
	told = append(told, ana)
	page, err := w.bookings.Pay(w.t.Context(), ana, booking.Order{Charge: booking.DepositCharge, Partner: 0})
	if err != nil {
		return told
	}
	w.pay(page)
	_ = w.bookings.Cancel(w.t.Context(), ana, nil)
	w.passes()
	return told
}

// twice: both partners pay the rest, on two pages, because the card service's
// clock is behind and keeps the first page open longer than it said.
func twice(w *world) (told []string) {
	w.behind = 4 * time.Minute
	told = onTime(w)
	for _, id := range told {
		first, err := w.bookings.Pay(w.t.Context(), id, booking.Order{Charge: booking.BalanceCharge, Partner: 0})
		if err != nil {
			return told
		}
		w.now = w.now.Add(32 * time.Minute)
		second, err := w.bookings.Pay(w.t.Context(), id, booking.Order{Charge: booking.BalanceCharge, Partner: 1})
		if err != nil {
			return told
		}
		w.pay(first)
		w.pay(second)
		w.passes()
	}
	return told
}

// TestAProcessMayDieBetweenAnyTwoWrites kills the process at each of its
// writes, before it and after it, starts another on what is there, and lets
// time pass. In the end money and places must agree, with the card service's
// books as well (DESIGN: money is not kept without a place, and not returned
// beyond what came).
func TestAProcessMayDieBetweenAnyTwoWrites(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]tale{
		"on time": onTime, "too late": tooLate, "given up": givenUp, "twice": twice,
	} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after the write %v", name, after), func(t *testing.T) {
				t.Parallel()
				for n := 1; ; n++ {
					w := newWorld(t)
					w.live(n)
					w.fuse.after = after
					told := tell(w)
					died := w.fuse.blown
					w.live(1 << 30)
					for range 16 { // four hours, as long as holds, pages and refunds take
						w.passes()
						w.now = w.now.Add(15 * time.Minute)
					}
					w.checkBooks(n, told)
					if !died {
						t.Logf("%d writes", n-1)
						if n < 8 {
							t.Errorf("the tale has only %d writes", n-1)
						}
						return
					}
					if t.Failed() {
						return
					}
				}
			})
		}
	}
}

func (w *world) checkBooks(n int, told []string) {
	w.t.Helper()
	cohort, err := w.retreats.Cohort(w.t.Context(), "co")
	if err != nil {
		w.t.Fatal(err)
	}
	if len(cohort.Roster.Places) > w.places {
		w.t.Errorf("death at write %d: places %+v", n, cohort.Roster.Places)
	}
	known := map[string]bool{}
	for _, id := range told {
		known[id] = true
	}
	for _, p := range cohort.Roster.Places {
		known[p.Booking] = true
	}
	var kept int64
	for id := range known {
		c, err := w.bookings.Case(w.t.Context(), id)
		if err != nil {
			w.t.Errorf("death at write %d: booking %s was answered or has a place, now: %v", n, id, err)
			continue
		}
		mine := c.Booking.KeptInAll().Minor
		kept += mine
		if (mine > 0) != (c.Standing.State == retreats.Confirmed) {
			w.t.Errorf("death at write %d: %s has paid %d and stands at %q", n, c.Booking.Partners[0].Name, mine, c.Standing.State)
		}
		for _, r := range c.Booking.Refunds {
			if r.State != stripepay.RefundSucceeded && !r.Closed {
				w.t.Errorf("death at write %d: a refund is %q", n, r.State)
			}
		}
		if c.Booking.AttendAt != nil && !c.Booking.AttendAt.After(w.now) {
			w.t.Errorf("death at write %d: %s still has something to do since %s", n, c.Booking.Partners[0].Name, c.Booking.AttendAt)
		}
	}
	received, refunded := w.cards.Totals()
	if there := received["USD"] - refunded["USD"]; there != kept {
		w.t.Errorf("death at write %d: our books say %d, the card service says %d", n, kept, there)
	}
}
