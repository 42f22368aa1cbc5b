package stripepay_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
)

func TestSameKeySameAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.checkoutParams("try-1", money.Of(125_000, "USD"))
	first := w.create(p)
	if diff := cmp.Diff(first, w.create(p)); diff != "" {
		t.Errorf("the same request again (-first +second):\n%s", diff)
	}
	// The kept answer is that of its time, even after a restart.
	w.post(first.URL, cardForm(goodCard))
	w.restart()
	if diff := cmp.Diff(first, w.create(p)); diff != "" {
		t.Errorf("after paying and a restart (-first +third):\n%s", diff)
	}
	p.Amount = money.Of(125_001, "USD")
	if _, err := w.client.CreateCheckout(t.Context(), p); !errors.Is(err, stripepay.ErrKeyReused) {
		t.Errorf("the key with another amount: %v", err)
	}
	if _, err := w.client.CreateCustomer(t.Context(), stripepay.CustomerParams{Key: "try-1"}); !errors.Is(err, stripepay.ErrKeyReused) {
		t.Errorf("the key for another request: %v", err)
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	open := w.create(w.checkoutParams("try-1", money.Of(125_000, "USD")))
	paid := w.paid("try-2", money.Of(125_000, "USD"))
	refund, err := w.refund("refund-1", paid, money.Of(25_000, "USD"))
	if err != nil {
		t.Fatal(err)
	}

	w.restart()
	if diff := cmp.Diff(paid, w.checkout(paid.ID)); diff != "" {
		t.Errorf("the paid checkout (-before +after):\n%s", diff)
	}
	if found, err := w.client.Refund(t.Context(), refund.ID); err != nil || found != refund {
		t.Errorf("the refund is %+v, %v", found, err)
	}
	if events := w.delivered(); len(events) == 0 {
		t.Error("the events of the time before were lost")
	}
	if _, err := w.refund("refund-2", paid, money.Of(100_001, "USD")); !errors.Is(err, stripepay.ErrRefundTooLarge) {
		t.Errorf("more than is left: %v", err)
	}
	if status, _, _ := w.post(open.URL, cardForm(goodCard)); status != http.StatusSeeOther {
		t.Errorf("paying on the old page answers %d", status)
	}
}

// A server error before anything was done: the library leaves a POST alone, we
// say "later", and the same key then does it once.
func TestServerErrorThenAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stripe := inProcess{sandboxInBubble(t).Handler()}
		failures := 1
		client := clientOver(transportFunc(func(r *http.Request) (*http.Response, error) {
			if failures > 0 {
				failures--
				return answering(http.StatusInternalServerError, `{"error":{"type":"api_error","message":"An unknown error occurred"}}`), nil
			}
			return stripe.RoundTrip(r)
		}))
		_, err := client.CreateCheckout(t.Context(), bubbleParams("try-1"))
		if !errors.Is(err, stripepay.ErrUnreachable) || fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("got %v, want unavailable", err)
		}
		made, err := client.CreateCheckout(t.Context(), bubbleParams("try-1"))
		if err != nil {
			t.Fatal(err)
		}
		// A GET is repeated by the library itself.
		failures = 2
		if found, err := client.Checkout(t.Context(), made.ID); err != nil || found.ID != made.ID {
			t.Errorf("asked in spite of two failures: %+v, %v", found, err)
		}
	})
}

// The request was carried out and its answer lost: the repetition carries the
// same key, so that there is one checkout.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stripe := inProcess{sandboxInBubble(t).Handler()}
		var answers []string
		client := clientOver(transportFunc(func(r *http.Request) (*http.Response, error) {
			response, err := stripe.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			body, _ := io.ReadAll(response.Body)
			answers = append(answers, string(body))
			if len(answers) == 1 {
				return nil, io.ErrUnexpectedEOF
			}
			response.Body = io.NopCloser(bytes.NewReader(body))
			return response, nil
		}))
		if _, err := client.CreateCheckout(t.Context(), bubbleParams("try-1")); err != nil {
			t.Fatal(err)
		}
		if len(answers) != 2 || answers[0] != answers[1] {
			t.Errorf("Stripe answered %d times: %v", len(answers), answers)
		}
	})
}

