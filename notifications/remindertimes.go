package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
)

// When reminders are due, and until when.

// moment is where a reminder is counted from.
func (r Reminder) moment(c booking.Case, s subject) time.Time {
	switch {
	case r.Anchor == AtJoined && c.Booking.JoinedAt != nil:
		return *c.Booking.JoinedAt
	case r.Anchor == AtConfirmed || r.Anchor == AtJoined:
		return c.Standing.Since
	case r.Anchor == AtOfferEnd && c.Standing.Until != nil:
		return *c.Standing.Until
	case r.Anchor == AtChargeDue && s.charge != nil:
		return s.charge.DueAt
	case r.Anchor == AtCohortEnd:
		return c.Cohort.End()
	case r.Anchor == AtMaterial:
		from, _ := c.Cohort.MaterialFrom()
		return from
	case r.Anchor == AtCohortStart || len(s.sessions) == 0:
		return c.Cohort.Start()
	case r.Anchor == AtSessionEnd:
		return s.end()
	case r.Anchor == AtDriverNamed && s.driver != nil:
		return s.driver.NamedAt
	case r.Anchor == AtPickUp:
		return c.Cohort.PickUpAt(s.sessions[0])
	}
	return s.start()
}

// due is when the reminder is to be said, by the calendar and the clocks of the
// place. What follows its moment is not said before it.
func (r Reminder) due(c booking.Case, moment time.Time) time.Time {
	zone := c.Cohort.Location()
	if r.Clock == "" {
		return moment.Add(time.Duration(r.Minutes) * time.Minute)
	}
	day := civil.DateOf(moment, zone)
	if r.Anchor == AtCohortEnd {
		day = c.Cohort.EndsOn // it ends when that day does, which is the next one's first instant
	}
	at := day.AddDays(r.Days).At(r.Clock, zone)
	if r.After && r.Anchor != AtCohortEnd && at.Before(moment) {
		return moment
	}
	return at
}

// afterUse is how long something is of use that follows what it is about, if
// nobody says otherwise.
const afterUse = 72 * time.Hour

// until is when saying it is of no use any more.
func (r Reminder) until(c booking.Case, s subject, moment, due time.Time) time.Time {
	var until time.Time
	switch {
	case r.Anchor == AtDriverNamed:
		until = c.Cohort.PickUpAt(s.sessions[0])
	case r.Anchor == AtConfirmed && len(s.sessions) > 0:
		until = s.start()
	case r.Anchor == AtConfirmed || r.Anchor == AtJoined:
		until = c.Cohort.Start()
	case !r.After:
		until = moment
	case r.UsefulHours == 0:
		return due.Add(afterUse)
	default:
		return due.Add(r.useful())
	}
	if wanted := due.Add(r.useful()); r.UsefulHours > 0 && wanted.Before(until) {
		return wanted
	}
	return until
}

func (r Reminder) useful() time.Duration { return time.Duration(r.UsefulHours) * time.Hour }

// timed is a reminder with when it is due and until when it is of use.
type timed struct {
	Reminder
	due, until time.Time
}

// inTurn puts the reminders about one subject in order: each is of use until
// the next one is due, and those that nobody could have read are left out.
func inTurn(c booking.Case, series []Reminder, s subject) []occasion {
	came, known := s.cameAt(c), knownSince(c)
	if came.After(known) {
		known = came
	}
	var all []timed
	for _, r := range series {
		moment := r.moment(c, s)
		due := r.due(c, moment)
		t := timed{r, due, r.until(c, s, moment, due)}
		if (t.Late == LateSkip || s.hasTextsAlone()) && t.due.Before(came) || !t.due.Before(t.until) {
			continue
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.due.Compare(b.due) })
	var occasions []occasion
	for i, t := range all {
		if i+1 < len(all) && !t.staysWith(all[i+1], came) {
			continue
		}
		if i+1 < len(all) && !t.IsOwn() && t.Late != LateSendNow && all[i+1].due.Before(t.until) {
			t.until = all[i+1].due
		}
		if t.due.Before(came) {
			t.due = came
		}
		if !t.due.Before(t.until) || !t.until.After(known) {
			continue
		}
		occasions = append(occasions, forEach(c, t.Reminder, s, t.due, t.until)...)
	}
	return occasions
}

// staysWith reports whether the reminder is still said with the next of its
// series there, for a couple that came then.
func (t timed) staysWith(next timed, came time.Time) bool {
	if t.IsOwn() {
		// Who comes late gets the last alone of what has passed [D41].
		return t.Late != LateNearest || !next.due.Before(came) || !next.until.After(came)
	}
	return t.Late == LateSendNow || t.Anchor != AtConfirmed || !next.due.Before(t.until) || next.due.Sub(t.due) >= askedApart
}

// askedApart is what has to lie between the first question, which follows the
// couple, and one that has a date of its own.
const askedApart = 24 * time.Hour

// knownSince is since when the sessions have been where they are. What would
// have been of use only before that was never missed.
func knownSince(c booking.Case) time.Time {
	since := c.Standing.Since
	if moved := c.Cohort.RescheduledAt; moved != nil && moved.After(since) {
		return *moved
	}
	return since
}

// cameAt is since when there has been somebody to tell, and something to tell
// of.
func (s subject) cameAt(c booking.Case) time.Time {
	switch {
	case s.hasTextsAlone() && s.driver.Texts.At.After(c.Standing.Since):
		return s.driver.Texts.At // they were on their page then, and could answer there
	case s.driver != nil && s.driver.NamedAt.After(c.Standing.Since):
		return s.driver.NamedAt
	case s.charge != nil:
		return askedSince(c, *s.charge)
	}
	return c.Standing.Since
}
