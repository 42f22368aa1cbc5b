package bookingweb

import (
	"context"
	"net/http"
	"net/url"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// Who is not to begin a medicine session, since no driver has said yes [D30].

func (p *presentCouple) addRide(c booking.Case, s retreats.Session) {
	zone := c.Cohort.Location()
	if decided, ok := c.Booking.RideDecided(s); ok {
		p.Decided = decided.By + ", " + shortTime(decided.At, zone)
	}
	if c.MayBegin(s) {
		return
	}
	d, named := c.Booking.Driver(s.ID)
	switch {
	case !named:
		p.NoRide = "no driver is named"
	case d.HasRefused(s):
		p.NoRide = d.Name + " cannot drive"
	default:
		p.NoRide = d.Name + " has not said yes"
	}
}

// complain says what was not taken, and keeps the reason that was typed.
func (p *attendancePage) complain(fail error, typed url.Values) {
	if fail == nil {
		return
	}
	p.Problem = fault.TextOf(fail)
	reason := fault.FieldsOf(fail)["reason"]
	for i := range p.Couples {
		if c := &p.Couples[i]; reason != "" && c.BookingID == typed.Get("booking") {
			c.Typed, c.Fault = typed.Get("reason"), reason
		}
	}
}

func (h *Handlers) registerBeginningAPI(api *web.API) {
	web.Register(api, web.Operation{
		ID: "begin-all-the-same", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/sessions/{session}/begin", Tag: "Attendance",
		Summary: "Decide that a couple may begin a medicine session although no driver has said yes", Right: access.Attend,
	}, h.putBeginning)
}

type beginningInput struct {
	ID      string `path:"id" maxLength:"100"`
	Session string `path:"session" maxLength:"20"`
	Body    struct {
		Reason string `json:"reason" maxLength:"400"`
	}
}

func (h *Handlers) putBeginning(ctx context.Context, in *beginningInput) (*attendanceOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.BeginAllTheSame(ctx, in.ID, in.Session, in.Body.Reason, actor.By()); err != nil {
		return nil, err
	}
	cohort, err := h.cohortIDOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return h.getAttendance(ctx, &attendanceInput{ID: cohort, Session: in.Session})
}
