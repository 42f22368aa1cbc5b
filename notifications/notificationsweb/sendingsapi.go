package notificationsweb

import (
	"context"
	"net/http"
	"time"

	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/notifications"
)

func (h *StaffHandlers) registerSendings(api *web.API) {
	const path = "/api/v1/cohorts/{id}/reminders-by-hand"
	web.Register(api, web.Operation{
		ID: "remind-by-hand", Method: http.MethodPost, Path: path, Tag: "Messages", Status: http.StatusCreated,
		Summary: "Remind those of a cohort who lack something, at once", Right: access.ManageCohorts,
	}, h.postSending)
	web.Register(api, web.Operation{
		ID: "list-reminders-by-hand", Method: http.MethodGet, Path: path, Tag: "Messages",
		Summary: "What was sent by hand to a cohort's couples, the last first", Right: access.ReadBookings,
	}, h.listSendings)
	web.Register(api, web.Operation{
		ID: "get-reminder-by-hand", Method: http.MethodGet, Path: path + "/{sending}", Tag: "Messages",
		Summary: "How far a reminder by hand is, with each whom it is for", Right: access.ReadBookings,
	}, h.getSending)
	web.Register(api, web.Operation{
		ID: "stop-reminder-by-hand", Method: http.MethodPost, Path: path + "/{sending}/stop", Tag: "Messages",
		Summary: "Hold back what has not left of a reminder by hand", Right: access.ManageCohorts,
	}, h.postStop)
}

type postSendingInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Lack    string `json:"lack" enum:"driver_confirmed,driver,consent,forms,preparation,balance,balance_late" doc:"What is lacking; it is asked once more before each is sent"`
		Remark  string `json:"remark,omitempty" maxLength:"600" doc:"Stands above what the mails say otherwise, at most 300 characters"`
		Booking string `json:"booking,omitempty" maxLength:"100" doc:"Only this couple"`
	}
}

type sendingInput struct {
	ID      string `path:"id" maxLength:"100"`
	Sending string `path:"sending" maxLength:"100"`
}

type sendingsInput struct {
	ID string `path:"id" maxLength:"100"`
}

type sendingJSON struct {
	ID        string     `json:"id"`
	Lack      string     `json:"lack"`
	Remark    string     `json:"remark,omitempty"`
	At        time.Time  `json:"at"`
	By        string     `json:"by"`
	StoppedAt *time.Time `json:"stopped_at,omitempty"`
	StoppedBy string     `json:"stopped_by,omitempty"`
	Sent      int        `json:"sent"`
	Of        int        `json:"of"`
	// Messages are left out of lists.
	Messages []handLineJSON `json:"messages,omitempty"`
}

type handLineJSON struct {
	ID      string `json:"id"`
	Booking string `json:"booking"`
	Partner int    `json:"partner,omitempty" doc:"1 or 2; absent for what is said to a driver"`
	Driver  string `json:"driver,omitempty" doc:"the session whose driver it is for"`
	State   string `json:"state" doc:"that of the message; withdrawn if it was not lacking any more"`
}

type sendingOutput struct {
	Body struct {
		Sending sendingJSON `json:"sending"`
	}
}

type sendingsOutput struct {
	Body struct {
		Sendings []sendingJSON `json:"sendings"`
	}
}

func (h *StaffHandlers) sendingJSON(ctx context.Context, g *notifications.HandSending, whole bool) (sendingJSON, error) {
	lines, err := h.options.Notices.Progress(ctx, g)
	out := sendingJSON{
		ID: g.ID, Lack: string(g.Lack), Remark: g.Remark, At: g.At, By: g.By(), StoppedAt: g.StoppedAt, StoppedBy: g.StoppedBy(),
		Sent: countSent(lines), Of: len(g.To),
	}
	for _, l := range lines {
		if !whole {
			break
		}
		line := handLineJSON{ID: l.Message, Booking: l.Booking, Driver: l.Driver, State: string(l.State())}
		if l.Driver == "" {
			line.Partner = l.Partner + 1
		}
		out.Messages = append(out.Messages, line)
	}
	return out, err
}

func (h *StaffHandlers) answerSending(ctx context.Context, cohortID, id string) (*sendingOutput, error) {
	g, err := h.options.Notices.Sending(ctx, cohortID, id)
	if err != nil {
		return nil, err
	}
	out := &sendingOutput{}
	out.Body.Sending, err = h.sendingJSON(ctx, g, true)
	return out, err
}

func (h *StaffHandlers) postSending(ctx context.Context, in *postSendingInput) (*sendingOutput, error) {
	actor, _ := web.ActorOf(ctx)
	g, err := h.options.Notices.SendByHand(ctx, notifications.HandOrder{
		Key: web.RepeatKey(ctx), Cohort: in.ID, Lack: notifications.Lack(in.Body.Lack), Remark: in.Body.Remark, Booking: in.Body.Booking,
	}, actor.By())
	if err != nil {
		return nil, err
	}
	return h.answerSending(ctx, in.ID, g.ID)
}

func (h *StaffHandlers) listSendings(ctx context.Context, in *sendingsInput) (*sendingsOutput, error) {
	if _, err := h.options.Retreats.Cohort(ctx, in.ID); err != nil {
		return nil, err
	}
	all, err := h.options.Notices.Sendings(ctx, in.ID, mostPast)
	if err != nil {
		return nil, err
	}
	out := &sendingsOutput{}
	out.Body.Sendings = []sendingJSON{}
	for _, g := range all {
		line, err := h.sendingJSON(ctx, g, false)
		if err != nil {
			return nil, err
		}
		out.Body.Sendings = append(out.Body.Sendings, line)
	}
	return out, nil
}

func (h *StaffHandlers) getSending(ctx context.Context, in *sendingInput) (*sendingOutput, error) {
	return h.answerSending(ctx, in.ID, in.Sending)
}

func (h *StaffHandlers) postStop(ctx context.Context, in *sendingInput) (*sendingOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Notices.StopSending(ctx, in.ID, in.Sending, actor.By()); err != nil {
		return nil, err
	}
	return h.answerSending(ctx, in.ID, in.Sending)
}
