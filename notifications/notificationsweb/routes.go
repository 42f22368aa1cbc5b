// Package notificationsweb holds the outbox's pages and the API operations of
// messages.
package notificationsweb

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/people"
	"lantern/internal/web"
	"lantern/notifications"
)

// Handlers serve this slice.
type Handlers struct {
	server  *web.Server
	notices *notifications.Service
}

// Mount adds the slice's URL table to the server. The outbox is there only
// where mail is not sent.
func Mount(server *web.Server, notices *notifications.Service, outbox bool) {
	h := &Handlers{server: server, notices: notices}
	if outbox {
		server.Mount([]web.Route{
			{Method: http.MethodGet, Path: "/outbox", Right: access.Outbox, Handle: h.outbox},
			{Method: http.MethodGet, Path: "/outbox/:id", Right: access.Outbox, Handle: h.message},
			{Method: http.MethodGet, Path: "/outbox/:id/mail.html", Right: access.Outbox, Handle: h.mail},
		})
	}
	web.Register(server.API(), web.Operation{
		ID: "list-messages", Method: http.MethodGet, Path: "/api/v1/messages", Tag: "Messages",
		Summary: "Planned and sent messages, the newest first", Right: access.ReadBookings,
	}, h.list)
}

// onPage is how many messages the outbox shows at a time.
const onPage = 50

func (h *Handlers) outbox(c echo.Context) error {
	page, err := h.notices.Outbox(c.Request().Context(), onPage, c.QueryParam("after"))
	if err != nil {
		return err
	}
	data := &outboxPage{Page: web.Page{Title: "Outbox", Private: true}}
	for _, m := range page.Items {
		if m.Copy != nil {
			data.Messages = append(data.Messages, viewOf(m, h.notices.Zone()))
		}
	}
	if page.Next != "" {
		data.Next = "/outbox?after=" + url.QueryEscape(page.Next)
	}
	return h.server.Render(c, http.StatusOK, "outbox", data)
}

func viewOf(m *notifications.Message, zone *time.Location) messageView {
	view := messageView{
		URL: "/outbox/" + url.PathEscape(m.ID), To: m.Copy.Name + " <" + m.Copy.Email + ">",
		Subject: m.Copy.Subject, When: web.At(m.Copy.At, zone), Zone: web.ZoneName(zone.String()),
	}
	if m.Copy.Phone != "" {
		view.IsText, view.To, view.Subject = true, m.Copy.Name+" "+people.Spaced(m.Copy.Phone), "Text message"
	}
	return view
}

func (h *Handlers) find(c echo.Context) (*notifications.Message, notifications.Body, error) {
	m, err := h.notices.Message(c.Request().Context(), c.Param("id"))
	if err != nil {
		return nil, notifications.Body{}, err
	}
	if m.Copy == nil {
		return nil, notifications.Body{}, echo.ErrNotFound
	}
	body, err := h.notices.Body(m)
	return m, body, err
}

func (h *Handlers) message(c echo.Context) error {
	m, body, err := h.find(c)
	if err != nil {
		return err
	}
	view := viewOf(m, h.notices.Zone())
	view.Text = body.Text
	return h.server.Render(c, http.StatusOK, "message", &messagePage{Page: web.Page{Title: view.Subject, Private: true}, Message: view})
}

// mailPolicy lets the HTML of a mail show itself and do nothing.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-top-navigation-by-user-activation; frame-ancestors 'self'"

// mail is the HTML part as a mail program would show it. It is shown in a
// frame; its styles are in attributes, as mail needs them, so its policy
// allows those and nothing else.
func (h *Handlers) mail(c echo.Context) error {
	_, body, err := h.find(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", mailPolicy)
	return c.HTML(http.StatusOK, body.HTML)
}

type listInput struct {
	Cohort  string `query:"cohort" maxLength:"100"`
	State   string `query:"state" enum:"planned,sending,sent,withdrawn,missed,failed,held_back"`
	Channel string `query:"channel" enum:"mail,text" doc:"By what they go; a page may hold fewer than the limit, next goes on"`
	Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After   string `query:"after" maxLength:"500"`
}

type listOutput struct {
	Body struct {
		Messages []messageJSON `json:"messages"`
		Next     string        `json:"next,omitempty"`
	}
}

type messageJSON struct {
	ID      string     `json:"id"`
	Rule    string     `json:"rule"`
	Booking string     `json:"booking,omitempty" doc:"absent for notices, such as sign-in links, which are not about a booking"`
	Cohort  string     `json:"cohort,omitempty"`
	Partner int        `json:"partner,omitempty" doc:"1 or 2; absent for notices and for what is said to a driver or to staff"`
	Driver  string     `json:"driver,omitempty" doc:"the session whose driver it is for"`
	State   string     `json:"state"`
	DueAt   time.Time  `json:"due_at"`
	SentAt  *time.Time `json:"sent_at,omitempty"`
	Subject string     `json:"subject,omitempty"`
	Tries   int        `json:"tries"`
	Channel string     `json:"channel" enum:"mail,text"`
	// Delivery and Why are of texts.
	Delivery string `json:"delivery,omitempty" enum:"queued,sent,delivered,undelivered,failed" doc:"What has become of a text"`
	Why      string `json:"not_texted_because,omitempty" doc:"Why it could not go as a text: cap, stopped, unreachable, length, hours, refused, unsure, undelivered, failed, off"`
}

func (h *Handlers) list(ctx context.Context, in *listInput) (*listOutput, error) {
	page, err := h.notices.ListBy(ctx, channelIn(in.Channel), in.Cohort, notifications.State(in.State), in.Limit, in.After)
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Messages, out.Body.Next = []messageJSON{}, page.Next
	for _, m := range page.Items {
		out.Body.Messages = append(out.Body.Messages, jsonOf(m))
	}
	return out, nil
}

func jsonOf(m *notifications.Message) messageJSON {
	line := messageJSON{
		ID: m.ID, Rule: m.Rule, Booking: m.BookingID, Cohort: m.CohortID, State: string(m.State), DueAt: m.DueAt, Tries: m.Tries,
		Channel: m.Channel.String(), Why: m.Why,
	}
	if m.Delivery != nil {
		line.Delivery = string(m.Delivery.Status)
	}
	switch {
	case m.Driver != "":
		line.Driver = m.Driver
	case m.To == nil && m.Reader == "":
		line.Partner = m.Partner + 1
	}
	if m.Copy != nil {
		line.SentAt, line.Subject = &m.Copy.At, m.Copy.Subject
	}
	return line
}
