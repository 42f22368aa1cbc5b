package retreatsweb

import (
	"context"
	"net/http"
	"time"

	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/web"
	"lantern/retreats"
)

const tag = "Retreats and cohorts"

// registerAPI adds the operations. Those of staff alone are in files of their
// own.
func (h *Handlers) registerAPI(api *web.API) {
	web.Register(api, web.Operation{
		ID: "list-cohorts", Method: http.MethodGet, Path: "/api/v1/cohorts", Tag: tag,
		Summary: "Open cohorts, by their first day; for staff those of every state", Right: access.Public,
	}, h.listCohorts)
	web.Register(api, web.Operation{
		ID: "get-cohort", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}", Tag: tag,
		Summary: "One cohort with its sessions and refund policy; drafts for staff alone", Right: access.Public,
	}, h.getCohort)
	h.registerRetreats(api)
	h.registerCohorts(api)
	h.registerSchedule(api)
	h.registerCodes(api)
}

// isStaff finds out whether an operation that everybody may call is called with
// a token of staff. A token that is none is told so.
func (h *Handlers) isStaff(ctx context.Context) (bool, error) {
	bearer := web.Bearer(ctx)
	if h.options.Tokens == nil || !access.IsToken(bearer) {
		return false, nil
	}
	actor, err := h.options.Tokens.Actor(ctx, bearer)
	return err == nil && actor.Has(access.ReadRoster), err
}

// CohortSummary is a cohort where many are listed. Its name is a public one,
// like those of all structs that are embedded in others here, because the
// description of the API leaves the fields of private ones out.
type CohortSummary struct {
	ID         string       `json:"id"`
	Retreat    string       `json:"retreat" doc:"Name of the retreat"`
	Location   string       `json:"location"`
	StartsOn   civil.Date   `json:"starts_on" format:"date"`
	EndsOn     civil.Date   `json:"ends_on" format:"date"`
	TimeZone   string       `json:"time_zone" doc:"IANA zone in which the dates are meant"`
	State      string       `json:"state" enum:"draft,open,closed,cancelled,finished"`
	Capacity   int          `json:"capacity" doc:"In couples"`
	PlacesFree int          `json:"places_free" doc:"Places that anybody may take now; none while couples wait"`
	Waiting    int          `json:"waiting" doc:"Couples on the waitlist"`
	Price      money.Amount `json:"price" doc:"For one couple that books now"`
	Deposit    money.Amount `json:"deposit" doc:"Of that price, due at once"`
	// Both are left out when no early price holds.
	ListPrice      *money.Amount `json:"list_price,omitempty" doc:"The price when the early price has ended"`
	EarlyBirdUntil civil.Date    `json:"early_bird_until,omitempty" format:"date" doc:"The last day on which the early price holds, in the zone of the cohort"`
}

type cohortJSON struct {
	CohortSummary
	RetreatID    string              `json:"retreat_id"`
	Summary      string              `json:"summary,omitempty"`
	Text         string              `json:"text,omitempty" doc:"Markdown"`
	Guides       []string            `json:"guides,omitempty"`
	BalanceDueAt time.Time           `json:"balance_due_at" doc:"When the rest is due, if it is not paid in instalments"`
	Charges      []plannedChargeJSON `json:"charges" doc:"What a couple that books now pays, and when"`
	Percent      int                 `json:"deposit_percent,omitempty" doc:"The deposit as a share of the price"`
	Instalments  []InstalmentJSON    `json:"instalments,omitempty" doc:"How the rest is paid, instead of at once"`
	EarlyBird    *EarlyBirdJSON      `json:"early_bird,omitempty"`
	HoldMinutes  int                 `json:"hold_minutes" doc:"How long a place is held unpaid"`
	Sessions     []sessionJSON       `json:"sessions"`
	RefundPolicy refundPolicyJSON    `json:"refund_policy"`
}

