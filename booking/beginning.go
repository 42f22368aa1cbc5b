package booking

import (
	"context"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/retreats"
)

// Nobody receives medicine after which nobody is known to drive them home, unless
// a person has decided so and said why [D30]. Place and money are untouched.

// RideDecision is that a session may begin for a couple although no driver has
// said yes. Why stands in the trail.
type RideDecision struct {
	Session string `json:"session"`
	// StartsAt is when the session was to begin: it is good for no other time.
	StartsAt time.Time `json:"starts_at"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	ByID     string    `json:"by_id"`
}

var (
	// ErrNoRide answers who notes that somebody is there to receive medicine while
	// no driver has said yes.
	ErrNoRide     = fault.New(fault.Conflict, "Not to begin: no driver has said yes to take them home. Phone the driver, or say first why they may begin all the same.")
	errHasRide    = fault.New(fault.Conflict, "Their driver has said yes. Nothing has to be decided.")
	errNoMedicine = fault.New(fault.NotFound, "There is no session here after which somebody has to drive them.")
)

// RideDecided is who decided that the session may begin without a driver's yes.
func (b *Booking) RideDecided(s retreats.Session) (RideDecision, bool) {
	i := slices.IndexFunc(b.RidesDecided, func(d RideDecision) bool { return d.Session == s.ID && d.StartsAt.Equal(s.StartsAt) })
	if i < 0 {
		return RideDecision{}, false
	}
	return b.RidesDecided[i], true
}

// HasRide reports whether somebody who has said yes takes the couple home after
// the session, or none has to, or they have left.
func (c Case) HasRide(s retreats.Session) bool {
	if !c.Cohort.NeedsDriver(s) {
		return true
	}
	d, _ := c.Booking.Driver(s.ID)
	_, gone := c.Booking.Departure(s.ID)
	return gone || d.HasConfirmed(s)
}

// MayBegin reports whether medicine may be given to the couple in the session as
// far as the way home is concerned.
func (c Case) MayBegin(s retreats.Session) bool {
	_, decided := c.Booking.RideDecided(s)
	return decided || c.HasRide(s)
}

// BeginAllTheSame notes that a person has decided, with a reason, that the couple
// may begin a session although no driver has said yes.
func (s *Service) BeginAllTheSame(ctx context.Context, id, session, reason string, by audit.By) error {
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		held, ok := c.Cohort.Session(session)
		c.Booking = b
		switch {
		case !ok || !c.Cohort.NeedsDriver(held):
			return errNoMedicine
		case now.Before(AttendanceFrom(c.Cohort, held)):
			return errAttendanceEarly
		case c.HasRide(held):
			return errHasRide
		case c.MayBegin(held):
			return nil
		}
		b.RidesDecided = append(slices.Clone(b.RidesDecided), RideDecision{
			Session: held.ID, StartsAt: held.StartsAt, At: now, By: by.Name, ByID: by.ID,
		})
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "may begin without a driver's yes, " + held.Title, Reason: reason})
		return nil
	})
}
