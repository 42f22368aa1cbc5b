package bookingweb

import (
	"context"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web"
)

// First talks for programs with a staff token, as the pages show them.

func (h *Handlers) registerTalksStaffAPI(api *web.API) {
	operation := func(id, method, path, summary string) web.Operation {
		return web.Operation{
			ID: id, Method: method, Path: "/api/v1/consultations" + path, Tag: "First talks", Summary: summary, Right: access.ManageConsultations,
		}
	}
	web.Register(api, operation("list-talks", http.MethodGet, "", "First talks in a state, the newest first"), h.listTalks)
	web.Register(api, operation("get-talk", http.MethodGet, "/{talk}", "A first talk: who asked, what suits them, and what has become of it"), h.getTalk)
	web.Register(api, operation("fix-talk", http.MethodPut, "/{talk}/time", "Give a first talk its time, or another one; those who asked are told"), h.fixTalk)
	web.Register(api, operation("conclude-talk", http.MethodPut, "/{talk}/outcome", "Note what came of a first talk; who is invited or declined is told"), h.concludeTalk)
}

type talkJSON struct {
	ID       string        `json:"id"`
	Ref      string        `json:"ref"`
	State    string        `json:"state" enum:"asked,fixed,missed,invited,declined,withdrawn"`
	People   []partnerJSON `json:"people" doc:"One, or the two of a couple"`
	Cohort   string        `json:"cohort,omitempty" doc:"The dates it is about"`
	Times    []string      `json:"times,omitempty" doc:"What suits them: mornings, afternoons, evenings"`
	Wish     string        `json:"wish,omitempty" doc:"The same in their words"`
	Online   bool          `json:"online" doc:"By video or phone, not at the place"`
	AskedAt  time.Time     `json:"asked_at"`
	StartsAt *time.Time    `json:"starts_at,omitempty"`
	EndsAt   *time.Time    `json:"ends_at,omitempty"`
	Where    string        `json:"where,omitempty"`
}

func talkOf(t *booking.Consultation) talkJSON {
	view := talkJSON{
		ID: t.ID, Ref: t.Ref, State: string(t.State), People: []partnerJSON{}, Cohort: t.CohortID, Times: t.Times, Wish: t.Wish,
		Online: t.Online, AskedAt: t.CreatedAt, StartsAt: t.StartsAt, EndsAt: t.EndsAt, Where: t.Where,
	}
	for _, p := range t.People {
		view.People = append(view.People, partnerJSON{Name: p.Name, Email: p.Email, Phone: p.Phone, TimeZone: p.Zone})
	}
	return view
}

type listTalksInput struct {
	State string `query:"state" enum:"asked,fixed,missed,invited,declined,withdrawn" default:"asked"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After string `query:"after" maxLength:"500"`
}

type listTalksOutput struct {
	Body struct {
		Consultations []talkJSON `json:"consultations"`
		Next          string     `json:"next,omitempty" doc:"Ask for the next page with this"`
	}
}

func (h *Handlers) listTalks(ctx context.Context, in *listTalksInput) (*listTalksOutput, error) {
	page, err := h.options.Talks.InState(ctx, booking.ConsultationState(in.State), in.Limit, in.After)
	if err != nil {
		return nil, err
	}
	out := &listTalksOutput{}
	out.Body.Consultations, out.Body.Next = []talkJSON{}, page.Next
	for _, t := range page.Items {
		out.Body.Consultations = append(out.Body.Consultations, talkOf(t))
	}
	return out, nil
}

type oneTalkInput struct {
	Talk string `path:"talk" maxLength:"100"`
}

type talkOutput struct {
	Body struct {
		Consultation talkJSON `json:"consultation"`
	}
}

func (h *Handlers) getTalk(ctx context.Context, in *oneTalkInput) (*talkOutput, error) {
	t, err := h.options.Talks.Talk(ctx, in.Talk)
	if err != nil {
		return nil, err
	}
	out := &talkOutput{}
	out.Body.Consultation = talkOf(t)
	return out, nil
}

type fixTalkInput struct {
	Talk string `path:"talk" maxLength:"100"`
	Body struct {
		StartsAt time.Time `json:"starts_at"`
		Minutes  int       `json:"minutes" minimum:"5" maximum:"180"`
		Where    string    `json:"where" maxLength:"250" doc:"How to call, or where to come, in words"`
	}
}

func (h *Handlers) fixTalk(ctx context.Context, in *fixTalkInput) (*talkOutput, error) {
	actor, _ := web.ActorOf(ctx)
	fixing := booking.Fixing{StartsAt: in.Body.StartsAt.UTC().Truncate(time.Millisecond), Minutes: in.Body.Minutes, Where: in.Body.Where}
	if _, err := h.options.Talks.Talk(ctx, in.Talk); err != nil {
		return nil, err
	}
	if err := h.options.Talks.Fix(ctx, in.Talk, fixing, actor.By()); err != nil {
		return nil, err
	}
	return h.getTalk(ctx, &oneTalkInput{Talk: in.Talk})
}

type concludeTalkInput struct {
	Talk string `path:"talk" maxLength:"100"`
	Body struct {
		Outcome string `json:"outcome" enum:"invited,declined,missed"`
	}
}

func (h *Handlers) concludeTalk(ctx context.Context, in *concludeTalkInput) (*talkOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if _, err := h.options.Talks.Talk(ctx, in.Talk); err != nil {
		return nil, err
	}
	if err := h.options.Talks.Conclude(ctx, in.Talk, booking.ConsultationState(in.Body.Outcome), actor.By()); err != nil {
		return nil, err
	}
	return h.getTalk(ctx, &oneTalkInput{Talk: in.Talk})
}
