package stripepay_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
)

const (
	askOnceCard   = "4000 0025 0000 3155"
	failLaterCard = "4000 0000 0000 0341"
	disputedCard  = "4000 0000 0000 0259"
	inquiryCard   = "4000 0000 0000 1976"
	refundsFail   = "4000 0000 0000 5126"
	refundsPend   = "4000 0000 0000 7726"
)

func (w *world) customer() string {
	w.t.Helper()
	made, err := w.client.CreateCustomer(w.t.Context(), stripepay.CustomerParams{Key: "customer", Email: "ana@example.org", BookingID: "bk_1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return made.ID
}

// typeCard sends the card form and says yes to the bank if it asks.
func (w *world) typeCard(page, number string) (status int, body string) {
	w.t.Helper()
	status, location, body := w.post(page, cardForm(number))
	if strings.HasSuffix(location, "/authenticate") {
		status, _, body = w.post(w.server.URL+location, map[string][]string{"answer": {"complete"}})
	}
	return status, body
}

// saved pays a deposit with a card and keeps it.
func (w *world) saved(number string) stripepay.Checkout {
	w.t.Helper()
	p := w.checkoutParams("deposit", money.Of(50_000, "USD"))
	p.CustomerID, p.SaveCard = w.customer(), true
	made := w.create(p)
	w.typeCard(made.URL, number)
	return w.checkout(made.ID)
}

// balance are the parameters of a charge of the card that paid.
func balance(of stripepay.Checkout, key string) stripepay.ChargeParams {
	p := balanceParams(key)
	p.CustomerID, p.PaymentMethodID = of.CustomerID, of.PaymentMethodID
	return p
}

// What a card does on the page, saved with the deposit or by itself, and what
// it does later while the payer is away.
func TestSavedCardsLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, number string
		state        stripepay.IntentState
		code, reason string
		advice       stripepay.Advice
	}{
		{"pays", goodCard, stripepay.IntentSucceeded, "", "", ""},
		{"asks once", askOnceCard, stripepay.IntentSucceeded, "", "", ""},
		{"asks always", challengeCard, stripepay.IntentNeedsCard, "authentication_required", "authentication_required", stripepay.AskPayer},
		{"fails later", failLaterCard, stripepay.IntentNeedsCard, "card_declined", "generic_decline", stripepay.TryAgain},
	} {
		for _, setup := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				p := w.checkoutParams("try-1", money.Of(50_000, "USD"))
				p.CustomerID, p.SaveCard, p.Setup = w.customer(), !setup, setup
				made := w.create(p)
				w.typeCard(made.URL, c.number)
				kept := w.checkout(made.ID)
				if kept.State != stripepay.CheckoutComplete || kept.Setup != setup || kept.Paid == setup || kept.PaymentMethodID == "" || kept.Card.ExpYear != 2034 {
					t.Fatalf("after saving: %+v", kept)
				}
				w.restart()
				w.clock.Advance(30 * 24 * time.Hour)
				got, err := w.client.ChargeCard(t.Context(), balance(kept, "try-2"))
				if err != nil {
					t.Fatal(err)
				}
				if got.State != c.state || got.Code != c.code || got.DeclineCode != c.reason || got.TryID != "t2" || got.PaymentMethodID != kept.PaymentMethodID || got.Card != kept.Card {
					t.Errorf("later: %+v", got)
				}
				if c.advice != "" && stripepay.CardAdvice(got.Code, got.DeclineCode) != c.advice {
					t.Errorf("the advice is %s, want %s", stripepay.CardAdvice(got.Code, got.DeclineCode), c.advice)
				}
				found, err := w.client.PaymentIntent(t.Context(), got.ID)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(got, found); diff != "" {
					t.Errorf("asked for again (-first +again):\n%s", diff)
				}
			})
		}
	}
}

