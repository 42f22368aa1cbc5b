package notificationsweb

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// messagesPage is everything that will be sent and was sent about bookings.
type messagesPage struct {
	web.Page
	Filters         []filterLink
	Cohorts         []choice
	State, Query    string
	Channels        []choice
	Days            []messageDay
	Next            string
	Planned, Narrow bool
	CanManage       bool
	// Whose is the couple that all are about, if they are about one.
	Whose, WhoseURL, Booking string
	// RemindURL is where those are reminded by hand whom the page is about, empty
	// if it is not about one cohort or couple, or for who may not.
	RemindURL string
}

type choice struct {
	Value, Text string
	Here        bool
}

type filterLink struct {
	URL, Text string
	Here      bool
}

// messageDay are the messages of one day, which is said once above them. All
// are in the state that the page is about.
type messageDay struct {
	Date     string
	Messages []messageRow
}

// messageRow is a message in a table. When is its time of the day in words.
type messageRow struct {
	URL, What, To, WhoseURL, Ref string
	// Late says that it needs somebody's eye.
	Late, ByText bool
	When         web.Moment
}

// staffMessagePage is one message, with what can be done with it.
type staffMessagePage struct {
	web.Page
	URL, What, To, Address, WhoseURL, Ref string
	State, Means                          string
	Facts                                 []factView
	Subject, Text                         string
	// Sent says that it is the text as it was sent; else it is as it would be
	// today.
	Sent                              bool
	MaySend, MayHold, MayGo, MayRetry bool
	CanManage                         bool
	Trail                             []trailView
}

type factView struct{ Name, Value string }

// stateWords name the states of messages for staff, stateMeans explain them.
var (
	stateWords = map[notifications.State]string{
		notifications.Planned: "to come", notifications.Sending: "being sent", notifications.Sent: "sent", notifications.Withdrawn: "withdrawn",
		notifications.Missed: "missed", notifications.Failed: "failed", notifications.HeldBack: "held back",
	}
	stateMeans = map[notifications.State]string{
		notifications.Planned:   "It is sent when it is due, if it is still so then.",
		notifications.Sending:   "It is on its way at this moment.",
		notifications.Sent:      "It was handed over.",
		notifications.Withdrawn: "What it was to say is not so any more, so it is not sent.",
		notifications.Missed:    "It could not be sent while it was of use. Please tell the couple yourself if it still matters.",
		notifications.Failed:    "It could not be delivered. Please look at the address, and tell the couple in another way.",
		notifications.HeldBack:  "Somebody has kept it from being sent.",
	}
	// shownStates are those to choose from, in order.
	shownStates = []notifications.State{
		notifications.Planned, notifications.Sent, notifications.Failed, notifications.Missed, notifications.HeldBack, notifications.Withdrawn,
	}
)

const messagesURL = "/staff/messages"

func messageURL(id string) string { return messagesURL + "/" + url.PathEscape(id) }

// whatOf says in words what a message is about.
func whatOf(m *notifications.Message) string {
	if title := notifications.TitleOf(m.Rule); title != "" {
		return "Reminder: " + title
	}
	return upperFirst(strings.ReplaceAll(m.Rule, "_", " "))
}

// upperFirst begins our own words as a title or a choice begins.
func upperFirst(words string) string { return strings.ToUpper(words[:1]) + words[1:] }

// couples reads the bookings that messages are about, each once.
type couples struct {
	bookings *booking.Service
	known    map[string]booking.Case
}

func (c *couples) of(ctx context.Context, id string) (booking.Case, error) {
	if known, ok := c.known[id]; ok {
		return known, nil
	}
	found, err := c.bookings.Case(ctx, id)
	if err == nil {
		c.known[id] = found
	}
	return found, err
}

func (h *StaffHandlers) messages(c echo.Context) error {
	ctx := c.Request().Context()
	asked := url.Values{}
	for _, name := range []string{"cohort", "booking", "q", "channel"} {
		if value := strings.TrimSpace(c.QueryParam(name)); value != "" {
			asked.Set(name, value)
		}
	}
	state := notifications.Planned
	if s := notifications.State(c.QueryParam("state")); slices.Contains(shownStates, s) {
		state = s
	}
	data := &messagesPage{
		Page: web.Page{Title: "Messages", Private: true, Wide: true}, State: string(state), Query: asked.Get("q"), Booking: asked.Get("booking"),
		Planned: state == notifications.Planned, Narrow: len(asked) > 0,
	}
	actor, _ := web.ActorOf(ctx)
	data.CanManage = actor.Has(access.ManageCohorts)
	known := &couples{bookings: h.options.Bookings, known: map[string]booking.Case{}}
	filter := notifications.Filter{Cohort: asked.Get("cohort"), Booking: asked.Get("booking"), State: state, Channel: channelIn(asked.Get("channel"))}
	if data.Query != "" {
		filter.Match = func(m *notifications.Message) (bool, error) { return matches(ctx, known, m, data.Query) }
	}
	found, next, err := h.options.Notices.Look(ctx, filter, c.QueryParam("after"))
	if err != nil {
		return err
	}
	for _, m := range found {
		if err := data.add(ctx, known, m); err != nil {
			return err
		}
	}
	data.Channels = byChannel(filter.Channel)
	data.link(asked, state, next)
	if err := h.addChoices(ctx, data, known, asked); err != nil {
		return err
	}
	return h.server.Render(c, http.StatusOK, "staff_messages", data)
}

