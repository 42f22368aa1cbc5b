package main

import (
	"fmt"
	"math/rand/v2"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/retreats"
)

// Robin organizes, and Casey sees couples in and out.
var (
	robin = audit.By{ID: "robin", Name: "Robin"}
	casey = audit.By{ID: "casey", Name: "Casey"}
)

const place = "America/Los_Angeles"

func cohortID(n int) string { return fmt.Sprintf("co%02d", n) }

// opens puts the programmes into the world that its cohorts are runs of.
func (w *world) opens() error {
	for _, shape := range retreats.Shapes() {
		r, err := retreats.NewRetreat(shape.ID, shape.Programme, shape.Terms, shape.Plan)
		if err != nil {
			return err
		}
		if err := w.procs[0].retreats.AddRetreat(w.ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// publishes puts a cohort on offer.
func (w *world) publishes(n int, r *rand.Rand) {
	shapes := retreats.Shapes()
	shape := shapes[n%len(shapes)]
	terms := shape.Terms
	terms.Capacity, terms.WaitlistCap = 1+r.IntN(5), 0
	terms.UndoMinutes = one(r, 0, 0, 10)
	terms.GuestsStay, terms.NeedsPresence = chance(r, 30), chance(r, 30)
	programme, err := retreats.NewRetreat(shape.ID, shape.Programme, terms, shape.Plan)
	if err != nil {
		w.breaks(failure, "a programme is refused: %v", err)
		return
	}
	start := civil.DateOf(w.begun, civil.ZoneOrUTC(place)).AddDays(w.starts(n))
	c, err := retreats.NewCohort(cohortID(n), programme, place, start, w.now)
	if err == nil {
		err = c.Publish(w.now)
	}
	if err == nil {
		err = w.pick(r).retreats.AddCohort(w.ctx, c)
	}
	w.say("Robin publishes %s (%s, %d places, from %s): %v", cohortID(n), shape.ID, terms.Capacity, start, err)
}

// running are the cohorts that staff have something to do for.
func (w *world) running() (all []*retreats.Cohort) {
	for n := range w.cohorts {
		c, err := w.free(0).retreats.Cohort(w.ctx, cohortID(n))
		if err == nil && c.State != retreats.Cancelled && c.State != retreats.Finished || err == nil && w.now.Before(c.End().AddDate(0, 0, 60)) {
			all = append(all, c)
		}
	}
	return all
}

// works has staff look at their couples: papers for some, and whoever is at the
// door.
func (w *world) works(r *rand.Rand) {
	if w.isDown() {
		return
	}
	p := w.pick(r)
	for _, c := range w.running() {
		for _, pl := range c.Roster.Places {
			if pl.State != retreats.Confirmed {
				continue
			}
			if chance(r, 10) {
				w.records(p, pl.Booking, r)
			}
			if chance(r, 3) {
				w.waives(p, c, pl.Booking, r)
			}
			for _, s := range c.Sessions {
				if since := w.now.Sub(s.StartsAt); since > 0 && since < 24*60*60*1e9 {
					w.receives(p, c, s, pl.Booking, r)
				}
			}
		}
	}
	if chance(r, 10) {
		w.holdsBack(p, r)
	}
	if chance(r, 15) {
		w.phones(p, r)
	}
	if chance(r, 40) {
		w.talks(p, r)
	}
	if chance(r, 4) {
		w.staffs(p, r)
	}
}

// records notes what came in of a couple's papers.
func (w *world) records(p *process, id string, r *rand.Rand) {
	partner := r.IntN(2)
	state := booking.Cleared
	if chance(r, 3) {
		state = one(r, booking.NotCleared, booking.Pending)
	}
	w.say("Casey records forms of %s: %v", id, p.bookings.RecordForms(w.ctx, id, partner, true, casey))
	err := p.bookings.RecordClearance(w.ctx, id, partner, state, casey)
	w.say("Casey records clearance of %s, partner %d, %s: %v", id, partner, state, err)
	if err != nil {
		state = "" // it may be stored all the same
	}
	w.account.cleared(id, partner, state)
}

// receives notes who came to a session, and lets couples go home after it.
func (w *world) receives(p *process, c *retreats.Cohort, s retreats.Session, id string, r *rand.Rand) {
	for partner := range 2 {
		present := chance(r, 93)
		if err := p.bookings.RecordAttendance(w.ctx, id, s.ID, partner, &present, casey); err != nil {
			w.say("Casey notes who of %s came to %s: %v", id, s.ID, err)
		}
	}
	if !c.NeedsDriver(s) || w.now.Before(s.EndsAt) {
		return
	}
	seen, err := p.bookings.Case(w.ctx, id)
	if err != nil {
		return
	}
	forms := w.account.couple(id).takenBack // what was taken back is noted anew, on another form
	in := booking.ReleaseInput{Session: s.ID, Key: fmt.Sprintf("door %s %s %d.%d", id, s.ID, forms, r.IntN(3))}
	driver, known := seen.Booking.DriverOnRecord(s)
	switch {
	case known && chance(r, 90):
		in.Driver = driver.Name
	case known || chance(r, 70):
		in.Reason = "Their daughter came, we saw her."
	}
	err = p.bookings.Release(w.ctx, id, in, casey)
	before := w.account.mayBeGone(id, s.ID) // by somebody else, perhaps in the middle of it
	w.say("Casey lets %s go after %s (driver on record: %v, reason: %q): %v", id, s.ID, known, in.Reason, err)
	w.account.released(id, s.ID, err == nil && w.account.couple(id).takenBack == forms)
	if err == nil && !known && in.Reason == "" && !before {
		w.breaks(5, "%s was let go after %s without driver and reason", id, s.ID)
	}
}

// holdsBack keeps one of the messages that wait, or lets it go again.
func (w *world) holdsBack(p *process, r *rand.Rand) {
	waiting, err := p.notices.NextDue(w.ctx, w.now, 5)
	if err != nil || len(waiting) == 0 {
		return
	}
	m := waiting[r.IntN(len(waiting))]
	if chance(r, 50) {
		w.say("Robin holds %s back: %v", m.ID, p.notices.HoldBack(w.ctx, m.ID, robin))
		if chance(r, 50) {
			w.say("Robin lets %s go again: %v", m.ID, p.notices.Release(w.ctx, m.ID, robin))
		}
		return
	}
	w.say("Robin sends %s now: %v", m.ID, p.notices.SendNow(w.ctx, m.ID, robin))
}

// kindOf is the kind of an error in a word, for stories.
func kindOf(err error) string {
	if err == nil {
		return "done"
	}
	return string(fault.KindOf(err))
}
