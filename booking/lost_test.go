package booking_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/stripepay/sandbox"
)

// TestWhateverIsLostTheComparisonFinds: while events are lost, doubled and late,
// couples pay and money is given back and disputed at Stripe. The comparison
// brings both books together, to the cent, and the next one finds nothing.
func TestWhateverIsLostTheComparisonFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldFor(t, rapid.IntRange(2, 5).Draw(r, "places"))
		w.t = r
		s := &couples{world: w}
		for i := range rapid.IntRange(5, 20).Draw(r, "steps") {
			s.lossyStep(r, i)
		}
		w.cards.SetTrouble(sandbox.Trouble{})
		w.meddles(nil)
		w.wait(25 * time.Hour) // refunds that failed are tried again
		w.compareAnyhow()
		for range 20 { // five hours, as long as holds, pages and refunds take
			w.passes()
			w.wait(15 * time.Minute)
		}
		w.compareAnyhow() // what has happened since may have lost nothing
		if run := w.compareAnyhow(); run.Mended > 0 {
			r.Errorf("the next comparison mends again: %+v", run.Differences)
		}
		for _, d := range w.compareAnyhow().Differences {
			if d.Kind != booking.DiffReturned && d.Kind != booking.DiffWon {
				r.Errorf("nobody has done anything here that would explain %+v", d)
			}
		}
		w.agreeOnTotals(s.ids)
	})
}

// compareAnyhow is compare where single things may fail: refunds cross those that
// are made at Stripe, and are put right.
func (w *world) compareAnyhow() *booking.Comparison {
	w.t.Helper()
	w.wait(time.Second)
	run, err := w.bookings.Compare(w.t.Context(), audit.By{Name: "Robin"})
	if run == nil || run.EndedAt == nil {
		w.t.Fatal(err)
	}
	return run
}

func (s *couples) lossyStep(r *rapid.T, i int) {
	switch rapid.SampledFrom([]string{"couple", "couple", "buy", "buy", "passes", "trouble", "refund", "dispute"}).Draw(r, "what") {
	case "couple":
		s.step(r, i)
	case "buy":
		id, err := s.book(fmt.Sprintf("buyer%d", i), false)
		if err != nil {
			return
		}
		s.ids = append(s.ids, id)
		if page, err := s.bookings.Pay(s.t.Context(), id, booking.Order{Charge: booking.DepositCharge}); err == nil {
			s.pay(page)
		}
	case "passes":
		s.passes()
	case "trouble":
		s.cards.SetTrouble(sandbox.Trouble{
			LoseEvents: rapid.Bool().Draw(r, "lost"), DoubleEvents: rapid.Bool().Draw(r, "doubled"),
			ReorderEvents: rapid.Bool().Draw(r, "reordered"), HoldEvents: time.Duration(rapid.IntRange(0, 3).Draw(r, "held")) * time.Hour,
		})
	case "refund", "dispute":
		s.atStripe(r, i)
	}
}

// atStripe does something there with a payment that we know, if there is one.
func (s *couples) atStripe(r *rapid.T, i int) {
	for _, id := range s.ids {
		c, err := s.bookings.Case(s.t.Context(), id)
		if err != nil || len(c.Booking.Payments) == 0 {
			continue
		}
		payment := c.Booking.Payments[0].ID
		if i%2 == 0 {
			_ = s.cards.RefundAtStripe(payment, int64(rapid.IntRange(1, deposit).Draw(r, "amount"))) // refused when too much
			return
		}
		if dispute, err := s.cards.OpenDispute(payment, "fraudulent"); err == nil && rapid.Bool().Draw(r, "closed") {
			_ = s.cards.CloseDispute(dispute, rapid.Bool().Draw(r, "won"))
		}
		return
	}
}

// agreeOnTotals checks that what came and went back is the same in both books.
func (w *world) agreeOnTotals(ids []string) {
	w.t.Helper()
	var came, back int64
	for _, id := range ids {
		c, err := w.bookings.Case(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		came += c.Booking.Received().Minor
		back += c.Booking.Received().Minus(c.Booking.KeptInAll()).Minor
	}
	received, refunded := w.cards.Totals()
	if here, there := fmt.Sprint(came, back), fmt.Sprint(received["USD"], refunded["USD"]); here != there {
		w.t.Errorf("came and went back: %s here, %s at Stripe", here, there)
	}
}
