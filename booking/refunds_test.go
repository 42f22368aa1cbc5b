package booking_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Refunds that fail, are refused, or whose answers are lost.

func TestARefundThatCannotBeMadeNowIsNobodysError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refundsAnswer(http.StatusUnauthorized, notNow)
	ana, ben := late(w)
	w.stands(ana, retreats.WaitingOn, 0)
	if err := w.bookings.Cancel(t.Context(), ben, nil); err != nil {
		t.Fatal(err)
	}
	w.stands(ana, retreats.Offered, 0)
	if err := w.bookings.AnswerOffer(t.Context(), ana, booking.AcceptOffer); err != nil {
		t.Errorf("accepting: %v", err)
	}
	w.stands(ana, retreats.Held, 0)
	session := w.stands(ana, retreats.Held, 0).Booking.Checkouts[0].SessionID
	e := stripepay.Event{ID: "evt_again", Type: "checkout.session.completed", ObjectID: session}
	if err := w.bookings.TakeEvent(t.Context(), e); err != nil {
		t.Errorf("the card service hears %v", err)
	}
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Errorf("giving up: %v", err)
	}
	w.stands(ana, retreats.None, 0) // the place does not wait for the money
	if err := w.bookings.AttendDue(t.Context(), w.now); err == nil {
		t.Error("nobody hears of it")
	}
	w.meddles(nil)
	w.wait(10 * time.Minute)
	w.attend()
	w.checkBooks(0, []string{ana, ben})
}

func TestARefundThatIsRefusedForGoodEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.refundsAnswer(http.StatusBadRequest, goneBefore)
	told := givenUp(w)
	c := w.stands(told[0], retreats.None, deposit)
	if r := c.Booking.Refunds[0]; r.State != stripepay.RefundFailed || *asked != 1 {
		t.Errorf("after %d tries: %+v", *asked, r)
	}
	w.wait(10 * time.Minute)
	w.attend()
	if c = w.stands(told[0], retreats.None, deposit); *asked != 1 || c.Booking.AttendAt == nil || c.Booking.AttendAt.Sub(w.now) < 23*time.Hour {
		t.Errorf("asked %d times, to be looked at %v", *asked, c.Booking.AttendAt)
	}
	w.meddles(nil)
	w.wait(24 * time.Hour)
	w.attend()
	c = w.stands(told[0], retreats.None, 0)
	if all := c.Booking.Refunds; len(all) != 2 || all[1].Reason != booking.RefundAgain || all[1].State != stripepay.RefundSucceeded || c.Booking.AttendAt != nil {
		t.Errorf("a day later: %+v, to be looked at %v", all, c.Booking.AttendAt)
	}
}

func TestARefusedRefundIsReportedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refundsAnswer(http.StatusBadRequest, goneBefore)
	ana := w.mustBook("ana", false)
	w.pay(w.open(ana, booking.DepositCharge))
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Errorf("the couple hears %v", err)
	}
	if err := w.bookings.AttendDue(t.Context(), w.now); !errors.Is(err, stripepay.ErrAlreadyRefunded) {
		t.Errorf("the log hears %v", err)
	}
	w.wait(time.Hour)
	w.attend()
}

// TestARefundWhoseAnswerWasLostIsFound: it was made, and asking again with its
// key is refused.
func TestARefundWhoseAnswerWasLostIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.meddles(func(out http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/refunds") {
			return false
		}
		w.cards.Handler().ServeHTTP(httptest.NewRecorder(), r)
		out.WriteHeader(http.StatusBadRequest)
		io.WriteString(out, goneBefore)
		return true
	})
	ana := w.mustBook("ana", false)
	w.pay(w.open(ana, booking.DepositCharge))
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Errorf("the couple hears %v", err)
	}
	c := w.stands(ana, retreats.None, 0)
	if all := c.Booking.Refunds; len(all) != 1 || all[0].State != stripepay.RefundSucceeded || all[0].StripeID == "" {
		t.Errorf("refunds %+v", all)
	}
	w.passes()
	w.checkBooks(0, []string{ana})
}

