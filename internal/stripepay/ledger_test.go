package stripepay_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
)

// ledger is a sandbox to which anything happens, in any order.
type ledger struct {
	clock   *clock
	cards   *sandbox.Sandbox
	client  *stripepay.Client
	keys    int
	saved   []stripepay.Checkout
	refunds []stripepay.Refund
}

func newLedger(t *rapid.T) *ledger {
	l := &ledger{clock: &clock{now: time.Date(2027, 3, 14, 9, 0, 0, 0, time.UTC)}}
	made, err := sandbox.New(sandbox.Options{Now: l.clock.Now, BaseURL: "http://stripe.test/sandbox", Secret: secretKey})
	if err != nil {
		t.Fatal(err)
	}
	l.cards, l.client = made, clientOver(inProcess{made.Handler()})
	return l
}

func (l *ledger) key() string {
	l.keys++
	return fmt.Sprint("key-", l.keys)
}

// pay pays a deposit and saves the card.
func (l *ledger) pay(t *rapid.T) {
	p := bubbleParams(l.key())
	p.SaveCard, p.ExpiresAt = true, l.clock.Now().Add(time.Hour)
	made, err := l.client.CreateCheckout(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	number := rapid.SampledFrom([]string{goodCard, failLaterCard, disputedCard, inquiryCard, refundsFail, refundsPend}).Draw(t, "card")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, made.URL, strings.NewReader(cardForm(number).Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := (inProcess{l.cards.Handler()}).RoundTrip(r); err != nil {
		t.Fatal(err)
	}
	paid, err := l.client.Checkout(t.Context(), made.ID)
	if err != nil || !paid.Paid {
		t.Fatalf("not paid: %+v, %v", paid, err)
	}
	l.saved = append(l.saved, paid)
}

// Whatever happens, what the API says of payments, refunds and disputes adds up
// to what was taken, given back and is away, and no payment gives back more
// than was paid.
func TestLedgerAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := newLedger(t)
		l.pay(t)
		one := func() stripepay.Checkout { return rapid.SampledFrom(l.saved).Draw(t, "payment") }
		t.Repeat(map[string]func(*rapid.T){
			"pay": l.pay,
			"charge": func(t *rapid.T) {
				if _, err := l.client.ChargeCard(t.Context(), balance(one(), l.key())); err != nil {
					t.Fatal(err)
				}
			},
			"refund": func(t *rapid.T) {
				of := one()
				// Too much, all returned or disputed: refused is right, too.
				r, err := l.client.CreateRefund(t.Context(), stripepay.RefundParams{
					Key: l.key(), PaymentIntentID: of.PaymentIntentID, Amount: money.Of(rapid.Int64Range(1, 60_000).Draw(t, "amount"), "USD"),
				})
				if err == nil {
					l.refunds = append(l.refunds, r)
				}
			},
			"refund in the dashboard": func(t *rapid.T) { _ = l.cards.RefundAtStripe(one().PaymentIntentID, 0) },
			"let a refund fail": func(t *rapid.T) {
				if len(l.refunds) > 0 {
					_ = l.cards.FailRefund(rapid.SampledFrom(l.refunds).Draw(t, "refund").ID)
				}
			},
			"dispute": func(t *rapid.T) { _, _ = l.cards.OpenDispute(one().PaymentIntentID, "general") },
			"decide": func(t *rapid.T) {
				all, err := l.client.Disputes(t.Context(), one().PaymentIntentID)
				if err != nil {
					t.Fatal(err)
				}
				if len(all) > 0 {
					_ = l.cards.CloseDispute(all[0].ID, rapid.Bool().Draw(t, "won"))
				}
			},
			"time passes": func(t *rapid.T) { l.clock.Advance(40 * time.Minute) },
			"compare":     l.check,
		})
		l.check(t)
	})
}

func (l *ledger) check(t *rapid.T) {
	var received, refunded, returned, away int64
	left := map[string]int64{}
	ctx, all := t.Context(), stripepay.Span{}
	if err := l.client.EachIntent(ctx, all, func(page []stripepay.PaymentIntent) error {
		for _, p := range page {
			received, refunded = received+p.Received.Minor, refunded+p.Refunded.Minor
			left[p.ID] = p.Received.Minor - p.Refunded.Minor
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := l.client.EachRefund(ctx, all, func(page []stripepay.Refund) error {
		for _, r := range page {
			if r.State != stripepay.RefundFailed {
				returned += r.Amount.Minor
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := l.client.EachDispute(ctx, all, func(page []stripepay.Dispute) error {
		for _, d := range page {
			if d.State.Takes() {
				away += d.Amount.Minor
				left[d.PaymentIntentID] -= d.Amount.Minor
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	took, gave := l.cards.Totals()
	if took["USD"] != received || gave["USD"] != refunded || returned != refunded || l.cards.Disputed()["USD"] != away {
		t.Fatalf("the API says received %d, refunded %d (by refunds %d), away %d; the sandbox %v, %v, %v",
			received, refunded, returned, away, took, gave, l.cards.Disputed())
	}
	for id, rest := range left {
		if rest < 0 {
			t.Fatalf("payment %s gave back %d more than was paid", id, -rest)
		}
	}
}