// link makes the links to the other states and to the next page.
func (p *messagesPage) link(asked url.Values, state notifications.State, next string) {
	to := func(set func(url.Values)) string {
		v := url.Values{}
		for name, values := range asked {
			v[name] = values
		}
		set(v)
		return messagesURL + "?" + v.Encode()
	}
	for _, s := range shownStates {
		p.Filters = append(p.Filters, filterLink{URL: to(func(v url.Values) { v.Set("state", string(s)) }), Text: upperFirst(stateWords[s]), Here: s == state})
	}
	if next != "" {
		p.Next = to(func(v url.Values) { v.Set("state", string(state)); v.Set("after", next) })
	}
}

// mostCohorts bounds the list of cohorts to choose from.
const mostCohorts = 100

func (h *StaffHandlers) addChoices(ctx context.Context, data *messagesPage, known *couples, asked url.Values) error {
	cohorts, _, err := h.options.Retreats.Running(ctx, mostCohorts, retreats.Cursor{})
	if err != nil {
		return err
	}
	for _, cohort := range cohorts {
		data.Cohorts = append(data.Cohorts, choice{
			Value: cohort.ID, Text: cohort.Name + ", " + web.Dates(cohort.StartsOn, cohort.EndsOn), Here: cohort.ID == asked.Get("cohort"),
		})
	}
	if id := asked.Get("booking"); id != "" {
		of, err := known.of(ctx, id)
		if err != nil {
			return err
		}
		data.Whose, data.WhoseURL = namesOf(of.Booking), bookingURL(id)
		data.remind(of.Booking.CohortID, id)
	} else if id := asked.Get("cohort"); id != "" {
		data.remind(id, "")
	}
	return nil
}

func bookingURL(id string) string { return "/staff/bookings/" + url.PathEscape(id) }

func namesOf(b *booking.Booking) string { return b.Partners[0].Name + " & " + b.Partners[1].Name }

// matches reports whether a message is about a couple, or says in its subject,
// what somebody looks for.
func matches(ctx context.Context, known *couples, m *notifications.Message, query string) (bool, error) {
	c, err := known.of(ctx, m.BookingID)
	if err != nil {
		return false, err
	}
	b := c.Booking
	texts := []string{b.Ref, whatOf(m)}
	for _, p := range b.Partners {
		texts = append(texts, p.Name, p.Email)
	}
	if m.Copy != nil {
		texts = append(texts, m.Copy.Subject)
	}
	query = strings.ToLower(query)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), query) }), nil
}

// add puts a message at the end, under its day where its couple's dates are.
func (p *messagesPage) add(ctx context.Context, known *couples, m *notifications.Message) error {
	c, err := known.of(ctx, m.BookingID)
	if err != nil {
		return err
	}
	when, zone := m.DueAt, c.Cohort.Location()
	if m.Copy != nil {
		when = m.Copy.At
	}
	if date := web.Date(when, zone); len(p.Days) == 0 || p.Days[len(p.Days)-1].Date != date {
		p.Days = append(p.Days, messageDay{Date: date})
	}
	day := &p.Days[len(p.Days)-1]
	day.Messages = append(day.Messages, messageRow{
		URL: messageURL(m.ID), What: whatOf(m), To: recipientOf(c.Booking, m), WhoseURL: bookingURL(m.BookingID), Ref: c.Booking.Ref,
		Late: m.State == notifications.Failed || m.State == notifications.Missed, ByText: m.Channel == notifications.ByText,
		When: web.Moment{Text: web.Clock(when, zone), ISO: web.At(when, zone).ISO},
	})
	return nil
}

// recipientOf names who reads a message.
func recipientOf(b *booking.Booking, m *notifications.Message) string {
	if m.Copy != nil {
		return m.Copy.Name
	}
	if d, ok := b.Driver(m.Driver); m.Driver != "" && ok {
		return d.Name + " (driver)"
	}
	if m.Reader != "" {
		return "Staff on duty"
	}
	return b.Partners[m.Partner].Name
}

