package bookingweb

import (
	"context"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/web"
	"lantern/retreats"
)

// A booking as the API shows it.

type bookingJSON struct {
	ID           string            `json:"id"`
	Ref          string            `json:"ref" doc:"Short name to say on the phone"`
	Cohort       string            `json:"cohort"`
	Token        string            `json:"token,omitempty" doc:"The first partner's key to this booking; given once"`
	Place        placeJSON         `json:"place"`
	PayURL       string            `json:"pay_url,omitempty" doc:"The page on which what is due can be paid"`
	Cancelled    bool              `json:"cancelled"`
	Price        money.Amount      `json:"price" doc:"What this couple agreed to"`
	ListPrice    *money.Amount     `json:"list_price,omitempty" doc:"What the cohort asked then, where it was more"`
	Reductions   []reductionJSON   `json:"reductions"`
	Open         money.Amount      `json:"open" doc:"What is still owed in all"`
	Split        *splitJSON        `json:"split,omitempty" doc:"What each partner pays, where they do not pay together"`
	Charges      []chargeJSON      `json:"charges"`
	Payments     []paymentJSON     `json:"payments"`
	Refunds      []refundJSON      `json:"refunds"`
	Tries        []tryJSON         `json:"tries" doc:"Charges of saved cards, the oldest first"`
	Cards        []cardJSON        `json:"cards" doc:"Cards that may be charged later"`
	Disputes     []disputeJSON     `json:"disputes" doc:"Payments that a bank looks into"`
	Cancellation *cancellationJSON `json:"cancellation,omitempty"`
}

type placeJSON struct {
	State    string     `json:"state" enum:"none,held,waiting,offered,confirmed"`
	Until    *time.Time `json:"until,omitempty" doc:"The deadline of a held or offered place"`
	Position int        `json:"position,omitempty" doc:"On the waitlist, from 1"`
}

type reductionJSON struct {
	Kind   retreats.ReductionKind `json:"kind" enum:"early_bird,code,sliding"`
	Name   string                 `json:"name,omitempty" doc:"A code's"`
	Amount money.Amount           `json:"amount"`
}

type splitJSON struct {
	FirstPercent  int `json:"first_percent" doc:"The first partner's part of each charge"`
	SecondPercent int `json:"second_percent"`
}

type chargeJSON struct {
	ID        string           `json:"id" pattern:"^(deposit|balance|full|instalment-[0-9]+)$" doc:"deposit, balance, full, or instalment-1, instalment-2, …"`
	Amount    money.Amount     `json:"amount"`
	DueAt     time.Time        `json:"due_at"`
	Paid      bool             `json:"paid"`
	Open      money.Amount     `json:"open" doc:"What is still owed of it"`
	Shares    []money.Amount   `json:"shares,omitempty" doc:"What each partner still owes of it, where they have split their payments"`
	Late      bool             `json:"late" doc:"It was due and is open"`
	ChargedAt *time.Time       `json:"charged_at,omitempty" doc:"When a saved card is next charged for it"`
	HeldBack  booking.HeldBack `json:"held_back,omitempty" enum:"place,clearance,dispute" doc:"Why a saved card is not charged for it at the moment"`
}

type paymentJSON struct {
	ID      string       `json:"id"`
	Charge  string       `json:"charge"`
	Amount  money.Amount `json:"amount"`
	At      time.Time    `json:"at"`
	Method  string       `json:"method" enum:"card,transfer,cash"`
	Partner int          `json:"partner" doc:"Who paid: 1 or 2"`
}

type refundJSON struct {
	Amount  money.Amount `json:"amount"`
	Reason  string       `json:"reason"`
	State   string       `json:"state"`
	At      time.Time    `json:"at"`
	Payment string       `json:"payment"`
}

type tryJSON struct {
	Charge      string       `json:"charge"`
	Amount      money.Amount `json:"amount"`
	Partner     int          `json:"partner" doc:"Whose card: 1 or 2"`
	At          time.Time    `json:"at"`
	State       string       `json:"state" enum:"sent,processing,succeeded,failed,dropped" doc:"One that was dropped never reached the card"`
	Code        string       `json:"code,omitempty" doc:"The card service's, of one that failed; for its owner and for staff"`
	DeclineCode string       `json:"decline_code,omitempty"`
}

type cardJSON struct {
	Partner int       `json:"partner"`
	Brand   string    `json:"brand,omitempty"`
	Last4   string    `json:"last4,omitempty"`
	SavedAt time.Time `json:"saved_at"`
}

type disputeJSON struct {
	Payment string                 `json:"payment"`
	Amount  money.Amount           `json:"amount"`
	State   stripepay.DisputeState `json:"state"`
	At      time.Time              `json:"at"`
}

type cancellationJSON struct {
	At         time.Time     `json:"at"`
	ByPractice bool          `json:"by_practice"`
	Paid       money.Amount  `json:"paid" doc:"What of their money was with the practice then"`
	Percent    int           `json:"percent" doc:"The share of it that comes back"`
	Back       money.Amount  `json:"back"`
	Why        string        `json:"why,omitempty" enum:"policy,everything,called_off,exception,nothing_paid"`
	ReturnAt   *time.Time    `json:"return_at,omitempty" doc:"When it is sent"`
	ReturnedAt *time.Time    `json:"returned_at,omitempty"`
	RefilledAt *time.Time    `json:"refilled_at,omitempty" doc:"When another couple took the place"`
	Refilled   *money.Amount `json:"refilled,omitempty" doc:"What came back because of it"`
}

