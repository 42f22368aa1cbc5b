package booking

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
)

// Received is money that came by bank transfer or in cash, as staff record it.
type Received struct {
	Charge string
	Amount money.Amount
	Method Method
	// Reference finds it again in the practice's own books: a line of the bank
	// statement, the number of a receipt.
	Reference string
	// Partner is who paid, 0 or 1.
	Partner int
}

// longestReference is enough for a bank's own.
const longestReference = 140

// RecordPayment notes money that did not come by card. It counts like any
// other: it makes a held place the couple's.
func (s *Service) RecordPayment(ctx context.Context, id string, r Received, by audit.By) error {
	if err := checkPartner(r.Partner); err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	err = s.bookings.Update(ctx, id, func(b *Booking) error {
		now := s.now()
		return c.with(b).receive(r, by, now)
	})
	if err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
}

func (c Case) receive(r Received, by audit.By, now time.Time) error {
	b := c.Booking
	charge, err := c.payableNow(r.Charge)
	if err != nil {
		return err
	}
	r.Reference = strings.Join(strings.Fields(r.Reference), " ")
	fields := fault.Fields{}
	switch open := b.Open(charge); {
	case r.Amount.Currency != b.Price.Currency:
		fields["amount"] = "Give the amount in " + b.Price.Currency + ", in which this couple pays."
	case r.Amount.Minor <= 0:
		fields["amount"] = "The amount must be more than nothing."
	case r.Amount.Minor > open.Minor:
		fields["amount"] = "Only " + open.String() + " is open. Record what is more with the charge that it is for."
	}
	if err := r.Amount.CheckPrice(); err != nil && fields["amount"] == "" {
		fields["amount"] = fault.TextOf(err)
	}
	if r.Method != ByTransfer && r.Method != ByCash {
		fields["method"] = "Money that staff record comes by transfer or cash."
	}
	if r.Reference == "" || len([]rune(r.Reference)) > longestReference {
		fields["reference"] = fmt.Sprintf("Please say where it is found in your books, in up to %d characters.", longestReference)
	}
	if b.hasRecorded(r, charge.ID) {
		fields["reference"] = "This has been recorded already."
	}
	if err := fault.InvalidFields(fields); err != nil {
		return err
	}
	b.pay(Payment{
		ID: fmt.Sprintf("%s-received-%d", b.ID, len(b.Payments)+1), ChargeID: charge.ID, Amount: r.Amount, At: now,
		Partner: r.Partner, Method: r.Method, Reference: r.Reference, By: by.Name, ByID: by.ID,
	}, now)
	b.Trail = b.Trail.Add(by, now, audit.Line{
		What: "money recorded", To: r.Amount.String() + " by " + string(r.Method) + ", " + r.Reference,
	})
	return nil
}

// hasRecorded reports whether the same money has been recorded before and was
// not struck out: the form came twice.
func (b *Booking) hasRecorded(r Received, chargeID string) bool {
	return slices.ContainsFunc(b.Payments, func(p Payment) bool {
		same := p.ChargeID == chargeID && p.Method == r.Method && p.Reference == r.Reference && p.Amount == r.Amount
		return same && !b.remaining(p).IsZero()
	})
}

// isByHand reports whether the refund is made by staff and not at Stripe: its
// money did not come by card.
func (b *Booking) isByHand(r Refund) bool {
	p, ok := b.payment(r.PaymentID)
	return ok && p.Method != ByCard
}

// ToSend are the refunds that staff have still to make by hand.
func (b *Booking) ToSend() []Refund {
	var open []Refund
	for _, r := range b.Refunds {
		if b.isByHand(r) && r.State == "" {
			open = append(open, r)
		}
	}
	return open
}

var errNoRefund = fault.New(fault.NotFound, "There is no such refund to send.")

