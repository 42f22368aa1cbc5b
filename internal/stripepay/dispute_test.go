package stripepay_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/money"
	"lantern/internal/stripepay"
)

// paidWith is like paid, with a card of choice.
func (w *world) paidWith(number, key string, amount money.Amount) stripepay.Checkout {
	w.t.Helper()
	made := w.create(w.checkoutParams(key, amount))
	w.typeCard(made.URL, number)
	return w.checkout(made.ID)
}

func (w *world) disputes(of stripepay.Checkout) []stripepay.Dispute {
	w.t.Helper()
	all, err := w.client.Disputes(w.t.Context(), of.PaymentIntentID)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// [D13]: a dispute is heard of, takes the money, and ends.
func TestDisputeTakesTheMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		won    bool
		state  stripepay.DisputeState
		events []string
		away   int64
	}{
		{true, stripepay.DisputeWon, []string{stripepay.EventDisputeClosed, stripepay.EventDisputeFundsReinstated}, 0},
		{false, stripepay.DisputeLost, []string{stripepay.EventDisputeClosed}, 125_000},
	} {
		w := newWorld(t)
		paid := w.paidWith(disputedCard, "try-1", money.Of(125_000, "USD"))
		due := w.clock.Now().Add(9 * 24 * time.Hour)
		if !slices.Contains(w.delivered(), stripepay.EventDisputeCreated) || !slices.Contains(w.delivered(), stripepay.EventDisputeFundsWithdrawn) {
			t.Errorf("no events about the dispute among %v", w.delivered())
		}
		if last := w.events[len(w.events)-1]; last.ObjectKind != "dispute" || last.PaymentIntentID != paid.PaymentIntentID {
			t.Errorf("the event about it is %+v", last)
		}
		all := w.disputes(paid)
		if len(all) != 1 {
			t.Fatalf("disputes: %+v", all)
		}
		want := stripepay.Dispute{
			ID: all[0].ID, PaymentIntentID: paid.PaymentIntentID, BookingID: "bk_1", Amount: money.Of(125_000, "USD"),
			Reason: "fraudulent", State: stripepay.DisputeNeedsResponse, DueBy: due, CreatedAt: w.clock.Now(),
		}
		if diff := cmp.Diff(want, all[0]); diff != "" {
			t.Errorf("dispute (-want +got):\n%s", diff)
		}
		if intent, err := w.client.PaymentIntent(t.Context(), paid.PaymentIntentID); err != nil || !intent.Disputed {
			t.Errorf("the payment is %+v, %v", intent, err)
		}
		_, err := w.refund("refund-1", paid, money.Of(1_000, "USD"))
		if code, _ := stripepay.Code(err); !errors.Is(err, stripepay.ErrRefused) || code != "charge_disputed" {
			t.Errorf("a refund while it is open: %v", err)
		}
		if away := w.sandbox.Disputed(); away["USD"] != 125_000 {
			t.Errorf("away while it is open: %v", away)
		}

		w.restart()
		before := len(w.events)
		if err := w.sandbox.CloseDispute(want.ID, c.won); err != nil {
			t.Fatal(err)
		}
		if err := w.sandbox.CloseDispute(want.ID, !c.won); err == nil {
			t.Error("it was decided twice")
		}
		if diff := cmp.Diff(c.events, w.delivered()[before:]); diff != "" {
			t.Errorf("won %v, events (-want +got):\n%s", c.won, diff)
		}
		want.State = c.state
		if got, err := w.client.Dispute(t.Context(), want.ID); err != nil || got != want {
			t.Errorf("won %v: %+v, %v", c.won, got, err)
		}
		if away := w.sandbox.Disputed(); away["USD"] != c.away {
			t.Errorf("won %v, away: %v", c.won, away)
		}
		_, err = w.refund("refund-2", paid, money.Of(1_000, "USD"))
		if refundable := err == nil; refundable != c.won {
			t.Errorf("won %v, a refund afterwards: %v", c.won, err)
		}
	}
}

// An inquiry only asks: the money stays, and can be refunded.
func TestInquiryTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.paidWith(inquiryCard, "try-1", money.Of(125_000, "USD"))
	all := w.disputes(paid)
	if len(all) != 1 || all[0].State != stripepay.DisputeWarningNeedsResponse || len(w.sandbox.Disputed()) != 0 {
		t.Fatalf("disputes %+v, away %v", all, w.sandbox.Disputed())
	}
	if _, err := w.refund("refund-1", paid, money.Of(1_000, "USD")); err != nil {
		t.Errorf("a refund: %v", err)
	}
	if err := w.sandbox.CloseDispute(all[0].ID, false); err != nil {
		t.Fatal(err)
	}
	if got := w.disputes(paid); got[0].State != stripepay.DisputeWarningClosed {
		t.Errorf("closed: %+v", got)
	}
}

