package booking_test

import (
	"errors"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// TestACancellationInTheLastWeeksIsMadeGoodByTheNextCouple [D16]: nothing comes
// back first, and all but the fee when the place is filled again.
func TestACancellationInTheLastWeeksIsMadeGoodByTheNextCouple(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.confirmed("ana")
	w.until("2027-03-20", "12:00") // 20 days before
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Fatal(err)
	}
	w.passes()
	c := w.stands(ana, retreats.None, deposit)
	if c.Booking.Cancellation.Percent != 0 || len(c.Booking.Refunds) != 0 {
		t.Fatalf("cancellation %+v, refunds %+v", c.Booking.Cancellation, c.Booking.Refunds)
	}
	ben := w.mustBook("ben", false)
	w.payWith(w.open(ben, booking.FullCharge), goodCard) // the whole price, so late [D12]
	for range 3 {
		w.passes()
	}
	c = w.stands(ana, retreats.None, 5000)
	if end := c.Booking.Cancellation; end.RefilledAt == nil || len(c.Booking.Refunds) != 1 || c.Booking.Refunds[0].Reason != booking.RefundRefilled {
		t.Errorf("cancellation %+v, refunds %+v", end, c.Booking.Refunds)
	}
	w.stands(ben, retreats.Confirmed, deposit+balance)
}

// TestAnOrganizerEndsABooking: not cleared [D11], by the policy, or with an
// amount and a reason [D17].
func TestAnOrganizerEndsABooking(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ending booking.Ending
		clear  bool
		kept   int64
		why    booking.RefundReason
	}{
		"not cleared": {booking.Ending{Kind: booking.EndNotCleared, Reason: "They cannot take part."}, true, 0, booking.RefundNotCleared},
		"by policy":   {booking.Ending{Kind: booking.EndByPolicy, Reason: "They asked us to."}, false, deposit, ""},
		"an amount": {booking.Ending{Kind: booking.EndWithAmount, Amount: money.Of(50000, "USD"), Reason: "Illness."}, false,
			deposit - 50000, booking.RefundException},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.confirmed("ana")
			if err := w.bookings.End(t.Context(), id, booking.Ending{Kind: booking.EndNotCleared, Reason: "No."}, robin); fault.KindOf(err) != fault.Invalid {
				t.Errorf("both are cleared or pending: %v", err)
			}
			if c.clear {
				w.clear(id, booking.Cleared, booking.NotCleared)
			}
			w.until("2027-03-20", "12:00")
			if err := w.bookings.End(t.Context(), id, c.ending, robin); err != nil {
				t.Fatal(err)
			}
			w.passes()
			seen := w.stands(id, retreats.None, c.kept)
			if c.why != "" && (len(seen.Booking.Refunds) != 1 || seen.Booking.Refunds[0].Reason != c.why) {
				t.Errorf("refunds %+v", seen.Booking.Refunds)
			}
			if last := seen.Booking.Trail[len(seen.Booking.Trail)-1]; last.Reason != c.ending.Reason || seen.Booking.EndReason != c.ending.Reason {
				t.Errorf("the trail ends with %+v", last)
			}
			if err := w.bookings.End(t.Context(), id, c.ending, robin); !errors.Is(err, booking.ErrOver) {
				t.Errorf("ending it twice: %v", err)
			}
		})
	}
}

// TestAmountsThatCannotGoBack are refused with the field, and nothing changes.
func TestAmountsThatCannotGoBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	for name, amount := range map[string]money.Amount{
		"negative": money.Of(-1, "USD"), "more than was paid": money.Of(deposit+1, "USD"), "huge": money.Of(1<<50, "USD"),
		"another currency": money.Of(100, "EUR"), "none": money.Of(100, ""),
	} {
		ending := booking.Ending{Kind: booking.EndWithAmount, Amount: amount, Reason: "A slip."}
		if err := w.bookings.End(t.Context(), id, ending, robin); fault.FieldsOf(err)["amount"] == "" {
			t.Errorf("%s: ending gives %v", name, err)
		}
		if err := w.bookings.Give(t.Context(), id, booking.Gift{Amount: amount, Reason: "A slip."}, robin); fault.FieldsOf(err)["amount"] == "" {
			t.Errorf("%s: giving gives %v", name, err)
		}
		received := booking.Received{Charge: booking.BalanceCharge, Amount: amount, Method: booking.ByCash, Reference: "1"}
		if name != "more than was paid" {
			if err := w.bookings.RecordPayment(t.Context(), id, received, robin); fault.FieldsOf(err)["amount"] == "" {
				t.Errorf("%s: recording gives %v", name, err)
			}
		}
	}
	w.stands(id, retreats.Confirmed, deposit)
}

