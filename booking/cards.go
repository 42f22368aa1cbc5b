package booking

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// SavedCard is a card that may be charged later without asking again. Nothing of
// it is kept here but what its owner knows it by.
type SavedCard struct {
	CustomerID string    `json:"customer_id"`
	MethodID   string    `json:"method_id"`
	Brand      string    `json:"brand,omitempty"`
	Last4      string    `json:"last4,omitempty"`
	SavedAt    time.Time `json:"saved_at"`
	// Consent is what the partner agreed to.
	Consent ChargeConsent `json:"consent"`
}

// ChargeConsent is a partner's agreement to later charges, word by word.
type ChargeConsent struct {
	At        time.Time `json:"at"`
	Statement string    `json:"statement"`
	Hash      string    `json:"hash"`
}

// PastCard is a card that is not charged any more. What was agreed to stays on
// record.
type PastCard struct {
	SavedCard
	Partner int       `json:"partner"`
	Until   time.Time `json:"until"`
}

// ChargeStatement is what a partner agrees to whose card is kept: what is
// charged when, how it comes about and how it ends
// (docs.stripe.com/payments/save-and-reuse asks for these). It is stored with
// the agreement, so its wording is kept here and not in a template. The charge
// that is paid at this moment is left out. Empty when nothing is left.
func (c Case) ChargeStatement(partner int, paying string) string {
	var lines strings.Builder
	for _, charge := range c.Booking.Charges {
		amount := c.Booking.openShare(charge, &partner)
		if charge.ID == paying || amount.IsZero() {
			continue
		}
		fmt.Fprintf(&lines, "%s on %s.\n", amount, c.chargeTime(charge.DueAt))
	}
	if lines.Len() == 0 {
		return ""
	}
	return "You allow us to charge this card for the rest of your price, without asking you again:\n" + lines.String() +
		"Each is less if you have paid some of it before, and is not charged before both of you are cleared to take part. " +
		"We write to you 14, 7 and 3 days before. If the card is declined, we try twice more within five days. " +
		"Until then you can take this back on your page. If you cancel, the refund policy that you accepted decides what comes back. " +
		"The card is used for nothing else."
}

// chargeTime is a moment of the cohort in words.
func (c Case) chargeTime(t time.Time) string {
	zone := c.Cohort.Location()
	return civil.DateOf(t, zone).Words() + ", " + t.In(zone).Format("15:04") + " (" + civil.ZoneName(zone.String()) + ")"
}

func (c Case) consentToCharges(partner int, paying string, now time.Time) ChargeConsent {
	statement := c.ChargeStatement(partner, paying)
	return ChargeConsent{At: now, Statement: statement, Hash: retreats.Hash(statement)}
}

// keepCard notes the card of a page that was completed, if its partner agreed
// to later charges: those of the dates that the couple still has.
func (b *Booking) keepCard(line Checkout, page stripepay.Checkout, now time.Time) {
	if page.CustomerID != "" && b.Customers[line.Partner] == "" {
		b.Customers[line.Partner] = page.CustomerID
	}
	if line.Consent == nil || page.State != stripepay.CheckoutComplete || page.PaymentMethodID == "" || page.CustomerID == "" {
		return
	}
	if slices.ContainsFunc(b.Transfers, func(t Transferred) bool { return !t.At.Before(line.StartedAt) }) {
		return
	}
	b.endCard(line.Partner, now)
	b.Cards[line.Partner] = &SavedCard{
		CustomerID: page.CustomerID, MethodID: page.PaymentMethodID, Brand: page.Card.Brand, Last4: page.Card.Last4,
		SavedAt: now, Consent: *line.Consent,
	}
	b.replan(now)
}

// endCard puts a partner's card on record as past, if there is one.
func (b *Booking) endCard(partner int, now time.Time) {
	if card := b.Cards[partner]; card != nil {
		b.PastCards = append(slices.Clone(b.PastCards), PastCard{SavedCard: *card, Partner: partner, Until: now})
		b.Cards[partner] = nil
	}
}

// CardFor is the card that pays the partner's share of what is charged by
// itself, and whose it is: the own one where the couple has split its payments,
// else the one that was saved last. Nil when there is none.
func (b *Booking) CardFor(share *int) (card *SavedCard, partner int) {
	if share != nil {
		return b.Cards[*share], *share
	}
	for i, saved := range b.Cards {
		if saved != nil && (card == nil || saved.SavedAt.After(card.SavedAt)) {
			card, partner = saved, i
		}
	}
	return card, partner
}

var errNoLaterCharge = fault.New(fault.Conflict, "Nothing is left that a card could be charged for.")

// SaveCard opens a page on which the partner saves a card for the charges to
// come, instead of the one that was saved before. Nothing is paid. The partner
// has read and agreed to what ChargeStatement says.
func (s *Service) SaveCard(ctx context.Context, id string, partner int) (string, error) {
	c, err := s.Case(ctx, id)
	if err != nil {
		return "", err
	}
	if c.Booking.IsOver() {
		return "", ErrOver
	}
	if c.Standing.State != retreats.Confirmed || c.ChargeStatement(partner, "") == "" {
		return "", errNoLaterCharge
	}
	if err := s.makeCustomer(ctx, c.Booking, partner); err != nil {
		return "", err
	}
	var line Checkout
	err = s.bookings.Update(ctx, id, func(b *Booking) error {
		now := s.now()
		fresh := c.with(b)
		consent := fresh.consentToCharges(partner, "", now)
		wanted := Checkout{Amount: b.zero(), Partner: partner, Consent: &consent}
		for _, open := range b.Checkouts {
			if open.ChargeID == "" && !open.Ended && now.Before(open.ExpiresAt) && open.isLike(wanted) {
				line = open
				return nil
			}
		}
		line = b.addCheckout(wanted, now)
		return nil
	})
	if err != nil || line.URL != "" {
		return line.URL, err
	}
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return "", err
	}
	page, err := s.openCheckout(ctx, b, line.ID)
	return page.URL, err
}

// makeCustomer makes the partner a customer at Stripe, who keeps cards.
func (s *Service) makeCustomer(ctx context.Context, b *Booking, partner int) error {
	if b.Customers[partner] != "" {
		return nil
	}
	key := fmt.Sprintf("%s-customer-%d", b.ID, partner+1)
	if since := b.Partners[partner].MailSince; since != nil {
		key += fmt.Sprintf("-%d", since.UnixMilli()) // another address is another call
	}
	made, err := s.pay.CreateCustomer(ctx, stripepay.CustomerParams{
		Key: key, Email: b.Partners[partner].Email, BookingID: b.ID,
	})
	if err != nil {
		return err
	}
	return s.bookings.Update(ctx, b.ID, func(b *Booking) error {
		if b.Customers[partner] == "" {
			b.Customers[partner] = made.ID
		}
		return nil
	})
}

// ForgetCard takes a partner's agreement to later charges back. Doing it twice
// is harmless.
func (s *Service) ForgetCard(ctx context.Context, id string, partner int) error {
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		b.endCard(partner, now)
		b.attend(now)
		b.replan(now)
		return nil
	})
}
