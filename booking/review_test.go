package booking_test

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// TestACardIsNotChargedForATryThatNobodyWantsAnyMore [D13]: a try was written
// down and could not be sent; when Stripe can be reached again, the couple has
// cancelled, taken its agreement back, paid otherwise, or may not take part.
func TestACardIsNotChargedForATryThatNobodyWantsAnyMore(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world, id string) error{
		"cancelled":   func(w *world, id string) error { return w.bookings.Cancel(w.t.Context(), id, nil) },
		"taken back":  func(w *world, id string) error { return w.bookings.ForgetCard(w.t.Context(), id, 0) },
		"not cleared": func(w *world, id string) error { w.clear(id, booking.NotCleared); return nil },
		"paid in cash": func(w *world, id string) error {
			return w.bookings.RecordPayment(w.t.Context(), id, booking.Received{
				Charge: booking.BalanceCharge, Amount: money.Of(balance, "USD"), Method: booking.ByCash, Reference: "1",
			}, robin)
		},
		"other dates": func(w *world, id string) error { w.reschedule("2027-07-09"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.agreed("ana", goodCard)
			w.clear(id, booking.Cleared, booking.Cleared)
			w.until("2027-03-10", "10:00")
			w.unreachable(true)
			w.passes()
			if tries := w.tries(id); len(tries) != 1 || tries[0].State != booking.TryUnheard {
				t.Fatalf("tries %+v", tries)
			}
			if err := end(w, id); err != nil {
				t.Fatal(err)
			}
			w.unreachable(false)
			for range 5 {
				w.wait(20 * time.Minute)
				w.passes()
			}
			received, _ := w.cards.Totals()
			if received["USD"] != deposit {
				t.Errorf("%d was taken from the card", received["USD"]-deposit)
			}
			if tries := w.tries(id); tries[0].State == booking.TryUnheard {
				t.Errorf("the try never comes to its end: %+v", tries)
			}
		})
	}
}

// TestACancellationWhileAPlaceIsConfirmed: the money that came is settled
// neither for the place nor in the quote, and goes back (invariant 3).
func TestACancellationWhileAPlaceIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustBook("ana", false)
	page := w.open(id, booking.DepositCharge)
	w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
	w.pay(page)
	// Another process cancels between the two writes of this one.
	this, fuse := w.bookings, w.fuse
	w.live(1) // and dies then
	w.fuse.after = true
	other := w.bookings
	w.bookings, w.fuse = this, fuse
	cancelled := false
	fuse.meddle = func(collection string, do func() error) error {
		err := do()
		if collection != "cohorts" || cancelled {
			return err
		}
		if c, _ := other.Case(t.Context(), id); c.Standing.State == retreats.Confirmed {
			cancelled = true
			_ = other.Cancel(t.Context(), id, nil)
		}
		return err
	}
	w.wait(32 * time.Minute)
	w.passes()
	fuse.meddle = nil
	for range 3 {
		w.wait(20 * time.Minute)
		w.passes()
	}
	if !cancelled {
		t.Fatal("nobody cancelled")
	}
	c := w.stands(id, retreats.None, 0)
	if len(c.Booking.Refunds) != 1 {
		t.Errorf("refunds %+v", c.Booking.Refunds)
	}
	w.checkMoney([]string{id})
}

// TestOnePartnerCannotPutMoreOnTheOthersCard: who has agreed to a part is not
// charged more because the other one splits the payments otherwise.
func TestOnePartnerCannotPutMoreOnTheOthersCard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first int
		kept  bool // whether the card is still charged by itself
	}{"together again": {0, false}, "more": {99, false}, "less": {10, true}, "the same": {50, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.mustBook("ana", false)
			w.must(w.bookings.SplitPayments(t.Context(), id, 50, 0))
			page, err := w.bookings.Pay(t.Context(), id, booking.Order{Charge: booking.DepositCharge, Partner: 0, SaveCard: true})
			if err != nil {
				t.Fatal(err)
			}
			w.payWith(page, goodCard)
			w.passes()
			w.passes()
			w.clear(id, booking.Cleared, booking.Cleared)
			w.must(w.bookings.SplitPayments(t.Context(), id, c.first, 1))
			w.until("2027-03-10", "10:00")
			for range 3 {
				w.passes()
			}
			seen, err := w.bookings.Case(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if charged := len(seen.Booking.Tries) > 0; charged != c.kept || (seen.Booking.Cards[0] != nil) != c.kept {
				t.Errorf("tries %+v, card %+v", seen.Booking.Tries, seen.Booking.Cards[0])
			}
			for _, try := range seen.Booking.Tries {
				if try.Amount.Minor > balance/2 {
					t.Errorf("agreed to %d, charged %s", balance/2, try.Amount)
				}
			}
		})
	}
}

