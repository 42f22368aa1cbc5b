package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/stripepay"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// What a store with a long past holds of each of its cohorts.
const (
	bookingsOfEach = 10
	placesOfEach   = 8
	messagesOfEach = 5 // of a booking
	yearsPast      = 10
	datesOfRetreat = 20
	// copyBytes is about what a short mail takes, sealed.
	copyBytes = 600
	// buildAtOnce is how many cohorts are filled at the same time: what is saved
	// meanwhile shares a sync.
	buildAtOnce = 1000
)

// past makes the documents of a practice that has been running for years: of a
// hundred cohorts eleven are on offer (so that lists are full in stores of any
// size), one is closed, one is a draft, one was called off, and the others have
// taken place.
type past struct {
	cohorts  *store.Collection[retreats.Cohort]
	bookings *store.Collection[booking.Booking]
	messages *store.Collection[notifications.Message]
	like     booking.Booking
	n        int
	now      time.Time
}

// buildPast fills the folder with so many cohorts, ten times as many bookings and
// fifty times as many messages. The indexes come after the documents, which is
// many times faster.
func buildPast(ctx context.Context, dir string, n int) error {
	like, err := oneCouple(ctx)
	if err != nil {
		return err
	}
	engine, err := sqlite.Open(ctx, filepath.Join(dir, "lantern.db"))
	if err != nil {
		return err
	}
	db := store.Open(engine)
	p := &past{like: like, n: n, now: clock()}
	err = errors.Join(p.fill(ctx, db), db.Close())
	if err != nil {
		return err
	}
	r, err := openPast(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(r.addRetreats(ctx, n/datesOfRetreat), r.db.Close())
}

// oneCouple is a booking to make others of.
func oneCouple(ctx context.Context) (b booking.Booking, err error) {
	r, dir, err := newRecords(ctx)
	if err != nil {
		return b, err
	}
	b, err = r.couple(ctx)
	return b, errors.Join(err, r.db.Close(), os.RemoveAll(dir))
}

func (p *past) fill(ctx context.Context, db *store.DB) (err error) {
	if p.cohorts, err = store.Define[retreats.Cohort](ctx, db, "cohorts"); err != nil {
		return err
	}
	if p.bookings, err = store.Define[booking.Booking](ctx, db, "bookings"); err != nil {
		return err
	}
	if p.messages, err = store.Define[notifications.Message](ctx, db, "messages"); err != nil {
		return err
	}
	return fillWith(buildAtOnce, p.n, func(i int) error { return p.addDates(ctx, i) })
}

func pastID(i int) string { return fmt.Sprintf("past%06d", i) }

// isRunning says whether the i-th cohort is on offer.
func isRunning(i int) bool { return i%100 < onOffer }

const onOffer = 11 // of a hundred

// addDates adds the i-th cohort with its bookings and messages.
func (p *past) addDates(ctx context.Context, i int) error {
	c, err := p.dates(i)
	if err != nil {
		return err
	}
	if err := p.cohorts.Insert(ctx, c); err != nil {
		return err
	}
	for couple := range bookingsOfEach {
		b := bookingOf(p.like, c, couple)
		b.CreatedAt = c.CreatedAt.Add(time.Duration(couple) * time.Hour)
		p.standing(&b, c, i, couple)
		if err := p.bookings.Insert(ctx, &b); err != nil {
			return err
		}
		for k := range messagesOfEach {
			m := p.message(&b, c, k, i*bookingsOfEach+couple)
			if err := p.messages.Insert(ctx, &m); err != nil {
				return err
			}
		}
	}
	return nil
}

// dates is the i-th cohort as it stands now.
func (p *past) dates(i int) (*retreats.Cohort, error) {
	// The shares of a hundred are spread evenly over the years.
	age := 4 + (i*7919%p.n)*yearsPast*365/p.n
	at := p.now.AddDate(0, 0, -startsIn-age)
	l := layout{capacity: placesOfEach, confirmed: placesOfEach}
	switch kind := i % 100; {
	case isRunning(i):
		at = p.now.AddDate(0, 0, -(i/100*13+kind*29)%80)
		l.waiting, l.cap = bookingsOfEach-placesOfEach, 10
	case kind < onOffer+2:
		at = p.now.AddDate(0, 0, -80-i/100%8)
	}
	plan := append(weekend(), retreats.PlannedSession{Kind: retreats.Integration, Title: "Circle", Day: 28, Clock: "18:00", Minutes: 90, Online: true})
	c, err := cohortIn(fmt.Sprintf("retreat%04d", i/datesOfRetreat), pastID(i), l, plan, at)
	if err != nil {
		return nil, err
	}
	switch i % 100 {
	case onOffer:
		err = c.Close(p.now)
	case onOffer + 1:
		c.State, c.Roster, c.NextDeadline = retreats.Draft, retreats.Roster{}, nil
	case onOffer + 2:
		if err = c.Cancel("The house was flooded.", at.AddDate(0, 0, 1)); err == nil {
			c.AnnounceAt, c.NextDeadline, c.Roster = nil, nil, retreats.Roster{}
		}
	}
	c.Settle(p.now)
	return c, err
}

// standing brings a booking to where its kind of couple is.
func (p *past) standing(b *booking.Booking, c *retreats.Cohort, i, couple int) {
	b.AttendAt, b.LinksUntil = nil, c.End().AddDate(0, 6, 0)
	place := c.Roster.Of(b.ID).State
	switch {
	case place == retreats.None:
		at := c.CreatedAt.AddDate(0, 0, 1)
		b.LapsedAt = &at
	case place == retreats.Confirmed && isRunning(i) && couple < 3:
		// So that the page of what needs somebody is full in stores of any size.
		at := p.now.AddDate(0, 0, -1).Add(-time.Duration(i) * time.Second)
		b.NeedsAt = &at
		b.Disputes = []booking.Dispute{{
			ID: "dp_" + b.ID, PaymentID: b.Payments[0].ID, Amount: money.Of(1000, "USD"), State: stripepay.DisputeNeedsResponse, At: at,
		}}
	}
}

var pastRules = [messagesOfEach]string{"held", "confirmed", "session-3", "papers-1", "driver-14"}

// message is the k-th to the booking: what is over was sent, most of it.
func (p *past) message(b *booking.Booking, c *retreats.Cohort, k, of int) notifications.Message {
	m := notifications.Message{
		Meta: store.Meta{ID: fmt.Sprintf("%s.%s.%d", pastRules[k], b.ID, k%2)}, Rule: pastRules[k], BookingID: b.ID, CohortID: c.ID,
		Partner: k % 2, PlannedFor: 1, CreatedAt: b.CreatedAt, DueAt: b.CreatedAt.Add(time.Duration(k) * 24 * time.Hour),
	}
	m.UsefulUntil = m.DueAt.AddDate(0, 0, 7)
	switch {
	case c.State == retreats.Open && k >= 2:
		m.DueAt = p.now.AddDate(0, 0, 2+k*7).Add(time.Duration(of) * time.Second)
		m.UsefulUntil = m.DueAt.AddDate(0, 0, 7)
		m.State, m.NextAt = notifications.Planned, &m.DueAt
		return m
	case k == 4:
		m.State = notifications.Withdrawn
		return m
	case of%50 == 7:
		m.State, m.TroubleAt = notifications.Failed, &m.DueAt
		return m
	case of%50 == 8:
		m.State, m.TroubleAt = notifications.Missed, &m.DueAt
		return m
	case of%50 == 9:
		m.State = notifications.HeldBack
		return m
	}
	m.State = notifications.Sent
	to := b.Partners[m.Partner]
	m.Copy = &notifications.Copy{At: m.DueAt, Name: to.Name, Email: to.Email, Subject: "Your place", Sealed: strings.Repeat("sealed", copyBytes/6)}
	return m
}

// pastRecords are records with their messages, and services that do the passes.
type pastRecords struct {
	*records
	notices *notifications.Service
	// runs counts what was given to the passes.
	runs int
	like booking.Booking
}

func openPast(ctx context.Context, dir string) (*pastRecords, error) {
	r, err := openRecords(ctx, dir)
	if err != nil {
		return nil, err
	}
	p := &pastRecords{records: r}
	if err := p.openNotices(ctx); err != nil {
		return nil, errors.Join(err, r.db.Close())
	}
	return p, nil
}

func (p *pastRecords) openNotices(ctx context.Context) error {
	practice := web.Practice{Name: "Cedar House"}
	renderer, err := web.NewRenderer(web.Site{Practice: practice})
	if err != nil {
		return err
	}
	team, err := access.NewTeam(ctx, p.db, p.key, clock)
	if err != nil {
		return err
	}
	p.notices, err = notifications.NewService(ctx, notifications.Options{
		DB: p.db, Bookings: p.services, Key: p.key, Now: clock, Team: team, Practice: notifications.Practice(practice),
		Render: func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			mail, err := renderer.Mail(rule, data)
			return notifications.Rendered{Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, err
		},
	})
	return err
}

func (p *pastRecords) addRetreats(ctx context.Context, n int) error {
	return fill(max(1, n), func(i int) error {
		r, err := retreats.NewRetreat(fmt.Sprintf("retreat%04d", i), retreats.Programme{Name: fmt.Sprintf("Weekend %04d", i), Location: "Cedar House"},
			retreats.Terms{Capacity: placesOfEach, Price: money.Of(480000, "USD")}, weekend())
		if err != nil {
			return err
		}
		return p.retreats.AddRetreat(ctx, r)
	})
}

// giveWork adds a little of everything that passes do: dates whose holds are
// over, with their bookings, and couples who have just booked.
func (p *pastRecords) giveWork(ctx context.Context) error {
	p.runs++
	if p.runs == 1 {
		like, err := oneCouple(ctx)
		if err != nil {
			return err
		}
		p.like = like
	}
	c, err := cohortOf(fmt.Sprint("work", clock().UnixMilli()), layout{capacity: placesOfEach, held: 5, holdMinutes: 31}, clock().Add(-2*time.Hour))
	if err != nil {
		return err
	}
	for couple := range 5 {
		b := bookingOf(p.like, c, couple)
		due := clock().Add(-time.Hour)
		b.AttendAt, b.PlanAt = &due, &due
		if err := p.bookings.Insert(ctx, &b); err != nil {
			return err
		}
	}
	return p.retreats.AddCohort(ctx, c)
}
