package bookingweb

import (
	"slices"
	"strconv"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/web"
	"lantern/retreats"
)

// moneyForms are the forms of a booking's page whose fields are named with the
// form before them.
var moneyForms = map[string]bool{"payment": true, "strike": true, "price": true, "refund": true, "sent": true, "end": true, "presence": true, "partner1": true, "partner2": true}

// bookingMoneyView is the money of one booking as staff see it.
type bookingMoneyView struct {
	Price   string
	Reduced []string
	Split   string
	// Facts are the totals; Charges what is due when.
	Facts   []figureView
	Charges []lineView
	// Lines are what happened, in the order of time.
	Lines []bookingLineView
	Cards []string
	// Dispute is the one that is open and stops the charges, nil without one.
	Dispute *linkView
	Held    string
	// MayRecord and MayRefund show the forms; the rest is what they need.
	MayRecord, MayRefund   bool
	Open, Recorded, ToSend []optionView
	Partners               []optionView
	Currency, Kept, Quoted string
	// QuoteWords say what the policy gives back now.
	QuoteWords string
	NotCleared bool
	HasPlace   bool
}

// bookingLineView is a line of what happened.
type bookingLineView struct {
	When, What, How, Amount, State, Kind, URL string

	at time.Time
}

func moneyOf(c booking.Case, actor access.Actor, now time.Time) *bookingMoneyView {
	b, zone := c.Booking, c.Cohort.Location()
	quote := c.Quote(now)
	view := &bookingMoneyView{
		Price: b.Price.String(), Currency: b.Price.Currency, Kept: strconv.FormatInt(b.KeptInAll().Minor, 10),
		Quoted: strconv.FormatInt(quote.Back.Minor, 10), QuoteWords: quoteWordsForStaff(quote), NotCleared: b.IsNotCleared(),
		MayRecord: actor.Has(access.ManageCohorts) && !b.IsOver(), MayRefund: actor.Has(access.Refund),
		HasPlace: c.Standing.State == retreats.Held || c.Standing.State == retreats.Confirmed,
	}
	for _, r := range b.Reductions {
		words := reductionWords[r.Kind]
		if r.Name != "" {
			words += " " + r.Name
		}
		view.Reduced = append(view.Reduced, words+" "+r.Amount.String()+" less")
	}
	if b.Split != nil {
		view.Split = b.Partners[0].Name + " pays " + strconv.Itoa(b.Split.First) + " % of each charge, " + b.Partners[1].Name + " the rest."
	}
	for i, p := range b.Partners {
		view.Partners = append(view.Partners, optionView{Value: strconv.Itoa(i + 1), Text: p.Name})
	}
	view.addByHand(b, zone)
	view.addFacts(c)
	view.addCharges(c, now)
	view.addLines(c, now)
	for i, card := range b.Cards {
		if card != nil {
			view.Cards = append(view.Cards, b.Partners[i].Name+": "+cardWords(card.Brand, card.Last4)+", for later charges, agreed "+shortTime(card.Consent.At, zone))
		}
	}
	if i := slices.IndexFunc(b.Disputes, func(d booking.Dispute) bool { return d.State.Open() }); i >= 0 {
		view.Dispute = &linkView{URL: disputeURL(b.ID, b.Disputes[i].ID), Text: b.Disputes[i].Amount.String() + " is " + disputeWords(b.Disputes[i], zone)}
	}
	if c.Standing.State == retreats.Confirmed && hasAnyCard(b) && !b.OpenInAll().IsZero() {
		view.Held = heldBackWords[c.ChargesHeldBack()]
	}
	return view
}

// addByHand lists what of the money that did not come by card can be struck out
// or noted as sent.
func (v *bookingMoneyView) addByHand(b *booking.Booking, zone *time.Location) {
	for _, p := range b.Payments {
		if p.Method != booking.ByCard && !struckOut(b, p.ID) {
			v.Recorded = append(v.Recorded, optionView{Value: p.ID, Text: p.Amount.String() + " by " + methodWords[p.Method] + ", " + p.Reference + ", " + shortDay(p.At, zone)})
		}
	}
	for _, r := range b.ToSend() {
		v.ToSend = append(v.ToSend, optionView{Value: r.ID, Text: r.Amount.String() + ": " + refundReasonWords[r.Reason] + ", " + shortDay(r.At, zone)})
	}
}

