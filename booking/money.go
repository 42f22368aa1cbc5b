package booking

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/stripepay"
)

// Ids of charges. They are unique within a booking.
const (
	DepositCharge = "deposit"
	BalanceCharge = "balance"
	FullCharge    = "full" // the whole price, for who books late [D12]

	instalmentPrefix = "instalment-"
)

// InstalmentCharge is the id of the charge for the cohort's n-th instalment,
// counted from 1.
func InstalmentCharge(n int) string { return instalmentPrefix + strconv.Itoa(n) }

// Charge is money due.
type Charge struct {
	ID     string       `json:"id"`
	Amount money.Amount `json:"amount"`
	DueAt  time.Time    `json:"due_at"`
	// DaysBefore is how many days before the start it is due, of an instalment.
	DaysBefore int `json:"days_before,omitempty"`
	// MovedFrom is when it was due before the cohort's dates moved, oldest first.
	MovedFrom []MovedDue `json:"moved_from,omitempty"`
	// ChangedFrom is what it was before the couple's price changed, oldest first.
	ChangedFrom []ChangedAmount `json:"changed_from,omitempty"`
}

// Instalment is the number of the instalment that the charge is for, 0 if it is
// for none.
func (c Charge) Instalment() int {
	n, err := strconv.Atoi(strings.TrimPrefix(c.ID, instalmentPrefix))
	if err != nil || !strings.HasPrefix(c.ID, instalmentPrefix) {
		return 0
	}
	return n
}

// ChangedAmount is what a charge was until then.
type ChangedAmount struct {
	Amount money.Amount `json:"amount"`
	At     time.Time    `json:"at"`
}

// Method is how money came.
type Method string

// How money comes. Card payments go through Stripe; the others are recorded by
// staff.
const (
	ByCard     Method = ""
	ByTransfer Method = "transfer"
	ByCash     Method = "cash"
)

// Payment is money that came.
type Payment struct {
	// ID is Stripe's payment intent, or our own for money that staff recorded;
	// it makes the line unique.
	ID       string       `json:"id"`
	ChargeID string       `json:"charge_id"`
	Amount   money.Amount `json:"amount"`
	At       time.Time    `json:"at"`
	// Partner is who paid. Share is whose part of the charge it pays for, nil
	// for any part.
	Partner int  `json:"partner,omitempty"`
	Share   *int `json:"share,omitempty"`
	// TryID is the card page or the try that it came by.
	TryID string `json:"try_id,omitempty"`
	// Method, Reference, By and ByID are of money that staff recorded.
	Method    Method `json:"method,omitempty"`
	Reference string `json:"reference,omitempty"`
	By        string `json:"by,omitempty"`
	ByID      string `json:"by_id,omitempty"`
	// Fee is what Stripe took for it, nil until that is known. Its currency is
	// the account's.
	Fee *money.Amount `json:"fee,omitempty"`
	// SettledAt is when it was decided what the money is for: a place, or to
	// be returned.
	SettledAt *time.Time `json:"settled_at,omitempty"`
	// AgreedAt is when a comparison with Stripe last found the same there; nil
	// until the first.
	AgreedAt *time.Time `json:"agreed_at,omitempty"`
}

// zero is no money in the booking's currency.
func (b *Booking) zero() money.Amount { return money.Of(0, b.Price.Currency) }

// sum adds up what f gives for the payments of a charge, or of all if the id is
// empty.
func (b *Booking) sum(chargeID string, f func(Payment) money.Amount) money.Amount {
	total := b.zero()
	for _, p := range b.Payments {
		if chargeID == "" || p.ChargeID == chargeID {
			total = total.Plus(f(p))
		}
	}
	return total
}

// Kept is what came for the charge and did not go back.
func (b *Booking) Kept(chargeID string) money.Amount { return b.sum(chargeID, b.remaining) }

// KeptInAll is what came and did not go back.
func (b *Booking) KeptInAll() money.Amount { return b.sum("", b.remaining) }

