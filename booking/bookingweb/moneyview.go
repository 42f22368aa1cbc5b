package bookingweb

import (
	"lantern/internal/money"
	"lantern/internal/web"
)

// moneyView is what one partner reads of the couple's money.
type moneyView struct {
	// List is the price before the Reductions, empty if there are none.
	Price, List string
	Reductions  []lineView
	Charges     []chargeView
	Payments    []lineView
	Refunds     []lineView
	// Notes are sentences about all of it.
	Notes []string
	// Open is what is still owed in all, empty if nothing is.
	Open     string
	ZoneName string
	Split    *splitView
	Cards    *cardsView
}

// chargeView is a charge with its state in words and the way to pay it.
type chargeView struct {
	lineView
	// Notes say what becomes of it, a sentence each.
	Notes []string
	// Pay is nil when it cannot be paid now.
	Pay *payView
}

// payView is a form that leads to the card page.
type payView struct {
	URL, Charge string
	Ways        []wayView
	// Agreement is shown before the card page where a card can be kept for what
	// is charged later.
	Agreement *agreementView
	// Quiet is for what need not be paid now.
	Quiet bool
}

// wayView is a button: whose part it pays.
type wayView struct {
	Share, Text string
	Quiet       bool
}

// agreementView is the agreement to later charges, word by word. Hash tells
// whether it is still the same when it is agreed to.
type agreementView struct {
	Lines []string
	Hash  string
}

// splitView is how the two of them share what is open.
type splitView struct {
	// First is the first partner's part in per cent, empty when they pay together.
	First string
	// Names are those of the first and of the second partner.
	Names [2]string
	// By is who has said so, empty when they pay together.
	By string
}

// cardsView are the cards that may be charged later.
type cardsView struct {
	Lines []string
	// Mine says that the reader has one.
	Mine bool
	// Agreement is what the reader agrees to who saves a card, nil when nothing
	// is left that it could be charged for.
	Agreement *agreementView
}

// Late is the first charge that should have been paid by now, or whose card was
// declined; nil without one.
func (m *moneyView) Late() *chargeView {
	for i := range m.Charges {
		if m.Charges[i].Kind == "late" && m.Charges[i].Pay != nil {
			return &m.Charges[i]
		}
	}
	return nil
}

// Due is the first charge that can be paid, nil without one.
func (m *moneyView) Due() *chargeView {
	for i := range m.Charges {
		if m.Charges[i].Pay != nil {
			return &m.Charges[i]
		}
	}
	return nil
}

// cancelPage asks before it cancels, with what comes back.
type cancelPage struct {
	web.Page
	URL, Name, Dates, Ref string
	Waiting               bool
	Problem               string
	// Paid is empty when nothing comes back since nothing was paid; Back is what
	// comes back, None that nothing does.
	Paid, Back string
	None       bool
	// Also has just come and goes back in full, whatever the policy.
	Also []string
	// Why says by what so much comes back.
	Why string
	// Seen goes with the form: what the reader was shown.
	Seen money.Amount
	// Periods are those of the policy, with what each would give back.
	Periods []periodView
	// Returns are the payments that it goes back to, the newest first.
	Returns []lineView
	// When says when it is sent, Refill what another couple in the place changes.
	When, Refill string
}

type periodView struct {
	When, Share, Back string
	Today             bool
}

// statementPage is everything about the couple's money, made for printing.
type statementPage struct {
	web.Page
	URL, Ref, Dates, ZoneName, MadeOn string
	Names                             [2]string
	Money                             *moneyView
	Received, Returned, Kept          string
	Policy                            []string
	AcceptedOn                        string
	Cancelled                         string // when, empty if not
}

// receiptPage is one payment, made for printing.
type receiptPage struct {
	web.Page
	URL, Ref, Number, Dates, ZoneName string
	Names                             [2]string
	Amount, For, From, How, When      string
	Reference                         string
	Refunds                           []lineView
	Open                              string
}
