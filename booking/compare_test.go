package booking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// compare runs the pass that compares, on request, and gives what came of it.
func (w *world) compare() *booking.Comparison {
	w.t.Helper()
	w.wait(time.Second) // no two runs begin at the same time
	run, err := w.bookings.Compare(w.t.Context(), audit.By{Name: "Robin"})
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

// kinds are the differences of a run, those that were mended with a plus.
func kinds(run *booking.Comparison) []string {
	var all []string
	for _, d := range run.Differences {
		kind := string(d.Kind)
		if d.Mended {
			kind = "+" + kind
		}
		all = append(all, kind)
	}
	slices.Sort(all)
	return all
}

func (w *world) differs(run *booking.Comparison, want ...string) {
	w.t.Helper()
	slices.Sort(want)
	if got := kinds(run); !slices.Equal(got, want) {
		w.t.Errorf("the comparison tells %v, want %v: %+v", got, want, run.Differences)
	}
	left := 0
	for _, kind := range want {
		if !strings.HasPrefix(kind, "+") {
			left++
		}
	}
	if run.EndedAt == nil || run.Left != left || run.Mended != len(want)-left || run.HasAgreed() != (left == 0) {
		w.t.Errorf("ended %v, left %d, mended %d", run.EndedAt, run.Left, run.Mended)
	}
	for _, d := range run.Differences {
		if words := d.Words(); !strings.HasSuffix(words, ".") || strings.Contains(words, "$0.00") {
			w.t.Errorf("%s is told as %q", d.Kind, words)
		}
	}
}

// tamper changes a document behind the program's back.
func (w *world) tamper(id string, change func(*booking.Booking)) {
	w.t.Helper()
	docs, err := store.Define[booking.Booking](w.t.Context(), store.Open(w.engine), "bookings")
	if err == nil {
		err = docs.Update(w.t.Context(), id, func(b *booking.Booking) error {
			change(b)
			return nil
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// paid is a couple that has paid its deposit, and Stripe's name of the payment.
func (w *world) paid(name string) (id, payment string) {
	w.t.Helper()
	id = w.mustBook(name, false)
	w.pay(w.open(id, booking.DepositCharge))
	w.passes()
	return id, w.stands(id, retreats.Confirmed, deposit).Booking.Payments[0].ID
}

func (w *world) losingEvents() { w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true}) }

func TestBooksThatAgreeAreSaidToAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.bookings.LastComparison(t.Context()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before the first: %v", err)
	}
	id, _ := w.paid("ana")
	run := w.compare()
	w.differs(run)
	if run.Checkouts != 1 || run.Intents != 1 || run.Bookings != 1 || run.Payments != 1 || run.By != "Robin" || run.Why != booking.WhyByHand {
		t.Errorf("run %+v", run)
	}
	if len(run.Endpoint.Faults()) > 0 || !run.Endpoint.Found {
		t.Errorf("endpoint: %v", run.Endpoint.Faults())
	}
	p := w.stands(id, retreats.Confirmed, deposit).Booking.Payments[0]
	if p.AgreedAt == nil || p.Fee == nil || p.Fee.Minor <= 0 {
		t.Errorf("the payment agrees since %v, its fee is %v", p.AgreedAt, p.Fee)
	}
	last, err := w.bookings.LastComparison(t.Context())
	if err != nil || last.ID != run.ID {
		t.Errorf("the last is %v, %v", last, err)
	}
	before := w.stands(id, retreats.Confirmed, deposit).Booking.Rev
	w.differs(w.compare())
	if after := w.stands(id, retreats.Confirmed, deposit).Booking.Rev; after != before {
		t.Error("what agreed yesterday is written again")
	}
}

func TestWhatNobodyToldIsFound(t *testing.T) {
	t.Parallel()
	t.Run("a payment", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.mustBook("ana", false)
		w.losingEvents()
		w.pay(w.open(id, booking.DepositCharge))
		w.passes()
		w.stands(id, retreats.Held, 0)
		// Sessions come first, so that the money of one is known when its intent is seen.
		run := w.compare()
		if !slices.Contains(kinds(run), "+payment") || slices.Contains(kinds(run), "payment") || !run.HasAgreed() {
			t.Errorf("differences %+v", run.Differences)
		}
		w.stands(id, retreats.Confirmed, deposit)
		w.differs(w.compare())
	})
	t.Run("a refund on the dashboard", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id, payment := w.paid("ana")
		w.losingEvents()
		if err := w.cards.RefundAtStripe(payment, 10000); err != nil {
			t.Fatal(err)
		}
		run := w.compare()
		if !slices.Contains(kinds(run), "+refund") || !run.HasAgreed() {
			t.Errorf("differences %+v", run.Differences)
		}
		c := w.stands(id, retreats.Confirmed, deposit-10000)
		if r := c.Booking.Refunds; len(r) != 1 || r[0].Reason != booking.RefundByHand || !r[0].Waives {
			t.Errorf("refunds %+v", r)
		}
		w.differs(w.compare())
	})
	t.Run("a refund that failed later", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id, payment := w.paid("ana")
		if err := w.cards.RefundAtStripe(payment, 10000); err != nil {
			t.Fatal(err)
		}
		w.passes()
		refund := w.stands(id, retreats.Confirmed, deposit-10000).Booking.Refunds[0].StripeID
		w.losingEvents()
		if err := w.cards.FailRefund(refund); err != nil {
			t.Fatal(err)
		}
		if run := w.compare(); !slices.Contains(kinds(run), "+refund") || !run.HasAgreed() {
			t.Errorf("differences %+v", run.Differences)
		}
		w.stands(id, retreats.Confirmed, deposit)
		w.differs(w.compare())
	})
	t.Run("a dispute", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id, payment := w.paid("ana")
		w.losingEvents()
		dispute, err := w.cards.OpenDispute(payment, "fraudulent")
		if err != nil {
			t.Fatal(err)
		}
		if run := w.compare(); !slices.Contains(kinds(run), "+dispute") || !run.HasAgreed() {
			t.Errorf("differences %+v", run.Differences)
		}
		if !w.stands(id, retreats.Confirmed, deposit).Booking.HasOpenDispute() {
			t.Error("the booking does not know of its dispute")
		}
		// It ends when no list shows it any more.
		w.wait(70 * 24 * time.Hour)
		if err := w.cards.CloseDispute(dispute, true); err != nil {
			t.Fatal(err)
		}
		if run := w.compare(); !slices.Contains(kinds(run), "+dispute") {
			t.Errorf("differences %+v", run.Differences)
		}
		if w.stands(id, retreats.Confirmed, deposit).Booking.HasOpenDispute() {
			t.Error("the booking does not know that its dispute has ended")
		}
	})
}