func TestPageThatOnlySavesACard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.checkoutParams("try-1", money.Amount{})
	p.CustomerID, p.Setup = w.customer(), true
	made := w.create(p)
	if _, _, page := w.send(http.MethodGet, made.URL, nil); !strings.Contains(page, "Save this card") || !strings.Contains(page, "Nothing is paid now") {
		t.Errorf("the page does not say what it is for: %s", page)
	}
	for _, refused := range []string{declinedCard, emptyCard} {
		if status, page := w.typeCard(made.URL, refused); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Not saved.") {
			t.Errorf("a card that is refused answers %d: %s", status, page)
		}
	}
	_, location, _ := w.post(made.URL, cardForm(challengeCard))
	w.post(w.server.URL+location, map[string][]string{"answer": {"fail"}})
	if open := w.checkout(made.ID); open.State != stripepay.CheckoutOpen || open.PaymentMethodID != "" {
		t.Errorf("before a card is saved: %+v", open)
	}
	if status, _ := w.typeCard(made.URL, goodCard); status != http.StatusSeeOther {
		t.Errorf("a good card answers %d", status)
	}
	want := stripepay.Checkout{
		ID: made.ID, State: stripepay.CheckoutComplete, Setup: true, BookingID: "bk_1", ChargeID: "deposit", TryID: "t1",
		CustomerID: p.CustomerID, Card: stripepay.Card{Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2034},
		CreatedAt: w.clock.Now(), ExpiresAt: w.clock.Now().Add(31 * time.Minute),
	}
	got := w.checkout(made.ID)
	want.PaymentMethodID = got.PaymentMethodID
	if diff := cmp.Diff(want, got); diff != "" || got.PaymentMethodID == "" {
		t.Errorf("a saved card (-want +got):\n%s", diff)
	}
	if received, _ := w.sandbox.Totals(); len(received) != 0 {
		t.Errorf("saving a card took %v", received)
	}
	if _, _, page := w.send(http.MethodGet, made.URL, nil); !strings.Contains(page, "This card is already saved") {
		t.Errorf("the page again: %s", page)
	}
	if events := w.delivered(); !slices.Contains(events, stripepay.EventCheckoutCompleted) {
		t.Errorf("no event about the card among %v", events)
	}
}

func TestPageThatOnlySavesACardEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.checkoutParams("try-1", money.Amount{})
	p.CustomerID, p.Setup = w.customer(), true
	made := w.create(p)
	ended, err := w.client.ExpireCheckout(t.Context(), made.ID)
	if err != nil || ended.State != stripepay.CheckoutExpired || !ended.Setup {
		t.Errorf("ended: %+v, %v", ended, err)
	}
	if status, _ := w.typeCard(made.URL, goodCard); status != http.StatusGone {
		t.Errorf("afterwards a card answers %d", status)
	}
}

// Whatever a charge was answered, its key gives the same answer again, and only
// one charge was made.
func TestOneKeyChargesOnce(t *testing.T) {
	t.Parallel()
	for _, number := range []string{goodCard, failLaterCard} {
		w := newWorld(t)
		kept := w.saved(number)
		since := w.clock.Now()
		first, err := w.client.ChargeCard(t.Context(), balance(kept, "try-2"))
		if err != nil {
			t.Fatal(err)
		}
		w.restart()
		again, err := w.client.ChargeCard(t.Context(), balance(kept, "try-2"))
		if diff := cmp.Diff(first, again); err != nil || diff != "" {
			t.Errorf("%s, the same key (-first +again): %v\n%s", number, err, diff)
		}
		w.clock.Advance(time.Second)
		second, err := w.client.ChargeCard(t.Context(), balance(kept, "try-3"))
		if err != nil || second.ID == first.ID {
			t.Errorf("%s, another key: %+v, %v", number, second, err)
		}
		made, err := w.client.IntentsOf(t.Context(), kept.CustomerID, since)
		if err != nil || len(made) != 3 || made[0].ID != second.ID || made[1].ID != first.ID || made[2].ID != kept.PaymentIntentID {
			t.Errorf("%s: the customer's payments are %+v, %v; want the two charges and the deposit", number, made, err)
		}
		if late, err := w.client.IntentsOf(t.Context(), kept.CustomerID, w.clock.Now()); err != nil || len(late) != 1 {
			t.Errorf("since the last second: %+v, %v", late, err)
		}
		p := balance(kept, "try-2")
		p.Amount = money.Of(75_001, "USD")
		if _, err := w.client.ChargeCard(t.Context(), p); !errors.Is(err, stripepay.ErrKeyReused) {
			t.Errorf("%s, the key with another amount: %v", number, err)
		}
	}
}

func TestChargesThatStripeRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kept := w.saved(goodCard)
	once := w.paid("try-9", money.Of(50_000, "USD")) // its card was not saved
	for name, c := range map[string]struct {
		change func(*stripepay.ChargeParams)
		want   error
	}{
		"unknown card":         {func(p *stripepay.ChargeParams) { p.PaymentMethodID = "pm_none" }, stripepay.ErrNotFound},
		"unknown customer":     {func(p *stripepay.ChargeParams) { p.CustomerID = "cus_none" }, stripepay.ErrNotFound},
		"card of nobody":       {func(p *stripepay.ChargeParams) { p.PaymentMethodID = once.PaymentMethodID }, stripepay.ErrRefused},
		"below the least":      {func(p *stripepay.ChargeParams) { p.Amount.Minor = 49 }, stripepay.ErrAmount},
		"above the most":       {func(p *stripepay.ChargeParams) { p.Amount.Minor = 100_000_000 }, stripepay.ErrAmount},
		"statement of digits":  {func(p *stripepay.ChargeParams) { p.StatementSuffix = "2041" }, stripepay.ErrRefused},
		"currency that is not": {func(p *stripepay.ChargeParams) { p.Amount.Currency = "ABC" }, stripepay.ErrAmount},
	} {
		p := balance(kept, "key")
		c.change(&p)
		if _, err := w.client.ChargeCard(t.Context(), p); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if received, _ := w.sandbox.Totals(); received["USD"] != 100_000 {
		t.Errorf("took %v, want the two deposits", received)
	}
}

// [D15]: a card may decline today and pay tomorrow, or be lost.
func TestSavedCardChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kept := w.saved(goodCard)
	for i, step := range []struct {
		like, reason string
	}{{emptyCard, "insufficient_funds"}, {goodCard, ""}, {"4000 0000 0000 9987", "lost_card"}} {
		if err := w.sandbox.SetCard(kept.PaymentMethodID, strings.ReplaceAll(step.like, " ", "")); err != nil {
			t.Fatal(err)
		}
		got, err := w.client.ChargeCard(t.Context(), balance(kept, "step-"+string(rune('a'+i))))
		if err != nil || got.DeclineCode != step.reason || (got.State == stripepay.IntentSucceeded) != (step.reason == "") {
			t.Errorf("like %s: %+v, %v", step.like, got, err)
		}
	}
	if err := w.sandbox.SetCard(kept.PaymentMethodID, "4111111111111111"); err == nil {
		t.Error("a number that is no test card was taken")
	}
	w.clock.Advance(8 * 365 * 24 * time.Hour)
	if err := w.sandbox.SetCard(kept.PaymentMethodID, "4242424242424242"); err != nil {
		t.Fatal(err)
	}
	if got, err := w.client.ChargeCard(t.Context(), balance(kept, "much later")); err != nil || got.Code != "expired_card" {
		t.Errorf("after the card's last month: %+v, %v", got, err)
	}
}

// An answer that never came leaves the money unknown. The same key finds out,
// and so does the list of the customer's payments.
func TestLostAnswerToACharge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cards := sandboxInBubble(t)
		client := clientOver(inProcess{cards.Handler()})
		customer, err := client.CreateCustomer(t.Context(), stripepay.CustomerParams{Key: "c"})
		if err != nil {
			t.Fatal(err)
		}
		p := bubbleParams("setup")
		p.CustomerID, p.Setup = customer.ID, true
		made, err := client.CreateCheckout(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		form := strings.NewReader(cardForm(goodCard).Encode())
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, made.URL, form)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if _, err := (inProcess{cards.Handler()}).RoundTrip(r); err != nil {
			t.Fatal(err)
		}
		kept, err := client.Checkout(t.Context(), made.ID)
		if err != nil {
			t.Fatal(err)
		}
		charge := balance(kept, "try-1")
		began := time.Now()
		// After no answer, the library asks three times by itself.
		for _, c := range []struct {
			what    string
			trouble sandbox.Trouble
			made    int
		}{
			{"500", sandbox.Trouble{APIErrors: 1}, 0},
			{"429", sandbox.Trouble{RateLimits: 1}, 0},
			{"no answer", sandbox.Trouble{Timeouts: 3}, 0},
			{"late answer", sandbox.Trouble{LateAnswers: 3}, 1},
		} {
			cards.SetTrouble(c.trouble)
			if _, err := client.ChargeCard(t.Context(), charge); !errors.Is(err, stripepay.ErrUnreachable) {
				t.Errorf("%s: %v, want unreachable", c.what, err)
			}
			all, err := client.IntentsOf(t.Context(), customer.ID, began)
			if err != nil || len(all) != c.made {
				t.Errorf("%s: %d payments, %v; want %d", c.what, len(all), err, c.made)
			}
		}
		got, err := client.ChargeCard(t.Context(), charge)
		if err != nil || got.State != stripepay.IntentSucceeded {
			t.Fatalf("asked again: %+v, %v", got, err)
		}
		if received, _ := cards.Totals(); received["USD"] != charge.Amount.Minor {
			t.Errorf("took %v, want it once", received)
		}
	})
}