func TestMoneyThatWasReturnedByHandIsNotReturnedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	w.pay(w.open(ana, booking.DepositCharge))
	session := w.stands(ana, retreats.Held, 0).Booking.Checkouts[0].SessionID
	staff := stripepay.New(stripepay.Config{SecretKey: cardKey, WebhookSecret: cardSecret, APIURL: w.cardsURL, Now: func() time.Time { return w.now }})
	page, err := staff.Checkout(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := staff.CreateRefund(t.Context(), stripepay.RefundParams{Key: "by hand", PaymentIntentID: page.PaymentIntentID, Amount: money.Of(deposit, "USD")}); err != nil {
		t.Fatal(err)
	}
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Fatal(err)
	}
	c := w.stands(ana, retreats.None, 0)
	if all := c.Booking.Refunds; len(all) != 2 || all[0].State != stripepay.RefundFailed || all[1].Reason != booking.RefundByHand {
		t.Errorf("refunds %+v", all)
	}
	w.passes()
	w.wait(10 * time.Minute)
	w.attend()
	if c = w.stands(ana, retreats.None, 0); c.Booking.AttendAt != nil {
		t.Errorf("to be looked at %v", c.Booking.AttendAt)
	}
}

func TestALateRefundThatFailsIsTriedAgainButNotForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.refundsAnswer(http.StatusOK, notArrived)
	ana, _ := late(w)
	w.stands(ana, retreats.WaitingOn, deposit)
	for range 20 {
		w.wait(12 * time.Hour)
		w.passes()
		if c := w.stands(ana, c0(w, ana), deposit); c.Booking.AttendAt != nil && !c.Booking.AttendAt.After(w.now) {
			t.Errorf("to be looked at %v", c.Booking.AttendAt)
		}
	}
	c := w.stands(ana, c0(w, ana), deposit)
	if n := len(c.Booking.Refunds); n != 5 || *asked != 5 {
		t.Errorf("%d lines, %d tries", n, *asked)
	}
	if last := c.Booking.Refunds[4]; last.State != stripepay.RefundFailed || last.Closed {
		t.Errorf("nobody sees it: %+v", last)
	}
}

// c0 is where a couple stands, when that is not the question.
func c0(w *world, id string) retreats.PlaceState {
	c, err := w.bookings.Case(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Standing.State
}

func TestMoneyThatCouldNotBeReturnedPaysForTheNextPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refundsAnswer(http.StatusOK, notArrived)
	ana, ben := late(w)
	if err := w.bookings.Cancel(t.Context(), ben, nil); err != nil {
		t.Fatal(err)
	}
	w.stands(ana, retreats.Offered, deposit)
	w.meddles(nil)
	if err := w.bookings.AnswerOffer(t.Context(), ana, booking.AcceptOffer); err != nil {
		t.Fatal(err)
	}
	c := w.stands(ana, retreats.Confirmed, deposit)
	w.wait(72 * time.Hour)
	w.attend()
	c = w.stands(ana, retreats.Confirmed, deposit)
	balance, _ := c.Booking.Charge(booking.BalanceCharge)
	if len(c.Booking.Refunds) != 1 || c.Booking.AttendAt.Before(balance.DueAt) {
		t.Errorf("refunds %+v, to be looked at %v", c.Booking.Refunds, c.Booking.AttendAt)
	}
}

func TestWhoLeavesTheListIsStillOwedTheMoney(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refundsAnswer(http.StatusOK, notArrived)
	ana, ben := late(w)
	if err := w.bookings.AnswerOffer(t.Context(), ana, booking.LeaveList); err != nil {
		t.Fatal(err)
	}
	w.stands(ana, retreats.None, deposit)
	w.meddles(nil)
	w.wait(25 * time.Hour)
	w.passes()
	w.stands(ana, retreats.None, 0)
	w.stands(ben, retreats.None, 0)
}
