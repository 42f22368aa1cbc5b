package booking

import (
	"fmt"
	"slices"
	"time"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Ids of charges. They are unique within a booking.
const (
	DepositCharge = "deposit"
	BalanceCharge = "balance"
	FullCharge    = "full" // the whole price, for who books late [D12]
)

// Charge is money due.
type Charge struct {
	ID     string       `json:"id"`
	Amount money.Amount `json:"amount"`
	DueAt  time.Time    `json:"due_at"`
	// MovedFrom is when it was due before the cohort's dates moved, oldest first.
	MovedFrom []MovedDue `json:"moved_from,omitempty"`
}

// Checkout is one try to pay a charge on a card page. The line is written
// before Stripe is called, with the key that makes the call repeatable.
type Checkout struct {
	// ID is the idempotency key at Stripe.
	ID        string       `json:"id"`
	ChargeID  string       `json:"charge_id"`
	Amount    money.Amount `json:"amount"`
	Partner   int          `json:"partner"`
	StartedAt time.Time    `json:"started_at"`
	ExpiresAt time.Time    `json:"expires_at"`
	// SessionID and URL are empty until Stripe has answered.
	SessionID string `json:"session_id,omitempty"`
	URL       string `json:"url,omitempty"`
	// Ended says that no money can come from it any more, or has come.
	Ended bool `json:"ended,omitempty"`
}

// Payment is money that came.
type Payment struct {
	// ID is Stripe's payment intent, which makes the line unique.
	ID       string       `json:"id"`
	ChargeID string       `json:"charge_id"`
	Amount   money.Amount `json:"amount"`
	At       time.Time    `json:"at"`
	// SettledAt is when it was decided what the money is for: a place, or to
	// be returned.
	SettledAt *time.Time `json:"settled_at,omitempty"`
}

// chargesFor is what the couple owes that comes to hold a place now, of the
// price that it agreed to: the deposit at once and the balance later, or the
// whole price when the balance would be due already [D12].
func (b *Booking) chargesFor(c *retreats.Cohort, now time.Time) []Charge {
	balance := b.Price.Minus(b.Acceptance.Deposit)
	if balance.IsZero() || !now.Before(c.BalanceDue()) {
		return []Charge{{ID: FullCharge, Amount: b.Price, DueAt: now}}
	}
	return []Charge{
		{ID: DepositCharge, Amount: b.Acceptance.Deposit, DueAt: now},
		{ID: BalanceCharge, Amount: balance, DueAt: c.BalanceDue()},
	}
}

// zero is no money in the booking's currency.
func (b *Booking) zero() money.Amount { return money.Of(0, b.Price.Currency) }

// Kept is what came for the charge and did not go back.
func (b *Booking) Kept(chargeID string) money.Amount {
	sum := b.zero()
	for _, p := range b.Payments {
		if p.ChargeID == chargeID {
			sum = sum.Plus(b.remaining(p))
		}
	}
	return sum
}

// KeptInAll is what came and did not go back.
func (b *Booking) KeptInAll() money.Amount {
	sum := b.zero()
	for _, p := range b.Payments {
		sum = sum.Plus(b.remaining(p))
	}
	return sum
}

// remaining is what of a payment has not gone back. A refund counts from the
// moment its line is written, unless it has failed.
func (b *Booking) remaining(p Payment) money.Amount {
	rest := p.Amount
	for _, r := range b.Refunds {
		if r.PaymentID == p.ID && r.State != stripepay.RefundFailed {
			rest = rest.Minus(r.Amount)
		}
	}
	return rest
}

// IsPaid reports whether nothing is owed of the charge.
func (b *Booking) IsPaid(c Charge) bool { return b.Kept(c.ID).Minor >= c.Amount.Minor }

// The named refusals of money.
var (
	ErrPaid    = fault.New(fault.Conflict, "This has been paid already.")
	ErrNothing = fault.New(fault.Conflict, "There is nothing to pay at the moment.")
	ErrOver    = fault.New(fault.Gone, "This booking has ended.")
	ErrPaidAsk = fault.New(fault.Conflict, "You have paid already. Please write to us to cancel, and we will tell you what you get back.")
	// errPartnerPays: the other partner's card page is open.
	errPartnerPays = fault.New(fault.Conflict, "Your partner is about to pay this. Please look again in a moment.")

	errNoCharge  = fault.New(fault.NotFound, "There is no such charge.")
	errNoPayment = fault.New(fault.NotFound, "There is no such payment.")
)

// checkoutTime is how long a card page stays open: Stripe's shortest is 30
// minutes from its own clock, so a little more.
const checkoutTime = 31 * time.Minute

// startCheckout writes the line of a new try to pay, or gives the partner's own
// open try of the same charge, so that pressing the button twice leads to one
// page. A page belongs to one partner: it shows their mail address and leads
// back to their own link. While the other partner's is open it is given with
// errPartnerPays.
func (b *Booking) startCheckout(chargeID string, partner int, standing retreats.Standing, now time.Time) (Checkout, error) {
	charge, ok := b.Charge(chargeID)
	switch {
	case b.IsOver():
		return Checkout{}, ErrOver
	case !ok:
		return Checkout{}, errNoCharge
	case b.IsPaid(*charge):
		return Checkout{}, ErrPaid
	case standing.State == retreats.Held && charge.ID == b.Charges[0].ID, standing.State == retreats.Confirmed:
	default:
		return Checkout{}, retreats.ErrNotHeld
	}
	for _, c := range b.Checkouts {
		if c.ChargeID != chargeID || c.Ended || !now.Before(c.ExpiresAt) {
			continue
		}
		if c.Partner != partner {
			return c, errPartnerPays
		}
		return c, nil
	}
	try := Checkout{
		ID:       fmt.Sprintf("%s-%s-%d", b.ID, chargeID, len(b.Checkouts)+1),
		ChargeID: chargeID, Amount: charge.Amount.Minus(b.Kept(chargeID)), Partner: partner,
		StartedAt: now, ExpiresAt: now.Add(checkoutTime),
	}
	b.Checkouts = append(slices.Clone(b.Checkouts), try)
	b.attend(now.Add(checkoutGrace))
	return try, nil
}

// checkoutGrace is when a try whose opening was cut off is taken up again.
const checkoutGrace = 2 * time.Minute

// opened notes Stripe's answer to the opening of a card page.
func (b *Booking) opened(id string, page stripepay.Checkout) {
	for i := range b.Checkouts {
		if c := &b.Checkouts[i]; c.ID == id && c.SessionID == "" {
			c.SessionID, c.URL = page.ID, page.URL
			if !page.ExpiresAt.IsZero() {
				c.ExpiresAt = page.ExpiresAt
			}
		}
	}
}

// observe takes in what is true of a card page at Stripe now. Seeing the same
// twice, late or out of order changes nothing.
func (b *Booking) observe(page stripepay.Checkout, now time.Time) {
	for i := range b.Checkouts {
		if b.Checkouts[i].SessionID == page.ID && page.State != stripepay.CheckoutOpen && !b.Checkouts[i].Ended {
			b.Checkouts[i].Ended = true
			b.attend(now)
		}
	}
	known := slices.ContainsFunc(b.Payments, func(p Payment) bool { return p.ID == page.PaymentIntentID })
	if !page.Paid || page.PaymentIntentID == "" || known {
		return
	}
	b.Payments = append(slices.Clone(b.Payments), Payment{
		ID: page.PaymentIntentID, ChargeID: page.ChargeID, Amount: page.Amount, At: now,
	})
	b.attend(now)
	b.replan(now)
}

// payment finds a payment by its id.
func (b *Booking) payment(id string) (Payment, bool) {
	i := slices.IndexFunc(b.Payments, func(p Payment) bool { return p.ID == id })
	if i < 0 {
		return Payment{}, false
	}
	return b.Payments[i], true
}

// settlePayment notes what became of money that came: it keeps the place, or
// all of it goes back for the reason given.
func (b *Booking) settlePayment(paymentID string, back RefundReason, now time.Time) error {
	i := slices.IndexFunc(b.Payments, func(p Payment) bool { return p.ID == paymentID })
	if i < 0 {
		return errNoPayment
	}
	if b.Payments[i].SettledAt != nil {
		return nil
	}
	if back != "" {
		b.refund(paymentID, b.Payments[i].Amount, back, now)
	}
	b.Payments = slices.Clone(b.Payments)
	b.Payments[i].SettledAt = &now
	b.replan(now)
	return nil
}
