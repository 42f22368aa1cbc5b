package booking_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Stories of what goes wrong: card service, store and people who go away.

// refundsAnswer makes the card service answer each new refund so; its books
// know nothing of it.
func (w *world) refundsAnswer(status int, body string) (asked *int) {
	asked = new(int)
	w.meddles(func(out http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/refunds") {
			return false
		}
		*asked++
		out.Header().Set("Content-Type", "application/json")
		out.WriteHeader(status)
		fmt.Fprint(out, strings.ReplaceAll(body, "<n>", fmt.Sprint(*asked)))
		return true
	})
	return asked
}

const (
	notNow     = `{"error":{"type":"invalid_request_error","message":"x"}}` // with 401: nothing that could be repeated at once
	goneBefore = `{"error":{"type":"invalid_request_error","code":"charge_already_refunded","message":"x"}}`
	notArrived = `{"id":"re_<n>","object":"refund","status":"failed","amount":96000,"currency":"usd","metadata":{}}`
)

// losesAnswers has the card service do what it is asked to do, and lose the answer.
func (w *world) losesAnswers() {
	w.meddles(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		w.cards.Handler().ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
}

// late is a couple that has paid too late: another one holds the place.
func late(w *world) (ana, ben string) {
	ana = w.mustBook("ana", false)
	w.wait(20 * time.Minute)
	page := w.open(ana, booking.DepositCharge)
	w.wait(17 * time.Minute)
	ben = w.mustBook("ben", false)
	w.pay(page)
	w.passes()
	return ana, ben
}

func TestACardServiceThatIsAwayForAWhileDoesNotSpoilTheHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	w.unreachable(true)
	if _, err := w.bookings.Pay(t.Context(), ana, booking.Order{Charge: booking.DepositCharge, Partner: 0}); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("got %v", err)
	}
	w.unreachable(false)
	w.wait(5 * time.Minute) // what is left of the try is too short for a card page
	page := w.open(ana, booking.DepositCharge)
	c := w.stands(ana, retreats.Held, 0)
	if tries := c.Booking.Checkouts; len(tries) != 2 || !tries[0].Ended || tries[0].SessionID != "" || tries[1].Ended {
		t.Errorf("tries %+v", tries)
	}
	w.pay(page)
	w.passes()
	w.stands(ana, retreats.Confirmed, deposit)
	w.checkBooks(0, []string{ana})
}

func TestATryThatCannotBeOpenedAnyMoreEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	w.unreachable(true)
	if _, err := w.bookings.Pay(t.Context(), ana, booking.Order{Charge: booking.DepositCharge, Partner: 0}); err == nil {
		t.Fatal("it was opened")
	}
	w.unreachable(false)
	w.wait(5 * time.Minute)
	w.attend()
	if tries := w.stands(ana, retreats.Held, 0).Booking.Checkouts; len(tries) != 1 || !tries[0].Ended {
		t.Errorf("tries %+v", tries)
	}
}

// TestAKeyThatStripeKnowsFromBefore, as after a backup was put back: the couple
// pays on another page, and the booking comes to rest.
func TestAKeyThatStripeKnowsFromBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	before := stripepay.New(stripepay.Config{SecretKey: cardKey, APIURL: w.cardsURL})
	_, err := before.CreateCheckout(t.Context(), stripepay.CheckoutParams{
		Key: ana + "-deposit-1", BookingID: ana, ChargeID: booking.DepositCharge, TryID: ana + "-deposit-1", Amount: money.Of(deposit, "USD"),
		Description: "x", SuccessURL: "http://localhost/x", ExpiresAt: w.now.Add(40 * time.Minute),
	})
	w.must(err)
	w.pay(w.open(ana, booking.DepositCharge))
	w.passes()
	c := w.stands(ana, retreats.Confirmed, deposit)
	for _, line := range c.Booking.Checkouts {
		if !line.Ended {
			t.Errorf("a page is thought to be open: %+v", line)
		}
	}
}

func TestACardPageBelongsToOnePartner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	first := w.open(ana, booking.DepositCharge)
	second, err := w.bookings.Pay(t.Context(), ana, booking.Order{Charge: booking.DepositCharge, Partner: 1})
	if err != nil || second == first {
		t.Fatalf("the other partner gets %q, %v", second, err)
	}
	w.pay(first) // is closed
	w.passes()
	w.stands(ana, retreats.Held, 0)
	if to := w.pay(second); !strings.Contains(to, w.bookings.Token(ana, 1)) {
		t.Error("it does not lead back to who has paid")
	}
	w.passes()
	w.stands(ana, retreats.Confirmed, deposit)
	w.checkBooks(0, []string{ana})
}

func TestWhoPaysAfterThePartnerHasPaidIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana := w.mustBook("ana", false)
	w.pay(w.open(ana, booking.DepositCharge)) // nobody has said so yet
	if _, err := w.bookings.Pay(t.Context(), ana, booking.Order{Charge: booking.DepositCharge, Partner: 1}); !errors.Is(err, booking.ErrPaid) {
		t.Errorf("got %v", err)
	}
	w.stands(ana, retreats.Confirmed, deposit)
}