// readBy is the booking as whoever asks for it may read it: staff, or one of the
// partners by their own token. What a bank says of somebody's card is not for the
// other one.
func (h *Handlers) readBy(ctx context.Context, c booking.Case) *bookingOutput {
	out := h.output(c, "")
	if _, isStaff := web.ActorOf(ctx); isStaff {
		return out
	}
	reader, _ := c.Booking.PartnerOf(web.Bearer(ctx))
	for i, t := range out.Body.Booking.Tries {
		if t.Partner != reader+1 {
			out.Body.Booking.Tries[i].Code, out.Body.Booking.Tries[i].DeclineCode = "", ""
		}
	}
	return out
}

func (h *Handlers) output(c booking.Case, token string) *bookingOutput {
	b := c.Booking
	out := bookingJSON{
		ID: b.ID, Ref: b.Ref, Cohort: b.CohortID, Token: token, Cancelled: b.Cancellation != nil,
		Place: placeJSON{State: string(c.Standing.State), Until: c.Standing.Until, Position: c.Standing.Position},
		Price: b.Price, Open: b.OpenInAll(), Reductions: []reductionJSON{}, Cancellation: cancellationOf(b),
	}
	if out.Place.State == "" {
		out.Place.State = "none"
	}
	if list := b.Acceptance.ListPrice; len(b.Reductions) > 0 && list.Currency != "" {
		out.ListPrice = &list
	}
	for _, r := range b.Reductions {
		out.Reductions = append(out.Reductions, reductionJSON{r.Kind, r.Name, r.Amount})
	}
	if b.Split != nil {
		out.Split = &splitJSON{b.Split.First, 100 - b.Split.First}
	}
	out.Charges = chargesJSON(c, h.options.Retreats.Now())
	out.addLines(b)
	if token != "" && len(c.CanPay()) > 0 {
		out.PayURL = h.options.BaseURL + "/b/" + token
	}
	return &bookingOutput{Body: struct {
		Booking bookingJSON `json:"booking"`
	}{out}}
}

func chargesJSON(c booking.Case, now time.Time) []chargeJSON {
	b, all := c.Booking, []chargeJSON{}
	for _, charge := range b.Charges {
		line := chargeJSON{ID: charge.ID, Amount: charge.Amount, DueAt: charge.DueAt, Paid: b.IsPaid(charge), Open: b.Open(charge)}
		if b.IsOver() {
			line.Open.Minor = 0
		}
		if !line.Open.IsZero() {
			line.Late = now.After(charge.DueAt) && len(all) > 0
			if b.Split != nil {
				line.Shares = []money.Amount{b.OpenShare(charge, 0), b.OpenShare(charge, 1)}
			}
			for _, p := range c.OpenParts(charge) {
				if p.Card != nil {
					line.HeldBack = c.ChargesHeldBack()
				}
			}
			if at, ok := c.ChargesNext(charge.ID); ok {
				line.ChargedAt = &at
			}
		}
		all = append(all, line)
	}
	return all
}

func (out *bookingJSON) addLines(b *booking.Booking) {
	out.Payments, out.Refunds, out.Tries = []paymentJSON{}, []refundJSON{}, []tryJSON{}
	out.Cards, out.Disputes = []cardJSON{}, []disputeJSON{}
	for _, p := range b.Payments {
		method := "card"
		if p.Method != booking.ByCard {
			method = string(p.Method)
		}
		out.Payments = append(out.Payments, paymentJSON{p.ID, p.ChargeID, p.Amount, p.At, method, p.Partner + 1})
	}
	for _, r := range b.Refunds {
		state := string(r.State)
		if state == "" {
			state = "requested"
		}
		out.Refunds = append(out.Refunds, refundJSON{r.Amount, refundReasonJSON(r.Reason), state, r.At, r.PaymentID})
	}
	for _, t := range b.Tries {
		state := string(t.State)
		if state == "" {
			state = "sent"
		}
		out.Tries = append(out.Tries, tryJSON{t.ChargeID, t.Amount, t.Partner + 1, t.At, state, t.Code, t.DeclineCode})
	}
	for i, card := range b.Cards {
		if card != nil {
			out.Cards = append(out.Cards, cardJSON{i + 1, card.Brand, card.Last4, card.SavedAt})
		}
	}
	for _, d := range b.Disputes {
		out.Disputes = append(out.Disputes, disputeJSON{d.PaymentID, d.Amount, d.State, d.At})
	}
}

func cancellationOf(b *booking.Booking) *cancellationJSON {
	end := b.Cancellation
	if end == nil {
		return nil
	}
	out := &cancellationJSON{
		At: end.At, ByPractice: end.ByPractice, Paid: end.Paid, Percent: end.Percent, Back: end.Quote, Why: quoteReasonJSON(end.Why),
		ReturnAt: end.ReturnAt, ReturnedAt: end.ReturnedAt, RefilledAt: end.RefilledAt, Refilled: end.Refilled,
	}
	if out.Paid.Currency == "" {
		out.Paid = money.Of(0, b.Price.Currency) // of a booking that ended before this was noted
	}
	return out
}

// Both partners read these with their own tokens, and whether somebody is
// cleared is that partner's alone to know: here everything comes back, and that
// is all.
func quoteReasonJSON(why booking.QuoteReason) string {
	if why == booking.ByNotCleared {
		return "everything"
	}
	return string(why)
}

func refundReasonJSON(why booking.RefundReason) string {
	if why == booking.RefundNotCleared {
		return "everything"
	}
	return string(why)
}
