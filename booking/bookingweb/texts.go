package bookingweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// textsView is what a partner has said of text messages, and what they would
// agree to [D36].
type textsView struct {
	Wording, Phone string
	// Since is when they agreed, empty if they do not get texts; Ended is why
	// they do not get them any more.
	Since, Ended string
}

func textsOf(b *booking.Booking, partner int, practice string, zone *time.Location) *textsView {
	p := b.Partners[partner]
	view := &textsView{Wording: booking.TextWording(practice), Phone: p.Phone}
	switch given := p.Texts; {
	case given == nil:
	case b.TextsTo(partner) != "":
		view.Wording, view.Since = given.Wording, web.At(given.At, zone).Text
	case given.StoppedBy == booking.ByText:
		view.Ended = "You have ended texts by answering STOP. To have them again, send START to the number that they came from, or agree here once more."
	case given.StoppedBy == booking.ByCarrier:
		view.Ended = "Our texts did not reach your phone, so everything comes by mail. Is the number right?"
	}
	return view
}

// textsFact is what staff see of it.
func textsFact(b *booking.Booking, partner int, at func(time.Time) string) string {
	given := b.Partners[partner].Texts
	switch {
	case given == nil:
		return "not wanted"
	case b.TextsTo(partner) != "":
		return "wanted since " + at(given.At)
	case given.StoppedAt == nil:
		return "wanted at another number"
	case given.StoppedBy == booking.ByCarrier:
		return "do not reach the phone, since " + at(*given.StoppedAt)
	}
	return "ended " + at(*given.StoppedAt)
}

// errNoTexts answers who wants texts where none are sent.
var errNoTexts = fault.New(fault.Conflict, "We send no text messages. Everything comes by mail.")

func (h *Handlers) allowTexts(ctx context.Context, id string, partner int, phone, source string) error {
	if !h.options.Texts {
		return errNoTexts
	}
	return h.options.Bookings.AllowTexts(ctx, id, partner, phone, source)
}

func (h *Handlers) texts(c echo.Context) error {
	ctx := c.Request().Context()
	return h.preparing(c, "texts", func(visited booking.Case, partner int, form url.Values) error {
		switch form.Get("answer") {
		case "allow":
			if form.Get("agree") == "" {
				return fault.InvalidFields(fault.Fields{"agree": "Please tick the box if you want texts."})
			}
			return h.allowTexts(ctx, visited.Booking.ID, partner, form.Get("phone"), booking.ByPage)
		case "stop":
			return h.options.Bookings.StopTexts(ctx, visited.Booking.ID, partner, booking.ByPage)
		}
		return fault.InvalidFields(fault.Fields{"answer": "Answer with allow or stop."})
	})
}

func (h *Handlers) registerTextsAPI(api *web.API) {
	const tag = "Preparing"
	web.Register(api, web.Operation{
		ID: "get-texts", Method: http.MethodGet, Path: "/api/v1/bookings/{id}/texts", Tag: tag,
		Summary: "Whether this partner wants text messages, and what they would agree to", Right: access.OwnPartner,
	}, h.getTexts)
	web.Register(api, web.Operation{
		ID: "put-texts", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/texts", Tag: tag,
		Summary: "Agree to text messages, as the partner whose token it is, or end them", Right: access.OwnPartner,
	}, h.putTexts)
}

type textsOutput struct {
	Body struct {
		Wanted  bool       `json:"wanted"`
		Phone   string     `json:"phone,omitempty"`
		Wording string     `json:"wording" doc:"What is agreed to, word by word; show it before you ask"`
		GivenAt *time.Time `json:"given_at,omitempty"`
	}
}

func (h *Handlers) getTexts(ctx context.Context, in *bookingInput) (*textsOutput, error) {
	c, partner, err := h.caseOfToken(ctx)
	if err != nil {
		return nil, err
	}
	p, out := c.Booking.Partners[partner], &textsOutput{}
	out.Body.Phone, out.Body.Wording = p.Phone, booking.TextWording(h.server.Renderer().Practice().Name)
	if c.Booking.TextsTo(partner) != "" {
		out.Body.Wanted, out.Body.Wording, out.Body.GivenAt = true, p.Texts.Wording, &p.Texts.At
	}
	return out, nil
}

type textsInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Wanted bool   `json:"wanted" doc:"true agrees to the wording, false ends texts"`
		Phone  string `json:"phone,omitempty" maxLength:"60" doc:"The number that gets them; absent for the one that is known"`
	}
}

func (h *Handlers) putTexts(ctx context.Context, in *textsInput) (*textsOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Wanted {
		err = h.allowTexts(ctx, in.ID, partner, in.Body.Phone, booking.ByAPI)
	} else {
		err = h.options.Bookings.StopTexts(ctx, in.ID, partner, booking.ByAPI)
	}
	if err != nil {
		return nil, err
	}
	return h.getTexts(ctx, &bookingInput{ID: in.ID})
}
