package bookingweb

import (
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/stripepay"
	"lantern/internal/web"
	"lantern/retreats"
)

// moneyReader writes what one partner reads of the couple's money.
type moneyReader struct {
	booking.Case
	reader int
	url    string
	now    time.Time
	zone   *time.Location
}

func newMoneyReader(c booking.Case, reader int, url string, now time.Time) moneyReader {
	return moneyReader{Case: c, reader: reader, url: url, now: now, zone: c.Cohort.Location()}
}

func (m moneyReader) at(t time.Time) string   { return web.At(t, m.zone).Text }
func (m moneyReader) date(t time.Time) string { return web.Date(t, m.zone) }

// view is all of it.
func (m moneyReader) view() *moneyView {
	b := m.Booking
	v := &moneyView{
		Price: b.Price.String(), Reductions: reductionLines(b.Reductions), ZoneName: zoneWords(m.Case),
		Payments: m.payments(), Refunds: m.refunds(), Notes: m.notes(),
	}
	if list := b.Acceptance.ListPrice; len(b.Reductions) > 0 && list.Currency != "" {
		v.List = list.String()
	}
	if open := b.OpenInAll(); !open.IsZero() {
		v.Open = open.String()
	}
	payable := map[string]bool{}
	for _, charge := range m.CanPay() {
		payable[charge.ID] = !b.IsCharging(charge.ID)
	}
	for i, charge := range b.Charges {
		if charge.Amount.IsZero() {
			continue // nothing of it was left when the price or the dates changed
		}
		view := m.charge(i, charge)
		if payable[charge.ID] && m.reader != nobody {
			view.Pay = &payView{URL: m.url, Charge: charge.ID, Ways: shareWays(m.Case, charge, m.reader), Quiet: view.Kind != "late" && i > 0}
			if v.Due() == nil && !hasCard(b, m.reader) {
				view.Pay.Agreement = agreement(m.Case, m.reader, charge.ID)
			}
		}
		v.Charges = append(v.Charges, view)
	}
	if m.reader == nobody {
		return v // the rest is about what the reader can do
	}
	if !b.OpenInAll().IsZero() && (m.Standing.State == retreats.Held || m.Standing.State == retreats.Confirmed) {
		v.Split = m.split()
	}
	if m.Standing.State == retreats.Confirmed && !b.IsOver() {
		v.Cards = m.cards()
	}
	return v
}

// charge says how a charge stands and what becomes of it.
func (m moneyReader) charge(i int, charge booking.Charge) chargeView {
	b := m.Booking
	view := chargeView{lineView: lineView{
		What: chargeName(b.Charges, charge.ID), Amount: charge.Amount.String(), State: "due on " + m.date(charge.DueAt), Kind: "due",
	}}
	kept := b.Kept(charge.ID)
	switch {
	case b.IsPaid(charge) && kept.IsZero():
		view.State, view.Kind = "nothing is owed", "done"
		return view
	case b.IsPaid(charge):
		view.State, view.Kind = "paid", "done"
		return view
	case b.IsOver():
		view.State, view.Kind = "not owed any more", "none"
		return view
	case b.IsCharging(charge.ID):
		view.State = "is being charged to the saved card now"
		return view
	case i == 0 && m.Standing.State != retreats.Confirmed:
		view.State = "due now"
	}
	if !kept.IsZero() {
		view.Notes = append(view.Notes, amountOf(kept, charge.Amount)+" is here.")
	}
	if i > 0 || m.Standing.State == retreats.Confirmed {
		m.openCharge(&view, charge)
	}
	return view
}

// openCharge says what becomes of each part of a charge that is still open.
func (m moneyReader) openCharge(view *chargeView, charge booking.Charge) {
	parts := m.OpenParts(charge)
	overdue := !m.now.Before(charge.DueAt)
	waits, needed := false, false
	for _, p := range parts {
		words, kind := m.part(charge, p)
		if words != "" {
			view.Notes = append(view.Notes, words)
		}
		waits = waits || kind == "waits"
		needed = needed || kind == "late" || (kind == "" && overdue)
	}
	switch {
	case needed && overdue:
		view.State, view.Kind = "late since "+m.date(charge.DueAt), "late"
	case needed:
		view.Kind = "late"
	case waits && overdue:
		view.State = "waits"
		if m.ChargesHeldBack() == booking.HeldByPapers {
			view.State = "waits until both of you are cleared"
		}
	}
}

// part says what becomes of a part, in a sentence. The kind is "late" when
// somebody has to pay it by hand now, "waits" when its card has to wait, "auto"
// when its card is charged, and empty when it is paid by hand when it is due.
func (m moneyReader) part(charge booking.Charge, p booking.Part) (words, kind string) {
	whose := ""
	if p.Share != nil {
		whose = m.whosePart(*p.Share) + " is " + p.Amount.String() + ". "
	}
	if p.Card == nil {
		if p.Failed != nil {
			return whose + "The card was declined on " + m.at(p.Failed.At) + ". Please pay here.", "late"
		}
		return strings.TrimSpace(whose), ""
	}
	card := m.cardOf(p)
	switch m.ChargesHeldBack() {
	case booking.HeldByPapers: // [D13]
		return whose + "It waits until both of you are cleared, and is then charged to " + card + ", not before " + m.date(charge.DueAt) + ".", "waits"
	case booking.HeldByDispute:
		return whose + "It is not charged to " + card + " while a bank looks into a payment.", "waits"
	case booking.HeldByPlace:
		return "", ""
	}
	switch {
	case p.Failed == nil && p.At != nil:
		return whose + "It will be charged to " + card + " on " + m.at(*p.At) + ".", "auto"
	case p.Failed != nil:
		return whose + m.failed(*p.Failed, card, p.At), "late"
	}
	return "", ""
}

