package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// TestTheProgramComparesEachNight: a refund on the dashboard whose events are
// lost is known in the morning.
func TestTheProgramComparesEachNight(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	st.payOn(st.openPage(ana))
	st.hear()
	st.tick()
	payment := st.stands(ana, retreats.Confirmed, deposit).Booking.Payments[0].ID
	st.sandbox.SetTrouble(sandbox.Trouble{LoseEvents: true})
	if err := st.sandbox.RefundAtStripe(payment, 10000); err != nil {
		t.Fatal(err)
	}
	st.tick()
	st.stands(ana, retreats.Confirmed, deposit)
	st.wait(9 * time.Hour) // 03:00
	st.tick()
	st.stands(ana, retreats.Confirmed, deposit-10000)
	run, err := st.bookings.LastComparison(t.Context())
	if err != nil || !run.HasAgreed() || run.Mended == 0 || len(run.Endpoint.Faults()) > 0 {
		t.Errorf("comparison %+v, %v", run, err)
	}
}

// TestEventsOfAnotherVersionAreTold, in the log at the start and on the console,
// and go on being refused, so that Stripe keeps them.
func TestEventsOfAnotherVersionAreTold(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	var log bytes.Buffer
	st.log = slog.New(slog.NewTextHandler(&log, nil))
	ana := st.book("ana", false)
	st.sandbox.SetWebhookVersion("2024-06-20")
	st.payOn(st.openPage(ana))
	st.hear()
	st.stands(ana, retreats.Held, 0)
	wrong, err := st.bookings.WrongVersion(t.Context())
	if err != nil || wrong.Count == 0 || wrong.Version != "2024-06-20" || !wrong.LastAt.Equal(st.time()) {
		t.Errorf("noted is %+v, %v", wrong, err)
	}
	if err := st.checkEndpoint(t.Context(), st.time()); err != nil || !strings.Contains(log.String(), "2024-06-20") || !strings.Contains(log.String(), "level=WARN") {
		t.Errorf("the log says %q, %v", log.String(), err)
	}
	st.sandbox.SetWebhookVersion("")
	st.wait(time.Minute)
	st.hear()
	st.stands(ana, retreats.Confirmed, deposit)
	st.wait(48 * time.Hour)
	st.tick()
	if wrong, err = st.bookings.WrongVersion(t.Context()); err != nil || wrong.Count != 0 {
		t.Errorf("two days after the endpoint is in order: %+v, %v", wrong, err)
	}
}

func TestComparingOnTheConsole(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana, ben := st.book("ana", false), st.book("ben", false)
	for _, id := range []string{ana, ben} {
		st.payOn(st.openPage(id))
	}
	st.hear()
	st.wait(time.Minute)
	secret := "sk_test_" + st.key.Derive("sandbox").Token("key")
	pay := stripepay.New(stripepay.Config{SecretKey: secret, APIURL: "http://" + st.settings.Addr + "/sandbox"})
	var out bytes.Buffer
	if err := compareNow(t.Context(), st.settings, pay, st.time, &out); err != nil || !strings.Contains(out.String(), "Our books and Stripe's agree.") {
		t.Errorf("got %v\n%s", err, out.String())
	}
	payment := st.stands(ana, retreats.Confirmed, deposit).Booking.Payments[0].ID
	if err := st.sandbox.RefundAtStripe(payment, deposit); err != nil {
		t.Fatal(err)
	}
	st.wait(time.Minute)
	out.Reset()
	if err := compareNow(t.Context(), st.settings, pay, st.time, &out); !errors.Is(err, errDifferences) {
		t.Errorf("with a difference: %v", err)
	}
	for _, want := range []string{"2 bookings with 2 card payments", "the couple still has its place", "nothing is left to do", ana} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing says %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "example.org") || strings.Contains(out.String(), "agree.") {
		t.Errorf("it prints\n%s", out.String())
	}
	st.hear()
}

func TestTheSandboxIsNotComparedFromOutside(t *testing.T) {
	t.Parallel()
	_, stderr, code := lantern(t, []string{"STRIPE_SECRET_KEY="}, "compare", "--data", t.TempDir())
	if code != exitSettings || !strings.Contains(stderr, "STRIPE_SECRET_KEY") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
