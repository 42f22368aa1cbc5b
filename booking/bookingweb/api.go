package bookingweb

import (
	"context"
	"errors"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/web"
)

const tag = "Bookings"

func (h *Handlers) registerAPI(api *web.API) {
	web.Register(api, web.Operation{
		ID: "create-booking", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/bookings", Tag: tag, Status: http.StatusCreated,
		Summary: "Hold a place for a couple, or join the waitlist", Right: access.Public,
	}, h.createBooking)
	web.Register(api, web.Operation{
		ID: "get-booking", Method: http.MethodGet, Path: "/api/v1/bookings/{id}", Tag: tag,
		Summary: "A booking: place, charges, payments, refunds", Right: access.OwnBooking,
	}, h.getBooking)
	web.Register(api, web.Operation{
		ID: "cancel-booking", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/cancel", Tag: tag,
		Summary: "Cancel a booking for which nothing has been paid", Right: access.OwnPartner,
	}, h.cancelBooking)
	web.Register(api, web.Operation{
		ID: "answer-offer", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/offer", Tag: tag,
		Summary: "Answer the offer of a place, or leave the waitlist", Right: access.OwnPartner,
	}, h.answerOffer)
}

type partnerJSON struct {
	Name     string `json:"name" maxLength:"200"`
	Email    string `json:"email" maxLength:"320"`
	Phone    string `json:"phone,omitempty" maxLength:"60"`
	TimeZone string `json:"time_zone,omitempty" maxLength:"60" doc:"IANA zone; the cohort's if not given"`
}

type createBookingInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Partners     []partnerJSON `json:"partners" minItems:"2" maxItems:"2"`
		SharedEmail  bool          `json:"shared_email,omitempty" doc:"Both partners read the same mailbox"`
		IfFull       string        `json:"if_full,omitempty" enum:"wait,fail" default:"fail"`
		AcceptPolicy bool          `json:"accept_policy" doc:"The couple accepts the cohort's refund policy"`
	}
}

type bookingOutput struct {
	Body struct {
		Booking bookingJSON `json:"booking"`
	}
}

type bookingJSON struct {
	ID        string        `json:"id"`
	Ref       string        `json:"ref" doc:"Short name to say on the phone"`
	Cohort    string        `json:"cohort"`
	Token     string        `json:"token,omitempty" doc:"The first partner's key to this booking; given once"`
	Place     placeJSON     `json:"place"`
	PayURL    string        `json:"pay_url,omitempty" doc:"The page on which what is due can be paid"`
	Cancelled bool          `json:"cancelled"`
	Charges   []chargeJSON  `json:"charges"`
	Payments  []paymentJSON `json:"payments"`
	Refunds   []refundJSON  `json:"refunds"`
}

type placeJSON struct {
	State    string     `json:"state" enum:"none,held,waiting,offered,confirmed"`
	Until    *time.Time `json:"until,omitempty" doc:"The deadline of a held or offered place"`
	Position int        `json:"position,omitempty" doc:"On the waitlist, from 1"`
}

type chargeJSON struct {
	ID     string       `json:"id" enum:"deposit,balance,full"`
	Amount money.Amount `json:"amount"`
	DueAt  time.Time    `json:"due_at"`
	Paid   bool         `json:"paid"`
}

type paymentJSON struct {
	Charge string       `json:"charge"`
	Amount money.Amount `json:"amount"`
	At     time.Time    `json:"at"`
}

type refundJSON struct {
	Amount money.Amount `json:"amount"`
	Reason string       `json:"reason"`
	State  string       `json:"state"`
	At     time.Time    `json:"at"`
}

