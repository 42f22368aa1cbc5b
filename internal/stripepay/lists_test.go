package stripepay_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
)

// days makes a payment with a refund on each of so many days.
func (w *world) days(n int) (paid []stripepay.Checkout) {
	for i := range n {
		p := w.paidWith(disputedCard, "try-"+strconv.Itoa(i), money.Of(125_000, "USD"))
		if err := w.sandbox.CloseDispute(w.disputes(p)[0].ID, true); err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.refund("refund-"+strconv.Itoa(i), p, money.Of(1_000, "USD")); err != nil {
			w.t.Fatal(err)
		}
		paid = append(paid, p)
		w.clock.Advance(24 * time.Hour)
	}
	return paid
}

// each gathers what one of the streams shows, page by page.
func each[O any](t *testing.T, stream func(func([]O) error) error, id func(O) string) (ids []string, pages int) {
	t.Helper()
	if err := stream(func(page []O) error {
		pages++
		for _, one := range page {
			ids = append(ids, id(one))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids, pages
}

// A span has the objects that were made in it, the newest first, each read as
// it is when it is asked for by itself.
func TestStreamsOfASpan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun := w.clock.Now()
	paid := w.days(4)
	ctx := t.Context()
	span := stripepay.Span{From: begun.Add(24 * time.Hour), To: begun.Add(3 * 24 * time.Hour)} // the second and the third
	want := []string{paid[2].PaymentIntentID, paid[1].PaymentIntentID}

	checkouts, _ := each(t, func(f func([]stripepay.Checkout) error) error { return w.client.EachCheckout(ctx, span, f) },
		func(c stripepay.Checkout) string {
			if found := w.checkout(c.ID); found != c {
				t.Errorf("in the list %+v, by itself %+v", c, found)
			}
			return c.PaymentIntentID
		})
	intents, _ := each(t, func(f func([]stripepay.PaymentIntent) error) error { return w.client.EachIntent(ctx, span, f) },
		func(p stripepay.PaymentIntent) string {
			if found, err := w.client.PaymentIntent(ctx, p.ID); err != nil || found != p || p.Fee.IsZero() {
				t.Errorf("in the list %+v, by itself %+v, %v", p, found, err)
			}
			return p.ID
		})
	refunds, _ := each(t, func(f func([]stripepay.Refund) error) error { return w.client.EachRefund(ctx, span, f) },
		func(r stripepay.Refund) string {
			if found, err := w.client.Refund(ctx, r.ID); err != nil || found != r || r.OfBooking != "bk_1" {
				t.Errorf("in the list %+v, by itself %+v, %v", r, found, err)
			}
			return r.PaymentIntentID
		})
	disputes, _ := each(t, func(f func([]stripepay.Dispute) error) error { return w.client.EachDispute(ctx, span, f) },
		func(d stripepay.Dispute) string {
			if found, err := w.client.Dispute(ctx, d.ID); err != nil || found != d || d.BookingID != "bk_1" {
				t.Errorf("in the list %+v, by itself %+v, %v", d, found, err)
			}
			return d.PaymentIntentID
		})
	for kind, got := range map[string][]string{"checkouts": checkouts, "payments": intents, "refunds": refunds, "disputes": disputes} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	all, _ := each(t, func(f func([]stripepay.PaymentIntent) error) error {
		return w.client.EachIntent(ctx, stripepay.Span{}, f)
	},
		func(p stripepay.PaymentIntent) string { return p.ID })
	if len(all) != 4 {
		t.Errorf("without ends there are %d payments, want 4", len(all))
	}
}

func TestStreamsComeInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paid := w.paid("try-1", money.Of(125_000, "USD"))
	const count = 205
	for i := range count {
		if err := w.sandbox.RefundAtStripe(paid.PaymentIntentID, int64(100+i)); err != nil {
			t.Fatal(err)
		}
	}
	var largest int64 = 100 + count
	sizes, pages := each(t, func(f func([]stripepay.Refund) error) error {
		return w.client.EachRefund(t.Context(), stripepay.Span{}, f)
	},
		func(r stripepay.Refund) string {
			if largest--; r.Amount.Minor != largest {
				t.Errorf("refund of %s where %d was made", r.Amount, largest)
			}
			return r.ID
		})
	if slices.Sort(sizes); len(slices.Compact(sizes)) != count || pages != 3 {
		t.Errorf("%d refunds on %d pages, want %d on 3", len(sizes), pages, count)
	}

	enough := errors.New("enough")
	pages = 0
	err := w.client.EachRefund(t.Context(), stripepay.Span{}, func([]stripepay.Refund) error { pages++; return enough })
	if !errors.Is(err, enough) || pages != 1 {
		t.Errorf("stopped after %d pages with %v", pages, err)
	}
}

func TestEventsThatWereNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	undelivered := func(span stripepay.Span) (types []string) {
		types, _ = each(t, func(f func([]stripepay.Event) error) error { return w.client.EachUndelivered(t.Context(), span, f) },
			func(e stripepay.Event) string {
				if e.ID == "" || e.ObjectID == "" || e.PaymentIntentID == "" {
					t.Errorf("the event is %+v", e)
				}
				return e.Type
			})
		return types
	}
	w.paid("try-1", money.Of(125_000, "USD"))
	pending := []string{stripepay.EventCheckoutCompleted, stripepay.EventPaymentSucceeded}
	if diff := cmp.Diff(pending, undelivered(stripepay.Span{})); diff != "" {
		t.Errorf("before delivery (-want +got):\n%s", diff)
	}
	w.delivered()
	if left := undelivered(stripepay.Span{}); len(left) != 0 {
		t.Errorf("after delivery: %v", left)
	}

	w.clock.Advance(time.Hour)
	w.sandbox.SetTrouble(sandbox.Trouble{LoseEvents: true})
	w.paid("try-2", money.Of(125_000, "USD"))
	w.sandbox.SetTrouble(sandbox.Trouble{})
	heard := len(w.delivered())
	w.clock.Advance(24 * time.Hour)
	if later := len(w.delivered()); later != heard {
		t.Errorf("%d lost events came after all", later-heard)
	}
	if diff := cmp.Diff(pending, undelivered(stripepay.Span{From: w.clock.Now().Add(-30 * time.Hour)})); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
	if early := undelivered(stripepay.Span{To: w.clock.Now().Add(-24 * time.Hour)}); len(early) != 0 {
		t.Errorf("before they were lost: %v", early)
	}
}

