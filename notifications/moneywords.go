package notifications

import (
	"fmt"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
)

// MoneyWords are what mails say about money: amounts in words, and moments by
// the clocks of the place, where money is due.
type MoneyWords struct {
	// Charges are what the couple pays, all told.
	Charges []ChargeLine
	// Dues are what the mail's readers owe of one charge, Day when it is due,
	// for subjects: "Friday 12 March".
	Dues []DueLine
	Day  string
	// Amount came for What, by Method. Payer is who paid, or whose card it is,
	// where that has to be said.
	Amount, What, Payer string
	Method              booking.Method
	// OldPrice and NewPrice are of a price that was granted.
	OldPrice, NewPrice string
	// Card is one that was saved or removed, Statement what its owner agreed to
	// at AgreedAt, word by word.
	Card, Statement string
	AgreedAt        time.Time

	// Returned is the money that goes back, if any does, and WayBack how; Why
	// is its reason. Waived says that it is not owed again.
	Returned string
	WayBack  WayBack
	Why      booking.RefundReason
	Waived   bool
	// Paid is what a couple had paid whose booking ended, empty for nothing. All
	// of it goes back, or Percent of it by the policy that it has accepted.
	Paid          string
	All, ByPolicy bool
	Percent       int
	// Refill says that all comes back but Fee, which may be empty, when another
	// couple takes the place.
	Refill bool
	Fee    string
}

// WayBack is how money goes back: to cards, by people's hands, or both.
type WayBack struct{ Card, Hand bool }

// ChargeLine is what is due when.
type ChargeLine struct {
	Name string
	// Amount is all of it, or what is open of one that is not paid.
	Amount string
	// Own is the reader's part of what is open, empty where the couple pays
	// together.
	Own  string
	When string
	Paid bool
}

// DueLine is what the readers of a mail owe of a charge.
type DueLine struct {
	// What it is: "your part of instalment 2 of 3".
	What, Amount, When string
	// Card is the one that is charged or was, in words; empty without one.
	// ChargeOn is when it is charged next, empty when that does not happen by
	// itself.
	Card, ChargeOn string
	// Waits says that nothing is charged before both are cleared, Disputed that
	// nothing is because of a dispute [D13].
	Waits, Disputed bool
	// Asks says of a card that failed that its bank asks the owner first,
	// Useless that it must not be charged again.
	Asks, Useless bool
}

// Then reports whether the card is charged at the moment at which it is due.
func (l DueLine) Then() bool { return l.ChargeOn == l.When }

// Open lists the charges that are not paid.
func (w MoneyWords) Open() []ChargeLine {
	var open []ChargeLine
	for _, line := range w.Charges {
		if !line.Paid {
			open = append(open, line)
		}
	}
	return open
}

func chargeLines(c booking.Case, readers []int) []ChargeLine {
	b := c.Booking
	var lines []ChargeLine
	for _, charge := range b.Charges {
		line := ChargeLine{Name: chargeName(b, charge), Amount: charge.Amount.String(), When: placeTime(c, charge.DueAt), Paid: b.IsPaid(charge)}
		if !line.Paid {
			line.Amount = b.Open(charge).String()
		}
		if !line.Paid && b.Split != nil && len(readers) == 1 {
			line.Own = b.OpenShare(charge, readers[0]).String()
		}
		lines = append(lines, line)
	}
	return lines
}

// chargeName says what a charge is for.
func chargeName(b *booking.Booking, charge booking.Charge) string {
	switch {
	case charge.ID == booking.DepositCharge:
		return "the deposit"
	case charge.ID == booking.FullCharge:
		return "the whole price"
	case charge.Instalment() == 0:
		return "the rest of your price"
	}
	all := 0
	for _, other := range b.Charges {
		if other.Instalment() > 0 {
			all++
		}
	}
	return fmt.Sprintf("instalment %d of %d", charge.Instalment(), all)
}

// placeTime writes a moment by the clocks of the place: "Friday 12 March 2027,
// 10:00 (Pacific time)".
func placeTime(c booking.Case, t time.Time) string {
	zone := c.Cohort.Location()
	return moment(t, zone) + " (" + civil.ZoneName(zone.String()) + ")"
}
