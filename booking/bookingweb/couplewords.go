package bookingweb

import (
	"strconv"
	"strings"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/web"
	"lantern/retreats"
)

// How money is called in front of a couple.

// chargeName is what a charge is for: "Instalment 2 of 3".
func chargeName(charges []booking.Charge, id string) string {
	instalments := 0
	for _, c := range charges {
		if c.Instalment() > 0 {
			instalments++
		}
	}
	if n := (booking.Charge{ID: id}).Instalment(); n > 0 {
		return "Instalment " + strconv.Itoa(n) + " of " + strconv.Itoa(instalments)
	}
	if name := chargeNames[id]; name != "" {
		return name
	}
	return "Payment"
}

// isolated keeps a name from right to left from turning the words around it.
func isolated(name string) string { return "\u2068" + name + "\u2069" }

// reductionName says why the price is lower.
func reductionName(r retreats.Reduction) string {
	switch r.Kind {
	case retreats.EarlyBirdReduction:
		return "Early price"
	case retreats.CodeReduction:
		return "Code " + r.Name
	}
	return "Lower price that we gave you"
}

func reductionLines(all []retreats.Reduction) []lineView {
	var lines []lineView
	for _, r := range all {
		less := money.Of(-r.Amount.Minor, r.Amount.Currency)
		lines = append(lines, lineView{What: reductionName(r), Amount: less.String()})
	}
	return lines
}

// paidHow says how money came.
var paidHow = map[booking.Method]string{
	booking.ByCard: "by card", booking.ByTransfer: "by bank transfer", booking.ByCash: "in cash",
}

// whereTo says where the money of a payment goes back to.
func whereTo(m booking.Method) string {
	switch m {
	case booking.ByTransfer:
		return "by bank transfer"
	case booking.ByCash:
		return "in cash"
	}
	return "to the card it came from"
}

// reasonWords say to a couple why money goes back. Why somebody is not cleared,
// or who, is not in it.
var reasonWords = map[booking.RefundReason]string{
	booking.RefundLate:       "it came after your hold had ended",
	booking.RefundCancelled:  "because you cancelled",
	booking.RefundCalledOff:  "because we called these dates off",
	booking.RefundNotCleared: "because the booking ended before it began",
	booking.RefundRefilled:   "another couple took your place",
	booking.RefundException:  "we gave it back to you",
	booking.RefundPart:       "only a part had come when your hold ended",
	booking.RefundMoved:      "your new dates cost less",
	booking.RefundMistake:    "it had been recorded by mistake",
	booking.RefundTwice:      "it was more than was due",
	booking.RefundAgain:      "sent again, since the bank had not taken it",
	booking.RefundByHand:     "we gave it back to you",
}

// refundState says how far a refund is, with the kind of its sign.
func refundState(r booking.Refund, by booking.Method, at func(booking.Refund) string) (words, kind string) {
	switch {
	case r.Reason == booking.RefundMistake:
		return "struck out", "none"
	case r.State == stripepay.RefundSucceeded:
		return "returned on " + at(r), "done"
	case r.State == stripepay.RefundFailed && r.Closed:
		return "the bank did not take it", "none"
	case r.State == stripepay.RefundFailed:
		return "did not arrive; we will write to you", "late"
	case by != booking.ByCard:
		return "we return it by hand", "due"
	}
	return "on its way", "due"
}

// shareWays are the buttons of a charge: one, or one for each part where the
// couple has split its payments.
func shareWays(c booking.Case, charge booking.Charge, reader int) []wayView {
	b := c.Booking
	open := b.Open(charge)
	own, other := b.OpenShare(charge, reader), b.OpenShare(charge, 1-reader)
	if b.Split == nil {
		return []wayView{{Text: "Pay " + open.String()}}
	}
	var ways []wayView
	if !own.IsZero() {
		ways = append(ways, wayView{Share: "own", Text: "Pay your part, " + own.String()})
	}
	if !other.IsZero() {
		ways = append(ways, wayView{Share: "other", Text: "Pay your partner’s part, " + other.String(), Quiet: len(ways) > 0})
	}
	if len(ways) > 1 {
		ways = append(ways, wayView{Share: "all", Text: "Pay all of it, " + open.String(), Quiet: true})
	}
	return ways
}

// agreement is the reader's agreement to later charges if a card is saved with
// the payment of that charge (or, with an empty one, alone); nil when nothing
// would be left to charge.
func agreement(c booking.Case, reader int, paying string) *agreementView {
	statement := c.ChargeStatement(reader, paying)
	if statement == "" {
		return nil
	}
	return &agreementView{Lines: strings.Split(strings.TrimSpace(statement), "\n"), Hash: retreats.Hash(statement)}
}

// hasCard reports whether a card pays the reader's part of what is charged by
// itself.
func hasCard(b *booking.Booking, reader int) bool {
	var share *int
	if b.Split != nil {
		share = &reader
	}
	card, _ := b.CardFor(share)
	return card != nil
}

// amountOf says how much of the whole a part is: "$480.00 of $960.00".
func amountOf(part, whole money.Amount) string { return part.String() + " of " + whole.String() }

// names are the partners' as sentences use them.
func names(b *booking.Booking) [2]string {
	return [2]string{isolated(b.Partners[0].Name), isolated(b.Partners[1].Name)}
}

// zoneWords name the zone of the dates in a sentence.
func zoneWords(c booking.Case) string { return web.ZoneName(c.Cohort.Zone) }