func TestEventsInTrouble(t *testing.T) {
	t.Parallel()
	both := []string{stripepay.EventPaymentSucceeded, stripepay.EventCheckoutCompleted}
	for name, c := range map[string]struct {
		trouble sandbox.Trouble
		want    []string
	}{
		"twice":           {sandbox.Trouble{DoubleEvents: true}, []string{both[0], both[0], both[1], both[1]}},
		"the other order": {sandbox.Trouble{ReorderEvents: true}, []string{both[1], both[0]}},
		"late":            {sandbox.Trouble{HoldEvents: time.Hour}, []string{}},
	} {
		w := newWorld(t)
		w.sandbox.SetTrouble(c.trouble)
		w.paid("try-1", money.Of(125_000, "USD"))
		if diff := cmp.Diff(c.want, w.delivered()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		w.clock.Advance(time.Hour)
		if got := w.delivered(); !slices.Contains(got, both[0]) || !slices.Contains(got, both[1]) {
			t.Errorf("%s, an hour later: %v", name, got)
		}
	}
}

func TestEndpointSaysWhatItSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := stripepay.Endpoint{
		ID: "we_sandbox", URL: w.server.URL + "/webhooks/stripe", APIVersion: stripepay.APIVersion, Enabled: true, Events: stripepay.WantedEvents,
	}
	all, err := w.client.Endpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]stripepay.Endpoint{want}, all); diff != "" {
		t.Errorf("endpoints (-want +got):\n%s", diff)
	}

	w.sandbox.SetWebhookVersion("2024-06-20")
	if all, err := w.client.Endpoints(t.Context()); err != nil || all[0].APIVersion != "2024-06-20" {
		t.Errorf("of another version: %+v, %v", all, err)
	}
	w.paid("try-1", money.Of(125_000, "USD"))
	if got := w.delivered(); len(got) != 0 {
		t.Errorf("events of another version were taken: %v", got)
	}
	w.sandbox.SetWebhookVersion("")
	w.clock.Advance(time.Hour)
	if got := w.delivered(); len(got) != 2 {
		t.Errorf("once the version is right: %v", got)
	}
	w.sandbox.SetWebhookURL("")
	if all, err := w.client.Endpoints(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("without an address: %+v, %v", all, err)
	}
}
