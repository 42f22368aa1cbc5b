package retreats

import (
	"context"
	"errors"
	"time"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
)

// What organizers do. Each of these leaves a line in the trail of what it
// changed, in the same save.

// The named refusals of what is not there.
var (
	errNoRetreat = fault.New(fault.NotFound, "There is no such retreat.")
	errNoCohort  = fault.New(fault.NotFound, "There are no such dates.")
)

// MakeRetreat makes a retreat and gives its id.
func (s *Service) MakeRetreat(ctx context.Context, programme Programme, terms Terms, plan []PlannedSession, by audit.By) (*Retreat, error) {
	r, err := NewRetreat(seal.NewID("rt"), programme, terms, plan)
	if err != nil {
		return nil, err
	}
	r.Trail = r.Trail.Add(by, s.now(), audit.Line{What: "made"})
	return r, s.retreats.Insert(ctx, r)
}

// MakeCohort makes a draft cohort of a retreat; see NewCohort.
func (s *Service) MakeCohort(ctx context.Context, retreatID, zone string, startsOn civil.Date, by audit.By) (*Cohort, error) {
	r, err := s.retreats.Get(ctx, retreatID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNoRetreat
	}
	if err != nil {
		return nil, err
	}
	now := s.now()
	c, err := NewCohort(seal.NewID("co"), r, zone, startsOn, now)
	if err != nil {
		return nil, err
	}
	if !now.Before(c.Start()) {
		return nil, ErrPastDate
	}
	c.Trail = c.Trail.Add(by, now, audit.Line{What: "made of", To: r.Name})
	return c, s.cohorts.Insert(ctx, c)
}

// change lets staff change a cohort and gives it as it is then.
func (s *Service) change(ctx context.Context, id string, decision func(*Cohort, time.Time) error) (*Cohort, error) {
	var changed Cohort
	err := s.cohorts.Update(ctx, id, func(c *Cohort) error {
		if err := decision(c, s.now()); err != nil {
			return err
		}
		changed = *c
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNoCohort
	}
	if err != nil {
		return nil, err
	}
	return &changed, nil
}

// inState changes the state and notes it.
func (s *Service) inState(ctx context.Context, id, reason string, by audit.By, act func(*Cohort, time.Time) error) (*Cohort, error) {
	return s.change(ctx, id, func(c *Cohort, now time.Time) error {
		before := c.State
		if err := act(c, now); err != nil {
			return err
		}
		if c.State != before {
			c.Trail = c.Trail.Add(by, now, audit.Line{What: "state", From: string(before), To: string(c.State), Reason: reason})
		}
		return nil
	})
}

// Publish puts a draft on offer.
func (s *Service) Publish(ctx context.Context, id string, by audit.By) (*Cohort, error) {
	return s.inState(ctx, id, "", by, (*Cohort).Publish)
}

// Close ends booking; see Cohort.Close.
func (s *Service) Close(ctx context.Context, id string, by audit.By) (*Cohort, error) {
	return s.inState(ctx, id, "", by, (*Cohort).Close)
}

// Reopen puts closed dates on offer again; see Cohort.Reopen.
func (s *Service) Reopen(ctx context.Context, id string, by audit.By) (*Cohort, error) {
	return s.inState(ctx, id, "", by, (*Cohort).Reopen)
}

// Cancel calls a cohort off; see Cohort.Cancel. The couples are told the
// reason.
func (s *Service) Cancel(ctx context.Context, id, reason string, by audit.By) (*Cohort, error) {
	reason, err := audit.Reason(reason)
	if err != nil {
		return nil, err
	}
	return s.inState(ctx, id, reason, by, func(c *Cohort, now time.Time) error { return c.Cancel(reason, now) })
}

// scheduled notes what a change did to the sessions.
func (c *Cohort) scheduled(before *Cohort, by audit.By, now time.Time) {
	at := func(s Session) string {
		if s.ID == "" {
			return ""
		}
		return s.Title + ", " + s.StartsAt.In(c.Location()).Format("Mon 2 Jan 2006 15:04")
	}
	if before.StartsOn != c.StartsOn {
		c.Trail = c.Trail.Add(by, now, audit.Line{What: "first day", From: string(before.StartsOn), To: string(c.StartsOn)})
		return
	}
	for _, m := range Moves(before, c) {
		c.Trail = c.Trail.Add(by, now, audit.Line{What: "session", From: at(m.Before), To: at(m.After)})
	}
}

// schedule changes the sessions and notes what moved.
func (s *Service) schedule(ctx context.Context, id string, by audit.By, act func(*Cohort, time.Time) error) (*Cohort, error) {
	return s.change(ctx, id, func(c *Cohort, now time.Time) error {
		before := *c
		if err := act(c, now); err != nil {
			return err
		}
		c.scheduled(&before, by, now)
		return nil
	})
}

// AddCode makes a code for a cohort; see Cohort.AddCode.
func (s *Service) AddCode(ctx context.Context, id string, code Code, by audit.By) (*Cohort, error) {
	return s.change(ctx, id, func(c *Cohort, now time.Time) error { return c.AddCode(code, by, now) })
}

// EndCode ends a code of a cohort; see Cohort.EndCode.
func (s *Service) EndCode(ctx context.Context, id, name string, by audit.By) (*Cohort, error) {
	return s.change(ctx, id, func(c *Cohort, now time.Time) error { return c.EndCode(name, by, now) })
}

// Reschedule moves a cohort to another first day; see Cohort.Reschedule.
func (s *Service) Reschedule(ctx context.Context, id string, startsOn civil.Date, by audit.By) (*Cohort, error) {
	return s.schedule(ctx, id, by, func(c *Cohort, now time.Time) error { return c.Reschedule(startsOn, now) })
}

// ChangeSession changes or adds a session; see Cohort.ChangeSession.
func (s *Service) ChangeSession(ctx context.Context, id, session string, plan PlannedSession, by audit.By) (*Cohort, error) {
	return s.schedule(ctx, id, by, func(c *Cohort, now time.Time) error { return c.ChangeSession(session, plan, now) })
}

// DropSession takes a session out; see Cohort.DropSession.
func (s *Service) DropSession(ctx context.Context, id, session string, by audit.By) (*Cohort, error) {
	return s.schedule(ctx, id, by, func(c *Cohort, now time.Time) error { return c.DropSession(session, now) })
}

// Prioritise moves a turn on the waitlist; see Cohort.Prioritise.
func (s *Service) Prioritise(ctx context.Context, id, booking string, priority int, reason string, by audit.By) (*Cohort, error) {
	reason, err := audit.Reason(reason)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, id, func(c *Cohort, now time.Time) error {
		return c.Prioritise(booking, priority, reason, by, now)
	})
}