func TestDisputeOfOurChoice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.paid("try-1", money.Of(125_000, "USD"))
	if _, err := w.refund("refund-1", paid, money.Of(25_000, "USD")); err != nil {
		t.Fatal(err)
	}
	id, err := w.sandbox.OpenDispute(paid.PaymentIntentID, "credit_not_processed")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.disputes(paid); len(got) != 1 || got[0].ID != id || got[0].Amount != money.Of(100_000, "USD") || got[0].Reason != "credit_not_processed" {
		t.Errorf("disputes: %+v; want what is left of the payment", got)
	}
	declined := w.create(w.checkoutParams("try-2", money.Of(125_000, "USD")))
	w.post(declined.URL, cardForm(declinedCard))
	for _, payment := range []string{paid.PaymentIntentID, "pi_none", w.checkout(declined.ID).PaymentIntentID} {
		if _, err := w.sandbox.OpenDispute(payment, "fraudulent"); err == nil {
			t.Errorf("payment %s can be disputed", payment)
		}
	}
}

func TestRefundsThatChangeLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		first, last  stripepay.RefundState
		refunded     int64
	}{
		{"fails", refundsFail, stripepay.RefundSucceeded, stripepay.RefundFailed, 0},
		{"pends", refundsPend, stripepay.RefundPending, stripepay.RefundSucceeded, 100_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			paid := w.paidWith(c.number, "try-1", money.Of(125_000, "USD"))
			made, err := w.refund("refund-1", paid, money.Of(100_000, "USD"))
			if err != nil || made.State != c.first {
				t.Fatalf("at first: %+v, %v", made, err)
			}
			w.delivered()
			w.restart()
			w.clock.Advance(time.Hour - time.Second)
			before := len(w.delivered())
			w.clock.Advance(time.Second)
			want := []string{stripepay.EventRefundUpdated, stripepay.EventChargeRefundUpdated}
			if diff := cmp.Diff(want, w.delivered()[before:]); diff != "" {
				t.Errorf("events an hour later (-want +got):\n%s", diff)
			}
			if event := w.events[before]; event.ObjectID != made.ID || event.PaymentIntentID != paid.PaymentIntentID {
				t.Errorf("the event is %+v", event)
			}
			if got, err := w.client.Refund(t.Context(), made.ID); err != nil || got.State != c.last {
				t.Errorf("an hour later: %+v, %v", got, err)
			}
			if _, refunded := w.sandbox.Totals(); refunded["USD"] != c.refunded {
				t.Errorf("given back %v, want %d", refunded, c.refunded)
			}
			intent, err := w.client.PaymentIntent(t.Context(), paid.PaymentIntentID)
			if err != nil || intent.Refunded.Minor != c.refunded {
				t.Errorf("the payment: %+v, %v", intent, err)
			}
		})
	}
}

func TestRefundInTheDashboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.paid("try-1", money.Of(125_000, "USD"))
	for _, amount := range []int64{125_001, -1} {
		if err := w.sandbox.RefundAtStripe(paid.PaymentIntentID, amount); err == nil {
			t.Errorf("%d was refunded", amount)
		}
	}
	for _, amount := range []int64{25_000, 0} {
		if err := w.sandbox.RefundAtStripe(paid.PaymentIntentID, amount); err != nil {
			t.Fatal(err)
		}
	}
	all, err := w.client.Refunds(t.Context(), paid.PaymentIntentID)
	if err != nil || len(all) != 2 || all[0].Amount != money.Of(100_000, "USD") {
		t.Fatalf("refunds: %+v, %v; want the rest, then the part", all, err)
	}
	for _, r := range all {
		if r.OfBooking != "bk_1" || r.BookingID != "" || r.RefundID != "" {
			t.Errorf("a refund of the dashboard is %+v", r)
		}
	}
	if !slices.Contains(w.delivered(), stripepay.EventChargeRefunded) {
		t.Errorf("no event among %v", w.delivered())
	}
	if err := w.sandbox.FailRefund(all[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := w.sandbox.FailRefund(all[0].ID); err == nil {
		t.Error("a refund failed twice")
	}
	if _, refunded := w.sandbox.Totals(); refunded["USD"] != 25_000 {
		t.Errorf("given back %v", refunded)
	}
	if _, err := w.refund("refund-3", paid, money.Of(100_000, "USD")); err != nil {
		t.Errorf("what came back cannot be refunded: %v", err)
	}
}
