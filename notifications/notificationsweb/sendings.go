package notificationsweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// sendingHead is what the pages of a reminder by hand have in common.
type sendingHead struct {
	web.Page
	Name, Dates, ZoneName string
	URL, BoardURL         string
	Problem               string
}

// choosePage is where somebody chooses what is lacking and who is reminded of it.
type choosePage struct {
	sendingHead
	Lacks       []filterLink
	Lack, Title string
	// Sending is the id that what is sent from this page will have.
	Sending string
	// Whose is the couple that it is about, if it is about one; All shows all.
	Whose, Booking, All string
	People              []personRow
	PeopleFault         string
	Remark, RemarkFault string
	// Silent are drivers who have not answered and whose address nobody knows.
	Silent []string
	Past   []pastSending
}

// personRow is one who lacks something, with a tick.
type personRow struct {
	ID, Message      string
	Names, URL, Ref  string
	To, Address, How string
	// Last is when they were last told the same, empty if never.
	Last string
	On   bool
}

// pastSending is a sending in the list of a cohort's.
type pastSending struct{ URL, When, By, Title, Done string }

// checkPage shows each message before it is sent.
type checkPage struct {
	sendingHead
	Lack, Title, Sending, Booking, Remark string
	Drafts                                []draftView
	// Left are messages that were chosen and are not lacking any more.
	Left int
}

type draftView struct {
	Message, To, Names, Address, How, Subject, Text string
	// Later is when it goes, if not at once.
	Later string
}

func remindURL(cohortID string) string {
	return "/staff/cohorts/" + url.PathEscape(cohortID) + "/remind"
}

// remind shows the way to reminding those by hand whom the messages are about.
func (p *messagesPage) remind(cohortID, bookingID string) {
	if !p.CanManage {
		return
	}
	p.RemindURL = remindURL(cohortID)
	if bookingID != "" {
		p.RemindURL += "?booking=" + url.QueryEscape(bookingID)
	}
}

func (h *StaffHandlers) headOf(cohort *retreats.Cohort, title string) sendingHead {
	return sendingHead{
		Page: web.Page{Title: title + ": " + cohort.Name, Private: true}, Name: cohort.Name, Dates: web.Dates(cohort.StartsOn, cohort.EndsOn),
		ZoneName: web.ZoneName(cohort.Zone), URL: remindURL(cohort.ID), BoardURL: "/staff/cohorts/" + url.PathEscape(cohort.ID),
	}
}

// askedOf reads what is to be sent from an address or a form.
func askedOf(cohortID string, v url.Values) notifications.HandOrder {
	o := notifications.HandOrder{
		ID: v.Get("sending"), Cohort: cohortID, Lack: notifications.Lack(v.Get("lack")), Booking: v.Get("booking"), Remark: v.Get("remark"),
	}
	if !slices.Contains(notifications.Lacks, o.Lack) {
		o.Lack = notifications.Lacks[0]
	}
	return o
}

func (h *StaffHandlers) chooseSending(c echo.Context) error {
	o := askedOf(c.Param("id"), c.QueryParams())
	o.ID, o.Remark = notifications.NewSendingID(), ""
	return h.showChoice(c, o, nil, nil)
}

// showChoice shows who lacks what; chosen are the messages that are ticked, nil
// for all.
func (h *StaffHandlers) showChoice(c echo.Context, o notifications.HandOrder, chosen []string, problem error) error {
	ctx := c.Request().Context()
	cohort, err := h.options.Retreats.Cohort(ctx, o.Cohort)
	if err != nil {
		return err
	}
	data := &choosePage{
		sendingHead: h.headOf(cohort, "Remind by hand"), Lack: string(o.Lack), Title: o.Lack.Title(), Sending: o.ID, Booking: o.Booking, Remark: o.Remark,
	}
	data.fail(problem)
	o.Remark, o.Messages = "", nil
	if err := h.addPeople(ctx, data, o, chosen); err != nil {
		return err
	}
	if data.Past, err = h.pastSendings(ctx, cohort); err != nil {
		return err
	}
	status := http.StatusOK
	if problem != nil {
		web.Note(ctx, problem)
		status = web.Status(problem)
	}
	return h.server.Render(c, status, "staff_sending", data)
}

// fail puts what is wrong where it is.
func (p *choosePage) fail(problem error) {
	if problem == nil {
		return
	}
	faults := fault.FieldsOf(problem)
	p.RemarkFault, p.PeopleFault = faults["remark"], faults["to"]
	if p.RemarkFault == "" && p.PeopleFault == "" {
		p.Problem = fault.TextOf(problem)
	}
}

func (h *StaffHandlers) addPeople(ctx context.Context, data *choosePage, o notifications.HandOrder, chosen []string) error {
	for _, lack := range notifications.Lacks {
		of := o
		of.Lack = lack
		who, err := h.options.Notices.Lacking(ctx, of)
		if err != nil {
			return err
		}
		couples := map[string]bool{}
		for _, n := range who {
			couples[n.Booking.ID] = true
		}
		q := url.Values{"lack": {string(lack)}}
		if o.Booking != "" {
			q.Set("booking", o.Booking)
		}
		data.Lacks = append(data.Lacks, filterLink{
			URL: data.URL + "?" + q.Encode(), Text: upperFirst(lack.Title()) + " (" + web.Count(len(couples), "couple", "couples") + ")", Here: lack == o.Lack,
		})
		if lack != o.Lack {
			continue
		}
		if err := h.addRows(ctx, data, who, chosen); err != nil {
			return err
		}
	}
	if o.Booking != "" {
		of, err := h.options.Bookings.Case(ctx, o.Booking)
		if err != nil {
			return err
		}
		data.Whose, data.All = namesOf(of.Booking), data.URL+"?lack="+url.QueryEscape(string(o.Lack))
	}
	if o.Lack != notifications.LackYes {
		return nil
	}
	board, err := h.options.Bookings.Board(ctx, o.Cohort, 0)
	if err != nil {
		return err
	}
	for _, row := range board.Couples {
		if o.Booking == "" || o.Booking == row.Booking.ID {
			data.Silent = append(data.Silent, silentDrivers(row.Case, board.At)...)
		}
	}
	return nil
}

