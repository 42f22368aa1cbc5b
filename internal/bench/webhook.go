package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"lantern/booking"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
)

const (
	webhookCouples = 64
	webhookEvents  = 1000 // in a round
)

// measureWebhook sends the running program signed events about payments of many
// couples. Each is verified, stored, and acted on: the card service is asked how
// the payment stands, and the booking is looked at. The program's own sandbox is
// that card service, so its work is in the figure.
func measureWebhook(ctx context.Context, program string, rounds int) (err error) {
	lantern, err := startLantern(ctx, program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lantern.stop()) }()
	payments, secret, err := lantern.payingCouples(ctx)
	if err != nil {
		return err
	}
	var speeds []float64
	for round := range rounds + 1 {
		requests := make([]request, webhookEvents)
		for i := range requests {
			body, err := eventOf(fmt.Sprintf("evt_%d_%d", round, i), payments[i%len(payments)])
			if err != nil {
				return err
			}
			requests[i] = request{
				method: http.MethodPost, url: lantern.url + "/webhooks/stripe", body: body, signature: sandbox.Sign(body, secret, time.Now()),
			}
		}
		r, err := rush(ctx, requests)
		if err != nil {
			return err
		}
		if r.statuses[http.StatusOK] != webhookEvents {
			return fmt.Errorf("events were answered with %v", r.statuses)
		}
		if round > 0 { // the first warms up
			speeds = append(speeds, r.perSecond)
		}
	}
	figure("webhook_events_per_s", median(speeds), "1/s")
	return nil
}

// payingCouples lets couples book and pay at the program's sandbox. It gives
// their payments, and the secret that events are signed with.
func (s *server) payingCouples(ctx context.Context) (payments []string, secret string, err error) {
	retreat, err := s.addRetreat(ctx, webhookCouples)
	if err != nil {
		return nil, "", err
	}
	cohort, err := s.addCohort(ctx, retreat)
	if err != nil {
		return nil, "", err
	}
	r, err := openRecords(ctx, s.data)
	if err != nil {
		return nil, "", err
	}
	secrets := r.key.Derive("sandbox")
	if err := r.db.Close(); err != nil {
		return nil, "", err
	}
	r, err = openRecordsWith(ctx, s.data, stripepay.New(stripepay.Config{SecretKey: "sk_test_" + secrets.Token("key"), APIURL: s.url + "/sandbox"}))
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	payments = make([]string, webhookCouples)
	var paid atomic.Int64
	err = fill(webhookCouples, func(i int) (err error) {
		payments[i], err = r.bookAndPay(ctx, cohort, s.url, i)
		paid.Add(1)
		return err
	})
	if err == nil && paid.Load() != webhookCouples {
		err = fmt.Errorf("%d of %d couples have paid", paid.Load(), webhookCouples)
	}
	return payments, "whsec_" + secrets.Token("webhook"), err
}

// bookAndPay is one couple, and waits until its payment is known.
func (r *records) bookAndPay(ctx context.Context, cohort, address string, i int) (payment string, err error) {
	a := booking.Application{AcceptPolicy: true}
	a.Partners[0] = booking.PartnerInput{Name: "Maya", Email: fmt.Sprintf("maya%d@example.org", i)}
	a.Partners[1] = booking.PartnerInput{Name: "Jon", Email: fmt.Sprintf("jon%d@example.org", i)}
	made, err := r.services.Book(ctx, cohort, a)
	if err != nil {
		return "", err
	}
	id := made.Booking.ID
	page, err := r.services.Pay(ctx, id, booking.Order{Charge: booking.DepositCharge})
	if err != nil {
		return "", err
	}
	if err := payOn(ctx, page); err != nil {
		return "", err
	}
	for range 600 {
		b, err := r.bookings.Get(ctx, id)
		if err != nil {
			return "", err
		}
		if len(b.Payments) > 0 {
			return b.Payments[0].ID, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("the payment of %s does not come", id)
}

// eventOf is what the card service says of a payment that came.
func eventOf(id, payment string) ([]byte, error) {
	return json.Marshal(map[string]any{
		"id": id, "object": "event", "type": stripepay.EventPaymentSucceeded, "api_version": stripepay.APIVersion,
		"created": time.Now().Unix(), "data": map[string]any{"object": map[string]any{"id": payment, "object": "payment_intent"}},
	})
}
