package booking

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/retreats"
)

// A driver has one link for all that they drive of one couple. It says when and
// where, and nothing of anybody.

// rideOutlasts is how long after the last pick-up a driver's link still opens.
const rideOutlasts = 12 * time.Hour

var (
	// ErrRideOver answers a driver who is not needed any more.
	ErrRideOver = fault.New(fault.Gone, "This drive is over, or is not needed any more. Thank you.")
	errNoRideOf = fault.New(fault.NotFound, "You are not asked to drive then.")
	errNoWord   = fault.InvalidFields(fault.Fields{"answer": "Please answer with yes or no."})
)

// driverToken is the secret part of a driver's link. It is computed, not stored,
// and goes with the phone number: who is named instead has another. Somebody else of
// the same household with the same phone has the same one: it tells no more than
// when and where, we reach both only by that phone, and a name that is put right
// must not end a link that was forwarded. A yes goes with the name, see NameDriver.
func (s *Service) driverToken(bookingID, phone string) string {
	return bookingID + "." + s.key.Token(bookingID, "driver", phone)
}

// DriverLink is the address of the driver's own page, for the couple to forward.
func (s *Service) DriverLink(bookingID string, d Driver) string {
	return s.baseURL + "/d/" + s.driverToken(bookingID, d.Phone)
}

// Ride is one drive home that somebody was asked for.
type Ride struct {
	Driver  Driver
	Session retreats.Session
	// PickUpAt is when the driver is expected, by the clocks of Zone.
	PickUpAt time.Time
	Zone     *time.Location
}

// Rides are what the driver's link is about, by time.
type Rides struct {
	Case
	List []Ride
}

// RidesOf finds what a driver's link leads to. A token that is none teaches nothing; it
// ends after the last ride, and with the couple's place.
func (s *Service) RidesOf(ctx context.Context, token string) (Rides, error) {
	id, _, ok := strings.Cut(token, ".")
	if !ok || len(token) > 200 {
		return Rides{}, errNoLink
	}
	c, err := s.Case(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return Rides{}, errNoLink
	}
	if err != nil {
		return Rides{}, err
	}
	rides, known := Rides{Case: c}, false
	for _, d := range driversOf(c.Booking, token) {
		known = true
		held, ok := c.Cohort.Session(d.Session)
		if !ok || !c.Cohort.NeedsDriver(held) {
			continue
		}
		if pickUp := c.Cohort.PickUpAt(held); s.now().Before(pickUp.Add(rideOutlasts)) {
			rides.List = append(rides.List, Ride{Driver: d, Session: held, PickUpAt: pickUp, Zone: c.Cohort.Location()})
		}
	}
	switch {
	case !known:
		return Rides{}, errNoLink
	case len(rides.List) == 0, c.Booking.IsOver(), !prepares(c.Standing), c.Cohort.State == retreats.Cancelled:
		return Rides{}, ErrRideOver
	}
	slices.SortStableFunc(rides.List, func(a, b Ride) int { return a.PickUpAt.Compare(b.PickUpAt) })
	return rides, nil
}

func driversOf(b *Booking, token string) (found []Driver) {
	hash := seal.Hash(token)
	for _, d := range b.Drivers {
		if d.LinkHash != "" && seal.SameHash(hash, d.LinkHash) {
			found = append(found, d)
		}
	}
	return found
}

// AnswerRide notes what the driver says to one ride. They may change their mind
// until they are expected.
func (s *Service) AnswerRide(ctx context.Context, token, session string, answer DriverAnswer) error {
	if answer != DriverYes && answer != DriverNo {
		return errNoWord
	}
	rides, err := s.RidesOf(ctx, token)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rides.List, func(r Ride) bool { return r.Session.ID == session })
	if i < 0 {
		return errNoRideOf
	}
	ride := rides.List[i]
	return s.update(ctx, rides.Booking.ID, func(b *Booking, now time.Time) error {
		if now.After(ride.PickUpAt) {
			return ErrRideOver
		}
		return b.answerRide(token, ride.Session, answer, now)
	})
}

// answerRide notes the word of the driver whose token it is. A yes is for the
// session as it is now, whatever time the driver was named for.
func (b *Booking) answerRide(token string, held retreats.Session, answer DriverAnswer, now time.Time) error {
	hash := seal.Hash(token)
	i := slices.IndexFunc(b.Drivers, func(d Driver) bool { return d.Session == held.ID && seal.SameHash(hash, d.LinkHash) })
	if i < 0 {
		return errNoRideOf // somebody else was named meanwhile
	}
	if b.Drivers[i].AnswerFor(held) == answer {
		return nil
	}
	b.Drivers = slices.Clone(b.Drivers)
	d := &b.Drivers[i]
	d.Answer, d.AnsweredAt, d.AnsweredFor, d.StartsAt = answer, &now, held.StartsAt, held.StartsAt
	if d.InvitedAt == nil {
		d.InvitedAt = &now
	}
	b.replan(now)
	return nil
}

// DriverAsked notes that the couple has forwarded the link to its driver.
func (s *Service) DriverAsked(ctx context.Context, id, session string) error {
	return s.change(ctx, id, func(_ Case, b *Booking, now time.Time) error {
		i := slices.IndexFunc(b.Drivers, func(d Driver) bool { return d.Session == session })
		if i < 0 {
			return errNoRide
		}
		if b.Drivers[i].InvitedAt == nil {
			b.Drivers = slices.Clone(b.Drivers)
			b.Drivers[i].InvitedAt = &now
			b.replan(now)
		}
		return nil
	})
}
