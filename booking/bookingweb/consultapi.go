package bookingweb

import (
	"context"
	"net/http"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// registerTalksAPI lets the practice's own site ask for first talks.
func (h *Handlers) registerTalksAPI(api *web.API) {
	web.Register(api, web.Operation{
		ID: "ask-for-talk", Method: http.MethodPost, Path: "/api/v1/consultations", Tag: "First talks", Status: http.StatusCreated,
		Summary: "Ask for a first talk, as one person or as a couple; not for emergencies", Right: access.Public,
	}, h.apiAskForTalk)
}

type askInput struct {
	Body struct {
		People    []partnerJSON `json:"people" minItems:"1" maxItems:"2"`
		Times     []string      `json:"times,omitempty" maxItems:"3" enum:"mornings,afternoons,evenings"`
		Wish      string        `json:"wish,omitempty" maxLength:"300" doc:"What times suit, in words; nothing about health"`
		Online    bool          `json:"online" doc:"By video or phone, not at the place"`
		Cohort    string        `json:"cohort,omitempty" maxLength:"100" doc:"The dates it is about"`
		Emergency bool          `json:"understood" doc:"They know that this is not for emergencies"`
	}
}

type askOutput struct {
	Body struct {
		Consultation struct {
			ID    string `json:"id"`
			Ref   string `json:"ref"`
			State string `json:"state"`
			URL   string `json:"url" doc:"The first person's own page"`
		} `json:"consultation"`
	}
}

func (h *Handlers) apiAskForTalk(ctx context.Context, in *askInput) (*askOutput, error) {
	if !h.server.MayAsk(ctx) {
		return nil, errAskedFromHere
	}
	asked := booking.ConsultationInput{
		Times: in.Body.Times, Wish: in.Body.Wish, Online: in.Body.Online, Understood: in.Body.Emergency, Key: web.RepeatKey(ctx),
	}
	for i, p := range in.Body.People {
		asked.People[i] = booking.PartnerInput{Name: p.Name, Email: p.Email, Phone: p.Phone, Zone: p.TimeZone}
	}
	if in.Body.Cohort != "" {
		cohort, err := h.options.Retreats.OfferedCohort(ctx, in.Body.Cohort)
		if err != nil {
			return nil, fault.InvalidFields(fault.Fields{"cohort": "There are no such dates on offer."})
		}
		asked.CohortID = cohort.ID
	}
	talk, err := h.options.Talks.Ask(ctx, asked)
	if err != nil {
		return nil, asSent(err)
	}
	out := &askOutput{}
	body := &out.Body.Consultation
	body.ID, body.Ref, body.State = talk.ID, talk.Ref, string(talk.State)
	body.URL = h.options.BaseURL + "/talk/" + h.options.Talks.Token(talk.ID, 0)
	return out, nil
}
