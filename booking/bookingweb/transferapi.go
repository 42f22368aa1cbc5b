package bookingweb

import (
	"context"
	"net/http"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/web"
)

// Changing to other dates with a place, for programs.
func (h *Handlers) registerTransferAPI(api *web.API) {
	const tag = "Bookings"
	web.Register(api, web.Operation{
		ID: "list-transfers", Method: http.MethodGet, Path: "/api/v1/bookings/{id}/transfers", Tag: tag,
		Summary: "Dates that a couple with a place could change to, and what they would cost", Right: access.OwnBooking,
	}, h.getTransfers)
	web.Register(api, web.Operation{
		ID: "transfer", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/transfers", Tag: tag,
		Summary: "Change to other dates with the place and what was paid: once, until 14 days before the start", Right: access.OwnPartner,
	}, h.postTransfer)
	web.Register(api, web.Operation{
		ID: "transfer-by-staff", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/place/transfer", Tag: tag,
		Summary: "Change a couple with a place to other dates, with a reason", Right: access.ManageCohorts,
	}, h.postStaffTransfer)
}

type transferJSON struct {
	Cohort   string       `json:"cohort"`
	Price    money.Amount `json:"price"`
	Returned money.Amount `json:"returned" doc:"What comes back at once"`
	Rest     money.Amount `json:"rest" doc:"What is still to pay there"`
}

type transfersOutput struct {
	Body struct {
		MayTransfer bool           `json:"may_transfer"`
		Why         string         `json:"why_not,omitempty"`
		Transfers   []transferJSON `json:"transfers"`
	}
}

func (h *Handlers) getTransfers(ctx context.Context, in *bookingInput) (*transfersOutput, error) {
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	now := h.options.Retreats.Now()
	out := &transfersOutput{}
	out.Body.Transfers = []transferJSON{}
	if err := c.MayTransfer(now); err != nil {
		out.Body.Why = fault.TextOf(err)
		return out, nil
	}
	out.Body.MayTransfer = true
	targets, err := h.options.Bookings.TransferTargets(ctx, c)
	for _, to := range targets {
		p := c.PreviewTransfer(to, now)
		out.Body.Transfers = append(out.Body.Transfers, transferJSON{Cohort: to.ID, Price: p.Price, Returned: p.Returned, Rest: p.Rest})
	}
	return out, err
}

type transferInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		To           string        `json:"to" maxLength:"100" doc:"The other cohort"`
		AcceptPolicy bool          `json:"accept_policy" doc:"The couple accepts the price and the refund policy of those dates"`
		Price        *money.Amount `json:"price,omitempty" doc:"What those dates were seen to cost; if that has changed, nothing is done"`
	}
}

func (h *Handlers) postTransfer(ctx context.Context, in *transferInput) (*bookingOutput, error) {
	err := h.options.Bookings.TransferByCouple(ctx, in.ID, booking.Transfer{
		To: in.Body.To, AcceptPolicy: in.Body.AcceptPolicy, IP: web.AddressOf(ctx), Seen: in.Body.Price,
	})
	if err != nil {
		return nil, err
	}
	return h.seen(ctx, in.ID)
}

type staffTransferInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		To     string `json:"to" maxLength:"100" doc:"The other cohort"`
		Reason string `json:"reason" maxLength:"400"`
	}
}

func (h *Handlers) postStaffTransfer(ctx context.Context, in *staffTransferInput) (*bookingOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.TransferByStaff(ctx, in.ID, in.Body.To, in.Body.Reason, actor.By()); err != nil {
		return nil, err
	}
	return h.seen(ctx, in.ID)
}