// TestAPresentIsNotOwedAgain: money given back while the place is kept, here or
// on Stripe's own dashboard.
func TestAPresentIsNotOwedAgain(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(w *world, c booking.Case){
		"here": func(w *world, c booking.Case) {
			if err := w.bookings.Give(w.t.Context(), c.Booking.ID, booking.Gift{Amount: money.Of(10000, "USD"), Reason: "A noisy night."}, robin); err != nil {
				w.t.Fatal(err)
			}
		},
		"on the dashboard": func(w *world, c booking.Case) {
			if err := w.cards.RefundAtStripe(c.Booking.Payments[0].ID, 10000); err != nil {
				w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.confirmed("ana")
			give(w, w.stands(id, retreats.Confirmed, deposit))
			w.passes()
			w.passes()
			c := w.stands(id, retreats.Confirmed, deposit-10000)
			if !c.Booking.IsPaid(c.Booking.Charges[0]) || c.Booking.OpenInAll().Minor != balance {
				t.Errorf("%s is open", c.Booking.OpenInAll())
			}
			w.checkBooks(0, []string{id})
		})
	}
}

// TestMoneyThatStaffRecord makes a place theirs and goes back by hand.
func TestMoneyThatStaffRecord(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t)
	id := w.mustBook("ana", false)
	received := booking.Received{Charge: booking.DepositCharge, Amount: money.Of(deposit, "USD"), Method: booking.ByTransfer, Reference: "Statement 12, line 3", Partner: 1}
	if err := w.bookings.RecordPayment(ctx, id, received, robin); err != nil {
		t.Fatal(err)
	}
	c := w.stands(id, retreats.Confirmed, deposit)
	if p := c.Booking.Payments[0]; p.Method != booking.ByTransfer || p.By != robin.Name || p.Reference != received.Reference {
		t.Errorf("payment %+v", p)
	}
	if err := w.bookings.RecordPayment(ctx, id, received, robin); !errors.Is(err, booking.ErrPaid) {
		t.Errorf("recording it twice: %v", err)
	}
	if err := w.bookings.Cancel(ctx, id, nil); err != nil {
		t.Fatal(err)
	}
	c = w.stands(id, retreats.None, 0)
	if open := c.Booking.ToSend(); len(open) != 1 {
		t.Fatalf("to send: %+v", c.Booking.Refunds)
	}
	if err := w.bookings.RefundSent(ctx, id, c.Booking.Refunds[0].ID, "Statement 13, line 1", robin); err != nil {
		t.Fatal(err)
	}
	c = w.stands(id, retreats.None, 0)
	if len(c.Booking.ToSend()) != 0 || c.Booking.Refunds[0].State != stripepay.RefundSucceeded {
		t.Errorf("refunds %+v", c.Booking.Refunds)
	}
}

// TestAMistakeOfRecordingIsStruckOut, and the charge is open again.
func TestAMistakeOfRecordingIsStruckOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	received := booking.Received{Charge: booking.BalanceCharge, Amount: money.Of(balance, "USD"), Method: booking.ByCash, Reference: "Receipt 7"}
	if err := w.bookings.RecordPayment(t.Context(), id, received, robin); err != nil {
		t.Fatal(err)
	}
	c := w.stands(id, retreats.Confirmed, deposit+balance)
	if err := w.bookings.StrikePayment(t.Context(), id, c.Booking.Payments[0].ID, "A slip.", robin); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a card payment was struck out: %v", err)
	}
	for range 2 {
		if err := w.bookings.StrikePayment(t.Context(), id, c.Booking.Payments[1].ID, "It was another couple's.", robin); err != nil {
			t.Fatal(err)
		}
	}
	c = w.stands(id, retreats.Confirmed, deposit)
	if c.Booking.OpenInAll().Minor != balance || len(c.Booking.ToSend()) != 0 {
		t.Errorf("%s is open, refunds %+v", c.Booking.OpenInAll(), c.Booking.Refunds)
	}
}

