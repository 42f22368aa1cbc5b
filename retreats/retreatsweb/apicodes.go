package retreatsweb

import (
	"context"
	"net/http"

	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/web"
	"lantern/retreats"
)

func (h *Handlers) registerCodes(api *web.API) {
	web.Register(api, web.Operation{
		ID: "list-codes", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}/codes", Tag: tag,
		Summary: "The codes of a cohort, and how many couples use them", Right: access.ManageCohorts,
	}, h.listCodes)
	web.Register(api, web.Operation{
		ID: "add-code", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/codes", Tag: tag, Status: http.StatusCreated,
		Summary: "Make a code by which couples pay less", Right: access.ManageCohorts,
	}, h.addCode)
	web.Register(api, web.Operation{
		ID: "end-code", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/codes/{name}/end", Tag: tag,
		Summary: "End a code: who has used it keeps the price", Right: access.ManageCohorts,
	}, h.endCode)
}

// NewCodeJSON is a code as it is made.
type NewCodeJSON struct {
	Name    string        `json:"name" doc:"3 to 24 letters, digits and hyphens; couples may write them large or small" maxLength:"100"`
	Percent int           `json:"percent,omitempty" doc:"What it takes off, 1 to 99 per cent"`
	Amount  *money.Amount `json:"amount,omitempty" doc:"What it takes off, instead of a share"`
	Limit   int           `json:"limit,omitempty" doc:"How many couples can use it; any number if not given"`
	Until   civil.Date    `json:"until,omitempty" format:"date" doc:"The last day on which it holds, in the zone of the cohort"`
}

type codeJSON struct {
	NewCodeJSON
	Ended bool `json:"ended,omitempty"`
	Uses  int  `json:"uses" doc:"Couples that have a place or wait with it now"`
}

type codesOutput struct {
	Body struct {
		Codes []codeJSON `json:"codes"`
	}
}

func codesOf(c *retreats.Cohort, err error) (*codesOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &codesOutput{}
	out.Body.Codes = []codeJSON{}
	for _, code := range c.Codes {
		view := codeJSON{
			NewCodeJSON: NewCodeJSON{Name: code.Name, Percent: code.Percent, Limit: code.Limit, Until: code.Until},
			Ended:       code.Ended, Uses: c.CodeUses(code.Name),
		}
		if code.Percent == 0 {
			view.Amount = &code.Amount
		}
		out.Body.Codes = append(out.Body.Codes, view)
	}
	return out, nil
}

func (h *Handlers) listCodes(ctx context.Context, in *cohortInput) (*codesOutput, error) {
	return codesOf(h.retreats.Cohort(ctx, in.ID))
}

type addCodeInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body NewCodeJSON
}

func (h *Handlers) addCode(ctx context.Context, in *addCodeInput) (*codesOutput, error) {
	b := in.Body
	code := retreats.Code{Name: b.Name, Percent: b.Percent, Limit: b.Limit, Until: b.Until}
	set(&code.Amount, b.Amount)
	actor, _ := web.ActorOf(ctx)
	return codesOf(h.retreats.AddCode(ctx, in.ID, code, actor.By()))
}

type codeInput struct {
	ID   string `path:"id" maxLength:"100"`
	Name string `path:"name" maxLength:"100"`
}

func (h *Handlers) endCode(ctx context.Context, in *codeInput) (*codesOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return codesOf(h.retreats.EndCode(ctx, in.ID, in.Name, actor.By()))
}
