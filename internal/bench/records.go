package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// records are the documents in a program's folder, opened beside the program
// or before it starts: to fill them faster than anybody could by asking, and
// to see what was really saved.
type records struct {
	db       *store.DB
	retreats *retreats.Service
	services *booking.Service
	key      seal.Key
	// cohorts and bookings are the documents themselves. They are only
	// inserted and read here: changes are the services' own.
	cohorts  *store.Collection[retreats.Cohort]
	bookings *store.Collection[booking.Booking]
}

// clock is the time as the store keeps it.
func clock() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func openRecords(ctx context.Context, dir string) (_ *records, err error) {
	return openRecordsWith(ctx, dir, nil)
}

// openRecordsWith opens them with a card service.
func openRecordsWith(ctx context.Context, dir string, pay *stripepay.Client) (*records, error) {
	return openRecordsOn(ctx, dir, pay, func(e store.Engine) store.Engine { return e })
}

// openRecordsOn opens them with something around the engine.
func openRecordsOn(ctx context.Context, dir string, pay *stripepay.Client, around func(store.Engine) store.Engine) (_ *records, err error) {
	engine, err := sqlite.Open(ctx, filepath.Join(dir, "lantern.db"))
	if err != nil {
		return nil, err
	}
	r := &records{db: store.Open(around(engine))}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.db.Close())
		}
	}()
	if r.retreats, err = retreats.NewService(ctx, r.db, clock); err != nil {
		return nil, err
	}
	if r.key, err = seal.Load(dir); err != nil {
		return nil, err
	}
	r.services, err = booking.NewService(ctx, booking.Options{
		DB: r.db, Retreats: r.retreats, Pay: pay, Key: r.key, BaseURL: "http://localhost", Now: clock, Changed: func() {},
	})
	if err != nil {
		return nil, err
	}
	if r.cohorts, err = store.Define[retreats.Cohort](ctx, r.db, "cohorts"); err != nil {
		return nil, err
	}
	r.bookings, err = store.Define[booking.Booking](ctx, r.db, "bookings")
	return r, err
}

// newRecords opens records in a new folder.
func newRecords(ctx context.Context) (r *records, dir string, err error) {
	if dir, err = os.MkdirTemp("", "lantern-bench-"); err != nil {
		return nil, "", err
	}
	if r, err = openRecords(ctx, dir); err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(dir))
	}
	return r, dir, nil
}

// fill does something for each of so many, many at a time: the store saves
// those together.
func fill(n int, do func(i int) error) error { return fillWith(64, n, do) }