func quoteWordsForStaff(q booking.Quote) string {
	switch q.Why {
	case booking.ByNothingPaid:
		return "Nothing of theirs is with us, so nothing goes back."
	case booking.ByNotCleared:
		return "One of them is not cleared: all of " + q.Paid.String() + " goes back."
	case booking.ByCalledOff:
		return "The dates are called off: all of " + q.Paid.String() + " goes back."
	}
	return "By the policy that they accepted, " + strconv.Itoa(q.Percent) + " % of " + q.Paid.String() + " goes back today: " + q.Back.String() + "."
}

func (v *bookingMoneyView) addFacts(c booking.Case) {
	b := c.Booking
	refunded := b.Received().Minus(b.KeptInAll())
	v.Facts = []figureView{
		{What: "Received", Amount: b.Received().String()}, {What: "Went back", Amount: refunded.String()},
		{What: "Kept", Amount: b.KeptInAll().Minus(b.DisputedAway()).String()},
	}
	if away := b.DisputedAway(); !away.IsZero() {
		v.Facts = append(v.Facts, figureView{What: "Taken by disputes", Amount: away.String(), Kind: "late"})
	}
	if v.HasPlace {
		v.Facts = append(v.Facts, figureView{What: "Open", Amount: b.OpenInAll().String()})
	}
}

func (v *bookingMoneyView) addCharges(c booking.Case, now time.Time) {
	b, zone := c.Booking, c.Cohort.Location()
	payable := c.CanPay()
	for _, charge := range b.Charges {
		if charge.Amount.IsZero() {
			continue // nothing of it was left when the price or the dates changed
		}
		open := b.Open(charge)
		line := lineView{What: chargeWords(b, charge.ID), Amount: charge.Amount.String(), When: "due " + shortTime(charge.DueAt, zone), State: open.String() + " open", Kind: "due"}
		switch {
		case b.IsOver():
			line.State, line.Kind = "not owed any more", "none"
		case open.IsZero():
			line.State, line.Kind = "paid", "done"
		case !v.HasPlace:
			line.State, line.Kind = "not owed without a place", "none"
		default:
			next, ok := c.ChargesNext(charge.ID)
			if c.Standing.State == retreats.Confirmed && !now.Before(charge.DueAt) {
				line.State, line.Kind = "late, "+line.State, "late"
			}
			if c.Standing.State == retreats.Confirmed {
				var at *time.Time
				if ok {
					at = &next
				}
				line.When += "; " + howCharged(c, charge, at)
			}
		}
		v.Charges = append(v.Charges, line)
		if slices.ContainsFunc(payable, func(p booking.Charge) bool { return p.ID == charge.ID }) {
			v.Open = append(v.Open, optionView{Value: charge.ID, Text: chargeWords(b, charge.ID) + ": " + open.String() + " open"})
		}
	}
}

// addLines puts all that happened in the order of time.
func (v *bookingMoneyView) addLines(c booking.Case, now time.Time) {
	b := c.Booking
	lines := slices.Concat(paymentLines(b), refundLines(b), pageLines(b, now), tryLines(b), disputeLines(c))
	slices.SortStableFunc(lines, func(x, y bookingLineView) int { return x.at.Compare(y.at) })
	for _, line := range lines {
		line.When = shortTime(line.at, c.Cohort.Location())
		v.Lines = append(v.Lines, line)
	}
}

func struckOut(b *booking.Booking, paymentID string) bool {
	return slices.ContainsFunc(b.Refunds, func(r booking.Refund) bool {
		return r.PaymentID == paymentID && r.Reason == booking.RefundMistake
	})
}