// TestUndeliveredEventsAreActedOn: what only an event tells is a page that has
// ended unpaid.
func TestUndeliveredEventsAreActedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, payment := w.paid("ana")
	w.losingEvents()
	if err := w.cards.RefundAtStripe(payment, 10000); err != nil {
		t.Fatal(err)
	}
	w.wait(time.Minute)
	run := w.compare()
	if !slices.Contains(kinds(run), "+event") || run.Events == 0 {
		t.Errorf("differences %+v", run.Differences)
	}
	w.stands(id, retreats.Confirmed, deposit-10000)
	if run = w.compare(); slices.Contains(kinds(run), "+event") || run.Events == 0 {
		t.Errorf("what was acted on is told again: %+v", run.Differences)
	}
}

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// unclear are differences that a person has to see to: how each comes about, and
// what the comparison calls it.
var unclear = []struct {
	name string
	make func(w *world, id, payment string)
	want []string
}{
	{"a payment that Stripe does not have", func(w *world, id, _ string) {
		w.tamper(id, func(b *booking.Booking) { b.Payments[0].ID = "pi_unknown" })
	}, []string{"+payment", "missing"}},
	{"another amount", func(w *world, id, _ string) {
		w.tamper(id, func(b *booking.Booking) { b.Payments[0].Amount = usd(deposit - 500) })
	}, []string{"amount"}},
	{"money for a booking that is not here", func(w *world, id, _ string) {
		c := w.stands(id, retreats.Confirmed, deposit)
		docs, err := store.Define[booking.Booking](w.t.Context(), store.Open(w.engine), "bookings")
		if err := errors.Join(err, docs.Delete(w.t.Context(), id, c.Booking.Rev)); err != nil {
			w.t.Fatal(err)
		}
	}, []string{"stranger"}},
	{"a refund of ours that Stripe does not have", func(w *world, id, payment string) {
		w.tamper(id, func(b *booking.Booking) {
			b.Refunds = append(b.Refunds, booking.Refund{
				ID: "x", PaymentID: payment, Amount: usd(500), At: w.now, StripeID: "re_x", State: stripepay.RefundSucceeded, AskedAt: w.now,
			})
		})
	}, []string{"refunded"}},
	{"all given back at Stripe, and the place kept", func(w *world, _, payment string) {
		if err := w.cards.RefundAtStripe(payment, deposit); err != nil {
			w.t.Fatal(err)
		}
		w.passes()
	}, []string{"returned"}},
	{"money without a place (invariant 3)", func(w *world, id, _ string) {
		if err := w.retreats.Release(w.t.Context(), "co", id); err != nil {
			w.t.Fatal(err)
		}
		w.tamper(id, func(b *booking.Booking) { b.LapsedAt = &w.now })
	}, []string{"nobodys"}},
	{"more back than came", func(w *world, id, payment string) {
		w.tamper(id, func(b *booking.Booking) {
			b.Refunds = append(b.Refunds, booking.Refund{
				ID: "x", PaymentID: payment, Amount: usd(deposit + 1), At: w.now, StripeID: "re_x", State: stripepay.RefundSucceeded, AskedAt: w.now,
			})
		})
	}, []string{"refunded", "sum"}},
	{"a refund that keeps failing", func(w *world, id, payment string) {
		w.tamper(id, func(b *booking.Booking) {
			b.Cancellation = &booking.Cancellation{At: w.now, Quote: usd(deposit), Paid: usd(deposit), Percent: 100, ReturnAt: &w.now, ReturnedAt: &w.now}
			b.Refunds = append(b.Refunds, booking.Refund{
				ID: "x", PaymentID: payment, Amount: usd(deposit), At: w.now, State: stripepay.RefundFailed, AskedAt: w.now, Try: 4,
			})
		})
	}, []string{"stuck"}},
	{"a dispute won after the end", func(w *world, id, payment string) {
		dispute, err := w.cards.OpenDispute(payment, "fraudulent")
		if err != nil {
			w.t.Fatal(err)
		}
		w.passes()
		if err := errors.Join(w.bookings.Cancel(w.t.Context(), id, nil), w.cards.CloseDispute(dispute, true)); err != nil {
			w.t.Fatal(err)
		}
		w.passes()
	}, []string{"won"}},
}

func TestWhatHasNoOneMeaningIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	for _, c := range unclear {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id, payment := w.paid("ana")
			c.make(w, id, payment)
			w.differs(w.compare(), c.want...)
			run := w.compare()
			if run.Left == 0 {
				t.Error("it is not told again, though nobody has seen to it")
			}
		})
	}
}

// TestMoneyOfAnOtherCurrencyIsNotTakenIn: it cannot be added up.
func TestMoneyOfAnOtherCurrencyIsNotTakenIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustBook("ana", false)
	w.losingEvents()
	w.pay(w.open(id, booking.DepositCharge))
	w.tamper(id, func(b *booking.Booking) { b.Price.Currency = "EUR" })
	w.wait(time.Second)
	run, err := w.bookings.Compare(t.Context(), audit.By{})
	if run == nil || !slices.Contains(kinds(run), "currency") || run.HasAgreed() || run.EndedAt == nil {
		t.Errorf("run %+v", run)
	}
	if err == nil {
		t.Error("nobody is told of the events that could not be acted on")
	}
	w.stands(id, retreats.Held, 0)
}

// TestWhatWasForgottenIsSeenTo: nothing asks for the booking to be looked at.
func TestWhatWasForgottenIsSeenTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustBook("ana", false)
	w.open(id, booking.DepositCharge)
	w.wait(3 * time.Hour)
	w.tamper(id, func(b *booking.Booking) { b.AttendAt = nil })
	w.differs(w.compare(), "+page")
	if c := w.stands(id, retreats.None, 0); !c.Booking.Checkouts[0].Ended || c.Booking.LapsedAt == nil {
		t.Errorf("booking %+v", c.Booking)
	}
}

// TestMoneyThatNobodyDecidesAboutIsForgotten, and seen to.
func TestMoneyThatNobodyDecidesAboutIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.paid("ana")
	w.wait(25 * time.Hour)
	w.tamper(id, func(b *booking.Booking) { b.AttendAt, b.Payments[0].SettledAt = nil, nil })
	w.differs(w.compare(), "+forgotten")
	if w.stands(id, retreats.Confirmed, deposit).Booking.Payments[0].SettledAt == nil {
		t.Error("nobody has decided about it")
	}
}

// TestAnOldPaymentIsAskedAboutByItself: no list shows it any more.
func TestAnOldPaymentIsAskedAboutByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, _ := w.paid("ana")
	w.differs(w.compare())
	first := *w.stands(id, retreats.Confirmed, deposit).Booking.Payments[0].AgreedAt
	agreed := func(want time.Time) {
		t.Helper()
		w.wait(29 * 24 * time.Hour)
		w.passes()
		run := w.compare()
		w.differs(run)
		if want.IsZero() {
			want = run.StartedAt
			if run.Intents != 0 {
				t.Errorf("a list shows %d payments", run.Intents)
			}
		}
		if p := w.stands(id, retreats.Confirmed, deposit).Booking.Payments[0]; !p.AgreedAt.Equal(want) {
			t.Errorf("it agrees since %v, want %v", p.AgreedAt, want)
		}
	}
	agreed(first) // Stripe's list still shows it
	agreed(time.Time{})
}
