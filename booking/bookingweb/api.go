package bookingweb

import (
	"context"
	"errors"
	"net/http"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
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
		Summary: "Cancel a booking; what comes back is what get-quote says", Right: access.OwnPartner,
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
		Code         string        `json:"code,omitempty" maxLength:"60" doc:"A code that lowers the price"`
	}
}

type bookingOutput struct {
	Body struct {
		Booking bookingJSON `json:"booking"`
	}
}

func (h *Handlers) createBooking(ctx context.Context, in *createBookingInput) (*bookingOutput, error) {
	a := booking.Application{
		SharedEmail: in.Body.SharedEmail, AcceptPolicy: in.Body.AcceptPolicy, Code: in.Body.Code,
		Wait: in.Body.IfFull == "wait", Key: web.RepeatKey(ctx), IP: web.AddressOf(ctx),
	}
	for i, p := range in.Body.Partners {
		a.Partners[i] = booking.PartnerInput{Name: p.Name, Email: p.Email, Phone: p.Phone, Zone: p.TimeZone}
	}
	c, err := h.options.Bookings.Book(ctx, in.ID, a)
	if err != nil {
		return nil, asSent(err)
	}
	return h.output(c, h.options.Bookings.TokenOf(c.Booking, 0)), nil
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
	return h.readBy(ctx, c), nil
}
