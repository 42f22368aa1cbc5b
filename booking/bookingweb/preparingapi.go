package bookingweb

import (
	"context"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web"
)

// What a partner does to prepare, for programs that act with the partner's own
// token. Neither partner's token shows what the other has consented to.
func (h *Handlers) registerPreparingAPI(api *web.API) {
	const tag = "Preparing"
	web.Register(api, web.Operation{
		ID: "get-preparation", Method: http.MethodGet, Path: "/api/v1/bookings/{id}/preparation", Tag: tag,
		Summary: "What this partner has consented to and confirmed, and the couple's drivers", Right: access.OwnPartner,
	}, h.getPreparation)
	web.Register(api, web.Operation{
		ID: "put-consent", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/consent", Tag: tag,
		Summary: "Give or withdraw the consent of the partner whose token it is", Right: access.OwnPartner,
	}, h.putConsent)
	web.Register(api, web.Operation{
		ID: "confirm-session", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/sessions/{session}/reply", Tag: tag,
		Summary: "Say that this partner comes to a preparation session, or ask for another time", Right: access.OwnPartner,
	}, h.putReply)
	web.Register(api, web.Operation{
		ID: "name-driver", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/drivers/{session}", Tag: tag,
		Summary: "Name who drives the couple after a medicine session", Right: access.OwnPartner,
	}, h.putDriver)
	web.Register(api, web.Operation{
		ID: "also-wait", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/waits", Tag: tag, Status: http.StatusCreated,
		Summary: "Wait for another cohort as well, as the same people", Right: access.OwnPartner,
	}, h.postWait)
}

// partner tells whose token the request came with. The route has let no other
// token in.
func (h *Handlers) partner(ctx context.Context) (int, error) {
	_, partner, err := h.options.Bookings.ByToken(ctx, web.Bearer(ctx))
	return partner, err
}

// caseOfToken is the booking whose token the request came with, and the partner.
func (h *Handlers) caseOfToken(ctx context.Context) (booking.Case, int, error) {
	b, partner, err := h.options.Bookings.ByToken(ctx, web.Bearer(ctx))
	if err != nil {
		return booking.Case{}, 0, err
	}
	c, err := h.options.Bookings.CaseOf(ctx, b)
	return c, partner, err
}

type consentJSON struct {
	Statement string     `json:"statement" doc:"What is agreed to, word by word"`
	GivenAt   *time.Time `json:"given_at,omitempty"`
}

type driverJSON struct {
	Session  string `json:"session"`
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	Relation string `json:"relation"`
	AskAgain bool   `json:"ask_again,omitempty" doc:"The session has moved since they were asked"`
	Email    string `json:"email,omitempty"`
	Answer   string `json:"answer,omitempty" enum:"yes,no" doc:"What the driver has said to the session as it is now"`
	ByText   bool   `json:"by_text,omitempty" doc:"The driver has agreed to text messages"`
	Link     string `json:"link" doc:"The driver's own page, to forward"`
}

type wishJSON struct {
	Session string `json:"session"`
	Wish    string `json:"wish" doc:"In the partner's own words"`
}

type preparationOutput struct {
	Body struct {
		Consent  consentJSON  `json:"consent" doc:"Of this partner alone"`
		Wishes   []wishJSON   `json:"wishes" doc:"The preparation sessions for which this partner asks for another time"`
		Sessions []string     `json:"sessions" doc:"The preparation sessions that this partner comes to, at the times at which they are now"`
		Drivers  []driverJSON `json:"drivers" doc:"Of the couple"`
	}
}

