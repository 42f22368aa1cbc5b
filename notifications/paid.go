package notifications

import (
	"slices"
	"strconv"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/retreats"
)

// receipts tell both partners what has come and was kept. What made the place
// theirs is told with that.
func receipts(c booking.Case) []occasion {
	var all []occasion
	for _, p := range c.Booking.Payments {
		until, told := receiptUntil(c, p)
		if !told {
			continue
		}
		all = append(all, occasion{key: p.ID, due: p.At, until: until, tell: func(m *MailData) { tellPayment(c, p, m) }})
	}
	return all
}

// receiptUntil says until when a payment is worth a mail of its own, if it is:
// a first part of what is paid for a place while the rest can still come, and
// everything that came when the place was theirs.
func receiptUntil(c booking.Case, p booking.Payment) (time.Time, bool) {
	b := c.Booking
	charge, known := b.Charge(p.ChargeID)
	if !known || b.Left(p).IsZero() {
		return time.Time{}, false
	}
	isFirst := charge.ID == b.Charges[0].ID
	switch {
	case isFirst && c.Standing.State == retreats.Held && c.Standing.Until != nil:
		return *c.Standing.Until, p.SettledAt == nil && !b.IsPaid(*charge)
	case isFirst && (c.Standing.State != retreats.Confirmed || !p.At.After(c.Standing.Since)):
		return time.Time{}, false
	}
	return p.At.Add(moneyUse), p.SettledAt != nil
}

func tellPayment(c booking.Case, p booking.Payment, m *MailData) {
	b := c.Booking
	charge, _ := b.Charge(p.ChargeID)
	m.Amount, m.What, m.Method = p.Amount.String(), chargeName(b, *charge), p.Method
	if b.Split != nil || p.Share != nil {
		m.Payer = b.Partners[p.Partner].Name
	}
}

// priceLine is what a booking's trail calls a price that was granted.
const priceLine = "price"

// priceLowered tells of the price that an organizer has granted; of several,
// the last one.
func priceLowered(c booking.Case) []occasion {
	i := lastLine(c.Booking.Trail, priceLine)
	if i < 0 || c.Booking.IsOver() {
		return nil
	}
	line := c.Booking.Trail[i]
	return []occasion{{key: keyOf(line.At), due: line.At, until: line.At.Add(moneyUse), tell: func(m *MailData) {
		m.OldPrice, m.NewPrice = line.From, line.To
	}}}
}

func lastLine(trail audit.Trail, what string) int {
	for i, line := range slices.Backward(trail) {
		if line.What == what {
			return i
		}
	}
	return -1
}

// cardsSaved send the owner of a card the agreement to later charges, word by
// word.
func cardsSaved(c booking.Case) []occasion {
	if c.Booking.IsOver() {
		return nil
	}
	var all []occasion
	for partner, card := range c.Booking.Cards {
		if card == nil {
			continue
		}
		all = append(all, cardOccasion(c, *card, partner, card.SavedAt, func(m *MailData) {
			m.Statement, m.AgreedAt = card.Consent.Statement, card.Consent.At
		}))
	}
	return all
}

// cardsRemoved tell the owner of a card that it is not charged any more, unless
// another one has taken its place.
func cardsRemoved(c booking.Case) []occasion {
	b := c.Booking
	if b.IsOver() {
		return nil
	}
	replaced := func(past booking.PastCard) bool {
		next := b.Cards[past.Partner]
		return (next != nil && next.SavedAt.Equal(past.Until)) || slices.ContainsFunc(b.PastCards, func(other booking.PastCard) bool {
			return other.Partner == past.Partner && other.SavedAt.Equal(past.Until)
		})
	}
	var all []occasion
	for _, past := range b.PastCards {
		if !replaced(past) {
			all = append(all, cardOccasion(c, past.SavedCard, past.Partner, past.Until, func(*MailData) {}))
		}
	}
	return all
}

func cardOccasion(c booking.Case, card booking.SavedCard, partner int, at time.Time, tell func(*MailData)) occasion {
	return occasion{
		key: keyOf(at) + ".card-" + strconv.Itoa(partner+1), due: at, until: at.Add(moneyUse), to: []int{partner},
		tell: func(m *MailData) {
			m.Card = cardWords(c.Booking, card.Last4, partner, m.readers)
			if len(m.readers) > 1 {
				m.Payer = c.Booking.Partners[partner].Name
			}
			tell(m)
		},
	}
}
