package stripepay_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
)

// eventPayload is an event as Stripe sends it, in a version of its API.
func eventPayload(version string) []byte {
	return fmt.Appendf(nil, `{"id":"evt_1","object":"event","type":"charge.refunded","created":1805014800,"api_version":%q,
		"data":{"object":{"id":"ch_1","object":"charge","payment_intent":"pi_1"}}}`, version)
}

func TestParseEvent(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 14, 9, 0, 0, 0, time.UTC)
	payload := eventPayload(stripepay.APIVersion)
	good := sandbox.Sign(payload, webhookSecret, now)
	_, signature, _ := strings.Cut(good, ",")

	cases := []struct {
		name    string
		payload []byte
		header  string
		want    error
	}{
		{"good", payload, good, nil},
		{"as old as may be", payload, sandbox.Sign(payload, webhookSecret, now.Add(-5*time.Minute)), nil},
		{"two signatures while the secret is changed", payload, good + "," + strings.TrimPrefix(sandbox.Sign(payload, "whsec_old", now), fmt.Sprintf("t=%d,", now.Unix())), nil},
		{"stale", payload, sandbox.Sign(payload, webhookSecret, now.Add(-5*time.Minute-time.Second)), stripepay.ErrStale},
		{"stale with a fresh time in front", payload, fmt.Sprintf("t=%d,", now.Unix()) + sandbox.Sign(payload, webhookSecret, now.Add(-time.Hour)), stripepay.ErrSignature},
		{"another secret", payload, sandbox.Sign(payload, "whsec_other", now), stripepay.ErrSignature},
		{"changed on its way", append([]byte(" "), payload...), good, stripepay.ErrSignature},
		{"another time", payload, fmt.Sprintf("t=%d,%s", now.Add(time.Second).Unix(), signature), stripepay.ErrSignature},
		{"no header", payload, "", stripepay.ErrSignature},
		{"header of noise", payload, "v1=zz,t=,=", stripepay.ErrSignature},
		{"another version", eventPayload("2024-06-20"), sandbox.Sign(eventPayload("2024-06-20"), webhookSecret, now), stripepay.ErrAPIVersion},
	}
	client := stripepay.New(stripepay.Config{WebhookSecret: webhookSecret, Now: func() time.Time { return now }})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := client.ParseEvent(c.payload, c.header)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			want := stripepay.Event{}
			switch {
			case c.want == nil:
				want = stripepay.Event{
					ID: "evt_1", Type: stripepay.EventChargeRefunded, CreatedAt: time.Unix(1805014800, 0).UTC(), APIVersion: stripepay.APIVersion,
					ObjectID: "ch_1", ObjectKind: "charge", PaymentIntentID: "pi_1",
				}
			case errors.Is(c.want, stripepay.ErrAPIVersion):
				want = stripepay.Event{ID: "evt_1", Type: stripepay.EventChargeRefunded, CreatedAt: time.Unix(1805014800, 0).UTC(), APIVersion: "2024-06-20"}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

// A repeated event is the same event, signed anew, so that it is not too old.
func TestEventComesAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.busy = 1
	w.paid("try-1", money.Of(125_000, "USD"))
	if diff := cmp.Diff([]string{stripepay.EventCheckoutCompleted}, w.delivered()); diff != "" {
		t.Errorf("taken while one was refused (-want +got):\n%s", diff)
	}
	w.clock.Advance(time.Hour)
	if diff := cmp.Diff([]string{stripepay.EventCheckoutCompleted, stripepay.EventPaymentSucceeded}, w.delivered()); diff != "" {
		t.Errorf("taken an hour later (-want +got):\n%s", diff)
	}
	if late := w.events[1]; !late.CreatedAt.Equal(w.clock.Now().Add(-time.Hour)) || late.ObjectKind != "payment_intent" {
		t.Errorf("the late event is %+v", late)
	}
}

func TestWithoutAClockTheSystemsCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := stripepay.New(stripepay.Config{WebhookSecret: webhookSecret})
		payload := eventPayload(stripepay.APIVersion)
		header := sandbox.Sign(payload, webhookSecret, time.Now())
		time.Sleep(5 * time.Minute)
		if _, err := client.ParseEvent(payload, header); err != nil {
			t.Errorf("as old as may be: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := client.ParseEvent(payload, header); !errors.Is(err, stripepay.ErrStale) {
			t.Errorf("older: %v", err)
		}
	})
}

func TestNoEventIsTakenWithoutASecret(t *testing.T) {
	t.Parallel()
	client := stripepay.New(stripepay.Config{Now: time.Now})
	payload := eventPayload(stripepay.APIVersion)
	if _, err := client.ParseEvent(payload, sandbox.Sign(payload, "", time.Now())); !errors.Is(err, stripepay.ErrSignature) {
		t.Errorf("signed with the empty secret: %v", err)
	}
}

func TestSignedNoise(t *testing.T) {
	t.Parallel()
	client := stripepay.New(stripepay.Config{WebhookSecret: webhookSecret, Now: time.Now})
	for _, payload := range []string{"", "{", "null", "[]", `{"id":"evt_1"}`, `{"id":"evt_1","data":{"object":7}}`} {
		_, err := client.ParseEvent([]byte(payload), sandbox.Sign([]byte(payload), webhookSecret, time.Now()))
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v, want invalid", payload, err)
		}
	}
}

func TestTheTwoSidesSpeakOneVersion(t *testing.T) {
	t.Parallel()
	if stripepay.APIVersion != sandbox.APIVersion {
		t.Errorf("the client speaks %s, the sandbox %s", stripepay.APIVersion, sandbox.APIVersion)
	}
}