func (h *Handlers) getPreparation(ctx context.Context, in *bookingInput) (*preparationOutput, error) {
	c, partner, err := h.caseOfToken(ctx)
	if err != nil {
		return nil, err
	}
	out := &preparationOutput{}
	out.Body.Consent.Statement, out.Body.Sessions, out.Body.Drivers = booking.ConsentStatement(c.Cohort), []string{}, []driverJSON{}
	out.Body.Wishes = []wishJSON{}
	if given := c.ConsentOf(partner); given != nil {
		out.Body.Consent = consentJSON{Statement: given.Statement, GivenAt: &given.At}
	}
	for _, s := range c.Cohort.Sessions {
		if c.Booking.HasReplied(s, partner) {
			out.Body.Sessions = append(out.Body.Sessions, s.ID)
		}
		if wish := c.Booking.Wish(s, partner); wish != "" {
			out.Body.Wishes = append(out.Body.Wishes, wishJSON{s.ID, wish})
		}
	}
	for _, d := range c.Booking.Drivers {
		s, ok := c.Cohort.Session(d.Session)
		out.Body.Drivers = append(out.Body.Drivers, driverJSON{
			Session: d.Session, Name: d.Name, Phone: d.Phone, Relation: d.Relation, Email: d.Email, AskAgain: ok && !d.IsFor(s),
			ByText: d.TextsTo() != "", Answer: string(d.AnswerFor(s)), Link: h.options.Bookings.DriverLink(c.Booking.ID, d),
		})
	}
	return out, nil
}

type consentInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Given bool `json:"given" doc:"true gives it, false withdraws it"`
	}
}

func (h *Handlers) putConsent(ctx context.Context, in *consentInput) (*preparationOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Given {
		err = h.options.Bookings.GiveConsent(ctx, in.ID, partner)
	} else {
		err = h.options.Bookings.WithdrawConsent(ctx, in.ID, partner)
	}
	if err != nil {
		return nil, err
	}
	return h.getPreparation(ctx, &bookingInput{ID: in.ID})
}

type replyInput struct {
	ID      string `path:"id" maxLength:"100"`
	Session string `path:"session" maxLength:"20"`
	// Without a body the partner comes.
	Body *struct {
		Wish string `json:"wish,omitempty" maxLength:"200" doc:"Asks for another time, in a few words; without it the partner comes"`
	}
}

func (h *Handlers) putReply(ctx context.Context, in *replyInput) (*preparationOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body != nil && in.Body.Wish != "" {
		err = h.options.Bookings.AskForAnotherTime(ctx, in.ID, in.Session, partner, in.Body.Wish)
	} else {
		err = h.options.Bookings.ConfirmSession(ctx, in.ID, in.Session, partner)
	}
	if err != nil {
		return nil, err
	}
	return h.getPreparation(ctx, &bookingInput{ID: in.ID})
}

type driverInput struct {
	ID      string `path:"id" maxLength:"100"`
	Session string `path:"session" maxLength:"20"`
	Body    struct {
		Name     string `json:"name" maxLength:"200"`
		Phone    string `json:"phone" maxLength:"60"`
		Relation string `json:"relation" maxLength:"100" doc:"Who they are to the couple, in a word or two"`
		Email    string `json:"email,omitempty" maxLength:"254"`
	}
}

func (h *Handlers) putDriver(ctx context.Context, in *driverInput) (*preparationOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	driver := booking.DriverInput{Name: in.Body.Name, Phone: in.Body.Phone, Relation: in.Body.Relation, Email: in.Body.Email}
	if err := h.options.Bookings.NameDriver(ctx, in.ID, in.Session, partner, driver); err != nil {
		return nil, err
	}
	return h.getPreparation(ctx, &bookingInput{ID: in.ID})
}

type waitInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Cohort       string `json:"cohort" maxLength:"100"`
		AcceptPolicy bool   `json:"accept_policy" doc:"The couple accepts that cohort's refund policy"`
	}
}

func (h *Handlers) postWait(ctx context.Context, in *waitInput) (*bookingOutput, error) {
	partner, err := h.partner(ctx)
	if err != nil {
		return nil, err
	}
	c, err := h.options.Bookings.AlsoWait(ctx, in.ID, in.Body.Cohort, in.Body.AcceptPolicy)
	if err != nil {
		return nil, err
	}
	return h.output(c, h.options.Bookings.TokenOf(c.Booking, partner)), nil
}
