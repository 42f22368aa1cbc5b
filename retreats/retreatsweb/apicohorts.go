package retreatsweb

import (
	"context"
	"net/http"
	"slices"
	"time"

	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

func (h *Handlers) registerCohorts(api *web.API) {
	web.Register(api, web.Operation{
		ID: "create-cohort", Method: http.MethodPost, Path: "/api/v1/cohorts", Tag: tag, Status: http.StatusCreated,
		Summary: "Make a draft cohort of a retreat by its first day", Right: access.ManageCohorts,
	}, h.createCohort)
	web.Register(api, web.Operation{
		ID: "change-cohort", Method: http.MethodPatch, Path: "/api/v1/cohorts/{id}", Tag: tag,
		Summary: "Change what a cohort says and sells", Right: access.ManageCohorts,
	}, h.changeCohort)
	turns := []struct {
		name, summary string
		turn          func(ctx context.Context, id string, by audit.By) (*retreats.Cohort, error)
	}{
		{"publish", "Put a draft cohort on offer", h.retreats.Publish},
		{"close", "Close booking: who has a place or waits keeps that", h.retreats.Close},
		{"reopen", "Put a closed cohort on offer again", h.retreats.Reopen},
	}
	for _, t := range turns {
		web.Register(api, web.Operation{
			ID: t.name + "-cohort", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/" + t.name, Tag: tag,
			Summary: t.summary, Right: access.ManageCohorts,
		}, h.turnCohort(t.turn))
	}
	web.Register(api, web.Operation{
		ID: "cancel-cohort", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/cancel", Tag: tag,
		Summary: "Call a cohort off: every couple is told the reason and gets everything back", Right: access.ManageCohorts,
	}, h.cancelCohort)
	web.Register(api, web.Operation{
		ID: "get-cohort-trail", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}/trail", Tag: tag,
		Summary: "What staff changed about a cohort, newest first", Right: access.ReadBookings,
	}, h.cohortTrail)
}

type createCohortInput struct {
	Body struct {
		Retreat  string     `json:"retreat" doc:"Id of the retreat" maxLength:"100"`
		TimeZone string     `json:"time_zone" maxLength:"100"`
		StartsOn civil.Date `json:"starts_on" format:"date"`
	}
}

func (h *Handlers) createCohort(ctx context.Context, in *createCohortInput) (*cohortOutput, error) {
	actor, _ := web.ActorOf(ctx)
	cohort, err := h.retreats.MakeCohort(ctx, in.Body.Retreat, in.Body.TimeZone, in.Body.StartsOn, actor.By())
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.InvalidFields(fault.Fields{"retreat": "There is no such retreat."})
	}
	if err != nil {
		return nil, err
	}
	return h.cohortOutput(cohort), nil
}

type changeCohortInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body ChangeJSON
}

func (h *Handlers) changeCohort(ctx context.Context, in *changeCohortInput) (*cohortOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return h.changed(h.retreats.AmendCohort(ctx, in.ID, actor.By(), in.Body.apply))
}

// changed answers with the cohort as a change has left it.
func (h *Handlers) changed(cohort *retreats.Cohort, err error) (*cohortOutput, error) {
	if err != nil {
		return nil, err
	}
	return h.cohortOutput(cohort), nil
}

func (h *Handlers) turnCohort(turn func(ctx context.Context, id string, by audit.By) (*retreats.Cohort, error)) func(context.Context, *cohortInput) (*cohortOutput, error) {
	return func(ctx context.Context, in *cohortInput) (*cohortOutput, error) {
		actor, _ := web.ActorOf(ctx)
		return h.changed(turn(ctx, in.ID, actor.By()))
	}
}

type cancelCohortInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Reason string `json:"reason" doc:"Couples are told it" maxLength:"300"`
	}
}

func (h *Handlers) cancelCohort(ctx context.Context, in *cancelCohortInput) (*cohortOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return h.changed(h.retreats.Cancel(ctx, in.ID, in.Body.Reason, actor.By()))
}

type cohortTrailLineJSON struct {
	At      time.Time `json:"at"`
	By      string    `json:"by" doc:"Who, by name"`
	ByID    string    `json:"by_id"`
	What    string    `json:"what"`
	From    string    `json:"from,omitempty"`
	To      string    `json:"to,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Booking string    `json:"booking,omitempty" doc:"The booking concerned, where it is one"`
}

type cohortTrailOutput struct {
	Body struct {
		Trail []cohortTrailLineJSON `json:"trail"`
	}
}

func (h *Handlers) cohortTrail(ctx context.Context, in *cohortInput) (*cohortTrailOutput, error) {
	cohort, err := h.retreats.Cohort(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &cohortTrailOutput{}
	out.Body.Trail = []cohortTrailLineJSON{}
	for _, l := range slices.Backward(cohort.Trail) {
		out.Body.Trail = append(out.Body.Trail, cohortTrailLineJSON{
			At: l.At, By: l.By, ByID: l.ByID, What: l.What, From: l.From, To: l.To, Reason: l.Reason, Booking: l.Booking,
		})
	}
	return out, nil
}
