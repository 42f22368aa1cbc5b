package bookingweb

import (
	"context"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/web"
	"lantern/retreats"
)

// What staff see and do, for programs with a staff token.
func (h *Handlers) registerStaffAPI(api *web.API) {
	const tag = "Rosters and waitlists"
	web.Register(api, web.Operation{
		ID: "get-overview", Method: http.MethodGet, Path: "/api/v1/overview", Tag: tag,
		Summary: "Cohorts in a state, and what needs attention", Right: access.ReadRoster,
	}, h.getOverview)
	web.Register(api, web.Operation{
		ID: "get-roster", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}/roster", Tag: tag,
		Summary: "Places, waitlist in order, and the readiness of each couple", Right: access.ReadBookings,
	}, h.getRoster)
	web.Register(api, web.Operation{
		ID: "get-booking-trail", Method: http.MethodGet, Path: "/api/v1/bookings/{id}/trail", Tag: tag,
		Summary: "What staff changed of a booking", Right: access.ReadBookings,
	}, h.getTrail)
	for _, op := range []struct {
		id, method, path, summary string
		right                     access.Right
		do                        func(context.Context, *turnInput, audit.By) error
	}{
		{"offer-by-hand", http.MethodPost, "offer", "Offer a free place to a couple that waits", access.ManageWaitlist, h.apiOffer},
		{"prioritise", http.MethodPost, "priority", "Change the priority of a couple that waits", access.ManageWaitlist, h.apiPriority},
		{"remove-waiting", http.MethodPost, "remove", "Take a couple off the waitlist", access.ManageWaitlist, h.apiRemove},
		{"move-waiting", http.MethodPost, "move", "Move a couple that waits to another cohort's waitlist", access.ManageWaitlist, h.apiMove},
	} {
		web.Register(api, web.Operation{
			ID: op.id, Method: op.method, Path: "/api/v1/bookings/{id}/turn/" + op.path, Tag: tag, Summary: op.summary, Right: op.right,
		}, func(ctx context.Context, in *turnInput) (*bookingOutput, error) {
			actor, _ := web.ActorOf(ctx)
			if err := op.do(ctx, in, actor.By()); err != nil {
				return nil, err
			}
			return h.seen(ctx, in.ID)
		})
	}
	web.Register(api, web.Operation{
		ID: "give-back", Method: http.MethodPost, Path: "/api/v1/bookings/{id}/give-back", Tag: tag,
		Summary: "Give a place again to a couple that gave it up a moment ago", Right: access.ManageWaitlist,
	}, h.apiGiveBack)
	web.Register(api, web.Operation{
		ID: "put-clearance", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/partners/{partner}/clearance", Tag: tag,
		Summary: "Record whether a partner is cleared; never why", Right: access.RecordClearance,
	}, h.putClearance)
	web.Register(api, web.Operation{
		ID: "put-forms", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/partners/{partner}/forms", Tag: tag,
		Summary: "Record that a partner's forms have come", Right: access.RecordClearance,
	}, h.putForms)
}

// seen answers with a booking after staff changed it.
func (h *Handlers) seen(ctx context.Context, id string) (*bookingOutput, error) {
	c, err := h.options.Bookings.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	return h.readBy(ctx, c), nil
}

type turnInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Reason   string `json:"reason" maxLength:"400" doc:"Why; the couples who wait can read it, without a name"`
		Priority int    `json:"priority,omitempty" doc:"For priority: the higher goes first, 0 is the order of joining"`
		To       string `json:"to,omitempty" maxLength:"100" doc:"For move: the other cohort"`
	}
}

func (h *Handlers) apiOffer(ctx context.Context, in *turnInput, by audit.By) error {
	return h.options.Bookings.OfferByHand(ctx, in.ID, in.Body.Reason, by)
}

func (h *Handlers) apiPriority(ctx context.Context, in *turnInput, by audit.By) error {
	cohortID, err := h.cohortIDOf(ctx, in.ID)
	if err != nil {
		return err
	}
	_, err = h.options.Retreats.Prioritise(ctx, cohortID, in.ID, in.Body.Priority, in.Body.Reason, by)
	return err
}

func (h *Handlers) apiRemove(ctx context.Context, in *turnInput, by audit.By) error {
	return h.options.Bookings.RemoveWaiting(ctx, in.ID, in.Body.Reason, by)
}

func (h *Handlers) apiMove(ctx context.Context, in *turnInput, by audit.By) error {
	return h.options.Bookings.MoveWaiting(ctx, in.ID, in.Body.To, in.Body.Reason, by)
}

func (h *Handlers) apiGiveBack(ctx context.Context, in *bookingInput) (*bookingOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.GiveBack(ctx, in.ID, actor.By()); err != nil {
		return nil, err
	}
	return h.seen(ctx, in.ID)
}

