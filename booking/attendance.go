package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/retreats"
)

// Attendance is whether one partner was there for a session: who of the staff
// noted it, and when.
type Attendance struct {
	Session string    `json:"session"`
	Partner int       `json:"partner"`
	Present bool      `json:"present"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	ByID    string    `json:"by_id"`
	// StartsAt is when the session began: a mark is of no other time.
	StartsAt time.Time `json:"starts_at"`
	// Waived is who decided that the partner is ready although they were not
	// there; nil if nobody did. Why stands in the trail.
	Waived *Mark `json:"waived,omitempty"`
}

// AttendanceAt is what was noted of the partner at the session; nil if nothing
// was.
func (b *Booking) AttendanceAt(s retreats.Session, partner int) *Attendance {
	for i, a := range b.Attendance {
		if a.Session == s.ID && a.Partner == partner && a.StartsAt.Equal(s.StartsAt) {
			return &b.Attendance[i]
		}
	}
	return nil
}

// Missed reports whether the partner was noted as not there.
func (c Case) Missed(s retreats.Session, partner int) bool {
	a := c.Booking.AttendanceAt(s, partner)
	return a != nil && !a.Present
}

// Unready reports whether the partner may not have medicine before a person has
// decided: they missed the preparation session, and the cohort asks for it.
func (c Case) Unready(s retreats.Session, partner int) bool {
	return c.Cohort.NeedsPresence && s.Kind == retreats.Preparation && c.Missed(s, partner) &&
		c.Booking.AttendanceAt(s, partner).Waived == nil
}

// attended is how it stands with a session of which attendance was noted; it
// reports whether it was.
func (c Case) attended(s retreats.Session) (Cell, bool) {
	came, missed, unready := 0, "", false
	for partner := range c.Booking.Partners {
		a := c.Booking.AttendanceAt(s, partner)
		switch {
		case a == nil:
		case a.Present:
			came++
		case missed != "":
			missed = "both"
		default:
			missed = partnerWords[partner]
		}
		unready = unready || c.Unready(s, partner)
	}
	switch {
	case unready:
		return Cell{State: CellLate, Text: missed + " missed: not ready for medicine"}, true
	case missed != "":
		return Cell{State: CellNone, Text: missed + " missed"}, true
	case came == len(c.Booking.Partners):
		return done("both came"), true
	case came > 0:
		return Cell{State: CellDue, Text: "1 came, 1 not marked"}, true
	}
	return Cell{}, false
}

var (
	errAttendanceEarly = fault.New(fault.Conflict, "Who came can be noted from the day of the session on.")
	errNoSession       = fault.New(fault.NotFound, "There is no such session.")
)

// AttendanceFrom is when noting begins: on the session's day in the cohort's
// zone, since people come early.
func AttendanceFrom(c *retreats.Cohort, s retreats.Session) time.Time {
	return civil.DateOf(s.StartsAt, c.Location()).At("00:00", c.Location())
}

// RecordAttendance notes whether the partner is there, or, without an answer,
// takes back what was noted. Noting the same twice is harmless.
func (s *Service) RecordAttendance(ctx context.Context, id, session string, partner int, present *bool, by audit.By) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	return s.recordAttendance(ctx, id, session, []int{partner}, present, by)
}

// RecordBothCame notes that both partners are there, or neither.
func (s *Service) RecordBothCame(ctx context.Context, id, session string, by audit.By) error {
	came := true
	return s.recordAttendance(ctx, id, session, []int{0, 1}, &came, by)
}

func (s *Service) recordAttendance(ctx context.Context, id, session string, partners []int, present *bool, by audit.By) error {
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		held, ok := c.Cohort.Session(session)
		switch {
		case !ok:
			return errNoSession
		case now.Before(AttendanceFrom(c.Cohort, held)):
			return errAttendanceEarly
		}
		c.Booking = b
		for _, partner := range partners {
			if err := c.noteAttendance(b, held, partner, present, by, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c Case) noteAttendance(b *Booking, held retreats.Session, partner int, present *bool, by audit.By, now time.Time) error {
	before := b.AttendanceAt(held, partner)
	if before == nil && present == nil || before != nil && present != nil && before.Present == *present {
		return nil
	}
	if present != nil && *present && held.GivesMedicineTo(partner) && !c.MayBegin(held) {
		return ErrNoRide
	}
	line := audit.Line{
		What: fmt.Sprintf("attendance of partner %d, %s", partner+1, held.Title), From: before.words(),
	}
	b.Attendance = slices.DeleteFunc(slices.Clone(b.Attendance), func(a Attendance) bool {
		return a.Session == held.ID && a.Partner == partner
	})
	if present != nil {
		noted := Attendance{
			Session: held.ID, Partner: partner, Present: *present, At: now, By: by.Name, ByID: by.ID, StartsAt: held.StartsAt,
		}
		b.Attendance = append(b.Attendance, noted)
	}
	line.To = b.AttendanceAt(held, partner).words()
	b.Trail = b.Trail.Add(by, now, line)
	b.replan(now)
	return nil
}

func (a *Attendance) words() string {
	switch {
	case a == nil:
		return "not marked"
	case a.Present:
		return "came"
	}
	return "missed"
}

// WaiveAttendance notes that a person has decided, with a reason: the partner
// is ready although they missed the session.
func (s *Service) WaiveAttendance(ctx context.Context, id, session string, partner int, reason string, by audit.By) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	reason, err := audit.Reason(reason)
	if err != nil {
		return err
	}
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		held, ok := c.Cohort.Session(session)
		if !ok {
			return errNoSession
		}
		c.Booking = b
		if !c.Unready(held, partner) {
			return nil // somebody has decided, or they came after all
		}
		b.Attendance = slices.Clone(b.Attendance)
		b.AttendanceAt(held, partner).Waived = &Mark{At: now, By: by.Name}
		b.Trail = b.Trail.Add(by, now, audit.Line{
			What: fmt.Sprintf("partner %d is ready all the same, %s", partner+1, held.Title), Reason: reason,
		})
		b.replan(now)
		return nil
	})
}
