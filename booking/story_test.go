package booking_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

const deposit, balance = 96000, 384000

func TestBookingAndPayingConfirmsThePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	held := w.stands(ana, retreats.Held, 0)
	if held.Standing.Until == nil || !held.Standing.Until.Equal(w.now.Add(31*time.Minute)) {
		t.Errorf("held until %v", held.Standing.Until)
	}
	page := w.open(ana, booking.DepositCharge)
	if again := w.open(ana, booking.DepositCharge); again != page {
		t.Error("pressing twice opens two pages")
	}
	w.pay(page)
	// The browser comes back before the card service has said anything.
	session := w.stands(ana, retreats.Held, 0).Booking.Checkouts[0].SessionID
	if err := w.bookings.SyncCheckout(t.Context(), ana, session); err != nil {
		t.Fatal(err)
	}
	w.stands(ana, retreats.Confirmed, deposit)
	w.passes()
	w.pay(w.open(ana, booking.BalanceCharge))
	w.passes()
	w.stands(ana, retreats.Confirmed, deposit+balance)
	if _, err := w.bookings.Pay(t.Context(), ana, booking.Order{Charge: booking.BalanceCharge, Partner: 1}); !errors.Is(err, booking.ErrPaid) {
		t.Errorf("paying what is paid: %v", err)
	}
	w.checkBooks(0, []string{ana})
}

func TestAPageOfAnotherBookingIsNotLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 2)
	ana, ben := w.mustBook("ana", false), w.mustBook("ben", false)
	w.pay(w.open(ana, booking.DepositCharge))
	session := w.stands(ana, retreats.Held, 0).Booking.Checkouts[0].SessionID
	for _, page := range []string{session, "cs_guess", ""} {
		if err := w.bookings.SyncCheckout(t.Context(), ben, page); err != nil {
			t.Errorf("page %q: %v", page, err)
		}
	}
	w.stands(ana, retreats.Held, 0)
	w.stands(ben, retreats.Held, 0)
}

func TestEventsAboutWhatIsNotOursChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	before := w.stands(ana, retreats.Held, 0).Booking.Rev
	for _, e := range []stripepay.Event{
		{ID: "evt_1", Type: "checkout.session.completed", ObjectID: "cs_unknown"},
		{ID: "evt_2", Type: "refund.updated", ObjectID: "re_unknown"},
		{ID: "evt_3", Type: "charge.refund.updated", ObjectID: "re_unknown"},
		{ID: "evt_4", Type: "customer.created", ObjectID: "cus_1"},
		{ID: "evt_5", Type: "checkout.session.completed", ObjectID: ""},
	} {
		for range 2 {
			if err := w.bookings.TakeEvent(t.Context(), e); err != nil {
				t.Errorf("event %s: %v", e.ID, err)
			}
		}
	}
	if after := w.stands(ana, retreats.Held, 0).Booking.Rev; after != before {
		t.Errorf("the booking was saved %d times", after-before)
	}
}

// TestAnEventThatCouldNotBeActedOnIsTakenUp: the card service does not answer
// when its own word comes, and says it only once.
func TestAnEventThatCouldNotBeActedOnIsTakenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	w.pay(w.open(ana, booking.DepositCharge))
	session := w.stands(ana, retreats.Held, 0).Booking.Checkouts[0].SessionID
	w.unreachable(true)
	e := stripepay.Event{ID: "evt_1", Type: "checkout.session.completed", ObjectID: session}
	if err := w.bookings.TakeEvent(t.Context(), e); err == nil {
		t.Error("it was answered as if it had been acted on")
	}
	w.unreachable(false)
	w.wait(time.Minute)
	if err := w.bookings.ActOnEvents(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
	w.stands(ana, retreats.Confirmed, deposit)
}

func TestASecondPaymentOfOneChargeGoesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	told := twice(w)
	w.passes()
	c := w.stands(told[0], retreats.Confirmed, deposit+balance)
	if len(c.Booking.Payments) != 3 || len(c.Booking.Refunds) != 1 {
		t.Fatalf("%d payments, %d refunds", len(c.Booking.Payments), len(c.Booking.Refunds))
	}
	r := c.Booking.Refunds[0]
	if r.Reason != booking.RefundTwice || r.Amount.Minor != balance || r.State != stripepay.RefundSucceeded {
		t.Errorf("refund %+v", r)
	}
	w.checkBooks(0, told)
}

