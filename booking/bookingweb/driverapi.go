package bookingweb

import (
	"context"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web"
)

// What a driver does, for programs. The token is the end of their own link; who
// has it sees and says what its page does, and nothing else.
func (h *Handlers) registerDriverAPI(api *web.API) {
	const tag = "Driving"
	web.Register(api, web.Operation{
		ID: "get-rides", Method: http.MethodGet, Path: "/api/v1/drivers/{token}", Tag: tag,
		Summary: "What a driver is asked for: when, where, and what they have said", Right: access.Public,
	}, h.getRides)
	web.Register(api, web.Operation{
		ID: "answer-ride", Method: http.MethodPost, Path: "/api/v1/drivers/{token}/answer", Tag: tag, Status: http.StatusOK,
		Summary: "Say as the driver whether they drive", Right: access.Public,
	}, h.postRideAnswer)
	web.Register(api, web.Operation{
		ID: "put-driver-texts", Method: http.MethodPut, Path: "/api/v1/drivers/{token}/texts", Tag: tag,
		Summary: "Agree to text messages as the driver, or end them", Right: access.Public,
	}, h.putRideTexts)
}

type ridesInput struct {
	Token string `path:"token" maxLength:"200" doc:"The end of the driver's own link"`
}

type rideJSON struct {
	Session  string    `json:"session"`
	PickUpAt time.Time `json:"pick_up_at"`
	Answer   string    `json:"answer,omitempty" enum:"yes,no" doc:"What the driver has said to the time at which it is now"`
	Open     bool      `json:"open" doc:"Whether an answer is still taken"`
}

type driverTextsJSON struct {
	Offered bool       `json:"offered" doc:"Whether texts are sent here at all"`
	Wanted  bool       `json:"wanted"`
	Phone   string     `json:"phone"`
	Wording string     `json:"wording" doc:"What is agreed to, word by word; show it before you ask"`
	GivenAt *time.Time `json:"given_at,omitempty"`
}

type ridesOutput struct {
	Body struct {
		Name     string          `json:"name" doc:"The driver's own"`
		Place    string          `json:"place"`
		TimeZone string          `json:"time_zone" doc:"Of the place"`
		Taxi     string          `json:"taxi" doc:"Whether they may come by taxi, in words"`
		Contact  string          `json:"contact,omitempty"`
		Rides    []rideJSON      `json:"rides"`
		Texts    driverTextsJSON `json:"texts"`
	}
}

func (h *Handlers) getRides(ctx context.Context, in *ridesInput) (*ridesOutput, error) {
	rides, err := h.options.Bookings.RidesOf(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	d, cohort, out := rides.List[0].Driver, rides.Cohort, &ridesOutput{}
	out.Body.Name, out.Body.Place, out.Body.TimeZone = d.Name, cohort.Programme.Location, cohort.Zone
	out.Body.Taxi, out.Body.Contact = rideWordsForDrivers[cohort.Rides.Is()], h.options.Contact
	for _, r := range rides.List {
		out.Body.Rides = append(out.Body.Rides, rideJSON{
			Session: r.Session.ID, PickUpAt: r.PickUpAt, Answer: string(r.Driver.AnswerFor(r.Session)), Open: !h.options.Retreats.Now().After(r.PickUpAt),
		})
	}
	out.Body.Texts = driverTextsJSON{Offered: h.options.Texts, Phone: d.Phone, Wording: booking.DriverTextWording(h.server.Renderer().Practice().Name)}
	if d.TextsTo() != "" {
		out.Body.Texts.Wanted, out.Body.Texts.Wording, out.Body.Texts.GivenAt = true, d.Texts.Wording, &d.Texts.At
	}
	return out, nil
}

type rideAnswerInput struct {
	Token string `path:"token" maxLength:"200"`
	Body  struct {
		Session string `json:"session" maxLength:"20"`
		Answer  string `json:"answer" enum:"yes,no"`
	}
}

func (h *Handlers) postRideAnswer(ctx context.Context, in *rideAnswerInput) (*ridesOutput, error) {
	if err := h.options.Bookings.AnswerRide(ctx, in.Token, in.Body.Session, booking.DriverAnswer(in.Body.Answer)); err != nil {
		return nil, err
	}
	return h.getRides(ctx, &ridesInput{Token: in.Token})
}

type rideTextsInput struct {
	Token string `path:"token" maxLength:"200"`
	Body  struct {
		Wanted bool `json:"wanted" doc:"true agrees to the wording, false ends texts"`
	}
}

func (h *Handlers) putRideTexts(ctx context.Context, in *rideTextsInput) (*ridesOutput, error) {
	change := h.stopRideTexts
	if in.Body.Wanted {
		change = h.allowRideTexts
	}
	if err := change(ctx, in.Token, booking.ByAPI); err != nil {
		return nil, err
	}
	return h.getRides(ctx, &ridesInput{Token: in.Token})
}

func (h *Handlers) allowRideTexts(ctx context.Context, token, source string) error {
	if !h.options.Texts {
		return errNoTexts
	}
	return h.options.Bookings.AllowDriverTexts(ctx, token, source)
}

func (h *Handlers) stopRideTexts(ctx context.Context, token, by string) error {
	rides, err := h.options.Bookings.RidesOf(ctx, token)
	if err != nil {
		return err
	}
	return h.options.Bookings.StopDriverTexts(ctx, rides.Booking.ID, rides.List[0].Driver.Phone, by)
}