// Received is all that ever came.
func (b *Booking) Received() money.Amount {
	return b.sum("", func(p Payment) money.Amount { return p.Amount })
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

// waived is what was given back as a present: it is not owed again.
func (b *Booking) waived(chargeID string) money.Amount {
	return b.sum(chargeID, b.waivedOf)
}

func (b *Booking) waivedOf(p Payment) money.Amount {
	given := b.zero()
	for _, r := range b.Refunds {
		if r.PaymentID == p.ID && r.Waives && r.State != stripepay.RefundFailed {
			given = given.Plus(r.Amount)
		}
	}
	return given
}

// Open is what is still owed of the charge.
func (b *Booking) Open(c Charge) money.Amount {
	open := c.Amount.Minus(b.Kept(c.ID)).Minus(b.waived(c.ID))
	return money.Of(max(0, open.Minor), open.Currency)
}

// OpenInAll is what is still owed of all charges; nothing once the booking is
// over.
func (b *Booking) OpenInAll() money.Amount {
	open := b.zero()
	if b.IsOver() {
		return open
	}
	for _, c := range b.Charges {
		open = open.Plus(b.Open(c))
	}
	return open
}

// over is what came for the charge and is more than it asks for.
func (b *Booking) over(c Charge) money.Amount {
	over := b.Kept(c.ID).Plus(b.waived(c.ID)).Minus(c.Amount)
	return money.Of(max(0, over.Minor), over.Currency)
}

// overHere is what of that could go back: not what a dispute has taken, and what
// a bank has not taken back is a matter for a person already.
func (b *Booking) overHere(c Charge) money.Amount {
	away := b.sum(c.ID, func(p Payment) money.Amount {
		return b.remaining(p).Minus(b.returnable(p)).Plus(b.stuck(p))
	})
	over := b.over(c).Minus(away)
	return money.Of(max(0, over.Minor), over.Currency)
}

// IsPaid reports whether nothing is owed of the charge.
func (b *Booking) IsPaid(c Charge) bool { return b.Open(c).IsZero() }

// returnable is what of a payment can go back now: what a dispute has taken
// from us cannot be returned as well.
func (b *Booking) returnable(p Payment) money.Amount {
	rest := b.remaining(p).Minus(b.disputedAway(p.ID))
	return money.Of(max(0, rest.Minor), rest.Currency)
}

// The named refusals of money.
var (
	ErrPaid = fault.New(fault.Conflict, "This has been paid already.")
	ErrOver = fault.New(fault.Gone, "This booking has ended.")
	// errOtherPage: another card page for the same money is open.
	errOtherPage = fault.New(fault.Conflict, "Your partner is about to pay this. Please look again in a moment.")
	// ErrCharging: a saved card is being charged just now.
	ErrCharging = fault.New(fault.Conflict, "Your saved card is being charged at this moment. Please look again in a minute.")

	errNoCharge  = fault.New(fault.NotFound, "There is no such charge.")
	errNoPayment = fault.New(fault.NotFound, "There is no such payment.")
)

// payment finds a payment by its id.
func (b *Booking) payment(id string) (Payment, bool) {
	i := slices.IndexFunc(b.Payments, func(p Payment) bool { return p.ID == id })
	if i < 0 {
		return Payment{}, false
	}
	return b.Payments[i], true
}

// pay adds a payment, once.
func (b *Booking) pay(p Payment, now time.Time) {
	if _, known := b.payment(p.ID); known {
		return
	}
	b.Payments = append(slices.Clone(b.Payments), p)
	b.attend(now)
	b.replan(now)
}

// changePayment changes what is noted of a payment.
func (b *Booking) changePayment(id string, change func(*Payment)) {
	b.Payments = slices.Clone(b.Payments)
	for i := range b.Payments {
		if b.Payments[i].ID == id {
			change(&b.Payments[i])
		}
	}
}

// settlePayment notes what became of money that came: it keeps the place, or
// all of it goes back for the reason given. What is more than was due goes back
// as well.
func (b *Booking) settlePayment(paymentID string, back RefundReason, now time.Time) error {
	p, ok := b.payment(paymentID)
	if !ok {
		return errNoPayment
	}
	if p.SettledAt != nil {
		return nil
	}
	if back != "" {
		b.refund(paymentID, p.Amount, back, now)
	} else if charge, ok := b.Charge(p.ChargeID); ok {
		b.refund(paymentID, b.over(*charge), RefundTwice, now)
	}
	b.changePayment(paymentID, func(p *Payment) { p.SettledAt = &now })
	b.replan(now)
	return nil
}