type clearanceInput struct {
	ID      string `path:"id" maxLength:"100"`
	Partner int    `path:"partner" minimum:"1" maximum:"2"`
	Body    struct {
		State booking.ClearanceState `json:"state" enum:"pending,cleared,not_cleared"`
	}
}

type partnerOutput struct {
	Body struct {
		Partner   int        `json:"partner"`
		Clearance string     `json:"clearance" enum:"pending,cleared,not_cleared"`
		By        string     `json:"by,omitempty"`
		At        *time.Time `json:"at,omitempty"`
		Forms     bool       `json:"forms" doc:"Whether the forms have come"`
	}
}

func (h *Handlers) partnerOutput(ctx context.Context, id string, partner int) (*partnerOutput, error) {
	c, err := h.options.Bookings.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	recorded := c.Booking.Clearances[partner-1]
	out := &partnerOutput{}
	out.Body.Partner, out.Body.Clearance, out.Body.By, out.Body.At = partner, string(recorded.Is()), recorded.By, recorded.At
	out.Body.Forms = c.Booking.Forms[partner-1] != nil
	return out, nil
}

func (h *Handlers) putClearance(ctx context.Context, in *clearanceInput) (*partnerOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.RecordClearance(ctx, in.ID, in.Partner-1, in.Body.State, actor.By()); err != nil {
		return nil, err
	}
	return h.partnerOutput(ctx, in.ID, in.Partner)
}

type formsInput struct {
	ID      string `path:"id" maxLength:"100"`
	Partner int    `path:"partner" minimum:"1" maximum:"2"`
	Body    struct {
		Received bool `json:"received"`
	}
}

func (h *Handlers) putForms(ctx context.Context, in *formsInput) (*partnerOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.RecordForms(ctx, in.ID, in.Partner-1, in.Body.Received, actor.By()); err != nil {
		return nil, err
	}
	return h.partnerOutput(ctx, in.ID, in.Partner)
}

type bookingTrailOutput struct {
	Body struct {
		Trail []bookingChangeJSON `json:"trail" doc:"The oldest first"`
	}
}