// RefundSent notes that staff have returned money by hand, and where that is
// found in their books.
func (s *Service) RefundSent(ctx context.Context, id, refundID, reference string, by audit.By) error {
	reference = strings.Join(strings.Fields(reference), " ")
	if reference == "" || len([]rune(reference)) > longestReference {
		return fault.InvalidFields(fault.Fields{
			"reference": fmt.Sprintf("Please say where it is found in your books, in up to %d characters.", longestReference),
		})
	}
	err := s.update(ctx, id, func(b *Booking, now time.Time) error {
		i := slices.IndexFunc(b.Refunds, func(r Refund) bool { return r.ID == refundID })
		switch {
		case i < 0 || !b.isByHand(b.Refunds[i]):
			return errNoRefund
		case b.Refunds[i].State != "":
			return nil
		}
		b.Refunds = slices.Clone(b.Refunds)
		r := &b.Refunds[i]
		r.State, r.AskedAt, r.Reference, r.By = stripepay.RefundSucceeded, now, reference, by.Name
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "money returned", To: r.Amount.String() + ", " + reference})
		b.attend(now) // nobody has to see to it any more
		b.replan(now)
		return nil
	})
	if err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
}

// Gift is money that an organizer gives back [D17].
type Gift struct {
	Amount money.Amount
	Reason string
	// Seen is what was with us when it was decided, nil if nobody looked: a
	// decision that is sent twice gives once.
	Seen *money.Amount
}

// errKeptChanged answers a decision that was made before money came or went.
var errKeptChanged = fault.New(fault.Conflict, "Their money has changed since you saw it. Please look again.")

// Give returns a part of what a couple has paid and lets it keep its place. What
// is given is not owed again.
func (s *Service) Give(ctx context.Context, id string, g Gift, by audit.By) error {
	reason, err := audit.Reason(g.Reason)
	if err != nil {
		return err
	}
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		switch {
		case b.IsOver():
			return ErrOver
		case g.Seen != nil && *g.Seen != b.KeptInAll():
			return errKeptChanged
		case g.Amount.IsZero() && g.Amount.Currency == b.Price.Currency:
			return fault.InvalidFields(fault.Fields{"amount": "The amount must be more than nothing."})
		}
		if err := b.checkBack(g.Amount, b.quotable()); err != nil {
			return err
		}
		before := len(b.Refunds)
		b.payBack(g.Amount, RefundException, now)
		for i := before; i < len(b.Refunds); i++ {
			b.Refunds[i].Waives = true
		}
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "money given back", To: g.Amount.String(), Reason: reason})
		return nil
	})
	if err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
}

// strike notes that the money of a payment never came: nothing of it is here, and
// what was still to be sent back of it is not. It reports whether that is new.
func (b *Booking) strike(p Payment, by audit.By, now time.Time) (changed bool) {
	before := len(b.Refunds)
	b.refund(p.ID, b.remaining(p), RefundMistake, now)
	b.Refunds = slices.Clone(b.Refunds)
	for i := range b.Refunds {
		r := &b.Refunds[i]
		if i < before && (r.PaymentID != p.ID || r.State != "") {
			continue
		}
		changed = true
		r.Reason, r.Waives = RefundMistake, false
		r.State, r.AskedAt, r.Reference, r.By = stripepay.RefundSucceeded, now, "recorded by mistake", by.Name
	}
	if changed {
		b.attend(now)
		b.replan(now)
	}
	return changed
}

// StrikePayment takes a payment back that staff recorded by mistake. The line
// stays, with one beside it that says so.
func (s *Service) StrikePayment(ctx context.Context, id, paymentID, reason string, by audit.By) error {
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	err = s.update(ctx, id, func(b *Booking, now time.Time) error {
		p, ok := b.payment(paymentID)
		if !ok || p.Method == ByCard {
			return errNoPayment
		}
		if !b.strike(p, by, now) {
			return nil
		}
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "recorded money struck out", From: p.Amount.String() + ", " + p.Reference, Reason: reason})
		return nil
	})
	if err != nil {
		return err
	}
	s.attendFor(ctx, id)
	return nil
}