type plannedChargeJSON struct {
	Amount money.Amount `json:"amount"`
	DueAt  *time.Time   `json:"due_at,omitempty" doc:"Left out for what is due when the couple books"`
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
	RefillFee *money.Amount         `json:"refill_fee,omitempty" doc:"Kept of everything paid when another couple takes the place"`
	Statement string                `json:"statement" doc:"The text that a couple accepts"`
	Hash      string                `json:"hash" doc:"SHA-256 of the statement"`
}

func summarize(c *retreats.Cohort, now time.Time) CohortSummary {
	quote := c.PriceNow(now)
	out := CohortSummary{
		ID: c.ID, Retreat: c.Name, Location: c.Programme.Location, StartsOn: c.StartsOn, EndsOn: c.EndsOn, TimeZone: c.Zone,
		State: string(c.State), Capacity: c.Capacity, PlacesFree: c.Free(now), Waiting: len(c.Settled(now).Waitlist),
		Price: quote.Price, Deposit: quote.Deposit,
	}
	if c.IsEarly(now) {
		out.ListPrice, out.EarlyBirdUntil = &quote.List, c.EarlyBirdLastDay()
	}
	return out
}

func cohortOf(c *retreats.Cohort, now time.Time) cohortJSON {
	statement := c.Policy.Statement(c.StartsOn)
	out := cohortJSON{
		CohortSummary: summarize(c, now), RetreatID: c.RetreatID, Summary: c.Summary, Text: c.Text, Guides: c.Guides,
		BalanceDueAt: c.BalanceDue().UTC(), HoldMinutes: c.HoldMinutes, Sessions: []sessionJSON{},
		Percent: c.DepositPercent, Instalments: instalmentsOf(c.Instalments), EarlyBird: earlyBirdOf(c.EarlyBird),
		RefundPolicy: refundPolicyJSON{
			Tiers: c.Policy.Tiers, RefillFee: refillFeeOf(c.Policy), Statement: statement, Hash: retreats.Hash(statement),
		},
	}
	for _, charge := range chargesOf(c, now) {
		out.Charges = append(out.Charges, plannedChargeJSON{Amount: charge.amount, DueAt: charge.dueAt})
	}
	for _, s := range c.Sessions {
		out.Sessions = append(out.Sessions, sessionJSONOf(s))
	}
	return out
}

type listCohortsInput struct {
	State string `query:"state" enum:"draft,open,closed,cancelled,finished" default:"open" doc:"Another state than open is for staff; it includes what is past"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	After string `query:"after" maxLength:"500" doc:"The page before's next"`
}

type listCohortsOutput struct {
	Body struct {
		Cohorts []CohortSummary `json:"cohorts"`
		Next    string          `json:"next,omitempty" doc:"Ask for the next page with this"`
	}
}

// cohortsFor is what is on offer, or for staff the cohorts in a state.
func (h *Handlers) cohortsFor(ctx context.Context, in *listCohortsInput) (store.Page[retreats.Cohort], error) {
	if in.State == string(retreats.Open) {
		return h.retreats.Offer(ctx, in.Limit, in.After)
	}
	staff, err := h.isStaff(ctx)
	if err == nil && !staff {
		err = access.ErrToken
	}
	if err != nil {
		return store.Page[retreats.Cohort]{}, err
	}
	return h.retreats.Cohorts(ctx, retreats.CohortState(in.State), in.Limit, in.After)
}

func (h *Handlers) listCohorts(ctx context.Context, in *listCohortsInput) (*listCohortsOutput, error) {
	page, err := h.cohortsFor(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &listCohortsOutput{}
	out.Body.Cohorts, out.Body.Next = []CohortSummary{}, page.Next
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
	c, err := h.retreats.Cohort(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if c.State == retreats.Draft {
		if staff, err := h.isStaff(ctx); err != nil || !staff {
			return nil, retreats.ErrDraft
		}
	}
	return h.cohortOutput(c), nil
}

func (h *Handlers) cohortOutput(c *retreats.Cohort) *cohortOutput {
	out := &cohortOutput{}
	out.Body.Cohort = cohortOf(c, h.retreats.Now())
	return out
}