func TestFailuresAndTheirKinds(t *testing.T) {
	t.Parallel()
	const personal = "ana@example.org"
	errorOf := func(fields string) string {
		return `{"error":{` + fields + `,"message":"about ` + personal + `","payment_intent":{"id":"pi_1","client_secret":"pi_1_secret_x"}}}`
	}
	cases := []struct {
		name   string
		status int
		body   string
		want   *fault.Error
	}{
		{"wrong key", 401, errorOf(`"type":"invalid_request_error"`), stripepay.ErrUnreachable},
		{"withdrawn right", 403, errorOf(`"type":"invalid_request_error"`), stripepay.ErrUnreachable},
		{"declined", 402, errorOf(`"type":"card_error","code":"card_declined","decline_code":"lost_card"`), stripepay.ErrDeclined},
		{"key in use", 409, errorOf(`"type":"idempotency_error","code":"idempotency_key_in_use"`), stripepay.ErrUnreachable},
		{"key reused", 400, errorOf(`"type":"idempotency_error"`), stripepay.ErrKeyReused},
		{"too many requests", 429, errorOf(`"type":"invalid_request_error","code":"rate_limit"`), stripepay.ErrUnreachable},
		{"refused", 400, errorOf(`"type":"invalid_request_error","param":"expires_at"`), stripepay.ErrRefused},
		{"unknown", 404, errorOf(`"type":"invalid_request_error","code":"resource_missing"`), stripepay.ErrNotFound},
		{"broken at Stripe", 500, errorOf(`"type":"api_error"`), stripepay.ErrUnreachable},
		{"a proxy's page", 502, "<html>" + personal, stripepay.ErrUnreachable},
		{"another service", 200, "<html>" + personal, stripepay.ErrUnreachable},
		{"another service's document", 400, `{"detail":"` + personal + `"}`, stripepay.ErrUnreachable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := clientOver(transportFunc(func(*http.Request) (*http.Response, error) { return answering(c.status, c.body), nil }))
				_, err := client.CreateCheckout(t.Context(), bubbleParams("try-1"))
				if !errors.Is(err, c.want) || fault.KindOf(err) != c.want.Kind || fault.TextOf(err) != c.want.Text {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if text := err.Error(); strings.Contains(text, personal) || strings.Contains(text, "secret") {
					t.Errorf("the error tells too much: %s", text)
				}
				if code, reason := stripepay.Code(err); c.name == "declined" && (code != "card_declined" || reason != "lost_card") {
					t.Errorf("codes %q and %q", code, reason)
				}
			})
		})
	}
}

func TestNoAnswerAtAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := clientOver(transportFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		began := time.Now()
		_, err := client.Checkout(t.Context(), "cs_test_personal")
		if !errors.Is(err, stripepay.ErrUnreachable) || strings.Contains(err.Error(), "cs_test_personal") {
			t.Errorf("got %v, want unreachable without the address", err)
		}
		if waited := time.Since(began); waited > 2*time.Minute {
			t.Errorf("waited %s", waited)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if _, err := client.Checkout(ctx, "cs_test_1"); !errors.Is(err, context.DeadlineExceeded) || fault.KindOf(err) != fault.Unavailable {
			t.Errorf("got %v, want the caller's deadline as the cause", err)
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("waited %s beyond the caller's deadline", waited)
		}
	})
}

func TestClientsOfTwoAccountsInOneProcess(t *testing.T) {
	t.Parallel()
	first, second := newWorld(t), newWorld(t)
	made := first.create(first.checkoutParams("try-1", money.Of(125_000, "USD")))
	if _, err := second.client.Checkout(t.Context(), made.ID); !errors.Is(err, stripepay.ErrNotFound) {
		t.Errorf("the other account: %v", err)
	}
	stranger := stripepay.New(stripepay.Config{SecretKey: "sk_test_other", APIURL: first.server.URL + "/sandbox"})
	if _, err := stranger.Checkout(t.Context(), made.ID); !errors.Is(err, stripepay.ErrUnreachable) {
		t.Errorf("another key: %v", err)
	}
}