func TestABookingIsMadeAlthoughThePhoneLosesItsConnection(t *testing.T) {
	t.Parallel()
	for _, wait := range []bool{false, true} {
		w := newWorld(t)
		if wait {
			w.mustBook("ben", false)
		}
		ctx, hangUp := context.WithCancel(t.Context())
		w.fuse.meddle = func(_ string, do func() error) error {
			defer hangUp()
			return do()
		}
		a := booking.Application{Key: "ana", AcceptPolicy: true, Wait: wait, Partners: [2]booking.PartnerInput{
			{Name: "Ana", Email: "ana@example.org"}, {Name: "Jon", Email: "jon@example.org"},
		}}
		c, err := w.bookings.Book(ctx, "co", a)
		if err != nil {
			t.Fatalf("waiting %v: %v", wait, err)
		}
		want := retreats.Held
		if wait {
			want = retreats.WaitingOn
		}
		w.stands(c.Booking.ID, want, 0)
	}
}

func TestAPlaceWhoseBookingWasSurelyNotStoredIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	for answer, held := range map[error]int{errors.New("the document is too large"): 0, store.ErrUnavailable: 1} {
		w := newWorld(t)
		w.fuse.meddle = func(collection string, do func() error) error {
			if collection == "bookings" {
				return answer
			}
			return do()
		}
		if _, err := w.book("ana", false); !errors.Is(err, answer) {
			t.Errorf("got %v", err)
		}
		cohort, err := w.retreats.Cohort(t.Context(), "co")
		if err != nil || len(cohort.Roster.Places) != held {
			t.Errorf("after %q: %+v, %v", answer, cohort.Roster.Places, err)
		}
	}
}

// TestATurnWhoseAnswerWasLostIsKept: the cohort has taken the couple onto its
// waitlist and could not say so.
func TestATurnWhoseAnswerWasLostIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustBook("ben", false)
	w.fuse.meddle = func(collection string, do func() error) error {
		if err := do(); err != nil || collection != "cohorts" {
			return err
		}
		return store.ErrUnavailable
	}
	if _, err := w.book("ana", true); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("got %v", err)
	}
	ana := w.fuse.booked
	w.fuse.meddle = nil
	w.wait(3 * time.Minute)
	w.attend()
	if c := w.stands(ana, retreats.WaitingOn, 0); c.Booking.JoinedAt == nil {
		t.Error("it does not know that it waits")
	}
}

// TestAnAnswerThatWasCutOffIsTakenUp: the cohort knows of the answer, and the
// process dies before the booking does.
func TestAnAnswerThatWasCutOffIsTakenUp(t *testing.T) {
	t.Parallel()
	for n := 1; n < 5; n++ {
		w := newWorld(t)
		ana, ben := w.mustBook("ana", false), w.mustBook("ben", true)
		if err := w.bookings.Cancel(t.Context(), ana, nil); err != nil {
			t.Fatal(err)
		}
		w.passes()
		w.live(n)
		_ = w.bookings.AnswerOffer(t.Context(), ben, booking.AcceptOffer)
		w.live(1 << 30)
		w.wait(2 * time.Minute)
		w.passes()
		c, err := w.bookings.Case(t.Context(), ben)
		if err != nil {
			t.Fatal(err)
		}
		if c.Standing.State == retreats.Held && len(c.Booking.Charges) == 0 {
			t.Errorf("death at write %d: there is nothing to pay for the place with", n)
		}
	}
}

func TestWhatKeepsFailingIsTriedLessAndLessOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.refundsAnswer(http.StatusUnauthorized, notNow)
	told := givenUp(w)
	var distances []time.Duration
	for range 6 {
		before := *asked
		_ = w.bookings.AttendDue(t.Context(), w.now)
		c := w.stands(told[0], retreats.None, 0)
		if *asked > before+1 || c.Booking.AttendAt == nil {
			t.Fatalf("asked %d times, to be looked at %v", *asked-before, c.Booking.AttendAt)
		}
		if d := c.Booking.AttendAt.Sub(w.now); d > 0 {
			distances = append(distances, d)
			w.wait(d)
		}
	}
	for i := 1; i < len(distances); i++ {
		if distances[i] != 2*distances[i-1] {
			t.Errorf("distances %v", distances)
		}
	}
	w.meddles(nil)
	w.attend()
	if c := w.stands(told[0], retreats.None, 0); c.Booking.Failures != 0 || c.Booking.AttendAt != nil {
		t.Errorf("afterwards: %d failures, to be looked at %v", c.Booking.Failures, c.Booking.AttendAt)
	}
}

func TestAnEventThatKeepsFailingIsPutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := 0
	w.meddles(func(out http.ResponseWriter, _ *http.Request) bool {
		asked++
		out.WriteHeader(http.StatusUnauthorized)
		io.WriteString(out, notNow)
		return true
	})
	_ = w.bookings.TakeEvent(t.Context(), stripepay.Event{ID: "evt_1", Type: "refund.updated", ObjectID: "re_1"})
	for range 120 { // two hours
		w.wait(time.Minute)
		_ = w.bookings.ActOnEvents(t.Context(), w.now)
	}
	if asked < 4 || asked > 9 {
		t.Errorf("asked %d times in two hours", asked)
	}
}
