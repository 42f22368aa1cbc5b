package bookingweb

import (
	"context"
	"errors"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/web"
)

// What staff see and do about money, for programs with a staff token.
func (h *Handlers) registerMoneyAPI(api *web.API) {
	const tag = "Money"
	web.Register(api, web.Operation{
		ID: "get-ledger", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}/ledger", Tag: tag,
		Summary: "A cohort's money: totals, each couple, and its course by day", Right: access.ReadBookings,
	}, h.getLedger)
	web.Register(api, web.Operation{
		ID: "get-money-attention", Method: http.MethodGet, Path: "/api/v1/money/attention", Tag: tag,
		Summary: "What of the practice's money needs a person", Right: access.ReadBookings,
	}, h.getMoneyAttention)
	web.Register(api, web.Operation{
		ID: "get-comparison", Method: http.MethodGet, Path: "/api/v1/money/comparison", Tag: tag,
		Summary: "The last comparison of our books with Stripe's", Right: access.ReadBookings,
	}, h.getComparison)
	web.Register(api, web.Operation{
		ID: "ask-comparison", Method: http.MethodPost, Path: "/api/v1/money/comparison", Tag: tag, Status: http.StatusAccepted,
		Summary: "Let our books be compared with Stripe's now", Right: access.ManageCohorts,
	}, h.apiAskComparison)
	registerAct(h, api, "record-payment", "payments", "Record money that came by transfer or in cash", access.ManageCohorts, h.apiRecordPayment)
	registerAct(h, api, "strike-payment", "payments/{payment}/strike", "Strike out a payment that was recorded by mistake", access.ManageCohorts, h.apiStrikePayment)
	registerAct(h, api, "grant-price", "price", "Grant a couple a lower price", access.ManageCohorts, h.apiGrantPrice)
	registerAct(h, api, "give-money", "refunds", "Give money back to a couple that keeps its place", access.Refund, h.apiGiveMoney)
	registerAct(h, api, "note-refund-sent", "refunds/{refund}/sent", "Note that a refund was made by hand", access.Refund, h.apiRefundSent)
	registerAct(h, api, "end-booking", "end", "End a booking by the practice's decision", access.Refund, h.apiEnd)
}

// registerAct registers something that staff do to a booking, which answers
// with the booking.
func registerAct[In any](h *Handlers, api *web.API, id, path, summary string, right access.Right, do func(context.Context, *In, audit.By) (string, error)) {
	web.Register(api, web.Operation{
		ID: id, Method: http.MethodPost, Path: "/api/v1/bookings/{id}/" + path, Tag: "Money", Summary: summary, Right: right,
	}, func(ctx context.Context, in *In) (*bookingOutput, error) {
		actor, _ := web.ActorOf(ctx)
		bookingID, err := do(ctx, in, actor.By())
		if err != nil {
			return nil, err
		}
		return h.seen(ctx, bookingID)
	})
}

type recordPaymentInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Charge    string         `json:"charge" maxLength:"40" example:"balance"`
		Amount    money.Amount   `json:"amount"`
		Method    booking.Method `json:"method" enum:"transfer,cash"`
		Reference string         `json:"reference" maxLength:"200" doc:"Where it is found in the practice's own books"`
		Partner   int            `json:"partner" minimum:"1" maximum:"2" doc:"Who paid"`
	}
}

func (h *Handlers) apiRecordPayment(ctx context.Context, in *recordPaymentInput, by audit.By) (string, error) {
	return in.ID, h.options.Bookings.RecordPayment(ctx, in.ID, booking.Received{
		Charge: in.Body.Charge, Amount: in.Body.Amount, Method: in.Body.Method, Reference: in.Body.Reference, Partner: in.Body.Partner - 1,
	}, by)
}

type strikePaymentInput struct {
	ID      string `path:"id" maxLength:"100"`
	Payment string `path:"payment" maxLength:"100"`
	Body    struct {
		Reason string `json:"reason" maxLength:"400"`
	}
}

func (h *Handlers) apiStrikePayment(ctx context.Context, in *strikePaymentInput, by audit.By) (string, error) {
	return in.ID, h.options.Bookings.StrikePayment(ctx, in.ID, in.Payment, in.Body.Reason, by)
}

type grantPriceInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Price  money.Amount `json:"price" doc:"For both, lower than it is now"`
		Reason string       `json:"reason" maxLength:"400"`
	}
}

func (h *Handlers) apiGrantPrice(ctx context.Context, in *grantPriceInput, by audit.By) (string, error) {
	return in.ID, h.options.Bookings.Grant(ctx, in.ID, in.Body.Price, in.Body.Reason, by)
}

type giveMoneyInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Amount money.Amount  `json:"amount"`
		Reason string        `json:"reason" maxLength:"400"`
		Kept   *money.Amount `json:"kept,omitempty" doc:"What of their money was seen to be with you; if that has changed, as by the same request before, nothing is given"`
	}
}

func (h *Handlers) apiGiveMoney(ctx context.Context, in *giveMoneyInput, by audit.By) (string, error) {
	return in.ID, h.options.Bookings.Give(ctx, in.ID, booking.Gift{Amount: in.Body.Amount, Reason: in.Body.Reason, Seen: in.Body.Kept}, by)
}

type refundSentInput struct {
	ID     string `path:"id" maxLength:"100"`
	Refund string `path:"refund" maxLength:"120"`
	Body   struct {
		Reference string `json:"reference" maxLength:"200" doc:"Where it is found in the practice's own books"`
	}
}

func (h *Handlers) apiRefundSent(ctx context.Context, in *refundSentInput, by audit.By) (string, error) {
	return in.ID, h.options.Bookings.RefundSent(ctx, in.ID, in.Refund, in.Body.Reference, by)
}

type endInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Kind   booking.EndingKind `json:"kind" enum:"not_cleared,policy,amount" doc:"What comes back: everything, since one of the two is not cleared; what the accepted policy says; or the amount"`
		Amount *money.Amount      `json:"amount,omitempty" doc:"For amount"`
		Reason string             `json:"reason" maxLength:"400" doc:"For the couple to read"`
		Quoted *money.Amount      `json:"quoted,omitempty" doc:"What the policy was seen to give back; if that has changed, nothing is done"`
	}
}

func (h *Handlers) apiEnd(ctx context.Context, in *endInput, by audit.By) (string, error) {
	ending := booking.Ending{Kind: in.Body.Kind, Reason: in.Body.Reason, Seen: in.Body.Quoted}
	if in.Body.Amount != nil {
		ending.Amount = *in.Body.Amount
	}
	return in.ID, h.options.Bookings.End(ctx, in.ID, ending, by)
}

type totalsJSON struct {
	Expected money.Amount `json:"expected" doc:"What comes if all that is open is paid"`
	Received money.Amount `json:"received"`
	Refunded money.Amount `json:"refunded" doc:"With what is on its way"`
	Disputed money.Amount `json:"disputed" doc:"Taken back by Stripe because of disputes"`
	Kept     money.Amount `json:"kept" doc:"Received less refunded and disputed"`
	Due      money.Amount `json:"due" doc:"Open, and its day is to come"`
	Late     money.Amount `json:"late" doc:"Open, and its day has passed"`
}

func totalsOf(t booking.Totals) totalsJSON { return totalsJSON(t) }

type ledgerOutput struct {
	Body struct {
		Sums    []sumJSON          `json:"sums" doc:"By currency, the cohort's own first"`
		Couples []ledgerCoupleJSON `json:"couples"`
	}
}

type sumJSON struct {
	totalsJSON
	Fees        []money.Amount `json:"fees" doc:"Stripe's, in the currencies of its account"`
	FeesUnknown int            `json:"fees_unknown" doc:"Card payments of which the fee is not known yet"`
	Days        []dayJSON      `json:"days" doc:"How far it has come by the end of each day on which something changes"`
}

type dayJSON struct {
	Date     string       `json:"date" format:"date"`
	Expected money.Amount `json:"expected"`
	Received money.Amount `json:"received" doc:"Less what went back"`
}

type ledgerCoupleJSON struct {
	totalsJSON
	Booking  string        `json:"booking"`
	Ref      string        `json:"ref"`
	State    string        `json:"state" enum:"none,held,waiting,offered,confirmed"`
	Next     string        `json:"next,omitempty" doc:"The open charge that is due first"`
	Open     *money.Amount `json:"next_open,omitempty" doc:"What is open of it"`
	DueAt    *time.Time    `json:"next_due_at,omitempty"`
	ChargeAt *time.Time    `json:"next_charged_at,omitempty" doc:"When it is taken from a saved card by itself"`
	HeldBack string        `json:"held_back,omitempty" enum:"place,clearance,dispute" doc:"Why no card is charged"`
	Failure  string        `json:"last_failure,omitempty" doc:"Why the last try failed"`
}

