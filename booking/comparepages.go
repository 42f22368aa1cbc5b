package booking

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// pages goes through one stage of a run, page by page: each is compared, and
// kept with where it ends, before the next is asked for.
type pages struct {
	s     *Service
	run   *Comparison
	found *findings
}

// findings are what a page brought. Several bookings are compared at the same
// time.
type findings struct {
	mu          sync.Mutex
	differences []Difference
	payments    int
	money       []MoneySum
	failed      []error
}

func (f *findings) add(d Difference) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.differences = append(f.differences, d)
}

func (f *findings) addPayments(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.payments += n
}

func (f *findings) addMoney(t Totals) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.money = addMoney(f.money, sumOf(t))
}

// unsure notes that something could not be compared. That Stripe does not
// answer is no matter of one thing: the run waits until it does.
func (f *findings) unsure(d Difference, err error) error {
	if errors.Is(err, stripepay.ErrUnreachable) || errors.Is(err, store.ErrUnavailable) || errors.Is(err, context.Canceled) {
		return err
	}
	d.Kind, d.Mended = DiffUnsure, false
	f.mu.Lock()
	defer f.mu.Unlock()
	f.differences = append(f.differences, d)
	f.failed = append(f.failed, fmt.Errorf("comparing %s of booking %s with Stripe: %w", d.Object, d.BookingID, err))
	return nil
}

func (p *pages) runStage(ctx context.Context) error {
	p.found = &findings{}
	span := stripepay.Span{From: p.run.Since, To: p.run.Until, After: p.run.Cursor}
	pay := p.s.pay
	switch p.run.Stage {
	case StageEndpoint:
		return p.endpoint(ctx)
	case StageCheckouts:
		return pay.EachCheckout(ctx, span, func(page []stripepay.Checkout) error { return p.checkouts(ctx, page) })
	case StageIntents:
		return pay.EachIntent(ctx, span, func(page []stripepay.PaymentIntent) error { return p.intents(ctx, page) })
	case StageRefunds:
		return pay.EachRefund(ctx, span, func(page []stripepay.Refund) error { return p.refunds(ctx, page) })
	case StageDisputes:
		return pay.EachDispute(ctx, span, func(page []stripepay.Dispute) error { return p.disputes(ctx, page) })
	case StageEvents:
		return pay.EachUndelivered(ctx, span, func(page []stripepay.Event) error { return p.events(ctx, page) })
	case StageBookings:
		return p.bookings(ctx)
	}
	return fmt.Errorf("comparison %s: there is no stage %q", p.run.ID, p.run.Stage)
}

// keep saves what a page brought and where it ends.
func (p *pages) keep(ctx context.Context, size int, cursor string) error {
	found := p.found
	p.found = &findings{}
	// What one thing failed with is told by the pass, and does not end the run.
	for _, err := range found.failed {
		p.s.unsaid.add(err)
	}
	return p.s.changeRun(ctx, p.run.ID, func(c *Comparison, _ time.Time) {
		for _, d := range found.differences {
			c.add(d)
		}
		c.count(p.run.Stage, size)
		c.Payments += found.payments
		for _, sum := range found.money {
			c.Money = addMoney(c.Money, sum)
		}
		c.Cursor = cursor
	})
}

// ofBooking is what a page has about one booking.
type ofBooking[O any] struct {
	id      string
	objects []O
}

// byBooking sorts a page by the bookings that it names, in the order in which
// they come. What names none is of somebody else in the same account.
func byBooking[O any](page []O, booking func(O) string) []ofBooking[O] {
	var groups []ofBooking[O]
	place := map[string]int{}
	for _, object := range page {
		id := booking(object)
		if id == "" {
			continue
		}
		i, known := place[id]
		if !known {
			i = len(groups)
			place[id] = i
			groups = append(groups, ofBooking[O]{id: id})
		}
		groups[i].objects = append(groups[i].objects, object)
	}
	return groups
}

// eachBooking compares what a page has with the bookings that it names, several
// at the same time. The booking is nil if it is not here.
func eachBooking[O any](
	ctx context.Context, p *pages, page []O, booking func(O) string,
	compare func(ctx context.Context, id string, b *Booking, objects []O) error,
) error {
	return severally(byBooking(page, booking), p.s.atOnce, func(group ofBooking[O]) error {
		b, err := p.s.bookings.Get(ctx, group.id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return compare(ctx, group.id, b, group.objects)
	})
}

func (p *pages) endpoint(ctx context.Context) error {
	state, err := p.s.CheckEndpoint(ctx)
	if errors.Is(err, stripepay.ErrUnreachable) {
		return err
	}
	// A key without the right to list endpoints does not keep the books from
	// being compared: the state tells it.
	err = p.s.changeRun(ctx, p.run.ID, func(c *Comparison, _ time.Time) { c.Endpoint = state })
	if err != nil {
		return err
	}
	return p.s.forgetWrongVersion(ctx, state)
}
