package main

// What one slice needs of another that it must not import.

import (
	"context"
	"slices"
	"time"

	"lantern/booking"
	"lantern/booking/bookingweb"
	"lantern/internal/access"
	"lantern/internal/mailer"
	"lantern/internal/seal"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats/retreatsweb"
)

func (a *app) openNotices(ctx context.Context, renderer *web.Renderer) (err error) {
	options := notifications.Options{
		DB: a.db, Bookings: a.bookings, Key: a.key, Now: a.now, Permanent: mailer.Permanent,
		Wake:     func() { a.runner.Wake(passDispatch) },
		Practice: notifications.Practice{Name: a.settings.Practice, Contact: a.settings.Contact},
		Render: func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			m, err := renderer.Mail(rule, data)
			return notifications.Rendered{Subject: m.Subject, Text: m.Text, HTML: m.HTML}, err
		},
	}
	if a.settings.SMTP != "" {
		if a.smtp, err = mailer.New(a.settings.SMTP, a.settings.From); err != nil {
			return err
		}
		options.Send = func(ctx context.Context, m notifications.Outgoing) error {
			return a.smtp.Send(ctx, mailer.Mail{
				ID: m.ID, To: mailer.Address{Name: m.Name, Email: m.Email},
				Subject: m.Subject, Text: m.Text, HTML: m.HTML, Date: m.Date,
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
			sent = append(sent, bookingweb.SentMessage{Subject: m.Copy.Subject, At: m.Copy.At})
		}
	}
	// They come by when they were planned, which may be long before.
	slices.SortStableFunc(sent, func(a, b bookingweb.SentMessage) int { return b.At.Compare(a.At) })
	return sent, err
}

// sendLink brings somebody of the staff the link that they sign in by.
func (a *app) sendLink(ctx context.Context, to access.Person, link string, minutes int) error {
	return a.notices.Notify(ctx, notifications.Notice{
		ID: seal.NewID("sign-in"), Rule: "sign_in", Name: to.Name, Email: to.Email,
		UsefulUntil: a.now().Add(time.Duration(minutes) * time.Minute),
		Data:        map[string]string{"link": link, "time": inHours(minutes)},
	})
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