// TestAnAgreementToOtherDatesIsNoneToThese: a page on which a card is kept for
// the charges of some dates is completed, and heard of when the couple has
// changed to others.
func TestAnAgreementToOtherDatesIsNoneToThese(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	w.addOther("later", 600000, "2027-09-10")
	page, err := w.bookings.SaveCard(t.Context(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
	w.payWith(page, goodCard)
	w.wait(time.Minute)
	w.must(w.bookings.TransferByCouple(t.Context(), id, booking.Transfer{To: "later", AcceptPolicy: true}))
	for range 4 {
		w.wait(20 * time.Minute)
		w.passes()
	}
	c := w.stands(id, retreats.Confirmed, deposit)
	if c.Booking.Cards[0] != nil {
		t.Errorf("the card is charged by an agreement to %q", c.Booking.Cards[0].Consent.Statement)
	}
}

// TestWhoHasPaidDoesNotLeaveLikeWhoWaits: an old page's button must not give a
// paid place up without a word of what comes back.
func TestWhoHasPaidDoesNotLeaveLikeWhoWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	if err := w.bookings.AnswerOffer(t.Context(), id, booking.LeaveList); err == nil {
		t.Error("a paid place was given up as if it were a turn")
	}
	w.stands(id, retreats.Confirmed, deposit)
}

// TestAPresentThatFailedIsGivenAgain [D17]: its refund failed at the bank; it is
// tried again, and not owed by the couple then.
func TestAPresentThatFailedIsGivenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	w.must(w.bookings.Give(t.Context(), id, booking.Gift{Amount: money.Of(10000, "USD"), Reason: "A noisy night."}, robin))
	w.passes()
	c := w.stands(id, retreats.Confirmed, deposit-10000)
	if err := w.cards.FailRefund(c.Booking.Refunds[0].StripeID); err != nil {
		t.Fatal(err)
	}
	w.passes()
	w.stands(id, retreats.Confirmed, deposit)
	for range 3 {
		w.wait(25 * time.Hour)
		w.passes()
	}
	c = w.stands(id, retreats.Confirmed, deposit-10000)
	if open := c.Booking.Open(c.Booking.Charges[0]); !open.IsZero() {
		t.Errorf("%s of the present is owed again", open)
	}
	w.checkMoney([]string{id})
}

// TestARefundThatADisputeStoppedIsMadeWhenItIsWon: while the bank has the
// money, nothing can go back; what was owed before still is afterwards.
func TestARefundThatADisputeStoppedIsMadeWhenItIsWon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	c, err := w.bookings.Case(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	w.cards.SetTrouble(sandbox.Trouble{HoldEvents: 10 * time.Minute})
	dispute, err := w.cards.OpenDispute(c.Booking.Payments[0].ID, "fraudulent")
	if err != nil {
		t.Fatal(err)
	}
	w.must(w.bookings.Cancel(t.Context(), id, nil)) // nobody knows of the dispute yet
	w.cards.SetTrouble(sandbox.Trouble{})
	for range 12 {
		w.wait(7 * time.Hour)
		w.passes()
	}
	if err := w.cards.CloseDispute(dispute, true); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		w.wait(7 * time.Hour)
		w.passes()
	}
	w.stands(id, retreats.None, 0)
	w.checkMoney([]string{id})
}