type bookingChangeJSON struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	What   string    `json:"what"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

func (h *Handlers) getTrail(ctx context.Context, in *bookingInput) (*bookingTrailOutput, error) {
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &bookingTrailOutput{}
	out.Body.Trail = []bookingChangeJSON{}
	for _, l := range c.Booking.Trail {
		out.Body.Trail = append(out.Body.Trail, bookingChangeJSON{l.At, l.By, l.What, l.From, l.To, l.Reason})
	}
	return out, nil
}

type overviewInput struct {
	State string `query:"state" enum:"running,draft,open,closed,cancelled,finished" default:"open" doc:"running: on offer or closed, and finished with sessions to come"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"25"`
	After string `query:"after" maxLength:"500" doc:"The page before's next"`
}

type overviewOutput struct {
	Body struct {
		Cohorts []attentionJSON `json:"cohorts"`
		Next    string          `json:"next,omitempty" doc:"Ask for the next page with this"`
	}
}

type attentionJSON struct {
	ID       string         `json:"id"`
	Retreat  string         `json:"retreat"`
	StartsOn string         `json:"starts_on" format:"date"`
	Capacity int            `json:"capacity"`
	Counts   countsJSON     `json:"places"`
	Late     map[string]int `json:"late" doc:"Couples that lack something that is late, by what: deposit, balance, consent, clearance, forms, preparation, driver. A clinician is told of consent, clearance and forms"`
	ByHand   int            `json:"to_offer_by_hand" doc:"Free places that only an organizer can give"`
	OverBy   int            `json:"over_by" doc:"Couples with a place beyond the capacity"`
}

type countsJSON struct {
	Confirmed int `json:"confirmed"`
	Held      int `json:"held"`
	Offered   int `json:"offered"`
	KeptBack  int `json:"kept_back"`
	Waiting   int `json:"waiting"`
}

func (h *Handlers) getOverview(ctx context.Context, in *overviewInput) (*overviewOutput, error) {
	all, next, err := h.cohortsIn(ctx, retreats.CohortState(in.State), in.Limit, in.After)
	if err != nil {
		return nil, err
	}
	out := &overviewOutput{}
	out.Body.Cohorts, out.Body.Next = []attentionJSON{}, next
	for _, a := range all {
		view := attentionJSON{
			ID: a.Cohort.ID, Retreat: a.Cohort.Name, StartsOn: string(a.Cohort.StartsOn), Capacity: a.Cohort.Capacity,
			Counts: countsJSON{a.Counts.Confirmed, a.Counts.Held, a.Counts.Offered, a.Counts.KeptBack, a.Counts.Waiting},
			Late:   map[string]int{}, ByHand: a.ByHand, OverBy: a.OverBy,
		}
		for kind, n := range a.Late {
			if sightOf(ctx).sees(kind) {
				view.Late[string(kind)] = n
			}
		}
		out.Body.Cohorts = append(out.Body.Cohorts, view)
	}
	return out, nil
}

type rosterOutput struct {
	Body struct {
		Places       []rosterPlaceJSON `json:"places"`
		Waitlist     []rosterTurnJSON  `json:"waitlist" doc:"In order"`
		WaitingInAll int               `json:"waiting_in_all"`
	}
}

type rosterInput struct {
	ID      string `path:"id" maxLength:"100"`
	Waiting int    `query:"waiting" minimum:"0" maximum:"10000" default:"1000" doc:"The longest waitlist to answer with"`
}

type rosterPlaceJSON struct {
	Booking  string     `json:"booking"`
	Ref      string     `json:"ref"`
	Partners [2]string  `json:"partners" doc:"Names"`
	State    string     `json:"state" enum:"held,offered,confirmed"`
	Until    *time.Time `json:"until,omitempty"`
	Needs    []needJSON `json:"needs" doc:"Readiness; empty for an offered place"`
	// Unreached says who cannot be reached.
	Unreached []string `json:"unreached,omitempty" doc:"To whom what we write does not arrive, in words"`
}

type needJSON struct {
	Need    string     `json:"need" example:"driver"`
	Partner int        `json:"partner,omitempty" doc:"1 or 2 where each needs it for themselves"`
	Session string     `json:"session,omitempty"`
	State   string     `json:"state" enum:"done,due,late,none"`
	Text    string     `json:"text"`
	By      *time.Time `json:"by,omitempty"`
}

type rosterTurnJSON struct {
	Booking  string     `json:"booking"`
	Ref      string     `json:"ref"`
	Partners [2]string  `json:"partners" doc:"Names"`
	Position int        `json:"position"`
	JoinedAt time.Time  `json:"joined_at"`
	Priority int        `json:"priority"`
	Reason   string     `json:"reason,omitempty"`
	Passes   int        `json:"passes" doc:"Offers that the couple let go by"`
	History  []turnJSON `json:"history"`
}

type turnJSON struct {
	At   time.Time `json:"at"`
	What string    `json:"what" enum:"offered,passed,expired,priority"`
	By   string    `json:"by,omitempty"`
}

func (h *Handlers) getRoster(ctx context.Context, in *rosterInput) (*rosterOutput, error) {
	board, err := h.options.Bookings.Board(ctx, in.ID, in.Waiting)
	if err != nil {
		return nil, err
	}
	out := &rosterOutput{}
	out.Body.Places, out.Body.Waitlist, out.Body.WaitingInAll = []rosterPlaceJSON{}, []rosterTurnJSON{}, board.WaitingInAll
	for _, row := range board.Couples {
		place := placeOf(row.Case, row.Cells)
		for _, m := range row.Unreached {
			place.Unreached = append(place.Unreached, m.Words())
		}
		out.Body.Places = append(out.Body.Places, place)
	}
	for _, turn := range board.Offered {
		out.Body.Places = append(out.Body.Places, placeOf(turn.Case, nil))
	}
	for _, turn := range board.Waitlist {
		b := turn.Booking
		view := rosterTurnJSON{
			Booking: b.ID, Ref: b.Ref, Partners: [2]string{b.Partners[0].Name, b.Partners[1].Name}, Position: turn.Standing.Position,
			JoinedAt: turn.Turn.JoinedAt, Priority: turn.Turn.Priority, Reason: turn.Turn.Reason, Passes: turn.Turn.Passes, History: []turnJSON{},
		}
		for _, e := range turn.Turn.History {
			view.History = append(view.History, turnJSON{e.At, string(e.What), e.By})
		}
		out.Body.Waitlist = append(out.Body.Waitlist, view)
	}
	return out, nil
}

func placeOf(c booking.Case, cells []booking.Cell) rosterPlaceJSON {
	b := c.Booking
	view := rosterPlaceJSON{
		Booking: b.ID, Ref: b.Ref, Partners: [2]string{b.Partners[0].Name, b.Partners[1].Name},
		State: string(c.Standing.State), Until: c.Standing.Until, Needs: []needJSON{},
	}
	for _, cell := range cells {
		view.Needs = append(view.Needs, needJSON{
			Need: string(cell.Need.Kind), Partner: cell.Need.Partner, Session: cell.Need.Session.ID,
			State: string(cell.State), Text: cell.Text, By: cell.By,
		})
	}
	return view
}