// OfferByHand offers a free place to a couple that waits; see Cohort.OfferByHand.
func (s *Service) OfferByHand(ctx context.Context, id, booking, reason string, by audit.By) (*Cohort, error) {
	reason, err := audit.Reason(reason)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, id, func(c *Cohort, now time.Time) error {
		_, err := c.OfferByHand(booking, reason, by, now)
		return err
	})
}

// Remove takes a couple off the waitlist; see Cohort.Remove.
func (s *Service) Remove(ctx context.Context, id, booking, reason string, by audit.By) (*Cohort, error) {
	reason, err := audit.Reason(reason)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, id, func(c *Cohort, now time.Time) error { return c.Remove(booking, reason, by, now) })
}

// JoinAt puts a couple that waited elsewhere on the waitlist; see Cohort.JoinAt.
func (s *Service) JoinAt(ctx context.Context, id, booking string, joinedAt time.Time) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) { return c.JoinAt(booking, joinedAt, now) })
}

// TakeBack gives a place again to those who gave it up; see Cohort.TakeBack.
func (s *Service) TakeBack(ctx context.Context, id, booking string, by audit.By) (Standing, error) {
	return s.decide(ctx, id, func(c *Cohort, now time.Time) (Standing, error) {
		stood := c.Settled(now).Of(booking).State != None
		standing, err := c.TakeBack(booking, now)
		if err == nil && !stood {
			c.Trail = c.Trail.Add(by, now, audit.Line{What: "place given back", Booking: booking})
		}
		return standing, err
	})
}

// AmendRetreat changes what stands in a retreat at that moment: of two who
// change different things at once, neither undoes what the other did. The
// function may run more than once and replaces lists instead of changing them.
func (s *Service) AmendRetreat(ctx context.Context, id string, by audit.By, amend func(*Programme, *Terms, *[]PlannedSession) error) (*Retreat, error) {
	var amended Retreat
	err := s.retreats.Update(ctx, id, func(r *Retreat) error {
		programme, terms, plan := r.Programme, r.Terms, r.Plan
		if err := amend(&programme, &terms, &plan); err != nil {
			return err
		}
		if err := r.Edit(programme, terms, plan, by, s.now()); err != nil {
			return err
		}
		amended = *r
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNoRetreat
	}
	if err != nil {
		return nil, err
	}
	return &amended, nil
}

// AmendCohort is AmendRetreat for a cohort; see Cohort.Edit.
func (s *Service) AmendCohort(ctx context.Context, id string, by audit.By, amend func(*Programme, *Terms) error) (*Cohort, error) {
	return s.change(ctx, id, func(c *Cohort, now time.Time) error {
		programme, terms := c.Programme, c.Terms
		if err := amend(&programme, &terms); err != nil {
			return err
		}
		return c.Edit(programme, terms, by, now)
	})
}

// AmendSchedule changes the sessions by the cohort's own decisions, such as
// Cohort.Reschedule, and notes what moved. The function may run more than once.
func (s *Service) AmendSchedule(ctx context.Context, id string, by audit.By, amend func(*Cohort, time.Time) error) (*Cohort, error) {
	return s.schedule(ctx, id, by, amend)
}