func (h *Handlers) output(c booking.Case, token string) *bookingOutput {
	b := c.Booking
	out := bookingJSON{
		ID: b.ID, Ref: b.Ref, Cohort: b.CohortID, Token: token, Cancelled: b.Cancellation != nil,
		Place:   placeJSON{State: string(c.Standing.State), Until: c.Standing.Until, Position: c.Standing.Position},
		Charges: []chargeJSON{}, Payments: []paymentJSON{}, Refunds: []refundJSON{},
	}
	if out.Place.State == "" {
		out.Place.State = "none"
	}
	for _, charge := range b.Charges {
		out.Charges = append(out.Charges, chargeJSON{charge.ID, charge.Amount, charge.DueAt, b.IsPaid(charge)})
	}
	for _, p := range b.Payments {
		out.Payments = append(out.Payments, paymentJSON{p.ChargeID, p.Amount, p.At})
	}
	for _, r := range b.Refunds {
		state := string(r.State)
		if state == "" {
			state = "requested"
		}
		out.Refunds = append(out.Refunds, refundJSON{r.Amount, string(r.Reason), state, r.At})
	}
	if token != "" && h.payable(c) != "" {
		out.PayURL = h.options.BaseURL + "/b/" + token
	}
	return &bookingOutput{Body: struct {
		Booking bookingJSON `json:"booking"`
	}{out}}
}

func (h *Handlers) createBooking(ctx context.Context, in *createBookingInput) (*bookingOutput, error) {
	a := booking.Application{
		SharedEmail: in.Body.SharedEmail, AcceptPolicy: in.Body.AcceptPolicy,
		Wait: in.Body.IfFull == "wait", Key: web.RepeatKey(ctx), IP: web.AddressOf(ctx),
	}
	for i, p := range in.Body.Partners {
		a.Partners[i] = booking.PartnerInput{Name: p.Name, Email: p.Email, Phone: p.Phone, Zone: p.TimeZone}
	}
	c, err := h.options.Bookings.Book(ctx, in.ID, a)
	if err != nil {
		return nil, asSent(err)
	}
	return h.output(c, h.options.Bookings.Token(c.Booking.ID, 0)), nil
}

// asSent names faulty fields as the API's callers do.
func asSent(err error) error {
	fields := fault.FieldsOf(err)
	if fields == nil {
		return err
	}
	renamed := fault.Fields{}
	for name, text := range fields {
		switch {
		case len(name) > 9 && name[:9] == "partner1.":
			name = "partners[0]." + name[9:]
		case len(name) > 9 && name[:9] == "partner2.":
			name = "partners[1]." + name[9:]
		}
		if len(name) > 5 && name[len(name)-5:] == ".zone" {
			name = name[:len(name)-5] + ".time_zone"
		}
		renamed[name] = text
	}
	return fault.InvalidFields(renamed)
}

type bookingInput struct {
	ID string `path:"id" maxLength:"100"`
}

func (h *Handlers) getBooking(ctx context.Context, in *bookingInput) (*bookingOutput, error) {
	return h.seen(ctx, in.ID)
}

type cancelOutput struct {
	Body struct {
		Booking bookingJSON  `json:"booking"`
		Refund  money.Amount `json:"refund" doc:"What goes back, as quoted"`
	}
}

func (h *Handlers) cancelBooking(ctx context.Context, in *bookingInput) (*cancelOutput, error) {
	if err := h.options.Bookings.Cancel(ctx, in.ID, nil); err != nil {
		return nil, err
	}
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &cancelOutput{}
	out.Body.Booking = h.output(c, "").Body.Booking
	out.Body.Refund = c.Booking.Cancellation.Quote
	return out, nil
}

type answerOfferInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Answer       booking.Answer `json:"answer" enum:"accept,pass,leave"`
		AcceptPolicy bool           `json:"accept_policy,omitempty" doc:"The couple accepts the refund policy of the cohort that it was moved to"`
		Leave        []string       `json:"leave,omitempty" maxItems:"20" doc:"With accept: the couple's other bookings that wait and are given up"`
	}
}

func (h *Handlers) answerOffer(ctx context.Context, in *answerOfferInput) (*bookingOutput, error) {
	if in.Body.AcceptPolicy {
		if err := h.options.Bookings.AcceptTerms(ctx, in.ID, web.AddressOf(ctx)); err != nil {
			return nil, err
		}
	}
	if err := h.options.Bookings.AnswerOffer(ctx, in.ID, in.Body.Answer); err != nil {
		return nil, err
	}
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err == nil && in.Body.Answer == booking.AcceptOffer && len(in.Body.Leave) > 0 {
		err = h.options.Bookings.LeaveOthers(ctx, c.Booking, in.Body.Leave)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, booking.ErrOver
	}
	if err != nil {
		return nil, err
	}
	return h.output(c, ""), nil
}
