package notificationsweb

import (
	"context"
	"net/http"
	"time"

	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/internal/wording"
	"lantern/notifications"
)

func (h *StaffHandlers) registerWording(api *web.API) {
	const all, one = "/api/v1/wording", "/api/v1/wording/{id}"
	web.Register(api, web.Operation{
		ID: "list-wording", Method: http.MethodGet, Path: all, Tag: "Messages",
		Summary: "The words of all mails and text messages", Right: access.ManageCohorts,
	}, h.listWording)
	web.Register(api, web.Operation{
		ID: "get-wording", Method: http.MethodGet, Path: one, Tag: "Messages",
		Summary: "The words of one message, Lantern's own words, and what words can say", Right: access.ManageCohorts,
	}, h.getWording)
	web.Register(api, web.Operation{
		ID: "put-wording", Method: http.MethodPut, Path: one, Tag: "Messages",
		Summary: "Send a message in words of your own", Right: access.ManageCohorts,
	}, h.putWording)
	web.Register(api, web.Operation{
		ID: "delete-wording", Method: http.MethodDelete, Path: one, Tag: "Messages",
		Summary: "Send a message in Lantern's own words again", Right: access.ManageCohorts,
	}, h.deleteWording)
	web.Register(api, web.Operation{
		ID: "preview-wording", Method: http.MethodPost, Path: one + "/preview", Tag: "Messages",
		Summary: "See what words make of a message, and what is wrong with them; nothing is changed", Right: access.ManageCohorts,
	}, h.previewWordingAPI)
}

type wordsJSON struct {
	Subject string `json:"subject,omitempty" doc:"Absent for text messages" maxLength:"10000"`
	Text    string `json:"text" maxLength:"40000"`
}

type wordingJSON struct {
	ID        string     `json:"id" doc:"The channel and the rule, such as mail.confirmed or text.offered"`
	Channel   string     `json:"channel" enum:"mail,text"`
	Title     string     `json:"title"`
	Own       bool       `json:"own" doc:"Whether these are words of your own"`
	Subject   string     `json:"subject,omitempty" doc:"Absent for text messages" maxLength:"10000"`
	Text      string     `json:"text" maxLength:"40000"`
	Version   int        `json:"version"`
	ChangedAt *time.Time `json:"changed_at,omitempty"`
	ChangedBy string     `json:"changed_by,omitempty"`
	Broken    string     `json:"broken,omitempty" doc:"Why the own words cannot be used, so that Lantern's are sent"`
}

type fieldJSON struct {
	Write string `json:"write"`
	Means string `json:"means"`
}

type wordingOutput struct {
	Body struct {
		Wording wordingJSON `json:"wording"`
		Default wordsJSON   `json:"default" doc:"Lantern's own words"`
		Fields  []fieldJSON `json:"fields" doc:"What words can say"`
	}
}

type wordingListOutput struct {
	Body struct {
		Wording []wordingJSON `json:"wording"`
	}
}

type wordingInput struct {
	ID string `path:"id" maxLength:"100"`
}

type putWordingInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Subject string `json:"subject,omitempty" doc:"Absent for text messages" maxLength:"10000"`
		Text    string `json:"text" maxLength:"40000"`
		Version int    `json:"version" doc:"That of the words that were read: a conflict if they have changed since"`
	}
}

type deleteWordingInput struct {
	ID      string `path:"id" maxLength:"100"`
	Version int    `query:"version" doc:"That of the words that were read: a conflict if they have changed since"`
}

type previewWordingInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Subject string `json:"subject,omitempty" doc:"Absent for text messages" maxLength:"10000"`
		Text    string `json:"text" maxLength:"40000"`
		Message string `json:"message,omitempty" doc:"A message to try the words on; a sample if there is none" maxLength:"300"`
	}
}

type previewWordingOutput struct {
	Body struct {
		Subject    string            `json:"subject,omitempty" doc:"Absent for text messages" maxLength:"10000"`
		Text       string            `json:"text" maxLength:"40000"`
		HTML       string            `json:"html,omitempty"`
		Characters int               `json:"characters,omitempty" doc:"The length of a text message at its longest, of 160"`
		Faults     map[string]string `json:"faults,omitempty" doc:"What is wrong, by field"`
	}
}

func wordingJSONOf(w notifications.Worded) wordingJSON {
	out := wordingJSON{
		ID: w.Saying.ID, Channel: w.Channel.String(), Title: w.Title, Own: w.Wording.Own, Version: w.Version, Broken: brokenWords(w),
		Subject: w.Source().Subject, Text: w.Source().Text,
	}
	if n := len(w.Trail); n > 0 {
		out.ChangedAt, out.ChangedBy = &w.Trail[n-1].At, w.Trail[n-1].By
	}
	return out
}

func wordingOutputOf(w notifications.Worded, err error) (*wordingOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &wordingOutput{}
	out.Body.Wording, out.Body.Default, out.Body.Fields = wordingJSONOf(w), wordsJSON{Subject: w.Saying.Own.Subject, Text: w.Saying.Own.Text}, []fieldJSON{}
	for _, f := range w.Fields() {
		out.Body.Fields = append(out.Body.Fields, fieldJSON(f))
	}
	return out, nil
}

func (h *StaffHandlers) listWording(ctx context.Context, _ *struct{}) (*wordingListOutput, error) {
	all, err := h.options.Notices.Wordings(ctx)
	if err != nil {
		return nil, err
	}
	out := &wordingListOutput{}
	for _, w := range all {
		out.Body.Wording = append(out.Body.Wording, wordingJSONOf(w))
	}
	return out, nil
}

func (h *StaffHandlers) getWording(ctx context.Context, in *wordingInput) (*wordingOutput, error) {
	return wordingOutputOf(h.options.Notices.WordingOf(ctx, in.ID))
}

func (h *StaffHandlers) putWording(ctx context.Context, in *putWordingInput) (*wordingOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return wordingOutputOf(h.options.Notices.Reword(ctx, in.ID, wording.Source{Subject: in.Body.Subject, Text: in.Body.Text}, in.Body.Version, actor.By()))
}

func (h *StaffHandlers) deleteWording(ctx context.Context, in *deleteWordingInput) (*wordingOutput, error) {
	actor, _ := web.ActorOf(ctx)
	return wordingOutputOf(h.options.Notices.RestoreWording(ctx, in.ID, in.Version, actor.By()))
}

func (h *StaffHandlers) previewWordingAPI(ctx context.Context, in *previewWordingInput) (*previewWordingOutput, error) {
	tried, err := h.options.Notices.TryWords(ctx, in.ID, in.Body.Message, wording.Source{Subject: in.Body.Subject, Text: in.Body.Text})
	if err != nil {
		return nil, err
	}
	out := &previewWordingOutput{}
	out.Body.Subject, out.Body.Text, out.Body.HTML = tried.Subject, tried.Text, tried.HTML
	out.Body.Characters, out.Body.Faults = tried.Septets, tried.Faults
	return out, nil
}
