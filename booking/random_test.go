package booking_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/booking"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// couples is a story that chance tells: couples who do whatever can be done,
// in any order, while time passes and the card service's words come when they
// come.
type couples struct {
	*world
	ids   []string
	pages []string // card pages that were ever opened, paid or not
}

// TestWhateverCouplesDoTheBooksAgree checks after every step that no place is
// sold twice and nobody walks past those who wait, and at the end that money
// and places agree with each other and with the card service's books.
func TestWhateverCouplesDoTheBooksAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldFor(t, rapid.IntRange(1, 2).Draw(r, "places"))
		w.behind = time.Duration(rapid.IntRange(0, 4).Draw(r, "minutes behind")) * time.Minute
		w.t = r
		s := &couples{world: w}
		for i := range rapid.IntRange(5, 25).Draw(r, "steps") {
			s.step(r, i)
			s.checkRoster(r)
		}
		w.meddles(nil)
		w.wait(25 * time.Hour) // refunds that failed are tried again
		for range 20 {         // five hours, as long as holds, pages and refunds take
			w.passes()
			w.wait(15 * time.Minute)
		}
		s.checkRoster(r)
		w.checkBooks(0, s.ids)
	})
}

func (s *couples) step(r *rapid.T, i int) {
	ctx := s.t.Context()
	somebody := func() string {
		if len(s.ids) == 0 {
			return "bk_none"
		}
		return rapid.SampledFrom(s.ids).Draw(r, "who")
	}
	switch rapid.SampledFrom([]string{"book", "book", "wait", "open", "open", "pay", "pay", "cancel", "answer", "time", "time", "deliver", "passes", "sync", "trouble"}).Draw(r, "step") {
	case "book":
		if id, err := s.book(fmt.Sprintf("couple%d", i), false); err == nil {
			s.ids = append(s.ids, id)
		}
	case "wait":
		if id, err := s.book(fmt.Sprintf("couple%d", i), true); err == nil {
			s.ids = append(s.ids, id)
		}
	case "open":
		charge := rapid.SampledFrom([]string{booking.DepositCharge, booking.BalanceCharge}).Draw(r, "charge")
		if page, err := s.bookings.Pay(ctx, somebody(), booking.Order{Charge: charge, Partner: i % 2}); err == nil {
			s.pages = append(s.pages, page)
		}
	case "pay":
		if len(s.pages) > 0 {
			s.pay(rapid.SampledFrom(s.pages).Draw(r, "page"))
		}
	case "cancel":
		_ = s.bookings.Cancel(ctx, somebody(), nil) // refused when it has to be
	case "answer":
		answer := rapid.SampledFrom([]booking.Answer{booking.AcceptOffer, booking.PassOffer, booking.LeaveList}).Draw(r, "answer")
		_ = s.bookings.AnswerOffer(ctx, somebody(), answer)
	case "time":
		s.wait(time.Duration(rapid.SampledFrom([]int{1, 10, 29, 32, 60, 49 * 60}).Draw(r, "minutes")) * time.Minute)
	case "deliver":
		if err := s.cards.Deliver(ctx); err != nil {
			s.t.Errorf("delivering: %v", err)
		}
	case "passes":
		s.passes()
	case "sync":
		s.syncAnyPage(r, somebody())
	case "trouble": // it ends when it comes again
		if s.meddling() {
			s.meddles(nil)
		} else {
			s.refundsAnswer(rapid.SampledFrom([]int{http.StatusUnauthorized, http.StatusOK}).Draw(r, "answer"), notArrived)
		}
	}
}

// syncAnyPage says again what was said of a page, or comes back from it.
func (s *couples) syncAnyPage(r *rapid.T, id string) {
	c, err := s.bookings.Case(s.t.Context(), id)
	if err != nil || len(c.Booking.Checkouts) == 0 {
		return
	}
	page := rapid.SampledFrom(c.Booking.Checkouts).Draw(r, "checkout")
	if err := s.bookings.SyncCheckout(s.t.Context(), id, page.SessionID); err != nil {
		s.t.Errorf("coming back: %v", err)
	}
	e := stripepay.Event{ID: "evt_" + page.ID, Type: "checkout.session.expired", ObjectID: page.SessionID}
	if err := s.bookings.TakeEvent(s.t.Context(), e); err != nil {
		s.t.Errorf("an old word: %v", err)
	}
}

func (s *couples) checkRoster(r *rapid.T) {
	c, err := s.retreats.Cohort(s.t.Context(), "co")
	if err != nil {
		r.Fatal(err)
	}
	roster := c.Roster
	if len(roster.Places) > c.Capacity {
		r.Fatalf("%d places of %d are taken", len(roster.Places), c.Capacity)
	}
	seen := map[string]bool{}
	for _, p := range roster.Places {
		if seen[p.Booking] {
			r.Fatalf("%s stands twice", p.Booking)
		}
		seen[p.Booking] = true
	}
	if !slices.IsSortedFunc(roster.Waitlist, func(a, b retreats.Waiting) int {
		if a.Priority != b.Priority {
			return b.Priority - a.Priority
		}
		return a.JoinedAt.Compare(b.JoinedAt)
	}) {
		r.Fatalf("the waitlist is out of order: %+v", roster.Waitlist)
	}
	for _, w := range roster.Waitlist {
		if seen[w.Booking] {
			r.Fatalf("%s stands twice", w.Booking)
		}
		seen[w.Booking] = true
		if !w.Declined && len(roster.Places) < c.Capacity {
			r.Fatalf("a place is free and %s waits for it", w.Booking)
		}
	}
}