func TestMoneyAfterGivingUpGoesBackAndTheCoupleDoesNotWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	page := w.open(ana, booking.DepositCharge)
	w.pay(page)
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Fatal(err)
	}
	w.passes()
	w.passes()
	c := w.stands(ana, retreats.None, 0)
	if len(c.Booking.Refunds) != 1 || c.Booking.Refunds[0].Reason != booking.RefundCancelled || c.Booking.Refunds[0].Amount.Minor != deposit {
		t.Errorf("refunds %+v", c.Booking.Refunds)
	}
	if len(c.Cohort.Roster.Waitlist) != 0 {
		t.Errorf("waitlist %+v", c.Cohort.Roster.Waitlist)
	}
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Errorf("cancelling twice: %v", err)
	}
	w.checkBooks(0, []string{ana})
}

func TestWhoHasPaidCancelsByThePolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	told := onTime(w) // 88 days before the start: all comes back [D16]
	wrong := money.Of(deposit-1, "USD")
	if err := w.bookings.Cancel(t.Context(), told[0], &wrong); !errors.Is(err, booking.ErrQuoteChanged) {
		t.Errorf("with a quote that does not hold: %v", err)
	}
	w.stands(told[0], retreats.Confirmed, deposit)
	right := money.Of(deposit, "USD")
	if err := w.bookings.Cancel(t.Context(), told[0], &right); err != nil {
		t.Fatal(err)
	}
	c := w.stands(told[0], retreats.None, 0)
	if end := c.Booking.Cancellation; end.Quote != right || end.Paid != right || end.Percent != 100 || end.Why != booking.ByPolicy {
		t.Errorf("the cancellation says %+v", end)
	}
	w.checkBooks(0, told)
}

// TestARefundThatIsOnItsWayIsAskedAboutUntilItArrives: the card service calls
// a refund pending first and never says that it arrived.
func TestARefundThatIsOnItsWayIsAskedAboutUntilItArrives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.refundsPend = true
	told := givenUp(w)
	c := w.stands(told[0], retreats.None, 0)
	if got := c.Booking.Refunds[0].State; got != stripepay.RefundPending {
		t.Fatalf("the refund is %q", got)
	}
	if c.Booking.AttendAt == nil || !c.Booking.AttendAt.After(w.now) {
		t.Fatalf("it is asked about at %v", c.Booking.AttendAt)
	}
	w.refundsPend = false
	w.wait(time.Hour)
	w.attend()
	if got := w.stands(told[0], retreats.None, 0).Booking.Refunds[0].State; got != stripepay.RefundPending {
		t.Errorf("an hour later it is %q: nobody should have asked", got)
	}
	w.wait(6 * time.Hour)
	w.attend()
	c = w.stands(told[0], retreats.None, 0)
	if got := c.Booking.Refunds; len(got) != 1 || got[0].State != stripepay.RefundSucceeded || c.Booking.AttendAt != nil {
		t.Errorf("in the end: %+v, to be looked at %v", got, c.Booking.AttendAt)
	}
	w.checkBooks(0, told)
}

func TestOneKeyIsOneBooking(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 3)
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			id, err := w.book("ana", i%2 == 0)
			if err != nil {
				t.Errorf("call %d: %v", i, err)
			}
			ids[i] = id
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("two bookings: %s and %s", ids[0], id)
		}
	}
	if c := w.stands(ids[0], retreats.Held, 0); len(c.Cohort.Roster.Places) != 1 {
		t.Errorf("places %+v", c.Cohort.Roster.Places)
	}
}

func TestAFullCohortIsWaitedForOnlyIfAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustBook("ana", false)
	if _, err := w.book("ben", false); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("without waiting: %v", err)
	}
	cleo := w.mustBook("cleo", true)
	w.wait(time.Second)
	dan := w.mustBook("dan", true)
	if p := w.stands(cleo, retreats.WaitingOn, 0).Standing.Position; p != 1 {
		t.Errorf("cleo is number %d", p)
	}
	c := w.stands(dan, retreats.WaitingOn, 0)
	if c.Standing.Position != 2 || c.Booking.JoinedAt == nil || len(c.Booking.Charges) != 0 {
		t.Errorf("dan: %+v, %+v", c.Standing, c.Booking)
	}
}

