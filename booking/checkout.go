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

// Checkout is one try to pay a charge on a card page, or to save a card there.
// The line is written before Stripe is called, with the key that makes the call
// repeatable.
type Checkout struct {
	// ID is the idempotency key at Stripe.
	ID string `json:"id"`
	// ChargeID is empty for a page that only saves a card.
	ChargeID string       `json:"charge_id"`
	Amount   money.Amount `json:"amount"`
	Partner  int          `json:"partner"`
	// Share is whose part of the charge is paid, nil for all that is open.
	Share *int `json:"share,omitempty"`
	// CustomerID is the partner's at Stripe when the line was written, if any.
	CustomerID string `json:"customer_id,omitempty"`
	// Email and Links are the partner's then; a line without Email is older than
	// any that could differ.
	Email string `json:"email,omitempty"`
	Links int    `json:"links,omitempty"`
	// Consent is what the partner agreed to with this page: the card is kept
	// for it.
	Consent   *ChargeConsent `json:"consent,omitempty"`
	StartedAt time.Time      `json:"started_at"`
	ExpiresAt time.Time      `json:"expires_at"`
	// SessionID and URL are empty until Stripe has answered.
	SessionID string `json:"session_id,omitempty"`
	URL       string `json:"url,omitempty"`
	// Ended says that no money can come from it any more, or has come.
	Ended bool `json:"ended,omitempty"`
}

// Order is what a partner wants to pay.
type Order struct {
	Charge  string
	Partner int
	// Share is whose part is paid, where the couple has split its payments; nil
	// pays all that is open.
	Share *int
	// SaveCard keeps the card for the later charges: the partner has read and
	// agreed to what ChargeStatement says.
	SaveCard bool
}

// checkoutTime is how long a card page stays open: Stripe's shortest is 30
// minutes from its own clock, so a little more.
const checkoutTime = 31 * time.Minute

// checkoutGrace is when a try whose opening was cut off is taken up again.
const checkoutGrace = 2 * time.Minute

// payableNow refuses a charge that cannot be paid now.
func (c Case) payableNow(chargeID string) (Charge, error) {
	charge, ok := c.Booking.Charge(chargeID)
	switch {
	case c.Booking.IsOver():
		return Charge{}, ErrOver
	case !ok:
		return Charge{}, errNoCharge
	case c.Booking.IsPaid(*charge):
		return Charge{}, ErrPaid
	case c.Standing.State == retreats.Held && !c.Standing.Ending && charge.ID == c.Booking.Charges[0].ID:
	case c.Standing.State == retreats.Confirmed:
	default:
		return Charge{}, retreats.ErrNotHeld
	}
	return *charge, nil
}

// startCheckout writes the line of a new try to pay, or gives the partner's own
// open try of the same money, so that pressing the button twice leads to one
// page. A page belongs to one partner: it shows their mail address and leads
// back to their own link. While another page for the same money is open it is
// given with errOtherPage.
func (c Case) startCheckout(o Order, now time.Time) (Checkout, error) {
	b := c.Booking
	charge, err := c.payableNow(o.Charge)
	if err != nil {
		return Checkout{}, err
	}
	amount := b.openShare(charge, o.Share)
	switch {
	case amount.IsZero():
		return Checkout{}, ErrPaid
	case b.IsCharging(charge.ID):
		return Checkout{}, ErrCharging
	}
	wanted := Checkout{ChargeID: charge.ID, Amount: amount, Partner: o.Partner, Share: o.Share}
	if o.SaveCard {
		// Who reads of no charges agrees to none.
		if consent := c.consentToCharges(o.Partner, charge.ID, now); consent.Statement != "" {
			wanted.Consent = &consent
		}
	}
	for _, open := range b.Checkouts {
		if open.ChargeID != charge.ID || open.Ended || !now.Before(open.ExpiresAt) || !open.meets(wanted) {
			continue
		}
		if open.isLike(wanted) {
			return open, nil
		}
		return open, errOtherPage
	}
	return b.addCheckout(wanted, now), nil
}

// addCheckout writes the line with its key and its times.
func (b *Booking) addCheckout(line Checkout, now time.Time) Checkout {
	what := line.ChargeID
	if what == "" {
		what = "card"
	}
	line.ID = fmt.Sprintf("%s-%s-%d", b.ID, what, len(b.Checkouts)+1)
	line.StartedAt, line.ExpiresAt = now, now.Add(checkoutTime)
	line.CustomerID = b.Customers[line.Partner]
	line.Email, line.Links = b.Partners[line.Partner].Email, b.Partners[line.Partner].Links
	b.Checkouts = append(slices.Clone(b.Checkouts), line)
	b.attend(now.Add(checkoutGrace))
	return line
}

// meets reports whether both pages would take some of the same money.
func (c Checkout) meets(other Checkout) bool {
	return c.Share == nil || other.Share == nil || *c.Share == *other.Share
}

// isLike reports whether one page can serve for the other.
func (c Checkout) isLike(other Checkout) bool {
	sameShare := (c.Share == nil) == (other.Share == nil) && (c.Share == nil || *c.Share == *other.Share)
	sameConsent := (c.Consent == nil) == (other.Consent == nil) && (c.Consent == nil || c.Consent.Hash == other.Consent.Hash)
	return c.Partner == other.Partner && c.Amount == other.Amount && sameShare && sameConsent
}

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
	i := slices.IndexFunc(b.Checkouts, func(c Checkout) bool {
		return c.SessionID == page.ID || (c.SessionID == "" && page.TryID != "" && c.ID == page.TryID)
	})
	var line Checkout
	if i >= 0 {
		line = b.Checkouts[i]
		if page.State != stripepay.CheckoutOpen && !line.Ended {
			b.Checkouts = slices.Clone(b.Checkouts)
			b.Checkouts[i].SessionID, b.Checkouts[i].Ended = page.ID, true
			b.keepCard(line, page, now)
			b.attend(now)
		}
	}
	if !page.Paid || page.PaymentIntentID == "" {
		return
	}
	p := Payment{
		ID: page.PaymentIntentID, ChargeID: page.ChargeID, Amount: page.Amount, At: now,
		Partner: line.Partner, Share: line.Share, TryID: page.TryID,
	}
	if page.Fee.Currency != "" {
		p.Fee = &page.Fee
	}
	b.pay(p, now)
}

func (b *Booking) checkout(id string) (Checkout, bool) {
	i := slices.IndexFunc(b.Checkouts, func(c Checkout) bool { return c.ID == id })
	if i < 0 {
		return Checkout{}, false
	}
	return b.Checkouts[i], true
}

// hasOpenPage reports whether a card page for the charge may still bring money.
func (b *Booking) hasOpenPage(chargeID string) bool {
	return slices.ContainsFunc(b.Checkouts, func(c Checkout) bool { return c.ChargeID == chargeID && !c.Ended })
}

// errNoPage: there is no such line.
var errNoPage = fault.New(fault.NotFound, "There is no such payment page.")
