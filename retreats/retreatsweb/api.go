package retreatsweb

import (
	"context"
	"net/http"
	"time"

	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/seal"
	"lantern/internal/web"
	"lantern/retreats"
)

const tag = "Retreats and cohorts"

func (h *Handlers) registerAPI(api *web.API) {
	web.Register(api, web.Operation{
		ID: "list-cohorts", Method: http.MethodGet, Path: "/api/v1/cohorts", Tag: tag,
		Summary: "Open cohorts, by their first day", Right: access.Public,
	}, h.listCohorts)
	web.Register(api, web.Operation{
		ID: "get-cohort", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}", Tag: tag,
		Summary: "One cohort with its sessions and refund policy", Right: access.Public,
	}, h.getCohort)
	web.Register(api, web.Operation{
		ID: "create-retreat", Method: http.MethodPost, Path: "/api/v1/retreats", Tag: tag, Status: http.StatusCreated,
		Summary: "Make a retreat: programme, terms and plan of sessions", Right: access.ManageCohorts,
	}, h.createRetreat)
	web.Register(api, web.Operation{
		ID: "create-cohort", Method: http.MethodPost, Path: "/api/v1/cohorts", Tag: tag, Status: http.StatusCreated,
		Summary: "Make a draft cohort of a retreat by its first day", Right: access.ManageCohorts,
	}, h.createCohort)
	web.Register(api, web.Operation{
		ID: "publish-cohort", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/publish", Tag: tag,
		Summary: "Put a draft cohort on offer", Right: access.ManageCohorts,
	}, h.publishCohort)
	web.Register(api, web.Operation{
		ID: "get-roster", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}/roster", Tag: tag,
		Summary: "Places and waitlist of a cohort, in order", Right: access.ReadBookings,
	}, h.getRoster)
}

type cohortSummary struct {
	ID         string       `json:"id"`
	Retreat    string       `json:"retreat" doc:"Name of the retreat"`
	Location   string       `json:"location"`
	StartsOn   civil.Date   `json:"starts_on" format:"date"`
	EndsOn     civil.Date   `json:"ends_on" format:"date"`
	TimeZone   string       `json:"time_zone" doc:"IANA zone in which the dates are meant"`
	State      string       `json:"state" enum:"draft,open,closed,cancelled"`
	Capacity   int          `json:"capacity" doc:"In couples"`
	PlacesFree int          `json:"places_free" doc:"Places that anybody may take now; none while couples wait"`
	Waiting    int          `json:"waiting" doc:"Couples on the waitlist"`
	Price      money.Amount `json:"price" doc:"For one couple"`
	Deposit    money.Amount `json:"deposit"`
}

type cohortJSON struct {
	cohortSummary
	Summary      string           `json:"summary,omitempty"`
	Guides       []string         `json:"guides,omitempty"`
	BalanceDueAt time.Time        `json:"balance_due_at"`
	HoldMinutes  int              `json:"hold_minutes" doc:"How long a place is held unpaid"`
	Sessions     []sessionJSON    `json:"sessions"`
	RefundPolicy refundPolicyJSON `json:"refund_policy"`
}

