package booking_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

func TestAComparisonWaitsUntilStripeAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.paid("ana")
	w.unreachable(true)
	if err := w.bookings.CompareDue(t.Context(), w.now); !errors.Is(err, stripepay.ErrUnreachable) {
		t.Fatalf("got %v", err)
	}
	runs, err := w.bookings.Comparisons(t.Context(), 10)
	if err != nil || len(runs) != 1 || runs[0].EndedAt != nil || runs[0].Trouble == "" {
		t.Fatalf("runs %+v, %v", runs, err)
	}
	w.unreachable(false)
	w.wait(10 * time.Minute)
	if err := w.bookings.CompareDue(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
	if _, err := w.bookings.LastComparison(t.Context()); !errors.Is(err, store.ErrNotFound) {
		t.Error("it has not waited for a quarter of an hour")
	}
	w.wait(6 * time.Minute)
	if err := w.bookings.CompareDue(t.Context(), w.now); err != nil {
		t.Fatal(err)
	}
	run, err := w.bookings.LastComparison(t.Context())
	if err != nil || run.ID != runs[0].ID || run.Trouble != "" || !run.HasAgreed() {
		t.Errorf("run %+v, %v", run, err)
	}
	w.stands(id, retreats.Confirmed, deposit)
}

func TestOneComparisonForEachNightAndOneForEachQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	count := func(want int) {
		t.Helper()
		for range 3 {
			if err := w.bookings.CompareDue(t.Context(), w.now); err != nil {
				t.Fatal(err)
			}
		}
		runs, err := w.bookings.Comparisons(t.Context(), 100)
		if err != nil || len(runs) != want {
			t.Errorf("%d runs, want %d, %v", len(runs), want, err)
		}
		for _, run := range runs {
			if run.EndedAt == nil {
				t.Errorf("%s has not ended", run.ID)
			}
		}
	}
	count(1)
	w.wait(7 * time.Hour) // 01:00
	count(1)
	w.wait(time.Hour)
	count(2)
	w.wait(5 * 24 * time.Hour) // a machine that was off for days
	count(3)
	for range 2 {
		if err := w.bookings.AskComparison(t.Context(), audit.By{Name: "Robin"}); err != nil {
			t.Fatal(err)
		}
	}
	count(4)
}

func TestTwoThatCompareAtOnceMakeOneRun(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 3)
	for _, name := range []string{"ana", "ben", "cleo"} {
		w.paid(name)
	}
	w.wait(time.Minute)
	first := w.bookings
	w.live(1 << 30) // another process beside it
	var both sync.WaitGroup
	for _, s := range []*booking.Service{first, w.bookings} {
		both.Go(func() {
			if err := s.CompareDue(t.Context(), w.now); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	runs, err := w.bookings.Comparisons(t.Context(), 10)
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %+v, %v", runs, err)
	}
	w.differs(runs[0])
	if runs[0].Intents != 3 || runs[0].Bookings != 3 {
		t.Errorf("something was counted twice: %+v", runs[0])
	}
}

// TestAComparisonThatWasCutOffGoesOn dies at each of its writes, and another
// process ends it.
func TestAComparisonThatWasCutOffGoesOn(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			w := newWorld(t)
			id := w.mustBook("ana", false)
			w.losingEvents()
			w.pay(w.open(id, booking.DepositCharge))
			w.wait(time.Minute)
			w.live(n)
			w.fuse.after = after
			_ = w.bookings.CompareDue(t.Context(), w.now)
			died := w.fuse.blown
			w.live(1 << 30)
			w.wait(3 * time.Minute)
			if err := w.bookings.CompareDue(t.Context(), w.now); err != nil {
				t.Fatal(err)
			}
			runs, err := w.bookings.Comparisons(t.Context(), 10)
			if err != nil || len(runs) != 1 || !runs[0].HasAgreed() {
				t.Fatalf("death at write %d: %+v, %v", n, runs, err)
			}
			if run := runs[0]; run.Checkouts != 1 || run.Intents != 1 || run.Bookings != 1 {
				t.Errorf("death at write %d: something was counted twice or never: %+v", n, run)
			}
			w.stands(id, retreats.Confirmed, deposit)
			if !died {
				if n < 10 {
					t.Errorf("the comparison has only %d writes", n-1)
				}
				break
			}
		}
	}
}

// TestAComparisonGoesThroughAllPages: the one that was lost is the oldest.
func TestAComparisonGoesThroughAllPages(t *testing.T) {
	t.Parallel()
	const others = 1500
	w := newWorld(t)
	id := w.mustBook("ana", false)
	w.losingEvents()
	w.pay(w.open(id, booking.DepositCharge))
	w.strangers(others)
	run := w.compare()
	if run.Intents != others+1 || run.Left != 0 || run.Mended == 0 {
		t.Errorf("%d payment intents, %d left, %d mended", run.Intents, run.Left, run.Mended)
	}
	w.stands(id, retreats.Confirmed, deposit)
}

// strangers makes so many payments in the same account that are not ours.
func (w *world) strangers(n int) {
	w.t.Helper()
	pay := stripepay.New(stripepay.Config{SecretKey: cardKey, APIURL: w.cardsURL})
	customer, err := pay.CreateCustomer(w.t.Context(), stripepay.CustomerParams{Key: "customer", Email: "shop@example.org"})
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := pay.CreateCheckout(w.t.Context(), stripepay.CheckoutParams{
		Key: "page", Setup: true, CustomerID: customer.ID, SuccessURL: "http://localhost/x", ExpiresAt: w.now.Add(time.Hour),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.pay(page.URL)
	if page, err = pay.Checkout(w.t.Context(), page.ID); err != nil || page.PaymentMethodID == "" {
		w.t.Fatal(page, err)
	}
	for i := range n {
		_, err := pay.ChargeCard(w.t.Context(), stripepay.ChargeParams{
			Key: "shop-" + time.Duration(i).String(), Amount: money.Of(1000, "USD"), CustomerID: customer.ID, PaymentMethodID: page.PaymentMethodID,
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}
