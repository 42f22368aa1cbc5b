package stripepay_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
)

func TestCoupleSeesAndPaysAHostedPage(t *testing.T) {
	t.Parallel()
	// 2.9 % and 30 minor units, in the currency of the payment.
	fees := map[string]int64{"USD": 3_655, "JPY": 2_872, "KWD": 66}
	for _, amount := range []money.Amount{money.Of(125_000, "USD"), money.Of(98_000, "JPY"), money.Of(1_250, "KWD")} {
		t.Run(amount.Currency, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			made := w.create(w.checkoutParams("try-1", amount))
			want := stripepay.Checkout{
				ID: made.ID, URL: w.server.URL + "/sandbox/pay/" + made.ID, State: stripepay.CheckoutOpen,
				Amount: amount, BookingID: "bk_1", ChargeID: "deposit", TryID: "t1",
				CreatedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(31 * time.Minute),
			}
			if diff := cmp.Diff(want, made); diff != "" {
				t.Fatalf("a new checkout (-want +got):\n%s", diff)
			}
			if _, _, page := w.send(http.MethodGet, made.URL, nil); !strings.Contains(page, amount.String()) || !strings.Contains(page, "Reservation LN-2041") {
				t.Errorf("the page does not say what is paid: %s", page)
			}

			w.clock.Advance(5 * time.Minute)
			status, location, _ := w.post(made.URL, cardForm(goodCard))
			if wantURL := w.server.URL + "/b/bk_1?paid=" + made.ID; status != http.StatusSeeOther || location != wantURL {
				t.Errorf("after paying: %d to %q, want 303 to %q", status, location, wantURL)
			}
			got := w.checkout(made.ID)
			want.URL, want.State, want.Paid, want.PaidAt = "", stripepay.CheckoutComplete, true, w.clock.Now()
			want.PaymentIntentID, want.IntentState = got.PaymentIntentID, stripepay.IntentSucceeded
			want.PaymentMethodID, want.ChargedID = got.PaymentMethodID, got.ChargedID
			want.Fee = money.Of(fees[amount.Currency], amount.Currency)
			want.Card = stripepay.Card{Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2034}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("a paid checkout (-want +got):\n%s", diff)
			}
			intent, err := w.client.PaymentIntent(t.Context(), got.PaymentIntentID)
			if err != nil {
				t.Fatal(err)
			}
			if intent.Received != amount || intent.BookingID != "bk_1" || intent.ChargeID != "deposit" || intent.TryID != "t1" || !intent.PaidAt.Equal(w.clock.Now()) {
				t.Errorf("the payment intent is %+v", intent)
			}
			events := w.delivered()
			for _, kind := range []string{stripepay.EventPaymentSucceeded, stripepay.EventCheckoutCompleted} {
				if !slices.Contains(events, kind) {
					t.Errorf("no event %s among %v", kind, events)
				}
			}
		})
	}
}

func TestSavedCardBelongsToACustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.checkoutParams("try-1", money.Of(50_000, "EUR"))
	p.SaveCard = true
	made := w.create(p)
	if made.CustomerID != "" {
		t.Errorf("customer %q before anything was paid", made.CustomerID)
	}
	w.post(made.URL, cardForm(goodCard))
	first := w.checkout(made.ID)
	intent, err := w.client.PaymentIntent(t.Context(), first.PaymentIntentID)
	if err != nil {
		t.Fatal(err)
	}
	if first.CustomerID == "" || intent.CustomerID != first.CustomerID || intent.PaymentMethodID == "" {
		t.Errorf("checkout %+v, intent %+v: want one customer and a card", first, intent)
	}

	p = w.checkoutParams("try-2", money.Of(70_000, "EUR"))
	p.SaveCard, p.CustomerID = true, first.CustomerID
	if again := w.create(p); again.CustomerID != first.CustomerID {
		t.Errorf("a later checkout is for customer %q, want %q", again.CustomerID, first.CustomerID)
	}
}

func TestCustomerMadeBeforehand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := stripepay.CustomerParams{Key: "customer-1", Email: "ana@example.org", Name: "Ana Ruiz", BookingID: "bk_1"}
	customer, err := w.client.CreateCustomer(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := stripepay.Customer{
		ID: customer.ID, Email: "ana@example.org", Name: "Ana Ruiz", BookingID: "bk_1", CreatedAt: w.clock.Now(),
	}
	if diff := cmp.Diff(want, customer); diff != "" {
		t.Errorf("a new customer (-want +got):\n%s", diff)
	}
	if again, err := w.client.CreateCustomer(t.Context(), p); err != nil || again != customer {
		t.Errorf("the same key gives customer %+v (%v), want %+v", again, err, customer)
	}
	checkout := w.checkoutParams("try-1", money.Of(50_000, "EUR"))
	checkout.CustomerID = customer.ID
	if made := w.create(checkout); made.CustomerID != customer.ID {
		t.Errorf("the checkout's customer is %q, want %q", made.CustomerID, customer.ID)
	}
	p.Key, p.Email = "customer-2", "nobody"
	_, err = w.client.CreateCustomer(t.Context(), p)
	if code, _ := stripepay.Code(err); !errors.Is(err, stripepay.ErrRefused) || code != "email_invalid" {
		t.Errorf("a broken address gives %v", err)
	}
}

func TestDeclinedCardThenAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.create(w.checkoutParams("try-1", money.Of(125_000, "USD")))

	status, _, page := w.post(made.URL, cardForm(emptyCard))
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "insufficient funds") {
		t.Errorf("a declined card answers %d: %s", status, page)
	}
	open := w.checkout(made.ID)
	if open.Paid || open.State != stripepay.CheckoutOpen || open.IntentState != stripepay.IntentNeedsCard || !open.PaidAt.IsZero() {
		t.Errorf("after a decline: %+v", open)
	}
	intent, err := w.client.PaymentIntent(t.Context(), open.PaymentIntentID)
	if err != nil {
		t.Fatal(err)
	}
	if intent.Code != "card_declined" || intent.DeclineCode != "insufficient_funds" || intent.Received.Minor != 0 {
		t.Errorf("the declined intent is %+v", intent)
	}

	w.post(made.URL, cardForm(goodCard))
	paid := w.checkout(made.ID)
	if !paid.Paid || paid.PaymentIntentID != open.PaymentIntentID {
		t.Errorf("after another card: %+v, want the same intent paid", paid)
	}
	if events := w.delivered(); !slices.Contains(events, stripepay.EventPaymentFailed) {
		t.Errorf("no event about the decline among %v", events)
	}
}

func TestBankAsksThePayer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.create(w.checkoutParams("try-1", money.Of(125_000, "USD")))

	_, location, _ := w.post(made.URL, cardForm(challengeCard))
	challenge := w.server.URL + location
	if got := w.checkout(made.ID); got.Paid || got.IntentState != stripepay.IntentNeedsPayer {
		t.Fatalf("while the bank asks: %+v", got)
	}
	if status, _, page := w.send(http.MethodGet, challenge, nil); status != http.StatusOK || !strings.Contains(page, `value="complete"`) {
		t.Fatalf("the bank's page answers %d: %s", status, page)
	}

	_, location, _ = w.post(challenge, url.Values{"answer": {"fail"}})
	if _, _, page := w.send(http.MethodGet, w.server.URL+location, nil); !strings.Contains(page, "unable to authenticate") {
		t.Errorf("after failing, the page does not say why: %s", page)
	}
	if got := w.checkout(made.ID); got.Paid || got.IntentState != stripepay.IntentNeedsCard {
		t.Errorf("after failing: %+v", got)
	}

	w.post(made.URL, cardForm(challengeCard))
	if status, _, _ := w.post(challenge, url.Values{"answer": {"complete"}}); status != http.StatusSeeOther {
		t.Errorf("completing answers %d", status)
	}
	if got := w.checkout(made.ID); !got.Paid {
		t.Errorf("after completing: %+v", got)
	}
}

func TestExpireCheckout(t *testing.T) {
	t.Parallel()
	amount := money.Of(125_000, "USD")
	cases := []struct {
		name   string
		before func(w *world, made stripepay.Checkout)
		want   stripepay.CheckoutState
		paid   bool
	}{
		{"open", func(*world, stripepay.Checkout) {}, stripepay.CheckoutExpired, false},
		{"after a decline", func(w *world, made stripepay.Checkout) { w.post(made.URL, cardForm(declinedCard)) }, stripepay.CheckoutExpired, false},
		{"already paid", func(w *world, made stripepay.Checkout) { w.post(made.URL, cardForm(goodCard)) }, stripepay.CheckoutComplete, true},
		{"already over", func(w *world, _ stripepay.Checkout) { w.clock.Advance(31 * time.Minute) }, stripepay.CheckoutExpired, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			made := w.create(w.checkoutParams("try-1", amount))
			c.before(w, made)
			for range 2 {
				got, err := w.client.ExpireCheckout(t.Context(), made.ID)
				if err != nil {
					t.Fatal(err)
				}
				if got.State != c.want || got.Paid != c.paid || got.URL != "" {
					t.Errorf("got %+v, want state %s, paid %v", got, c.want, c.paid)
				}
			}
			status, _, _ := w.post(made.URL, cardForm(goodCard))
			if c.want == stripepay.CheckoutExpired && status != http.StatusGone {
				t.Errorf("paying an expired page answers %d, want 410", status)
			}
			if got := w.checkout(made.ID); got.Paid != c.paid {
				t.Errorf("afterwards paid is %v, want %v", got.Paid, c.paid)
			}
		})
	}
}

func TestCheckoutEndsByTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.create(w.checkoutParams("try-1", money.Of(125_000, "USD")))
	w.post(made.URL, cardForm(declinedCard))
	w.clock.Advance(31*time.Minute - time.Second)
	if got := w.checkout(made.ID); got.State != stripepay.CheckoutOpen {
		t.Errorf("a second before its end: %s", got.State)
	}
	w.clock.Advance(time.Second)
	events := w.delivered()
	if got := w.checkout(made.ID); got.State != stripepay.CheckoutExpired || got.IntentState != stripepay.IntentCanceled {
		t.Errorf("at its end: %+v", got)
	}
	if !slices.Contains(events, stripepay.EventCheckoutExpired) {
		t.Errorf("no event about the end among %v", events)
	}
}

func TestCheckoutThatStripeRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.checkoutParams("key", money.Of(125_000, "USD"))
	cases := []struct {
		name   string
		change func(*stripepay.CheckoutParams)
		want   error
		code   string
	}{
		{"too short a window", func(p *stripepay.CheckoutParams) { p.ExpiresAt = w.clock.Now().Add(30*time.Minute - time.Second) }, stripepay.ErrRefused, ""},
		{"too long a window", func(p *stripepay.CheckoutParams) { p.ExpiresAt = w.clock.Now().Add(24 * time.Hour) }, stripepay.ErrRefused, ""},
		{"below the least amount", func(p *stripepay.CheckoutParams) { p.Amount = money.Of(49, "USD") }, stripepay.ErrAmount, "amount_too_small"},
		{"yen below the least amount", func(p *stripepay.CheckoutParams) { p.Amount = money.Of(49, "JPY") }, stripepay.ErrAmount, "amount_too_small"},
		{"no way to success", func(p *stripepay.CheckoutParams) { p.SuccessURL = "" }, stripepay.ErrRefused, "parameter_missing"},
		{"broken address", func(p *stripepay.CheckoutParams) { p.Email = "ana" }, stripepay.ErrRefused, "email_invalid"},
		{"no name", func(p *stripepay.CheckoutParams) { p.Description = "" }, stripepay.ErrRefused, "parameter_missing"},
		{"statement of digits", func(p *stripepay.CheckoutParams) { p.StatementSuffix = "2041" }, stripepay.ErrRefused, ""},
		{"customer of another account", func(p *stripepay.CheckoutParams) { p.CustomerID = "cus_unknown" }, stripepay.ErrNotFound, "resource_missing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := good
			c.change(&p)
			_, err := w.client.CreateCheckout(t.Context(), p)
			if code, _ := stripepay.Code(err); !errors.Is(err, c.want) || code != c.code {
				t.Errorf("got %v with code %q, want %v with code %q", err, code, c.want, c.code)
			}
		})
	}
	// A refused request leaves its key free, as at Stripe.
	if _, err := w.client.CreateCheckout(t.Context(), good); err != nil {
		t.Errorf("the good request with the same key: %v", err)
	}
}

func TestCheckoutThatNeverLeavesTheHouse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, change := range map[string]func(*stripepay.CheckoutParams){
		"no key":           func(p *stripepay.CheckoutParams) { p.Key = "" },
		"a long key":       func(p *stripepay.CheckoutParams) { p.Key = strings.Repeat("k", 256) },
		"nothing to pay":   func(p *stripepay.CheckoutParams) { p.Amount.Minor = 0 },
		"negative amount":  func(p *stripepay.CheckoutParams) { p.Amount.Minor = -1 },
		"a card of nobody": func(p *stripepay.CheckoutParams) { p.Setup = true },
	} {
		p := w.checkoutParams("key", money.Of(125_000, "USD"))
		change(&p)
		_, err := w.client.CreateCheckout(t.Context(), p)
		var answer *stripepay.Error
		if err == nil || errors.As(err, &answer) {
			t.Errorf("%s: %v, want an error before any request", name, err)
		}
	}
}

func TestUnknownObjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"", "unknown", "../customers"} {
		_, checkout := w.client.Checkout(t.Context(), id)
		_, expired := w.client.ExpireCheckout(t.Context(), id)
		_, intent := w.client.PaymentIntent(t.Context(), id)
		_, refund := w.client.Refund(t.Context(), id)
		for _, err := range []error{checkout, expired, intent, refund} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("id %q: %v, want not found", id, err)
			}
		}
	}
}