// TestACardIsNotTriedAgainBeforeItsDay [D15]: after it was declined the dates
// moved [D12], or what holds charges back came and went [D13].
func TestACardIsNotTriedAgainBeforeItsDay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		happen      func(w *world, id string)
		early, then string // 10:00 of these days
	}{
		"the dates moved": {func(w *world, id string) { w.reschedule("2027-07-09") }, "2027-06-08", "2027-06-09"},
		"cleared again": {func(w *world, id string) {
			w.clear(id, booking.Pending)
			w.until("2027-03-13", "15:00")
			w.clear(id, booking.Cleared)
		}, "2027-03-13", "2027-03-14"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.agreed("ana", failsLater)
			w.clear(id, booking.Cleared, booking.Cleared)
			w.until("2027-03-10", "10:00")
			w.passes()
			c.happen(w, id)
			w.passes()
			w.until(c.early, "16:00")
			for range 3 {
				w.passes()
			}
			if n := len(w.tries(id)); n != 1 {
				t.Errorf("%d tries on %s", n, c.early)
			}
			w.until(c.then, "10:00")
			for range 3 {
				w.passes()
			}
			if n := len(w.tries(id)); n != 2 {
				t.Errorf("%d tries on %s", n, c.then)
			}
		})
	}
}

// TestAForbiddenCardIsNeverTriedAgain [D15]: not for another charge, nor when
// the couple splits its payments otherwise.
func TestAForbiddenCardIsNeverTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.agreed("ana", goodCard)
	c, _ := w.bookings.Case(t.Context(), id)
	if err := w.cards.SetCard(c.Booking.Cards[0].MethodID, "4000000000009979"); err != nil {
		t.Fatal(err)
	}
	w.clear(id, booking.Cleared, booking.Cleared)
	w.until("2027-03-10", "10:00")
	w.passes()
	w.must(w.bookings.SplitPayments(t.Context(), id, 60, 0))
	for range 10 {
		w.wait(24 * time.Hour)
		w.passes()
	}
	if tries := w.tries(id); len(tries) != 1 {
		t.Errorf("%d tries", len(tries))
	}
}

// TestWhoReadsOfNoChargesAgreesToNone: nothing is left to agree to with the last
// charge, so its card is not kept.
func TestWhoReadsOfNoChargesAgreesToNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	page, err := w.bookings.Pay(t.Context(), id, booking.Order{Charge: booking.BalanceCharge, SaveCard: true})
	if err != nil {
		t.Fatal(err)
	}
	w.payWith(page, goodCard)
	w.passes()
	if c := w.stands(id, retreats.Confirmed, deposit+balance); c.Booking.Cards[0] != nil {
		t.Errorf("a card is kept by an agreement to %q", c.Booking.Cards[0].Consent.Statement)
	}
}

// TestAPartGoesBackOnce (invariant 3): Stripe made the refund, its answer was
// lost, and it has forgotten the key when it is asked again.
func TestAPartGoesBackOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
	w.losesAnswers()
	w.must(w.bookings.Give(t.Context(), id, booking.Gift{Amount: money.Of(10000, "USD"), Reason: "A noisy night."}, robin))
	w.meddles(nil)
	if _, refunded := w.cards.Totals(); refunded["USD"] != 10000 {
		t.Fatalf("%d went back", refunded["USD"])
	}
	w.unreachable(true)
	w.wait(50 * time.Hour)
	w.unreachable(false)
	for range 3 {
		w.passes()
		w.wait(7 * time.Hour)
	}
	if _, refunded := w.cards.Totals(); refunded["USD"] != 10000 {
		t.Errorf("%d went back of 10000", refunded["USD"])
	}
	w.stands(id, retreats.Confirmed, deposit-10000)
}

// TestWhatStaffSendTwiceCountsOnce: a form that comes again gives no second
// present and records no second payment.
func TestWhatStaffSendTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.confirmed("ana")
	seen := money.Of(deposit, "USD")
	gift := booking.Gift{Amount: money.Of(10000, "USD"), Reason: "A noisy night.", Seen: &seen}
	cash := booking.Received{Charge: booking.BalanceCharge, Amount: money.Of(5000, "USD"), Method: booking.ByCash, Reference: "Receipt 7"}
	w.must(w.bookings.Give(t.Context(), id, gift, robin))
	w.must(w.bookings.RecordPayment(t.Context(), id, cash, robin))
	if err := w.bookings.Give(t.Context(), id, gift, robin); err == nil {
		t.Error("the present was given twice")
	}
	if err := w.bookings.RecordPayment(t.Context(), id, cash, robin); err == nil {
		t.Error("the payment was recorded twice")
	}
	w.stands(id, retreats.Confirmed, deposit-10000+5000)
}
