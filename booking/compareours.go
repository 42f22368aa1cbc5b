package booking

import (
	"cmp"
	"context"
	"errors"

	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// What we have, compared with Stripe and with itself.

// comparePage is how many bookings are gone through before it is kept how far
// the run came.
const comparePage = 100

// allBookings is the cursor behind the last booking, so that who dies there does
// not go through them again.
const allBookings = "all"

// bookings goes through all bookings, the oldest first. Most need no more than
// being read: their payments came with the intents of this run or an earlier
// one, and their lines add up.
func (p *pages) bookings(ctx context.Context) error {
	for cursor := p.run.Cursor; cursor != allBookings; {
		page, err := p.s.bookings.Find(ctx, store.Query{Index: byCreated, To: p.run.Until, Limit: comparePage, After: cursor})
		if err != nil {
			return err
		}
		if err := severally(page.Items, p.s.atOnce, func(b *Booking) error { return p.own(ctx, b) }); err != nil {
			return err
		}
		cursor = cmp.Or(page.Next, allBookings)
		if err := p.keep(ctx, len(page.Items), cursor); err != nil {
			return err
		}
	}
	return nil
}

// own compares one booking of ours.
func (p *pages) own(ctx context.Context, b *Booking) error {
	b, err := p.recall(ctx, b)
	if err != nil || b == nil {
		return err
	}
	if err := p.ask(ctx, b); err != nil {
		return err
	}
	if len(b.Payments) == 0 && (b.IsOver() || len(b.Charges) == 0) {
		return nil
	}
	c, err := p.s.CaseOf(ctx, b)
	if err != nil {
		return p.found.unsure(Difference{BookingID: b.ID, Object: b.ID, At: p.s.now()}, err)
	}
	if b.hasOneCurrency() { // else it cannot be added up, and recounting says why
		p.found.addMoney(c.totals(p.s.now()))
	}
	if len(b.Payments) == 0 {
		return nil
	}
	for _, d := range c.recount(p.s.now(), p.run.Since) {
		p.found.add(d)
	}
	return nil
}

// recall sees to what was due for long: the booking is attended to, as it would
// be if it were due now. It gives the booking as it is then, nil if it is gone.
func (p *pages) recall(ctx context.Context, b *Booking) (*Booking, error) {
	d, forgotten := b.forgotten(p.s.now())
	if !forgotten {
		return b, nil
	}
	p.s.attendFor(ctx, b.ID)
	fresh, err := p.s.bookings.Get(ctx, b.ID)
	if err != nil {
		return nil, ignoring(err, store.ErrNotFound)
	}
	still, forgotten := fresh.forgotten(p.s.now())
	d.Mended = !forgotten || still.Object != d.Object
	p.found.add(d)
	return fresh, nil
}

// ask asks Stripe about payments that no list of this run or a recent one has
// shown, and about disputes that are open.
func (p *pages) ask(ctx context.Context, b *Booking) error {
	for _, payment := range b.Payments {
		if payment.Method != ByCard {
			continue
		}
		p.found.addPayments(1)
		if b.isAgreed(payment, p.s.now()) {
			continue
		}
		if err := p.askPayment(ctx, b, payment); err != nil {
			return err
		}
	}
	for _, own := range b.Disputes {
		if !own.State.Open() {
			continue
		}
		there, err := p.s.pay.Dispute(ctx, own.ID)
		if err == nil {
			err = p.takeDispute(ctx, b, there)
		} else {
			err = p.found.unsure(Difference{BookingID: b.ID, Object: own.ID, Ours: own.Amount, At: own.At}, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pages) askPayment(ctx context.Context, b *Booking, payment Payment) error {
	d := Difference{BookingID: b.ID, Kind: DiffMissing, Object: payment.ID, Ours: payment.Amount, At: payment.At}
	intent, err := p.s.pay.PaymentIntent(ctx, payment.ID)
	if errors.Is(err, stripepay.ErrNotFound) {
		p.found.add(d)
		return nil
	}
	if err != nil {
		return p.found.unsure(d, err)
	}
	return p.meet(ctx, b.ID, b, []stripepay.PaymentIntent{intent})
}
