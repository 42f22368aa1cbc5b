package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/retreats"
)

// Departure is a couple released after a medicine session: to the driver on
// record, or for a written reason.
type Departure struct {
	Session string    `json:"session"`
	At      time.Time `json:"at"`
	// Driver is the name of who took them home, empty if there was none.
	Driver string `json:"driver,omitempty"`
	Reason string `json:"reason,omitempty"`
	By     string `json:"by"`
	ByID   string `json:"by_id"`
	// Key is of the form that was sent: one that comes again changes nothing.
	Key string `json:"key,omitempty"`
	// RecordedAt is when it came here, later than At if a network was down.
	RecordedAt time.Time  `json:"recorded_at"`
	UndoneAt   *time.Time `json:"undone_at,omitempty"`
}

const (
	// undoTime is how long a departure that was noted by mistake can be undone.
	undoTime = 10 * time.Minute
	// lateWord is how long a tablet may have kept a departure to itself.
	lateWord = 12 * time.Hour
)

// Departure finds the couple's departure after a session.
func (b *Booking) Departure(session string) (Departure, bool) {
	i := slices.IndexFunc(b.Departures, func(d Departure) bool { return d.Session == session && d.UndoneAt == nil })
	if i < 0 {
		return Departure{}, false
	}
	return b.Departures[i], true
}

// UndoUntil is until when the departure can be undone.
func (d Departure) UndoUntil() time.Time { return d.RecordedAt.Add(undoTime) }

// DriverOnRecord is who takes the couple home after the session: named for it
// as it is now, and not somebody who cannot.
func (b *Booking) DriverOnRecord(s retreats.Session) (Driver, bool) {
	d, ok := b.Driver(s.ID)
	return d, ok && d.IsFor(s) && !d.HasRefused(s)
}

// ReleaseInput is what was pressed at the door.
type ReleaseInput struct {
	Session string
	// Driver is whose name was on the button, empty if none was.
	Driver string
	// Reason is asked when no driver is on record, or somebody else came.
	Reason string
	// At is when it was pressed, zero for now.
	At time.Time
	// Key makes it repeatable, empty for none.
	Key string
}

// The named refusals of a departure.
var (
	ErrNoDriver = fault.InvalidFields(fault.Fields{
		"reason": "No driver is on record for this couple. Please write who takes them home, or why they leave without a driver.",
	})
	errOtherDriver = fault.InvalidFields(fault.Fields{
		"reason": "Another driver is on record by now. Please look again, and write who took them home if it is not that one.",
	})
	errNotBegun  = fault.New(fault.Conflict, "This session has not begun yet.")
	errNoRide    = fault.New(fault.NotFound, "There is no session here that needs a driver.")
	errUndoOver  = fault.New(fault.Conflict, "This was noted more than ten minutes ago and stays as it is.")
	errNotHere   = fault.New(fault.Conflict, "This couple has no place in this cohort.")
	errNotGoneIn = fault.New(fault.Conflict, "This couple is still here, as far as we know.")
)

// release notes that the couple has left. Nobody leaves without a driver on
// record or a reason. A couple that has left stays so, whoever notes it again.
func (c Case) release(b *Booking, in ReleaseInput, by audit.By, now time.Time) error {
	held, ok := c.Cohort.Session(in.Session)
	switch {
	case !ok || !c.Cohort.NeedsDriver(held):
		return errNoRide
	case c.Standing.State != retreats.Confirmed || b.IsOver():
		return errNotHere
	case in.Key != "" && slices.ContainsFunc(b.Departures, func(d Departure) bool { return d.Key == in.Key }):
		return nil
	}
	if _, gone := b.Departure(held.ID); gone {
		return nil
	}
	at := in.At
	if at.IsZero() || at.After(now) || now.Sub(at) > lateWord {
		at = now
	}
	if at.Before(held.StartsAt) {
		return errNotBegun
	}
	driver, known := b.DriverOnRecord(held)
	if known && in.Reason == "" && in.Driver != "" && in.Driver != driver.Name {
		return errOtherDriver
	}
	left := Departure{Session: held.ID, At: at, By: by.Name, ByID: by.ID, Key: in.Key, RecordedAt: now}
	line := audit.Line{What: "released after " + held.Title}
	switch {
	case known && in.Reason == "":
		left.Driver, line.To = driver.Name, driver.Name
	case strings.TrimSpace(in.Reason) == "":
		return ErrNoDriver
	default:
		reason, err := audit.Reason(in.Reason)
		if err != nil {
			return err
		}
		left.Reason, line.Reason = reason, reason
	}
	b.Departures = append(slices.Clone(b.Departures), left)
	b.Trail = b.Trail.Add(by, now, line)
	b.replan(now)
	return nil
}

func (c Case) undoRelease(b *Booking, session string, by audit.By, now time.Time) error {
	left, gone := b.Departure(session)
	switch {
	case !gone:
		return errNotGoneIn
	case now.After(left.UndoUntil()):
		return errUndoOver
	}
	held, _ := c.Cohort.Session(session)
	b.Departures = slices.Clone(b.Departures)
	for i, d := range b.Departures {
		if d.Session == session && d.UndoneAt == nil {
			b.Departures[i].UndoneAt = &now
		}
	}
	b.Trail = b.Trail.Add(by, now, audit.Line{What: "release undone, after " + held.Title})
	b.replan(now)
	return nil
}

// Release notes that a couple has left after a session.
func (s *Service) Release(ctx context.Context, id string, in ReleaseInput, by audit.By) error {
	return s.onTheDay(ctx, id, func(c Case, b *Booking, now time.Time) error { return c.release(b, in, by, now) })
}

// UndoRelease takes back a departure that was noted by mistake a moment ago.
func (s *Service) UndoRelease(ctx context.Context, id, session string, by audit.By) error {
	return s.onTheDay(ctx, id, func(c Case, b *Booking, now time.Time) error { return c.undoRelease(b, session, by, now) })
}

func (s *Service) onTheDay(ctx context.Context, id string, act func(Case, *Booking, time.Time) error) error {
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	return s.update(ctx, id, func(b *Booking, now time.Time) error { return act(c, b, now) })
}