// TestABookingCutOffBeforeItJoinedLeavesNothing: the process dies between the
// booking's document and its turn on the waitlist.
func TestABookingCutOffBeforeItJoinedLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustBook("ana", false)
	w.live(2) // the booking is stored, the turn is not taken
	if _, err := w.book("ben", true); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("got %v", err)
	}
	orphan := w.fuse.booked
	w.live(1 << 30)
	w.stands(orphan, retreats.None, 0)
	w.wait(time.Minute)
	w.passes()
	w.stands(orphan, retreats.None, 0) // it may still be on its way
	w.wait(2 * time.Minute)
	w.passes()
	if _, err := w.bookings.Case(t.Context(), orphan); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("three minutes later: %v", err)
	}
	// The same form is as good as new.
	if id := w.mustBook("ben", true); id != orphan {
		t.Errorf("booking %s, before %s", id, orphan)
	}
	w.stands(orphan, retreats.WaitingOn, 0)
}

func TestAnOfferIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, ben := w.mustBook("ana", false), w.mustBook("ben", true)
	w.wait(time.Second)
	cleo := w.mustBook("cleo", true)
	if err := w.bookings.AnswerOffer(t.Context(), ben, booking.AcceptOffer); !errors.Is(err, retreats.ErrNotOffered) {
		t.Errorf("accepting what is not offered: %v", err)
	}
	if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
		t.Fatal(err)
	}
	w.stands(ben, retreats.Offered, 0)
	w.stands(cleo, retreats.WaitingOn, 0)
	if _, err := w.book("dan", false); !errors.Is(err, retreats.ErrFull) {
		t.Errorf("somebody walks past: %v", err)
	}
	if err := w.bookings.AnswerOffer(t.Context(), ben, "maybe"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an answer that is none: %v", err)
	}
	if err := w.bookings.AnswerOffer(t.Context(), ben, booking.PassOffer); err != nil {
		t.Fatal(err)
	}
	w.stands(ben, retreats.WaitingOn, 0)
	w.stands(cleo, retreats.Offered, 0)
	for range 2 {
		if err := w.bookings.AnswerOffer(t.Context(), cleo, booking.AcceptOffer); err != nil {
			t.Fatal(err)
		}
	}
	if c := w.stands(cleo, retreats.Held, 0); len(c.Booking.Charges) != 2 {
		t.Errorf("charges %+v", c.Booking.Charges)
	}
	if err := w.bookings.AnswerOffer(t.Context(), ben, booking.LeaveList); err != nil {
		t.Fatal(err)
	}
	w.stands(ben, retreats.None, 0)
	if err := w.bookings.AnswerOffer(t.Context(), ben, booking.PassOffer); !errors.Is(err, booking.ErrOver) {
		t.Errorf("after leaving: %v", err)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 2)
	ana, ben := w.mustBook("ana", false), w.mustBook("ben", false)
	good := w.bookings.Token(ana, 0)
	for partner := range 2 {
		b, who, err := w.bookings.ByToken(t.Context(), w.bookings.Token(ana, partner))
		if err != nil || b.ID != ana || who != partner {
			t.Errorf("partner %d's link gives partner %d, %v", partner, who, err)
		}
	}
	id, secret, _ := strings.Cut(good, ".")
	_, other, _ := strings.Cut(w.bookings.Token(ben, 0), ".")
	for _, bad := range []string{
		"", ".", id, id + ".", "." + secret, good + "x", good[:len(good)-1], strings.ToUpper(good), " " + good,
		id + "." + other, ben + "." + secret, "bk_none." + secret, strings.Repeat("a", 100) + "." + strings.Repeat("b", 100),
		"\x00.\xff", w.bookings.Token(ana, 2), w.bookings.Token(ana, -1),
	} {
		if _, _, err := w.bookings.ByToken(t.Context(), bad); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", bad, err)
		}
	}
	w.now = w.stands(ana, retreats.Held, 0).Booking.LinksUntil
	if _, _, err := w.bookings.ByToken(t.Context(), good); err != nil {
		t.Errorf("at its last moment: %v", err)
	}
	w.wait(time.Second)
	if _, _, err := w.bookings.ByToken(t.Context(), good); !errors.Is(err, booking.ErrLinkOver) {
		t.Errorf("afterwards: %v", err)
	}
	if _, _, err := w.bookings.ByToken(t.Context(), good+"x"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a guess learns that there was a link: %v", err)
	}
}