func (h *Handlers) getLedger(ctx context.Context, in *bookingInput) (*ledgerOutput, error) {
	ledger, err := h.options.Bookings.Ledger(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &ledgerOutput{}
	out.Body.Sums, out.Body.Couples = []sumJSON{}, []ledgerCoupleJSON{}
	for _, sum := range ledger.Sums {
		view := sumJSON{totalsJSON: totalsOf(sum.Totals), Fees: append([]money.Amount{}, sum.Fees...), FeesUnknown: sum.FeesUnknown, Days: []dayJSON{}}
		for _, d := range sum.Days {
			view.Days = append(view.Days, dayJSON{string(d.Date), d.Expected, d.Received})
		}
		out.Body.Sums = append(out.Body.Sums, view)
	}
	for _, row := range ledger.Couples {
		out.Body.Couples = append(out.Body.Couples, ledgerCouple(row))
	}
	return out, nil
}

func ledgerCouple(row booking.LedgerRow) ledgerCoupleJSON {
	b := row.Booking
	view := ledgerCoupleJSON{totalsJSON: totalsOf(row.Totals), Booking: b.ID, Ref: b.Ref, State: string(row.Standing.State), HeldBack: string(row.HeldBack), ChargeAt: row.NextAt}
	if view.State == "" {
		view.State = "none"
	}
	if row.Next != nil {
		open := b.Open(*row.Next)
		view.Next, view.Open, view.DueAt = row.Next.ID, &open, &row.Next.DueAt
	}
	if row.Failure != nil {
		view.Failure = failureOf(*row.Failure)
	}
	return view
}

type attentionInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	After string `query:"after" maxLength:"500" doc:"The page before's next"`
}

type moneyAttentionOutput struct {
	Body struct {
		Matters []matterJSON `json:"matters"`
		Next    string       `json:"next,omitempty" doc:"Ask for the next page with this"`
	}
}

type matterJSON struct {
	Booking string       `json:"booking"`
	Ref     string       `json:"ref"`
	Cohort  string       `json:"cohort"`
	Kind    string       `json:"kind" enum:"dispute,not_cleared,refund_failed,refund_to_send,late"`
	Line    string       `json:"line,omitempty" doc:"The charge, refund or dispute that it is about"`
	Amount  money.Amount `json:"amount"`
	Since   time.Time    `json:"since"`
	By      *time.Time   `json:"by,omitempty" doc:"When evidence has to be at Stripe"`
}

func (h *Handlers) getMoneyAttention(ctx context.Context, in *attentionInput) (*moneyAttentionOutput, error) {
	all, next, err := h.options.Bookings.Concerns(ctx, in.Limit, in.After)
	if err != nil {
		return nil, err
	}
	out := &moneyAttentionOutput{}
	out.Body.Matters, out.Body.Next = []matterJSON{}, next
	for _, c := range all {
		for _, m := range c.Matters {
			out.Body.Matters = append(out.Body.Matters, matterJSON{c.Booking.ID, c.Booking.Ref, c.Booking.CohortID, string(m.Kind), m.Line, m.Amount, m.Since, m.By})
		}
	}
	return out, nil
}

type comparisonOutput struct {
	Body struct {
		EndedAt     *time.Time       `json:"ended_at,omitempty" doc:"Absent when there has been no comparison"`
		Agreed      bool             `json:"agreed" doc:"Nothing is left to a person"`
		Bookings    int              `json:"bookings" doc:"How many were looked at"`
		Payments    int              `json:"payments"`
		Differences []differenceJSON `json:"differences"`
		More        int              `json:"more" doc:"Differences that are not listed"`
		Running     bool             `json:"running" doc:"One is being made"`
		Endpoint    []string         `json:"endpoint" doc:"What is wrong with the webhook endpoint at Stripe, a sentence each"`
	}
}

type differenceJSON struct {
	Booking string    `json:"booking,omitempty"`
	Kind    string    `json:"kind"`
	Object  string    `json:"object,omitempty"`
	Text    string    `json:"text"`
	Mended  bool      `json:"mended"`
	At      time.Time `json:"at"`
}

func (h *Handlers) getComparison(ctx context.Context, _ *struct{}) (*comparisonOutput, error) {
	view, faults, err := h.comparison(ctx, nil, h.options.Bookings.Zone())
	if err != nil {
		return nil, err
	}
	out := &comparisonOutput{}
	out.Body.Agreed, out.Body.Running, out.Body.More = view.Agreed, view.Running, view.More
	out.Body.Endpoint, out.Body.Differences = append([]string{}, faults...), []differenceJSON{}
	last, err := h.options.Bookings.LastComparison(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Body.EndedAt, out.Body.Bookings, out.Body.Payments = last.EndedAt, last.Bookings, last.Payments
	for _, d := range last.Differences {
		out.Body.Differences = append(out.Body.Differences, differenceJSON{d.BookingID, string(d.Kind), d.Object, d.Words(), d.Mended, d.At})
	}
	return out, nil
}

func (h *Handlers) apiAskComparison(ctx context.Context, _ *struct{}) (*comparisonOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.AskComparison(ctx, actor.By()); err != nil {
		return nil, err
	}
	return h.getComparison(ctx, nil)
}
