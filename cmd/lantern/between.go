package main

// What one slice needs of another that it must not import.

import (
	"context"
	"slices"
	"strconv"
	"time"

	"lantern/booking"
	"lantern/booking/bookingweb"
	"lantern/internal/access"
	"lantern/internal/calendar"
	"lantern/internal/civil"
	"lantern/internal/mailer"
	"lantern/internal/seal"
	"lantern/internal/sms"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats/retreatsweb"
)

func (a *app) openNotices(ctx context.Context, renderer *web.Renderer) (err error) {
	options := notifications.Options{
		DB: a.db, Bookings: a.bookings, Key: a.key, Now: a.now, Permanent: mailer.Permanent, Log: a.log,
		Team: a.team, Talks: a.talks, BaseURL: a.settings.URL,
		OnDuty:    a.onDuty,
		Wake:      func() { a.runner.Wake(passDispatch) },
		StaffPage: func(bookingID string) string { return a.settings.URL + "/staff/bookings/" + bookingID },
		Practice:  notifications.Practice{Name: a.settings.Practice, Contact: a.settings.Contact},
		Render: func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			m, err := renderer.Mail(rule, data)
			return notifications.Rendered{Subject: m.Subject, Text: m.Text, HTML: m.HTML}, err
		},
		RenderText: func(rule string, data notifications.MailData) (string, error) { return renderer.Text(rule, data) },
	}
	if a.settings.TwilioSID != "" {
		if a.twilio, err = sms.NewTwilio(a.settings.twilio()); err != nil {
			return err
		}
		options.SendText = a.twilio.Send
	}
	if a.settings.SMTP != "" {
		if a.smtp, err = mailer.New(a.settings.SMTP, a.settings.From); err != nil {
			return err
		}
		options.Sender = calendar.Mailbox(a.smtp.From())
		a.smtp.Connect(a.settings.Connections)
		// While one mail is on its way, the next is put into words.
		options.MailsAtOnce = 2 * a.settings.Connections
		options.Send = func(ctx context.Context, m notifications.Outgoing) error {
			return a.smtp.Send(ctx, mailer.Mail{
				ID: m.ID, To: mailer.Address{Name: m.Name, Email: m.Email},
				Subject: m.Subject, Text: m.Text, HTML: m.HTML, Date: m.Date, Calendars: m.Calendars, Unsubscribe: m.Unsubscribe,
			})
		}
	}
	a.notices, err = notifications.NewService(ctx, options)
	return err
}

// sentTo gives what was sent to one partner, for the couple's page.
func (a *app) sentTo(ctx context.Context, bookingID string, partner int) ([]bookingweb.SentMessage, error) {
	messages, err := a.notices.OfBooking(ctx, bookingID, partner)
	var sent []bookingweb.SentMessage
	for _, m := range messages {
		if m.State == notifications.Sent {
			sent = append(sent, bookingweb.SentMessage{Subject: subjectOf(m), At: m.Copy.At})
		}
	}
	// They come by when they were planned, which may be long before.
	slices.SortStableFunc(sent, func(a, b bookingweb.SentMessage) int { return b.At.Compare(a.At) })
	return sent, err
}

// subjectOf is what a list shows of a message: texts have no subject.
func subjectOf(m *notifications.Message) string {
	if m.Channel == notifications.ByText {
		return "A text message"
	}
	return m.Copy.Subject
}

// sendLink brings somebody of the staff the link that they sign in by.
func (a *app) sendLink(ctx context.Context, to access.Person, link string, minutes int) error {
	return a.notices.Notify(ctx, notifications.Notice{
		ID: seal.NewID("sign-in"), Rule: "sign_in", Name: to.Name, Email: to.Email,
		UsefulUntil: a.now().Add(time.Duration(minutes) * time.Minute),
		Data:        map[string]string{"link": link, "time": inHours(minutes)},
	})
}

// talkRules are the mails about a first talk, by how far it is.
var talkRules = map[booking.ConsultationState]string{
	booking.TalkAsked: "talk_asked", booking.TalkFixed: "talk_fixed", booking.TalkWithdrawn: "talk_withdrawn",
	booking.TalkInvited: "talk_invited", booking.TalkDeclined: "talk_declined",
}

// talkUse is how long mail about a first talk is of use.
const talkUse = 7 * 24 * time.Hour

// tellTalk plans one mail about a first talk.
func (a *app) tellTalk(ctx context.Context, m booking.TalkMail) error {
	if m.Staff != "" {
		return a.tellRequest(ctx, m)
	}
	rule, ok := talkRules[m.Talk.State]
	if !ok {
		return nil
	}
	until, data := a.now().Add(talkUse), map[string]string{
		"link": m.Link, "dates": m.Dates, notifications.TalkData: m.Talk.ID, notifications.StepData: strconv.Itoa(m.Talk.Step),
	}
	if m.Talk.State == booking.TalkFixed {
		until = *m.Talk.StartsAt
	}
	if at := m.Talk.StartsAt; at != nil {
		zone := civil.ZoneOrUTC(m.To.Zone)
		data["when"] = web.At(*at, zone).Text + " to " + web.Clock(*m.Talk.EndsAt, zone) + " (" + web.ZoneName(zone.String()) + ")"
		data["where"] = m.Talk.Where
	}
	if m.Talk.State == booking.TalkFixed || m.Talk.State == booking.TalkWithdrawn {
		data["calendar"] = string(a.talkFile(m))
	}
	return a.notices.Notify(ctx, notifications.Notice{
		ID: m.ID, Rule: rule, Name: m.Greets, Email: m.To.Email, UsefulUntil: until, Data: data,
	})
}

// talkFile is the appointment of a first talk, for the calendar of who asked for it.
// Without a mail server, which it would come from, there is none.
func (a *app) talkFile(m booking.TalkMail) []byte {
	event, ok := bookingweb.TalkEvent(m.Talk, a.settings.Practice)
	if !ok || a.smtp == nil {
		return nil
	}
	return calendar.Invitation(calendar.Mailbox(a.smtp.From()), calendar.Mailbox{Name: m.Greets, Email: m.To.Email}, event)
}

// couplesOf names the couples of a cohort to those who change its dates.
func (a *app) couplesOf(ctx context.Context, cohortID string) ([]retreatsweb.Couple, error) {
	const most = 200
	board, err := a.bookings.Board(ctx, cohortID, most)
	if err != nil {
		return nil, err
	}
	var couples []retreatsweb.Couple
	add := func(c booking.Case) {
		b := c.Booking
		couples = append(couples, retreatsweb.Couple{
			Ref: b.Ref, Names: b.Partners[0].Name + " & " + b.Partners[1].Name, State: string(c.Standing.State),
		})
	}
	for _, row := range board.Couples {
		add(row.Case)
	}
	for _, turn := range append(board.Offered, board.Waitlist...) {
		add(turn.Case)
	}
	return couples, nil
}

// inHours writes how long a link works.
func inHours(minutes int) string {
	if hours := minutes / 60; minutes%60 == 0 && hours > 0 {
		return web.Count(hours, "hour", "hours")
	}
	return web.Count(minutes, "minute", "minutes")
}

// onDuty gives whom reminders for staff are for.
func (a *app) onDuty(ctx context.Context) ([]notifications.Reader, error) {
	people, err := a.team.OnDuty(ctx)
	var readers []notifications.Reader
	for _, p := range people {
		readers = append(readers, notifications.Reader{ID: p.ID, Name: p.Name, Email: p.Email})
	}
	return readers, err
}