type sessionJSON struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind" enum:"preparation,medicine,integration,gathering,consultation"`
	Title    string    `json:"title"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	Online   bool      `json:"online"`
	Receives string    `json:"receives,omitempty" doc:"Who receives medicine: both, first_partner or second_partner"`
}

type refundPolicyJSON struct {
	Tiers     []retreats.RefundTier `json:"tiers"`
	Statement string                `json:"statement" doc:"The text that a couple accepts"`
	Hash      string                `json:"hash" doc:"SHA-256 of the statement"`
}

func summarize(c *retreats.Cohort, now time.Time) cohortSummary {
	return cohortSummary{
		ID: c.ID, Retreat: c.Name, Location: c.Programme.Location, StartsOn: c.StartsOn, EndsOn: c.EndsOn, TimeZone: c.Zone,
		State: string(c.State), Capacity: c.Capacity, PlacesFree: c.Free(now), Waiting: len(c.Settled(now).Waitlist),
		Price: c.Price, Deposit: c.Deposit,
	}
}

func cohortOf(c *retreats.Cohort, now time.Time) cohortJSON {
	statement := c.Policy.Statement(c.StartsOn)
	out := cohortJSON{
		cohortSummary: summarize(c, now), Summary: c.Summary, Guides: c.Guides,
		BalanceDueAt: c.BalanceDue().UTC(), HoldMinutes: c.HoldMinutes, Sessions: []sessionJSON{},
		RefundPolicy: refundPolicyJSON{Tiers: c.Policy.Tiers, Statement: statement, Hash: retreats.Hash(statement)},
	}
	for _, s := range c.Sessions {
		out.Sessions = append(out.Sessions, sessionJSON{
			ID: s.ID, Kind: string(s.Kind), Title: s.Title, StartsAt: s.StartsAt, EndsAt: s.EndsAt,
			Online: s.Online, Receives: string(s.Receives),
		})
	}
	return out
}

type listCohortsInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	After string `query:"after" maxLength:"500" doc:"The page before's next"`
}

type listCohortsOutput struct {
	Body struct {
		Cohorts []cohortSummary `json:"cohorts"`
		Next    string          `json:"next,omitempty" doc:"Ask for the next page with this"`
	}
}

func (h *Handlers) listCohorts(ctx context.Context, in *listCohortsInput) (*listCohortsOutput, error) {
	page, err := h.retreats.Offer(ctx, in.Limit, in.After)
	if err != nil {
		return nil, err
	}
	out := &listCohortsOutput{}
	out.Body.Cohorts, out.Body.Next = []cohortSummary{}, page.Next
	for _, c := range page.Items {
		out.Body.Cohorts = append(out.Body.Cohorts, summarize(c, h.retreats.Now()))
	}
	return out, nil
}

type cohortInput struct {
	ID string `path:"id" maxLength:"100"`
}

type cohortOutput struct {
	Body struct {
		Cohort cohortJSON `json:"cohort"`
	}
}

func (h *Handlers) getCohort(ctx context.Context, in *cohortInput) (*cohortOutput, error) {
	c, err := h.retreats.OfferedCohort(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return h.cohortOutput(c), nil
}

func (h *Handlers) cohortOutput(c *retreats.Cohort) *cohortOutput {
	out := &cohortOutput{}
	out.Body.Cohort = cohortOf(c, h.retreats.Now())
	return out
}

type createRetreatInput struct {
	Body struct {
		Name        string                    `json:"name" maxLength:"100"`
		Summary     string                    `json:"summary,omitempty" maxLength:"500"`
		Text        string                    `json:"text,omitempty" maxLength:"20000" doc:"Markdown"`
		Location    string                    `json:"location" maxLength:"200"`
		Guides      []string                  `json:"guides,omitempty" maxItems:"20"`
		Capacity    int                       `json:"capacity" doc:"In couples"`
		Price       money.Amount              `json:"price" doc:"For one couple"`
		Deposit     *money.Amount             `json:"deposit,omitempty" doc:"20 % of the price if not given"`
		BalanceDays *int                      `json:"balance_days,omitempty" doc:"Days before the start on which the rest is due; 30 if not given"`
		HoldMinutes int                       `json:"hold_minutes,omitempty" doc:"31 if not given"`
		OfferHours  int                       `json:"offer_hours,omitempty" doc:"48 if not given"`
		Tiers       []retreats.RefundTier     `json:"refund_tiers,omitempty" doc:"From the earliest to the start itself"`
		Plan        []retreats.PlannedSession `json:"plan"`
	}
}

type idOutput struct {
	Body struct {
		ID string `json:"id"`
	}
}

func (h *Handlers) createRetreat(ctx context.Context, in *createRetreatInput) (*idOutput, error) {
	b := in.Body
	terms := retreats.Terms{
		Capacity: b.Capacity, Price: b.Price, BalanceDays: retreats.DefaultBalanceDays,
		HoldMinutes: b.HoldMinutes, OfferHours: b.OfferHours, Policy: retreats.RefundPolicy{Tiers: b.Tiers},
	}
	if b.Deposit != nil {
		terms.Deposit = *b.Deposit
	}
	if b.BalanceDays != nil {
		terms.BalanceDays = *b.BalanceDays
	}
	programme := retreats.Programme{Name: b.Name, Summary: b.Summary, Text: b.Text, Location: b.Location, Guides: b.Guides}
	retreat, err := retreats.NewRetreat(seal.NewID("rt"), programme, terms, b.Plan)
	if err != nil {
		return nil, err
	}
	out := &idOutput{}
	out.Body.ID = retreat.ID
	return out, h.retreats.AddRetreat(ctx, retreat)
}

type createCohortInput struct {
	Body struct {
		Retreat  string     `json:"retreat" doc:"Id of the retreat" maxLength:"100"`
		TimeZone string     `json:"time_zone" maxLength:"100"`
		StartsOn civil.Date `json:"starts_on" format:"date"`
	}
}

func (h *Handlers) createCohort(ctx context.Context, in *createCohortInput) (*cohortOutput, error) {
	retreat, err := h.retreats.Retreat(ctx, in.Body.Retreat)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.InvalidFields(fault.Fields{"retreat": "There is no such retreat."})
	}
	if err != nil {
		return nil, err
	}
	cohort, err := retreats.NewCohort(seal.NewID("co"), retreat, in.Body.TimeZone, in.Body.StartsOn, h.retreats.Now())
	if err != nil {
		return nil, err
	}
	if err := h.retreats.AddCohort(ctx, cohort); err != nil {
		return nil, err
	}
	return h.cohortOutput(cohort), nil
}

func (h *Handlers) publishCohort(ctx context.Context, in *cohortInput) (*cohortOutput, error) {
	actor, _ := web.ActorOf(ctx)
	cohort, err := h.retreats.Publish(ctx, in.ID, actor.By())
	if err != nil {
		return nil, err
	}
	return h.cohortOutput(cohort), nil
}

type rosterOutput struct {
	Body struct {
		Places   []rosterPlaceJSON `json:"places"`
		Waitlist []rosterTurnJSON  `json:"waitlist" doc:"In order"`
	}
}

type rosterPlaceJSON struct {
	Booking string     `json:"booking"`
	State   string     `json:"state" enum:"held,offered,confirmed"`
	Since   time.Time  `json:"since"`
	Until   *time.Time `json:"until,omitempty"`
}

type rosterTurnJSON struct {
	Booking  string    `json:"booking"`
	JoinedAt time.Time `json:"joined_at"`
	Priority int       `json:"priority"`
	Reason   string    `json:"reason,omitempty"`
	Passes   int       `json:"passes"`
}

func (h *Handlers) getRoster(ctx context.Context, in *cohortInput) (*rosterOutput, error) {
	c, err := h.retreats.Cohort(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &rosterOutput{}
	out.Body.Places, out.Body.Waitlist = []rosterPlaceJSON{}, []rosterTurnJSON{}
	for _, p := range c.Roster.Places {
		out.Body.Places = append(out.Body.Places, rosterPlaceJSON{p.Booking, string(p.State), p.Since, p.Until})
	}
	for _, w := range c.Roster.Waitlist {
		out.Body.Waitlist = append(out.Body.Waitlist, rosterTurnJSON{w.Booking, w.JoinedAt, w.Priority, w.Reason, w.Passes})
	}
	return out, nil
}
