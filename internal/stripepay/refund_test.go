package stripepay_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
)

func (w *world) refund(key string, of stripepay.Checkout, amount money.Amount) (stripepay.Refund, error) {
	return w.client.CreateRefund(w.t.Context(), stripepay.RefundParams{
		Key: key, PaymentIntentID: of.PaymentIntentID, Amount: amount,
		BookingID: of.BookingID, RefundID: key, Reason: stripepay.ReasonRequested,
	})
}

func TestRefundInPartsUpToWhatWasPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.paid("try-1", money.Of(98_000, "JPY"))

	first, err := w.refund("refund-1", paid, money.Of(30_000, "JPY"))
	if err != nil {
		t.Fatal(err)
	}
	want := stripepay.Refund{
		ID: first.ID, State: stripepay.RefundSucceeded, Amount: money.Of(30_000, "JPY"), PaymentIntentID: paid.PaymentIntentID,
		OfBooking: "bk_1", BookingID: "bk_1", RefundID: "refund-1", CreatedAt: w.clock.Now(),
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("a refund (-want +got):\n%s", diff)
	}
	if found, err := w.client.Refund(t.Context(), first.ID); err != nil || found != first {
		t.Errorf("asked for again: %+v, %v", found, err)
	}

	if _, err := w.refund("refund-2", paid, money.Of(68_001, "JPY")); !errors.Is(err, stripepay.ErrRefundTooLarge) {
		t.Errorf("one yen too much: %v", err)
	}
	rest, err := w.refund("refund-3", paid, money.Of(68_000, "JPY"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.refund("refund-4", paid, money.Of(1, "JPY")); !errors.Is(err, stripepay.ErrAlreadyRefunded) {
		t.Errorf("after all is returned: %v", err)
	}

	intent, err := w.client.PaymentIntent(t.Context(), paid.PaymentIntentID)
	if err != nil {
		t.Fatal(err)
	}
	if intent.Refunded != money.Of(98_000, "JPY") {
		t.Errorf("refunded %s of %s", intent.Refunded, intent.Received)
	}
	all, err := w.client.Refunds(t.Context(), paid.PaymentIntentID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]stripepay.Refund{rest, first}, all); diff != "" {
		t.Errorf("all refunds, newest first (-want +got):\n%s", diff)
	}
	received, refunded := w.sandbox.Totals()
	if received["JPY"] != 98_000 || refunded["JPY"] != 98_000 {
		t.Errorf("the sandbox took %v and gave back %v", received, refunded)
	}
	if events := w.delivered(); !slices.Contains(events, stripepay.EventChargeRefunded) || !slices.Contains(events, stripepay.EventRefundUpdated) {
		t.Errorf("no events about the refunds among %v", events)
	}
}

func TestRefundOfWhatWasNeverPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.create(w.checkoutParams("try-1", money.Of(125_000, "USD")))
	w.post(made.URL, cardForm(declinedCard))
	_, err := w.refund("refund-1", w.checkout(made.ID), money.Of(1_000, "USD"))
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v, want invalid", err)
	}
}

func TestRefusedRefundIsKeptWithItsKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.paid("try-1", money.Of(1_250, "KWD"))
	_, first := w.refund("refund-1", paid, money.Of(1_260, "KWD"))
	_, second := w.refund("refund-1", paid, money.Of(1_260, "KWD"))
	if stripepay.Replayed(first) || !stripepay.Replayed(second) || !errors.Is(second, stripepay.ErrRefundTooLarge) {
		t.Errorf("first %v, then %v: want the second to be a replay of the first", first, second)
	}
	if _, err := w.refund("refund-2", paid, money.Of(1_250, "KWD")); err != nil {
		t.Errorf("with another key and a right amount: %v", err)
	}
}

func TestRefundsAreListedBeyondOnePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.paid("try-1", money.Of(125_000, "USD"))
	const count = 103
	want := make([]string, count)
	for i := range count {
		key := "refund-" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		if _, err := w.refund(key, paid, money.Of(1_000, "USD")); err != nil {
			t.Fatal(err)
		}
		want[count-1-i] = key
	}
	all, err := w.client.Refunds(t.Context(), paid.PaymentIntentID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		got = append(got, r.RefundID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refunds (-want +got):\n%s", diff)
	}
}
