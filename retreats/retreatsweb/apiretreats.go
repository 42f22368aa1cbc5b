package retreatsweb

import (
	"context"
	"net/http"

	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/web"
	"lantern/retreats"
)

func (h *Handlers) registerRetreats(api *web.API) {
	web.Register(api, web.Operation{
		ID: "list-retreats", Method: http.MethodGet, Path: "/api/v1/retreats", Tag: tag,
		Summary: "Retreats, by name", Right: access.ReadRoster,
	}, h.listRetreats)
	web.Register(api, web.Operation{
		ID: "create-retreat", Method: http.MethodPost, Path: "/api/v1/retreats", Tag: tag, Status: http.StatusCreated,
		Summary: "Make a retreat: programme, terms and plan of sessions", Right: access.ManageCohorts,
	}, h.createRetreat)
	web.Register(api, web.Operation{
		ID: "get-retreat", Method: http.MethodGet, Path: "/api/v1/retreats/{id}", Tag: tag,
		Summary: "One retreat with its terms and plan", Right: access.ReadRoster,
	}, h.getRetreat)
	web.Register(api, web.Operation{
		ID: "change-retreat", Method: http.MethodPatch, Path: "/api/v1/retreats/{id}", Tag: tag,
		Summary: "Change a retreat; its cohorts stay as they are", Right: access.ManageCohorts,
	}, h.changeRetreat)
}

// TermsJSON are the terms as they stand.
type TermsJSON struct {
	Capacity    int                   `json:"capacity" doc:"In couples"`
	Price       money.Amount          `json:"price" doc:"For one couple"`
	Deposit     money.Amount          `json:"deposit" doc:"If it is a share, what that makes of the price"`
	Percent     int                   `json:"deposit_percent,omitempty" doc:"The deposit as a share of what a couple agrees to pay"`
	BalanceDays int                   `json:"balance_days" doc:"Days before the start on which the rest is due, if it is not paid in instalments"`
	Instalments []InstalmentJSON      `json:"instalments,omitempty" doc:"How the rest is paid, instead of at once"`
	EarlyBird   *EarlyBirdJSON        `json:"early_bird,omitempty"`
	HoldMinutes int                   `json:"hold_minutes" doc:"How long a place is held unpaid"`
	OfferHours  int                   `json:"offer_hours" doc:"How long an offer stands"`
	WaitlistCap int                   `json:"waitlist_cap" doc:"The longest waitlist, in couples"`
	MaxPasses   int                   `json:"max_passes" doc:"Offers that a couple may let go by"`
	UndoMinutes int                   `json:"undo_minutes" doc:"How long a place that was given up is kept back"`
	GuestsStay  bool                  `json:"guests_stay" doc:"Couples sleep on the site until the last day"`
	Rides       retreats.RidePolicy   `json:"rides" enum:"accompanied,allowed,not_allowed" doc:"Whether a taxi may take a couple home"`
	Tiers       []retreats.RefundTier `json:"refund_tiers" doc:"From the earliest to the start itself"`
	RefillFee   *money.Amount         `json:"refill_fee,omitempty" doc:"Kept of everything paid when another couple takes the place"`
}

func termsOf(t retreats.Terms) TermsJSON {
	return TermsJSON{
		Capacity: t.Capacity, Price: t.Price, Deposit: t.Deposit, Percent: t.DepositPercent, BalanceDays: t.BalanceDays,
		Instalments: instalmentsOf(t.Instalments), EarlyBird: earlyBirdOf(t.EarlyBird), RefillFee: refillFeeOf(t.Policy), HoldMinutes: t.HoldMinutes,
		OfferHours: t.OfferHours, WaitlistCap: t.WaitlistCap, MaxPasses: t.MaxPasses, UndoMinutes: t.UndoMinutes, Tiers: t.Policy.Tiers,
		GuestsStay: t.GuestsStay, Rides: t.Rides.Is(),
	}
}

type retreatJSON struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Summary  string   `json:"summary,omitempty"`
	Text     string   `json:"text,omitempty" doc:"Markdown"`
	Location string   `json:"location"`
	Guides   []string `json:"guides,omitempty"`
	TermsJSON
	Plan []retreats.PlannedSession `json:"plan"`
}

func retreatOf(r *retreats.Retreat) retreatJSON {
	return retreatJSON{
		ID: r.ID, Name: r.Name, Summary: r.Summary, Text: r.Text, Location: r.Location, Guides: r.Guides,
		TermsJSON: termsOf(r.Terms), Plan: r.Plan,
	}
}