// failed says what came of charging a card, and what follows [D15].
func (m moneyReader) failed(t booking.Try, card string, again *time.Time) string {
	switch stripepay.CardAdvice(t.Code, t.DeclineCode) {
	case stripepay.AskPayer:
		return "The bank wants to ask you before " + card + " is charged: please pay here."
	case stripepay.NeverAgain:
		return "We could not charge " + card + " on " + m.at(t.At) + " and do not try it again: please pay here with another one."
	}
	if again != nil {
		return "We could not charge " + card + ": it was declined on " + m.at(t.At) + ". Please pay here; else we try again on " + m.at(*again) + "."
	}
	return "We could not charge " + card + ": it was declined, last on " + m.at(t.At) + ". Please pay here; we do not try it again."
}

// cardOf names the card of a part: "your card ending 4242".
func (m moneyReader) cardOf(p booking.Part) string {
	whose := "your card"
	if p.Partner != m.reader {
		whose = names(m.Booking)[p.Partner] + "’s card"
	}
	if p.Card.Last4 == "" {
		return whose
	}
	return whose + " ending " + p.Card.Last4
}

// whosePart says whose a part is to the reader.
func (m moneyReader) whosePart(partner int) string {
	if partner == m.reader {
		return "Your part"
	}
	return names(m.Booking)[partner] + "’s part"
}

// who names a partner to the reader.
func (m moneyReader) who(partner int) string {
	if partner == m.reader {
		return "you"
	}
	return names(m.Booking)[partner]
}

func (m moneyReader) payments() (lines []lineView) {
	b := m.Booking
	for _, p := range b.Payments {
		line := lineView{
			What: chargeName(b.Charges, p.ChargeID), Amount: p.Amount.String(), When: m.at(p.At), Kind: "done",
			State: "paid " + paidHow[p.Method] + " by " + m.who(p.Partner), URL: m.url + "/receipts/" + p.ID,
		}
		for _, d := range b.Disputes {
			switch {
			case d.PaymentID != p.ID:
			case d.State.Open():
				line.State, line.Kind = "is being looked into by a bank", "due"
			case d.State.Takes():
				line.State, line.Kind = "taken back by the bank", "none"
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func (m moneyReader) refunds() (lines []lineView) {
	b := m.Booking
	for _, r := range b.Refunds {
		method := booking.ByCard
		for _, p := range b.Payments {
			if p.ID == r.PaymentID {
				method = p.Method
			}
		}
		line := lineView{What: "Back " + whereTo(method), Amount: r.Amount.String(), When: reasonWords[r.Reason]}
		if r.Reason == booking.RefundMistake {
			line.What = "Struck out"
		}
		line.State, line.Kind = refundState(r, method, func(r booking.Refund) string { return m.date(r.AskedAt) })
		lines = append(lines, line)
	}
	return lines
}

// notes are what holds for all of the money.
func (m moneyReader) notes() (notes []string) {
	b := m.Booking
	if b.HasOpenDispute() {
		notes = append(notes, "A payment is being looked into by your bank. Nothing is charged until that has ended.")
	}
	return notes
}

func (m moneyReader) split() *splitView {
	b := m.Booking
	v := &splitView{Names: [2]string{b.Partners[0].Name, b.Partners[1].Name}}
	if b.Split != nil {
		v.First, v.By = number(b.Split.First), m.who(b.Split.By)
	}
	return v
}

func (m moneyReader) cards() *cardsView {
	b := m.Booking
	v := &cardsView{Agreement: agreement(m.Case, m.reader, ""), Mine: b.Cards[m.reader] != nil}
	used, _ := b.CardFor(nil)
	for i, card := range b.Cards {
		if card == nil {
			continue
		}
		line := "Your card: "
		if i != m.reader {
			line = names(b)[i] + "’s card: "
		}
		line += cardWords(card.Brand, card.Last4) + ", saved on " + m.date(card.SavedAt)
		if b.Split == nil && card != used {
			line += ". The other card is charged, since it was saved later"
		}
		v.Lines = append(v.Lines, line+".")
	}
	if len(v.Lines) == 0 && v.Agreement == nil {
		return nil
	}
	return v
}

// errAgreementChanged answers who agrees to charges that are others by now.
var errAgreementChanged = fault.New(fault.Conflict, "What you would agree to has changed since you saw it. Please read it again.")

// agreed reports whether the reader agrees to what the page has shown; it is
// refused if that has changed meanwhile.
func agreed(c booking.Case, reader int, paying, seen string) error {
	if now := agreement(c, reader, paying); now == nil || now.Hash != seen {
		return errAgreementChanged
	}
	return nil
}
