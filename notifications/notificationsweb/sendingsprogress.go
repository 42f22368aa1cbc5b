package notificationsweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// sendingPage shows how a reminder by hand goes out. Its table renews itself, so
// no form is in it.
type sendingPage struct {
	sendingHead
	Title, Remark   string
	By, When        string
	Stopped         string // by whom and when; empty if it was not
	Sent, All       int
	Done            string
	Lines           []sendingLine
	At              string
	StopURL, Action string
	// MayStop says that something may still leave, and that the reader may stop it.
	MayStop bool
	Trail   []trailView
}

type sendingLine struct {
	ID, To, URL, Names, WhoseURL, Address, State string
	// Sign goes with the state, Kind is its class: done, late or none.
	Sign, Kind string
}

func sendingURL(g *notifications.HandSending) string {
	return remindURL(g.CohortID) + "/" + url.PathEscape(g.ID)
}

// mostPast bounds the list of what was sent by hand.
const mostPast = 20

func (h *StaffHandlers) pastSendings(ctx context.Context, cohort *retreats.Cohort) ([]pastSending, error) {
	all, err := h.options.Notices.Sendings(ctx, cohort.ID, mostPast)
	if err != nil {
		return nil, err
	}
	var past []pastSending
	for _, g := range all {
		lines, err := h.options.Notices.Progress(ctx, g)
		if err != nil {
			return nil, err
		}
		past = append(past, pastSending{
			URL: sendingURL(g), When: web.At(g.At, cohort.Location()).Text, By: g.By(), Title: g.Lack.Title(), Done: progressWords(g, lines),
		})
	}
	return past, nil
}

func countSent(lines []notifications.HandLine) int {
	sent := 0
	for _, l := range lines {
		if l.State() == notifications.Sent {
			sent++
		}
	}
	return sent
}

// progressWords say how far a sending is: "4 of 6 sent, stopped".
func progressWords(g *notifications.HandSending, lines []notifications.HandLine) string {
	words := fmt.Sprintf("%d of %d sent", countSent(lines), len(lines))
	if g.StoppedAt != nil {
		words += ", stopped"
	}
	return words
}

// lineWords are the states as they are called here: what is withdrawn is not
// lacking any more.
func lineWords(l notifications.HandLine) (sign, kind, words string) {
	switch l.State() {
	case notifications.Sent:
		return "✓", "done", "sent"
	case notifications.Withdrawn:
		return "–", "", "not sent: it is not lacking any more"
	case notifications.Failed, notifications.Missed:
		return "!", "late", stateWords[l.State()]
	case notifications.HeldBack:
		return "–", "", stateWords[notifications.HeldBack]
	}
	return "○", "", stateWords[l.State()]
}

func (h *StaffHandlers) sending(c echo.Context) error { return h.showSending(c, nil) }

func (h *StaffHandlers) showSending(c echo.Context, problem error) error {
	ctx := c.Request().Context()
	g, err := h.options.Notices.Sending(ctx, c.Param("id"), c.Param("sending"))
	if err != nil {
		return err
	}
	cohort, err := h.options.Retreats.Cohort(ctx, g.CohortID)
	if err != nil {
		return err
	}
	lines, err := h.options.Notices.Progress(ctx, g)
	if err != nil {
		return err
	}
	now, zone := h.options.Retreats.Now(), cohort.Location()
	data := &sendingPage{
		sendingHead: h.headOf(cohort, "Reminder by hand"), Title: g.Lack.Title(), Remark: g.Remark, By: g.By(), When: web.At(g.At, zone).Text,
		Sent: countSent(lines), All: len(lines), Done: progressWords(g, lines), At: web.At(now, zone).Text, StopURL: sendingURL(g) + "/stop",
	}
	if g.StoppedAt != nil {
		data.Stopped = g.StoppedBy() + ", " + web.At(*g.StoppedAt, zone).Text
	}
	actor, _ := web.ActorOf(ctx)
	data.MayStop = actor.Has(access.ManageCohorts) && g.StoppedAt == nil && slices.ContainsFunc(lines, notifications.HandLine.IsToCome)
	if problem != nil {
		data.Problem = fault.TextOf(problem)
	}
	known := &couples{bookings: h.options.Bookings, known: map[string]booking.Case{}}
	for _, l := range lines {
		line, err := sendingLineOf(ctx, known, l)
		if err != nil {
			return err
		}
		if l.Sent != nil && l.State() == notifications.Planned && l.Sent.NextAt != nil && l.Sent.NextAt.After(now) {
			line.State += ", " + web.At(*l.Sent.NextAt, zone).Text
		}
		data.Lines = append(data.Lines, line)
	}
	for _, line := range slices.Backward(g.Trail) {
		data.Trail = append(data.Trail, trailView{When: web.At(line.At, zone).Text, By: line.By, What: line.What, To: line.To})
	}
	status := http.StatusOK
	if problem != nil {
		web.Note(ctx, problem)
		status = web.Status(problem)
	}
	return h.server.Render(c, status, "staff_sending_progress", data)
}

func sendingLineOf(ctx context.Context, known *couples, l notifications.HandLine) (sendingLine, error) {
	of, err := known.of(ctx, l.Booking)
	if err != nil {
		return sendingLine{}, err
	}
	m := l.Sent
	if m == nil {
		m = &notifications.Message{Partner: l.Partner, Driver: l.Driver, Channel: l.Channel}
	}
	line := sendingLine{
		ID: "line_" + l.Message, To: readersOf(of.Booking, m), URL: messageURL(l.Message), Names: namesOf(of.Booking), WhoseURL: bookingURL(l.Booking),
		Address: addressOf(of.Booking, m),
	}
	line.Sign, line.Kind, line.State = lineWords(l)
	return line, nil
}

func (h *StaffHandlers) stopSending(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := web.ActorOf(ctx)
	err := h.options.Notices.StopSending(ctx, c.Param("id"), c.Param("sending"), actor.By())
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, remindURL(c.Param("id"))+"/"+url.PathEscape(c.Param("sending")))
	case fault.KindOf(err) == fault.Conflict:
		return h.showSending(c, err)
	}
	return err
}