// ChangeJSON is a change of what a retreat or a cohort says and sells: what is
// not given stays as it is.
type ChangeJSON struct {
	Name        *string               `json:"name,omitempty" maxLength:"100"`
	Summary     *string               `json:"summary,omitempty" maxLength:"500"`
	Text        *string               `json:"text,omitempty" maxLength:"20000" doc:"Markdown"`
	Location    *string               `json:"location,omitempty" maxLength:"200"`
	Guides      []string              `json:"guides,omitempty" maxItems:"20"`
	Capacity    *int                  `json:"capacity,omitempty" minimum:"1" doc:"In couples. Fewer than are taken takes nobody's place away"`
	Price       *money.Amount         `json:"price,omitempty" doc:"For one couple. Who has booked keeps the price agreed to"`
	Deposit     *money.Amount         `json:"deposit,omitempty"`
	Percent     *int                  `json:"deposit_percent,omitempty" minimum:"0" maximum:"100" doc:"The deposit as a share of what a couple agrees to pay, whatever deposit says; 0 makes it an amount again"`
	BalanceDays *int                  `json:"balance_days,omitempty" minimum:"0"`
	Instalments []InstalmentJSON      `json:"instalments,omitempty" doc:"From the earliest to the last; an empty list makes it one balance again"`
	EarlyBird   *EarlyBirdJSON        `json:"early_bird,omitempty" doc:"With 0 days before there is none any more"`
	HoldMinutes *int                  `json:"hold_minutes,omitempty" minimum:"1"`
	OfferHours  *int                  `json:"offer_hours,omitempty" minimum:"1"`
	WaitlistCap *int                  `json:"waitlist_cap,omitempty" minimum:"1"`
	MaxPasses   *int                  `json:"max_passes,omitempty" minimum:"1"`
	UndoMinutes *int                  `json:"undo_minutes,omitempty" minimum:"0"`
	GuestsStay  *bool                 `json:"guests_stay,omitempty" doc:"Couples sleep on the site until the last day"`
	Rides       *retreats.RidePolicy  `json:"rides,omitempty" enum:"accompanied,allowed,not_allowed"`
	Tiers       []retreats.RefundTier `json:"refund_tiers,omitempty" minItems:"1" doc:"From the earliest to the start itself"`
	RefillFee   *money.Amount         `json:"refill_fee,omitempty" doc:"Kept of everything paid when another couple takes the place; at most the deposit"`
}

// set changes a field that was given.
func set[T any](field *T, given *T) {
	if given != nil {
		*field = *given
	}
}

func (c ChangeJSON) apply(p *retreats.Programme, t *retreats.Terms) error {
	set(&p.Name, c.Name)
	set(&p.Summary, c.Summary)
	set(&p.Text, c.Text)
	set(&p.Location, c.Location)
	if c.Guides != nil {
		p.Guides = c.Guides
	}
	set(&t.Capacity, c.Capacity)
	set(&t.Price, c.Price)
	if c.Deposit != nil {
		t.Deposit, t.DepositPercent = *c.Deposit, 0
	}
	set(&t.DepositPercent, c.Percent)
	if c.Instalments != nil {
		t.Instalments = instalments(c.Instalments)
	}
	if c.EarlyBird != nil {
		t.EarlyBird = c.EarlyBird.earlyBird()
	}
	set(&t.BalanceDays, c.BalanceDays)
	set(&t.HoldMinutes, c.HoldMinutes)
	set(&t.OfferHours, c.OfferHours)
	set(&t.WaitlistCap, c.WaitlistCap)
	set(&t.MaxPasses, c.MaxPasses)
	set(&t.UndoMinutes, c.UndoMinutes)
	set(&t.GuestsStay, c.GuestsStay)
	set(&t.Rides, c.Rides)
	if c.Tiers != nil {
		t.Policy.Tiers = c.Tiers
	}
	if set(&t.Policy.RefillFee, c.RefillFee); c.RefillFee == nil && c.outgrows(t) {
		t.Policy.RefillFee = money.Amount{} // the default's
	}
	return checkGuides(p.Guides)
}

// outgrows reports whether a change of price or deposit leaves behind the fee
// for a place that is taken again, of which its caller did not speak.
func (c ChangeJSON) outgrows(t *retreats.Terms) bool {
	fee := t.Policy.RefillFee
	return fee.Currency != t.Price.Currency || fee.Minor > t.DepositOf(t.Price).Minor
}

func checkGuides(guides []string) error {
	if text := guidesFault(guides); text != "" {
		return fault.InvalidFields(fault.Fields{"guides": text})
	}
	return nil
}

type listRetreatsInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	After string `query:"after" maxLength:"500" doc:"The page before's next"`
}

type listRetreatsOutput struct {
	Body struct {
		Retreats []retreatJSON `json:"retreats"`
		Next     string        `json:"next,omitempty" doc:"Ask for the next page with this"`
	}
}

