package retreatsweb

import (
	"context"
	"net/http"

	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/web"
	"lantern/retreats"
)

func (h *Handlers) registerSchedule(api *web.API) {
	web.Register(api, web.Operation{
		ID: "reschedule-cohort", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/reschedule", Tag: tag,
		Summary: "Move a cohort to another first day; every session keeps its distance from it", Right: access.ManageCohorts,
	}, h.rescheduleCohort)
	web.Register(api, web.Operation{
		ID: "add-session", Method: http.MethodPost, Path: "/api/v1/cohorts/{id}/sessions", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a session to a cohort", Right: access.ManageCohorts,
	}, h.addSession)
	web.Register(api, web.Operation{
		ID: "change-session", Method: http.MethodPut, Path: "/api/v1/cohorts/{id}/sessions/{session}", Tag: tag,
		Summary: "Put another plan in a session's place", Right: access.ManageCohorts,
	}, h.changeSession)
	web.Register(api, web.Operation{
		ID: "drop-session", Method: http.MethodDelete, Path: "/api/v1/cohorts/{id}/sessions/{session}", Tag: tag,
		Summary: "Take a session out; one must remain", Right: access.ManageCohorts,
	}, h.dropSession)
}

type rescheduleInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		StartsOn civil.Date `json:"starts_on" format:"date"`
		DryRun   bool       `json:"dry_run,omitempty" doc:"Answers what would move and saves nothing"`
	}
}

type sessionMoveJSON struct {
	Session string       `json:"session"`
	Before  *sessionJSON `json:"before,omitempty"`
	After   *sessionJSON `json:"after,omitempty"`
}

type rescheduleOutput struct {
	Body struct {
		Moves  []sessionMoveJSON `json:"moves" doc:"The sessions that move"`
		Cohort cohortJSON        `json:"cohort" doc:"As it is after the move, or would be"`
	}
}

func (h *Handlers) rescheduleCohort(ctx context.Context, in *rescheduleInput) (*rescheduleOutput, error) {
	before, err := h.retreats.Cohort(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	after := new(retreats.Cohort)
	if in.Body.DryRun {
		*after = *before
		err = after.Reschedule(in.Body.StartsOn, h.retreats.Now())
	} else {
		actor, _ := web.ActorOf(ctx)
		after, err = h.retreats.Reschedule(ctx, in.ID, in.Body.StartsOn, actor.By())
	}
	if err != nil {
		return nil, err
	}
	out := &rescheduleOutput{}
	out.Body.Moves, out.Body.Cohort = []sessionMoveJSON{}, cohortOf(after, h.retreats.Now())
	for _, m := range retreats.Moves(before, after) {
		out.Body.Moves = append(out.Body.Moves, sessionMoveOf(m))
	}
	return out, nil
}

func sessionMoveOf(m retreats.SessionMove) sessionMoveJSON {
	var out sessionMoveJSON
	if m.Before.ID != "" {
		out.Session, out.Before = m.Before.ID, ptr(sessionJSONOf(m.Before))
	}
	if m.After.ID != "" {
		out.Session, out.After = m.After.ID, ptr(sessionJSONOf(m.After))
	}
	return out
}

// plannedJSON is a session by its distance from the cohort's first day.
type plannedJSON struct {
	Kind     string      `json:"kind" enum:"preparation,medicine,integration,gathering,consultation"`
	Title    string      `json:"title" maxLength:"100"`
	Day      int         `json:"day" doc:"Counts from the first day, which is 0"`
	Clock    civil.Clock `json:"clock" doc:"In the zone of the cohort" example:"09:30"`
	Minutes  int         `json:"minutes"`
	Online   bool        `json:"online,omitempty"`
	Receives string      `json:"receives,omitempty" enum:"both,first_partner,second_partner" doc:"Who receives medicine"`
}

func (p plannedJSON) planned() retreats.PlannedSession {
	return retreats.PlannedSession{
		Kind: retreats.SessionKind(p.Kind), Title: p.Title, Day: p.Day, Clock: p.Clock, Minutes: p.Minutes,
		Online: p.Online, Receives: retreats.Receives(p.Receives),
	}
}

type addSessionInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body plannedJSON
}

func (h *Handlers) addSession(ctx context.Context, in *addSessionInput) (*cohortOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return h.changed(h.retreats.ChangeSession(ctx, in.ID, "", in.Body.planned(), actor.By()))
}

type sessionInput struct {
	ID      string `path:"id" maxLength:"100"`
	Session string `path:"session" minLength:"1" maxLength:"20"`
}

type changeSessionInput struct {
	ID      string `path:"id" maxLength:"100"`
	Session string `path:"session" minLength:"1" maxLength:"20"`
	Body    plannedJSON
}

func (h *Handlers) changeSession(ctx context.Context, in *changeSessionInput) (*cohortOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return h.changed(h.retreats.ChangeSession(ctx, in.ID, in.Session, in.Body.planned(), actor.By()))
}

func (h *Handlers) dropSession(ctx context.Context, in *sessionInput) (*cohortOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return h.changed(h.retreats.DropSession(ctx, in.ID, in.Session, actor.By()))
}

func sessionJSONOf(s retreats.Session) sessionJSON {
	return sessionJSON{
		ID: s.ID, Kind: string(s.Kind), Title: s.Title, StartsAt: s.StartsAt.UTC(), EndsAt: s.EndsAt.UTC(),
		Online: s.Online, Receives: string(s.Receives),
	}
}