// addressOf is where a message goes.
func addressOf(b *booking.Booking, m *notifications.Message) string {
	if d, ok := b.Driver(m.Driver); m.Driver != "" && ok {
		if m.Channel == notifications.ByText {
			return people.Spaced(d.Phone)
		}
		return d.Email
	}
	if m.Reader != "" {
		return "the address of who is on duty"
	}
	if m.Channel == notifications.ByText {
		return people.Spaced(b.Partners[m.Partner].Phone)
	}
	return b.Partners[m.Partner].Email
}

// personalLink is the way to a couple's own page. Who reads messages here must
// not be able to act as somebody else.
var personalLink = regexp.MustCompile(`(https?://\S*?)?/(b|d)/[A-Za-z0-9_\-]+\S*`)

// withoutLinks is a text that holds nobody's link.
func withoutLinks(text string) string { return personalLink.ReplaceAllString(text, "(their own link)") }

func (h *StaffHandlers) message(c echo.Context) error {
	ctx := c.Request().Context()
	m, err := h.options.Notices.Message(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if m.BookingID == "" {
		return echo.ErrNotFound // a notice is between the program and its reader
	}
	of, err := h.options.Bookings.Case(ctx, m.BookingID)
	if err != nil {
		return err
	}
	actor, _ := web.ActorOf(ctx)
	now, zone := h.options.Retreats.Now(), of.Cohort.Location()
	useful := now.Before(m.UsefulUntil)
	data := &staffMessagePage{
		Page: web.Page{Title: whatOf(m), Private: true}, URL: messageURL(m.ID), What: whatOf(m), To: recipientOf(of.Booking, m),
		WhoseURL: bookingURL(m.BookingID), Ref: of.Booking.Ref, State: stateWords[m.State], Means: stateMeans[m.State],
		Address: addressOf(of.Booking, m), CanManage: actor.Has(access.ManageCohorts), Facts: messageFacts(m, zone),
		MaySend: m.State == notifications.Planned && useful, MayHold: m.State == notifications.Planned,
		MayGo: m.State == notifications.HeldBack, MayRetry: m.State == notifications.Failed && useful,
	}
	if err := h.addText(ctx, data, m); err != nil {
		return err
	}
	for _, line := range slices.Backward(m.Trail) {
		data.Trail = append(data.Trail, trailView{When: web.At(line.At, zone).Text, By: line.By, What: line.What})
	}
	return h.server.Render(c, http.StatusOK, "staff_message", data)
}

func messageFacts(m *notifications.Message, zone *time.Location) []factView {
	at := func(t time.Time) string { return web.At(t, zone).Text + " (" + civil.ZoneName(zone.String()) + ")" }
	facts := []factView{{"Due", at(m.DueAt)}, {"Of use until", at(m.UsefulUntil)}}
	if m.Copy != nil && m.State == notifications.Sent {
		facts = append(facts, factView{"Sent", at(m.Copy.At)})
	}
	facts = append(facts, textFacts(m)...)
	if m.NextAt != nil && m.Tries > 0 {
		facts = append(facts, factView{"Tried", web.Count(m.Tries, "time", "times")}, factView{"Next try", at(*m.NextAt)})
	}
	return facts
}

// addText adds what the message said, or would say today.
func (h *StaffHandlers) addText(ctx context.Context, data *staffMessagePage, m *notifications.Message) error {
	if m.Copy != nil {
		body, err := h.options.Notices.Body(m)
		data.Address, data.Subject, data.Text, data.Sent = m.Copy.Email+people.Spaced(m.Copy.Phone), m.Copy.Subject, withoutLinks(body.Text), m.State == notifications.Sent
		return err
	}
	words, err := h.options.Notices.Draft(ctx, m)
	data.Subject, data.Text = words.Subject, withoutLinks(words.Text)
	return err
}

// messageActs are what can be done with a message, by the end of its address.
func (h *StaffHandlers) messageActs() map[string]func(context.Context, string, audit.By) error {
	n := h.options.Notices
	return map[string]func(context.Context, string, audit.By) error{
		"send": n.SendNow, "hold": n.HoldBack, "release": n.Release, "retry": n.TryAgain,
	}
}

func (h *StaffHandlers) actOnMessage(c echo.Context) error {
	ctx := c.Request().Context()
	act, ok := h.messageActs()[c.Param("act")]
	if !ok {
		return echo.ErrNotFound
	}
	actor, _ := web.ActorOf(ctx)
	if err := act(ctx, c.Param("id"), actor.By()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, messageURL(c.Param("id")))
}

// planAgain asks for a couple's messages to be planned anew.
func (h *StaffHandlers) planAgain(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	id := form.Get("booking")
	if id == "" {
		return fault.New(fault.Invalid, "Please say whose messages are to be planned again.")
	}
	if err := h.options.Bookings.AskToPlanOne(ctx, id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, messagesURL+"?booking="+url.QueryEscape(id))
}