// TestWhatNeverCameIsNotSentBack: money that was recorded by mistake and is struck
// out when its couple has cancelled already (invariant 3).
func TestWhatNeverCameIsNotSentBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	received := booking.Received{Charge: booking.BalanceCharge, Amount: money.Of(balance, "USD"), Method: booking.ByCash, Reference: "Receipt 7"}
	w.must(w.bookings.RecordPayment(t.Context(), id, received, robin))
	w.must(w.bookings.Cancel(t.Context(), id, nil))
	c := w.stands(id, retreats.None, 0)
	if len(c.Booking.ToSend()) != 1 {
		t.Fatalf("to send: %+v", c.Booking.ToSend())
	}
	for range 2 {
		w.must(w.bookings.StrikePayment(t.Context(), id, c.Booking.Payments[1].ID, "It was another couple's.", robin))
	}
	c = w.stands(id, retreats.None, 0)
	ledger, err := w.bookings.Ledger(t.Context(), "co")
	if err != nil {
		t.Fatal(err)
	}
	sum := ledger.Sums[0]
	if len(c.Booking.ToSend()) != 0 || sum.Received.Minor != deposit || sum.Refunded.Minor != deposit || len(c.Booking.Refunds) != 2 {
		t.Errorf("to send %+v; %s received, %s refunded, %+v", c.Booking.ToSend(), sum.Received, sum.Refunded, c.Booking.Refunds)
	}
	if c.Booking.NeedsAt != nil {
		t.Error("somebody is still asked to send it")
	}
}

// TestAHoldEndsWhenStripeSaysThatNoMoneyComes: its card pages are ended there
// first. Money that had come by then makes the place theirs.
func TestAHoldEndsWhenStripeSaysThatNoMoneyComes(t *testing.T) {
	t.Parallel()
	for name, pays := range map[string]bool{"nothing came": false, "money was on its way": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
			ana := w.mustBook("ana", false)
			w.wait(20 * time.Minute)
			page := w.open(ana, booking.DepositCharge)
			w.wait(10 * time.Minute)
			if pays {
				w.payWith(page, goodCard)
			}
			w.wait(90 * time.Second) // the hold is over, its grace is not
			if _, err := w.book("ben", false); !errors.Is(err, retreats.ErrFull) {
				t.Errorf("somebody else got the place: %v", err)
			}
			w.passes()
			if pays {
				w.stands(ana, retreats.Confirmed, deposit)
				return
			}
			w.stands(ana, retreats.None, 0)
			w.mustBook("ben", false)
			w.payWith(page, goodCard)
			w.passes()
			if got := w.stands(ana, retreats.None, 0); len(got.Booking.Payments) != 0 {
				t.Errorf("a page that was ended took %+v", got.Booking.Payments)
			}
		})
	}
}

// TestADispute stops charges and takes what it took out of what can go back.
func TestADispute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.agreed("ana", disputedCard)
	w.passes()
	c := w.stands(id, retreats.Confirmed, deposit)
	if len(c.Booking.Disputes) != 1 || !c.Booking.HasOpenDispute() || c.Booking.Disputes[0].DueBy.IsZero() {
		t.Fatalf("disputes %+v", c.Booking.Disputes)
	}
	if q := c.Quote(w.now); !q.Back.IsZero() {
		t.Errorf("a quote gives %s back that is not here", q.Back)
	}
	if err := w.cards.CloseDispute(c.Booking.Disputes[0].ID, false); err != nil {
		t.Fatal(err)
	}
	w.passes()
	c = w.stands(id, retreats.Confirmed, deposit)
	if d := c.Booking.Disputes[0]; d.State != stripepay.DisputeLost || d.ClosedAt == nil || c.Booking.DisputedAway().Minor != deposit {
		t.Errorf("lost: %+v", d)
	}
}

// TestNobodyCancelsByThemselvesAfterTheStart, on the page or by the API: people
// talk then. Staff can still end the booking.
func TestNobodyCancelsByThemselvesAfterTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	w.until("2027-04-09", "00:00")
	if err := w.bookings.Cancel(t.Context(), id, nil); !errors.Is(err, booking.ErrBegun) {
		t.Errorf("cancelling gives %v", err)
	}
	w.stands(id, retreats.Confirmed, deposit)
	if err := w.bookings.End(t.Context(), id, booking.Ending{Kind: booking.EndByPolicy, Reason: "They went home."}, robin); err != nil {
		t.Error(err)
	}
	w.stands(id, retreats.None, deposit)
}