func (h *Handlers) listRetreats(ctx context.Context, in *listRetreatsInput) (*listRetreatsOutput, error) {
	page, err := h.retreats.Retreats(ctx, in.Limit, in.After)
	if err != nil {
		return nil, err
	}
	out := &listRetreatsOutput{}
	out.Body.Retreats, out.Body.Next = []retreatJSON{}, page.Next
	for _, r := range page.Items {
		out.Body.Retreats = append(out.Body.Retreats, retreatOf(r))
	}
	return out, nil
}

type retreatInput struct {
	ID string `path:"id" maxLength:"100"`
}

type retreatOutput struct {
	Body struct {
		Retreat retreatJSON `json:"retreat"`
	}
}

func (h *Handlers) getRetreat(ctx context.Context, in *retreatInput) (*retreatOutput, error) {
	r, err := h.retreats.Retreat(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &retreatOutput{}
	out.Body.Retreat = retreatOf(r)
	return out, nil
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
		Percent     int                       `json:"deposit_percent,omitempty" minimum:"0" maximum:"100" doc:"The deposit as a share of what a couple agrees to pay, instead of an amount"`
		BalanceDays *int                      `json:"balance_days,omitempty" doc:"Days before the start on which the rest is due; 30 if not given"`
		Instalments []InstalmentJSON          `json:"instalments,omitempty" doc:"How the rest is paid, instead of at once; from the earliest to the last"`
		EarlyBird   *EarlyBirdJSON            `json:"early_bird,omitempty"`
		HoldMinutes int                       `json:"hold_minutes,omitempty" doc:"31 if not given"`
		OfferHours  int                       `json:"offer_hours,omitempty" doc:"48 if not given"`
		WaitlistCap int                       `json:"waitlist_cap,omitempty" doc:"Twice the capacity if not given"`
		MaxPasses   int                       `json:"max_passes,omitempty" doc:"3 if not given"`
		UndoMinutes int                       `json:"undo_minutes,omitempty"`
		GuestsStay  bool                      `json:"guests_stay,omitempty" doc:"Couples sleep on the site until the last day"`
		Rides       retreats.RidePolicy       `json:"rides,omitempty" enum:"accompanied,allowed,not_allowed" doc:"accompanied if not given"`
		Tiers       []retreats.RefundTier     `json:"refund_tiers,omitempty" doc:"From the earliest to the start itself"`
		RefillFee   *money.Amount             `json:"refill_fee,omitempty" doc:"Kept of everything paid when another couple takes the place; 50 or the like if not given, and at most the deposit"`
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
		Capacity: b.Capacity, Price: b.Price, BalanceDays: retreats.DefaultBalanceDays, HoldMinutes: b.HoldMinutes,
		OfferHours: b.OfferHours, WaitlistCap: b.WaitlistCap, MaxPasses: b.MaxPasses, UndoMinutes: b.UndoMinutes,
		GuestsStay: b.GuestsStay, Rides: b.Rides, DepositPercent: b.Percent, Instalments: instalments(b.Instalments), Policy: retreats.RefundPolicy{Tiers: b.Tiers},
	}
	if b.EarlyBird != nil {
		terms.EarlyBird = b.EarlyBird.earlyBird()
	}
	set(&terms.Policy.RefillFee, b.RefillFee)
	set(&terms.Deposit, b.Deposit)
	set(&terms.BalanceDays, b.BalanceDays)
	programme := retreats.Programme{Name: b.Name, Summary: b.Summary, Text: b.Text, Location: b.Location, Guides: b.Guides}
	if err := checkGuides(b.Guides); err != nil {
		return nil, err
	}
	actor, _ := web.ActorOf(ctx)
	r, err := h.retreats.MakeRetreat(ctx, programme, terms, b.Plan, actor.By())
	if err != nil {
		return nil, err
	}
	out := &idOutput{}
	out.Body.ID = r.ID
	return out, nil
}

type changeRetreatInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		ChangeJSON
		Plan []retreats.PlannedSession `json:"plan,omitempty" minItems:"1"`
	}
}

func (h *Handlers) changeRetreat(ctx context.Context, in *changeRetreatInput) (*retreatOutput, error) {
	actor, _ := web.ActorOf(ctx)
	_, err := h.retreats.AmendRetreat(ctx, in.ID, actor.By(), func(p *retreats.Programme, t *retreats.Terms, plan *[]retreats.PlannedSession) error {
		if in.Body.Plan != nil {
			*plan = in.Body.Plan
		}
		return in.Body.apply(p, t)
	})
	if err != nil {
		return nil, err
	}
	return h.getRetreat(ctx, &retreatInput{ID: in.ID})
}
