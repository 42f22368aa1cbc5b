package booking

import (
	"context"
	"errors"

	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// What Stripe has, compared with our books. Each thing that we have not heard is
// taken in by asking for its present state, as the webhook does: what a page
// says may be older than what has come since.

func (p *pages) checkouts(ctx context.Context, page []stripepay.Checkout) error {
	err := eachBooking(ctx, p, page, func(c stripepay.Checkout) string { return c.BookingID },
		func(ctx context.Context, id string, b *Booking, pages []stripepay.Checkout) error {
			if b == nil {
				return nil // its money, if there is any, comes with its payment intent
			}
			for _, page := range pages {
				d, misses := b.missesPage(page)
				if !misses || p.isForeign(b, d) {
					continue
				}
				if err := p.mend(ctx, d, func() error { return p.s.sync(ctx, page.ID) }, func(b *Booking) bool {
					_, still := b.missesPage(page)
					return !still
				}); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		return err
	}
	return p.keep(ctx, len(page), page[len(page)-1].ID)
}

// isForeign notes money that is not in the couple's currency: it cannot be taken
// in.
func (p *pages) isForeign(b *Booking, d Difference) bool {
	if d.Kind != DiffPayment || d.Theirs.Currency == b.Price.Currency {
		return false
	}
	d.Kind = DiffCurrency
	p.found.add(d)
	return true
}

// mend takes in what was not known, and notes whether it is known then.
func (p *pages) mend(ctx context.Context, d Difference, take func() error, known func(*Booking) bool) error {
	if err := take(); err != nil {
		return p.found.unsure(d, err)
	}
	b, err := p.s.bookings.Get(ctx, d.BookingID)
	if err != nil {
		return p.found.unsure(d, err)
	}
	d.Mended = known(b)
	p.found.add(d)
	return nil
}

func (p *pages) intents(ctx context.Context, page []stripepay.PaymentIntent) error {
	err := eachBooking(ctx, p, page, func(i stripepay.PaymentIntent) string { return i.BookingID }, p.meet)
	if err != nil {
		return err
	}
	return p.keep(ctx, len(page), page[len(page)-1].ID)
}

// meet compares payment intents with their booking.
func (p *pages) meet(ctx context.Context, id string, b *Booking, intents []stripepay.PaymentIntent) error {
	var agreed []stripepay.PaymentIntent
	for _, intent := range intents {
		if b == nil {
			p.stranger(id, intent)
			continue
		}
		if d, misses := b.missesIntent(intent); misses {
			if p.isForeign(b, d) {
				continue
			}
			err := p.mend(ctx, d, func() error { return p.s.syncIntent(ctx, intent.ID) }, func(b *Booking) bool {
				_, still := b.missesIntent(intent)
				return !still
			})
			if err != nil {
				return err
			}
			if b, err = p.s.bookings.Get(ctx, id); err != nil {
				return ignoring(err, store.ErrNotFound)
			}
		}
		same := true
		if d, differs := b.contradicts(intent); differs {
			var err error
			if same, err = p.settle(ctx, d); err != nil {
				return err
			}
		}
		if same && b.lacksAgreement(intent, p.s.now()) {
			agreed = append(agreed, intent)
		}
	}
	return p.agree(ctx, id, agreed)
}

// stranger notes money for a booking that is not here, if any of it is with us.
func (p *pages) stranger(bookingID string, intent stripepay.PaymentIntent) {
	if intent.State != stripepay.IntentSucceeded {
		return
	}
	if left := intent.Received.Minus(intent.Refunded); !left.IsZero() {
		p.found.add(Difference{BookingID: bookingID, Kind: DiffStranger, Object: intent.ID, Theirs: left, At: intent.PaidAt})
	}
}

// agree notes which payments Stripe has in the same way, with one save.
func (p *pages) agree(ctx context.Context, id string, intents []stripepay.PaymentIntent) error {
	if len(intents) == 0 {
		return nil
	}
	err := p.s.bookings.Update(ctx, id, func(b *Booking) error {
		b.agree(intents, p.s.now())
		return nil
	})
	return ignoring(err, store.ErrNotFound)
}

// settle looks again at a payment that differs, with nothing happening in
// between: refunds that we have not heard of are taken in first. It reports
// whether both sides agree then, and else notes the difference.
func (p *pages) settle(ctx context.Context, d Difference) (same bool, err error) {
	there, err := p.s.pay.Refunds(ctx, d.Object)
	if err != nil && !errors.Is(err, stripepay.ErrNotFound) {
		return false, p.found.unsure(d, err)
	}
	if err := p.takeRefunds(ctx, d.BookingID, there); err != nil {
		return false, err
	}
	b, intent, err := p.bothSides(ctx, d.BookingID, d.Object)
	if err != nil {
		return false, p.found.unsure(d, err)
	}
	d, differs := b.contradicts(intent)
	if differs {
		p.found.add(d)
	}
	return !differs, nil
}

// lookTries bounds how often a booking that keeps changing is looked at.
const lookTries = 3

// bothSides gives a booking and a payment intent as they stood at one time.
func (p *pages) bothSides(ctx context.Context, bookingID, intentID string) (*Booking, stripepay.PaymentIntent, error) {
	for range lookTries {
		before, err := p.s.bookings.Rev(ctx, bookingID)
		if err != nil {
			return nil, stripepay.PaymentIntent{}, err
		}
		intent, err := p.s.pay.PaymentIntent(ctx, intentID)
		if err != nil {
			return nil, intent, err
		}
		b, err := p.s.bookings.Get(ctx, bookingID)
		if err != nil || b.Rev == before {
			return b, intent, err
		}
	}
	return nil, stripepay.PaymentIntent{}, errRestless
}

var errRestless = errors.New("it keeps changing while it is looked at")

func (p *pages) refunds(ctx context.Context, page []stripepay.Refund) error {
	err := eachBooking(ctx, p, page, func(r stripepay.Refund) string { return r.OfBooking },
		func(ctx context.Context, id string, b *Booking, refunds []stripepay.Refund) error {
			if b == nil {
				return nil // told with its payment, if anything of that is left
			}
			return p.takeRefunds(ctx, id, refunds)
		})
	if err != nil {
		return err
	}
	return p.keep(ctx, len(page), page[len(page)-1].ID)
}

// takeRefunds takes in those refunds that the booking has not heard of.
func (p *pages) takeRefunds(ctx context.Context, id string, refunds []stripepay.Refund) error {
	b, err := p.s.bookings.Get(ctx, id)
	if err != nil {
		return ignoring(err, store.ErrNotFound)
	}
	for _, refund := range refunds {
		d, misses := b.missesRefund(refund)
		if !misses {
			if d.Ours.Currency != "" && d.Ours != d.Theirs {
				d.Kind = DiffRefunded
				p.found.add(d)
			}
			continue
		}
		err := p.mend(ctx, d, func() error {
			if _, known := b.payment(refund.PaymentIntentID); !known {
				if err := p.s.syncIntent(ctx, refund.PaymentIntentID); err != nil {
					return err
				}
			}
			return p.s.syncRefund(ctx, refund.ID)
		}, func(b *Booking) bool {
			_, still := b.missesRefund(refund)
			return !still
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pages) disputes(ctx context.Context, page []stripepay.Dispute) error {
	err := eachBooking(ctx, p, page, func(d stripepay.Dispute) string { return d.BookingID },
		func(ctx context.Context, id string, b *Booking, disputes []stripepay.Dispute) error {
			if b == nil {
				return nil
			}
			for _, dispute := range disputes {
				if err := p.takeDispute(ctx, b, dispute); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil {
		return err
	}
	return p.keep(ctx, len(page), page[len(page)-1].ID)
}

func (p *pages) takeDispute(ctx context.Context, b *Booking, dispute stripepay.Dispute) error {
	d, misses := b.missesDispute(dispute)
	if !misses {
		return nil
	}
	return p.mend(ctx, d, func() error { return p.s.syncDispute(ctx, dispute.ID) }, func(b *Booking) bool {
		_, still := b.missesDispute(dispute)
		return !still
	})
}

// events acts on what Stripe could not deliver, as if it had come.
func (p *pages) events(ctx context.Context, page []stripepay.Event) error {
	err := severally(page, p.s.atOnce, func(e stripepay.Event) error {
		stored, err := p.s.events.Get(ctx, e.ID)
		if err == nil && stored.ActAt == nil {
			return nil // it came after all
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		d := Difference{Kind: DiffEvent, Object: e.ID, At: e.CreatedAt, Mended: true}
		if err := p.s.TakeEvent(ctx, e); err != nil {
			return p.found.unsure(d, err)
		}
		p.found.add(d)
		return nil
	})
	if err != nil {
		return err
	}
	return p.keep(ctx, len(page), page[len(page)-1].ID)
}
