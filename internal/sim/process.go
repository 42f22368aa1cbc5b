package main

import (
	"fmt"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/notifications"
	"lantern/retreats"
)

// process is one running service: all that it remembers is gone when it dies.
type process struct {
	world    *world
	n        int
	retreats *retreats.Service
	bookings *booking.Service
	notices  *notifications.Service
	talks    *booking.Consultations
	team     *access.Team

	// dead is a process that answers nothing any more and reaches nobody.
	dead bool
	// uneasy says that something was made to fail since its last passes: what it
	// could not say then it says with the next.
	uneasy bool
	// dies is at which of its next writes it dies, 0 for none; written says whether
	// that write happens.
	dies    int
	written bool
}

// start starts a process in place of the n-th.
func (w *world) start(n int) error {
	p := &process{world: w, n: n}
	w.procs[n] = p
	db := store.Open(&gate{Engine: w.place.Open(), process: p}, store.LoadEachTime())
	var err error
	if p.retreats, err = retreats.NewService(w.ctx, db, w.time); err != nil {
		return err
	}
	p.retreats.InTurn()
	p.bookings, err = booking.NewService(w.ctx, booking.Options{
		DB: db, Retreats: p.retreats, Key: w.key, BaseURL: ownURL, Practice: practice, Now: w.time, Changed: func() {}, InTurn: true,
		Pay: stripepay.New(stripepay.Config{
			SecretKey: cardKey, WebhookSecret: cardSecret, APIURL: cardsURL, Now: w.time, Transport: wire{p}, Unpaused: true,
		}),
	})
	if err != nil {
		return err
	}
	p.talks, err = booking.NewConsultations(w.ctx, booking.ConsultationOptions{
		DB: db, Key: w.key, BaseURL: ownURL, Zone: civil.ZoneOrUTC(place), Now: w.time, Changed: func() {},
	})
	if err != nil {
		return err
	}
	if p.team, err = access.NewTeam(w.ctx, db, w.key, w.time); err != nil {
		return err
	}
	p.notices, err = notifications.NewService(w.ctx, notifications.Options{
		DB: db, Bookings: p.bookings, Team: p.team, Talks: p.talks, BaseURL: ownURL, Key: w.key, Now: w.time, InTurn: true, Permanent: noSuchMailbox, Practice: notifications.Practice{Name: practice},
		Render: func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			m, err := w.words.Mail(rule, data)
			return notifications.Rendered{Subject: w.blurt(m.Subject), Text: m.Text, HTML: m.HTML}, err
		},
		RenderText: func(rule string, data notifications.MailData) (string, error) { return w.words.Text(rule, data) },
		Send:       p.send, SendText: p.sendText,
	})
	if err != nil {
		return fmt.Errorf("starting process %d: %w", n+1, err)
	}
	return nil
}