// addRows adds those who lack what was chosen.
func (h *StaffHandlers) addRows(ctx context.Context, data *choosePage, who []notifications.InNeed, chosen []string) error {
	known := map[string]map[notifications.Told]time.Time{} // by booking
	for _, n := range who {
		id := n.Booking.ID
		if known[id] == nil {
			last, err := h.options.Notices.LastTold(ctx, id)
			if err != nil {
				return err
			}
			known[id] = last
		}
		row := personOf(n, known[id], n.Cohort.Location())
		row.On = chosen == nil || slices.Contains(chosen, row.Message)
		data.People = append(data.People, row)
	}
	return nil
}

// silentDrivers are those of a couple who have not answered and to whom nothing
// can be sent, since the couple hands their link on itself.
func silentDrivers(c booking.Case, now time.Time) []string {
	var silent []string
	for _, s := range c.Cohort.Sessions {
		d, named := c.Booking.Driver(s.ID)
		if named && d.IsFor(s) && s.StartsAt.After(now) && d.Email == "" && d.AnswerFor(s) == booking.DriverUnanswered {
			silent = append(silent, d.Name+", who drives "+namesOf(c.Booking)+" home on "+web.Date(s.StartsAt, c.Cohort.Location()))
		}
	}
	return silent
}

func personOf(n notifications.InNeed, last map[notifications.Told]time.Time, zone *time.Location) personRow {
	m := n.Message
	row := personRow{
		ID: "to_" + m.ID, Message: m.ID, Names: namesOf(n.Booking), URL: bookingURL(n.Booking.ID), Ref: n.Booking.Ref,
		To: readersOf(n.Booking, &m), Address: addressOf(n.Booking, &m), How: m.Channel.String(),
	}
	if at, told := last[m.Told()]; told {
		row.Last = web.At(at, zone).Text
	}
	return row
}

// readersOf names who reads a message: both where they share the mailbox.
func readersOf(b *booking.Booking, m *notifications.Message) string {
	if m.Driver == "" && m.Channel == notifications.ByMail && strings.EqualFold(b.Partners[0].Email, b.Partners[1].Email) {
		return b.Partners[0].Name + " and " + b.Partners[1].Name
	}
	return recipientOf(b, m)
}

// remind goes from one step of the form to the next: "check" shows what is sent,
// "send" sends it, and anything else shows the choice again.
func (h *StaffHandlers) remind(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	o := askedOf(c.Param("id"), form)
	chosen := append([]string{}, form["to"]...)
	o.Messages = chosen
	if len(chosen) == 0 && form.Get("act") != "change" {
		err = fault.InvalidFields(fault.Fields{"to": "Please choose whom to remind."})
	}
	switch act := form.Get("act"); {
	case err != nil:
	case act == "check":
		err = h.checkSending(c, o)
	case act == "send":
		actor, _ := web.ActorOf(ctx)
		var sent *notifications.HandSending
		if sent, err = h.options.Notices.SendByHand(ctx, o, actor.By()); err == nil {
			return c.Redirect(http.StatusSeeOther, sendingURL(sent))
		}
	default:
		return h.showChoice(c, o, chosen, nil)
	}
	if kind := fault.KindOf(err); err == nil || kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	if len(fault.FieldsOf(err)) == 0 {
		// The form cannot be used any more, or the choice is of another time.
		o.ID, chosen = notifications.NewSendingID(), nil
	}
	return h.showChoice(c, o, chosen, err)
}

// checkSending shows each message as it would be sent.
func (h *StaffHandlers) checkSending(c echo.Context, o notifications.HandOrder) error {
	ctx := c.Request().Context()
	who, err := h.options.Notices.Lacking(ctx, o)
	if err != nil {
		return err
	}
	if len(who) == 0 {
		return notifications.ErrNobodyLacks
	}
	cohort := who[0].Cohort
	data := &checkPage{
		sendingHead: h.headOf(cohort, "Check and send"), Lack: string(o.Lack), Title: o.Lack.Title(), Sending: o.ID, Booking: o.Booking,
		Remark: who[0].Message.Handed.Remark, Left: len(o.Messages) - len(who),
	}
	now := h.options.Retreats.Now()
	for _, n := range who {
		m := n.Message
		words, err := h.options.Notices.Draft(ctx, &m)
		if err != nil {
			return err
		}
		view := draftView{
			Message: m.ID, To: readersOf(n.Booking, &m), Names: namesOf(n.Booking), Address: addressOf(n.Booking, &m), How: m.Channel.String(),
			Subject: words.Subject, Text: withoutLinks(words.Text),
		}
		if m.DueAt.After(now) {
			view.Later = web.At(m.DueAt, cohort.Location()).Text
		}
		data.Drafts = append(data.Drafts, view)
	}
	return h.server.Render(c, http.StatusOK, "staff_sending_check", data)
}