func paymentLines(b *booking.Booking) (lines []bookingLineView) {
	for _, p := range b.Payments {
		line := bookingLineView{at: p.At, What: "Payment: " + chargeWords(b, p.ChargeID), Amount: p.Amount.String(), State: "received", Kind: "done"}
		line.How = b.Partners[p.Partner].Name + ", " + methodWords[p.Method]
		switch {
		case p.Method != booking.ByCard:
			line.How += ", " + p.Reference + ", recorded by " + p.By
			if struckOut(b, p.ID) {
				line.State, line.Kind = "struck out", "none"
			}
		case p.Fee != nil:
			line.How += ", Stripe's fee " + p.Fee.String()
		default:
			line.How += ", fee not known yet"
		}
		lines = append(lines, line)
	}
	return lines
}

func refundLines(b *booking.Booking) (lines []bookingLineView) {
	toSend := map[string]bool{}
	for _, r := range b.ToSend() {
		toSend[r.ID] = true
	}
	for _, r := range b.Refunds {
		line := bookingLineView{at: r.At, What: "Refund: " + refundReasonWords[r.Reason], Amount: negative(r.Amount).String()}
		if r.Waives {
			line.How = "not owed again"
		}
		switch {
		case r.Reason == booking.RefundMistake:
			line.What, line.How = "Struck out: recorded by mistake", "by "+r.By
			line.State, line.Kind = "never came", "none"
		case toSend[r.ID]:
			line.State, line.Kind = "to be made by hand", "late"
		case r.State == stripepay.RefundSucceeded:
			line.State, line.Kind = "returned", "done"
			if r.By != "" {
				line.How = "sent by " + r.By + ", " + r.Reference
			}
		case r.State == stripepay.RefundFailed:
			line.State, line.Kind = "failed", "late"
			if r.Closed {
				line.State, line.Kind = "failed, and seen to", "none"
			}
		default:
			line.State, line.Kind = "on its way", "due"
		}
		lines = append(lines, line)
	}
	return lines
}

// pageLines are the card pages by which no money came: those that were paid are
// payments.
func pageLines(b *booking.Booking, now time.Time) (lines []bookingLineView) {
	for _, page := range b.Checkouts {
		paid := slices.ContainsFunc(b.Payments, func(p booking.Payment) bool { return p.TryID == page.ID })
		if paid {
			continue
		}
		line := bookingLineView{at: page.StartedAt, What: "Card page", How: b.Partners[page.Partner].Name, Amount: page.Amount.String(), State: "left unpaid", Kind: "none"}
		if page.ChargeID == "" {
			line.What, line.Amount, line.State = "Card page to save a card", "", "ended"
		} else {
			line.What += ": " + chargeWords(b, page.ChargeID)
		}
		if !page.Ended && now.Before(page.ExpiresAt) {
			line.State, line.Kind = "open", "due"
		}
		lines = append(lines, line)
	}
	return lines
}

// tryLines are charges of saved cards that brought no money.
func tryLines(b *booking.Booking) (lines []bookingLineView) {
	for _, t := range b.Tries {
		line := bookingLineView{at: t.At, What: "Saved card charged: " + chargeWords(b, t.ChargeID), How: b.Partners[t.Partner].Name, Amount: t.Amount.String()}
		switch t.State {
		case booking.TrySucceeded:
			continue
		case booking.TryFailed:
			line.State, line.Kind = "failed: "+failureOf(t), "late"
			if code := t.DeclineCode; code != "" {
				line.How += ", code " + code
			} else if t.Code != "" {
				line.How += ", code " + t.Code
			}
		case booking.TryDropped:
			line.State = "not sent: nothing was to be charged any more"
		default:
			line.State, line.Kind = "asked, no answer yet", "due"
		}
		lines = append(lines, line)
	}
	return lines
}

func disputeLines(c booking.Case) (lines []bookingLineView) {
	for _, d := range c.Booking.Disputes {
		line := bookingLineView{at: d.At, What: "Dispute: " + disputeReason(d), Amount: money.Of(0, d.Amount.Currency).String(), URL: disputeURL(c.Booking.ID, d.ID)}
		if d.State.Takes() {
			line.Amount = negative(d.Amount).String()
		}
		line.State, line.Kind = disputeStates[d.State], "none"
		if d.State.Open() {
			line.Kind = "late"
			if !d.DueBy.IsZero() && !d.Answered {
				line.How = "answer by " + web.At(d.DueBy, c.Cohort.Location()).Text
			}
		}
		lines = append(lines, line)
	}
	return lines
}
