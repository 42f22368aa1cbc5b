package bookingweb

import (
	"context"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/internal/web"
)

// What a partner does about money, for programs that act with the partner's own
// token.
func (h *Handlers) registerPayingAPI(api *web.API) {
	const tag = "Paying"
	web.Register(api, web.Operation{
		ID: "pay", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/pay", Tag: tag,
		Summary: "Open a card page for a charge, or for a part of it", Right: access.OwnPartner,
	}, h.postPay)
	web.Register(api, web.Operation{
		ID: "get-agreement", Method: http.MethodGet, Path: "/api/v1/bookings/{id}/agreement", Tag: tag,
		Summary: "What this partner agrees to whose card is kept for later charges", Right: access.OwnPartner,
	}, h.getAgreement)
	web.Register(api, web.Operation{
		ID: "save-card", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/card", Tag: tag,
		Summary: "Open a page that saves this partner's card for later charges; nothing is paid", Right: access.OwnPartner,
	}, h.postCard)
	web.Register(api, web.Operation{
		ID: "forget-card", Method: http.MethodDelete, Path: "/api/v1/bookings/{id}/card", Tag: tag,
		Summary: "Take this partner's agreement to later charges back", Right: access.OwnPartner,
	}, h.deleteCard)
	web.Register(api, web.Operation{
		ID: "split-payments", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/split", Tag: tag,
		Summary: "Say what each partner pays of every charge", Right: access.OwnPartner,
	}, h.putSplit)
	web.Register(api, web.Operation{
		ID: "get-quote", Method: http.MethodGet, Path: "/api/v1/bookings/{id}/quote", Tag: tag,
		Summary: "What comes back to a couple that cancels now", Right: access.OwnBooking,
	}, h.getQuote)
}

type payInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Charge    string `json:"charge" maxLength:"30" doc:"A charge's id"`
		Share     string `json:"share,omitempty" enum:"own,other,all" default:"all" doc:"Whose part, where the couple has split its payments"`
		SaveCard  bool   `json:"save_card,omitempty" doc:"Keep the card for the later charges: this partner has read the statement that get-agreement gives for this charge and agrees to it"`
		Agreement string `json:"agreement,omitempty" maxLength:"64" doc:"With save_card: the hash of that statement"`
	}
}

type payOutput struct {
	Body struct {
		PayURL string `json:"pay_url" doc:"The card page; it leads back to the partner's own page"`
	}
}

func (h *Handlers) postPay(ctx context.Context, in *payInput) (*payOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	order, err := orderOf(in.Body.Charge, in.Body.Share, partner)
	if err != nil {
		return nil, err
	}
	if in.Body.SaveCard {
		if err := h.agreedOf(ctx, in.ID, partner, order.Charge, in.Body.Agreement); err != nil {
			return nil, err
		}
		order.SaveCard = true
	}
	out := &payOutput{}
	out.Body.PayURL, err = h.options.Bookings.Pay(ctx, in.ID, order)
	return out, err
}

// agreedOf refuses an agreement to what is not what would be charged.
func (h *Handlers) agreedOf(ctx context.Context, id string, partner int, paying, seen string) error {
	c, err := h.options.Bookings.Case(ctx, id)
	if err != nil {
		return err
	}
	return agreed(c, partner, paying, seen)
}

type agreementInput struct {
	ID     string `path:"id" maxLength:"100"`
	Charge string `query:"charge" maxLength:"30" doc:"The charge that is paid at the same time, if any; it is left out"`
}

type agreementOutput struct {
	Body struct {
		Statement string `json:"statement" doc:"Word by word; empty when nothing is left to charge"`
		Hash      string `json:"hash"`
	}
}

func (h *Handlers) getAgreement(ctx context.Context, in *agreementInput) (*agreementOutput, error) {
	c, partner, err := h.caseOfToken(ctx)
	if err != nil {
		return nil, err
	}
	out := &agreementOutput{}
	if a := agreement(c, partner, in.Charge); a != nil {
		out.Body.Statement, out.Body.Hash = c.ChargeStatement(partner, in.Charge), a.Hash
	}
	return out, nil
}

type saveCardInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Agreement string `json:"agreement" maxLength:"64" doc:"The hash of the statement that get-agreement gives: this partner has read it and agrees to it"`
	}
}

type saveCardOutput struct {
	Body struct {
		URL string `json:"url" doc:"The page on which the card is saved"`
	}
}

func (h *Handlers) postCard(ctx context.Context, in *saveCardInput) (*saveCardOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.agreedOf(ctx, in.ID, partner, "", in.Body.Agreement); err != nil {
		return nil, err
	}
	out := &saveCardOutput{}
	out.Body.URL, err = h.options.Bookings.SaveCard(ctx, in.ID, partner)
	return out, err
}

func (h *Handlers) deleteCard(ctx context.Context, in *bookingInput) (*bookingOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.options.Bookings.ForgetCard(ctx, in.ID, partner); err != nil {
		return nil, err
	}
	return h.seen(ctx, in.ID)
}

type splitInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		FirstPercent int `json:"first_percent" minimum:"0" maximum:"99" doc:"What the first partner pays of each charge; 0: they pay together"`
	}
}

func (h *Handlers) putSplit(ctx context.Context, in *splitInput) (*bookingOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.options.Bookings.SplitPayments(ctx, in.ID, in.Body.FirstPercent, partner); err != nil {
		return nil, err
	}
	return h.seen(ctx, in.ID)
}

type quoteOutput struct {
	Body struct {
		Paid     money.Amount `json:"paid" doc:"What of the couple's money is with the practice"`
		Percent  int          `json:"percent" doc:"The share of it that comes back"`
		Back     money.Amount `json:"back"`
		Why      string       `json:"why" enum:"policy,everything,called_off,nothing_paid"`
		ReturnAt time.Time    `json:"return_at" doc:"When it would be sent"`
	}
}

func (h *Handlers) getQuote(ctx context.Context, in *bookingInput) (*quoteOutput, error) {
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if c.Booking.IsOver() {
		return nil, booking.ErrOver
	}
	now, out := h.options.Retreats.Now(), &quoteOutput{}
	q := c.Quote(now)
	out.Body.Paid, out.Body.Percent, out.Body.Back = q.Paid, q.Percent, q.Back
	out.Body.Why, out.Body.ReturnAt = quoteReasonJSON(q.Why), c.ReturnAt(q, now)
	return out, nil
}

type cancelInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body *struct {
		ExpectedRefund *money.Amount `json:"expected_refund,omitempty" doc:"What get-quote said: if it is something else by now, nothing is cancelled and the answer is 409"`
	} `required:"false"`
}

type cancelOutput struct {
	Body struct {
		Booking bookingJSON  `json:"booking"`
		Refund  money.Amount `json:"refund" doc:"What goes back, as quoted"`
	}
}

func (h *Handlers) cancelBooking(ctx context.Context, in *cancelInput) (*cancelOutput, error) {
	var seen *money.Amount
	if in.Body != nil {
		seen = in.Body.ExpectedRefund
	}
	if err := h.options.Bookings.Cancel(ctx, in.ID, seen); err != nil {
		return nil, err
	}
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &cancelOutput{}
	out.Body.Booking = h.readBy(ctx, c).Body.Booking
	out.Body.Refund = c.Booking.Cancellation.Quote
	return out, nil
}
