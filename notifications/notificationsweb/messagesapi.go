package notificationsweb

import (
	"context"
	"net/http"

	"lantern/internal/access"
	"lantern/internal/web"
)

func (h *StaffHandlers) registerMessages(api *web.API) {
	acts := h.messageActs()
	for _, op := range []struct{ id, act, summary string }{
		{"send-message", "send", "Send a planned message at once, at whatever hour"},
		{"hold-message", "hold", "Keep a planned message from being sent"},
		{"release-message", "release", "Let a message go that was held back, when it is due"},
		{"retry-message", "retry", "Try a message again that could not be delivered"},
	} {
		do := acts[op.act]
		web.Register(api, web.Operation{
			ID: op.id, Method: http.MethodPost, Path: "/api/v1/messages/{id}/" + op.act, Tag: "Messages",
			Summary: op.summary, Right: access.ManageCohorts,
		}, func(ctx context.Context, in *messageInput) (*messageOutput, error) {
			actor, _ := web.ActorOf(ctx)
			if err := do(ctx, in.ID, actor.By()); err != nil {
				return nil, err
			}
			m, err := h.options.Notices.Message(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &messageOutput{}
			out.Body.Message = jsonOf(m)
			return out, nil
		})
	}
}

type messageInput struct {
	ID string `path:"id" maxLength:"300"`
}

type messageOutput struct {
	Body struct {
		Message messageJSON `json:"message"`
	}
}