// fillWith is fill for so many at once.
func fillWith(atOnce, n int, do func(i int) error) error {
	var all sync.WaitGroup
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	failed := make([]error, atOnce)
	for worker := range atOnce {
		all.Go(func() {
			for i := range next {
				if failed[worker] = do(i); failed[worker] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// layout is how a cohort stands.
type layout struct {
	capacity, confirmed, held, waiting int
	// cap is the longest waitlist; holdMinutes is how long what is held is.
	cap, holdMinutes int
}

const sessionTitle = "Session"

// weekend is the plan of the cohorts that are measured.
func weekend() []retreats.PlannedSession {
	prepare := retreats.PlannedSession{Kind: retreats.Preparation, Title: "Call", Day: -7, Clock: "18:00", Minutes: 60, Online: true}
	session := retreats.PlannedSession{Kind: retreats.Medicine, Title: sessionTitle, Clock: "09:30", Minutes: 180, Receives: retreats.ReceivesBoth}
	return []retreats.PlannedSession{prepare, prepare, session, session, session}
}

// startsIn is after how many days cohorts start.
const startsIn = 90

// cohortOf makes an open cohort that starts in ninety days, as it stands after
// couples have come at that time.
func cohortOf(id string, l layout, at time.Time) (*retreats.Cohort, error) {
	return cohortIn("rt", id, l, weekend(), at)
}

// cohortIn is cohortOf for dates of a retreat with a plan of its own.
func cohortIn(retreat, id string, l layout, plan []retreats.PlannedSession, at time.Time) (*retreats.Cohort, error) {
	terms := retreats.Terms{
		Capacity: l.capacity, Price: money.Of(480000, "USD"), BalanceDays: 30, WaitlistCap: l.cap, HoldMinutes: l.holdMinutes,
	}
	r, err := retreats.NewRetreat(retreat, retreats.Programme{Name: "Weekend", Location: "Cedar House"}, terms, plan)
	if err != nil {
		return nil, err
	}
	c, err := retreats.NewCohort(id, r, "America/Los_Angeles", civil.Date(at.AddDate(0, 0, startsIn).Format(time.DateOnly)), at)
	if err != nil {
		return nil, err
	}
	if err := c.Publish(at); err != nil {
		return nil, err
	}
	for i := range l.confirmed + l.held + l.waiting {
		b := bookingID(id, i)
		if _, err := c.Join(b, "", at.Add(time.Duration(i)*time.Millisecond)); err != nil {
			return nil, err
		}
		if i < l.confirmed {
			if err := c.Confirm(b, at); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// bookingID names the i-th couple of a cohort: first those with a place, then
// those who wait.
func bookingID(cohort string, i int) string { return fmt.Sprintf("bk-%s-%d", cohort, i) }

// addCohorts adds cohorts of one layout, called by a word and a number.
func (r *records) addCohorts(ctx context.Context, word string, n int, l layout) error {
	at := clock()
	return fill(n, func(i int) error {
		c, err := cohortOf(fmt.Sprintf("%s%d", word, i), l, at)
		if err != nil {
			return err
		}
		return r.retreats.AddCohort(ctx, c)
	})
}

// couple books through the service, and gives the document of it as one to
// make others of.
func (r *records) couple(ctx context.Context) (booking.Booking, error) {
	c, err := cohortOf("first", layout{capacity: 1}, clock())
	if err != nil {
		return booking.Booking{}, err
	}
	if err := r.retreats.AddCohort(ctx, c); err != nil {
		return booking.Booking{}, err
	}
	a := booking.Application{AcceptPolicy: true}
	a.Partners[0] = booking.PartnerInput{Name: "Maya Lindqvist", Email: "maya@example.org", Phone: "+14155552671"}
	a.Partners[1] = booking.PartnerInput{Name: "Jon Lindqvist", Email: "jon@example.org"}
	made, err := r.services.Book(ctx, c.ID, a)
	if err != nil {
		return booking.Booking{}, err
	}
	b := *made.Booking
	// Its messages are planned, as those of nearly all bookings are.
	b.PlanAt, b.AttendAt = nil, nil
	return b, nil
}

// addBooking adds the booking of a cohort's i-th couple.
func (r *records) addBooking(ctx context.Context, like booking.Booking, c *retreats.Cohort, i int) error {
	b := bookingOf(like, c, i)
	return r.bookings.Insert(ctx, &b)
}

// bookingOf is the booking of a cohort's i-th couple.
func bookingOf(like booking.Booking, c *retreats.Cohort, i int) booking.Booking {
	b := like
	b.ID = bookingID(c.ID, i)
	b.Ref, b.GroupID, b.CohortID = seal.ShortRef(b.ID), b.ID, c.ID
	b.CreatedAt = b.CreatedAt.Add(time.Duration(i) * time.Millisecond)
	switch standing := c.Roster.Of(b.ID); standing.State {
	case retreats.WaitingOn:
		b.Charges, b.JoinedAt = nil, &standing.Since
	case retreats.Held:
		b.AttendAt = standing.Until
	case retreats.Confirmed:
		deposit := b.Charges[0]
		b.Payments = []booking.Payment{{ID: "pi_" + b.ID, ChargeID: deposit.ID, Amount: deposit.Amount, At: b.CreatedAt, SettledAt: &b.CreatedAt}}
		statement := booking.ConsentStatement(c)
		b.Consents[0] = &booking.Consent{At: b.CreatedAt, StartsOn: c.StartsOn, Statement: statement, Hash: retreats.Hash(statement)}
	}
	return b
}
