package main

import (
	"context"
	"strconv"
	"time"

	"lantern/booking/bookingweb"
	"lantern/internal/access"
	"lantern/internal/mailer"
	"lantern/internal/seal"
	"lantern/internal/web"
	"lantern/notifications"
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
	return sent, err
}

// sendLink brings somebody of the staff the link that they sign in by.
func (a *app) sendLink(ctx context.Context, to access.Person, link string, minutes int) error {
	return a.notices.Notify(ctx, notifications.Notice{
		ID: seal.NewID("sign-in"), Rule: "sign_in", Name: to.Name, Email: to.Email,
		UsefulUntil: a.now().Add(time.Duration(minutes) * time.Minute),
		Data:        map[string]string{"link": link, "minutes": strconv.Itoa(minutes)},
	})
}
