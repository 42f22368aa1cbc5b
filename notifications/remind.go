package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/retreats"
)

// rulesOf gives the rules that a set of reminders comes to: one for each
// template, since the reminders of a series take each other's place.
func rulesOf(reminders []Reminder) []Rule {
	rules := make([]Rule, 0, len(Templates))
	for _, template := range Templates {
		var series []Reminder
		for _, r := range reminders {
			if r.Template == template && !r.Off {
				series = append(series, r)
			}
		}
		if len(series) > 0 {
			rules = append(rules, Rule{template, func(c booking.Case) []occasion { return remind(c, series) }})
		}
	}
	return rules
}

// reminded reports whether the couple is reminded of anything: it has its
// place, the dates take place, and neither of the two is refused, which ends
// the booking.
func reminded(c booking.Case) bool {
	return c.Standing.State == retreats.Confirmed && !c.Booking.IsOver() && c.Cohort.State != retreats.Cancelled && !c.Booking.IsNotCleared()
}

// remind gives the occasions of a series of reminders.
func remind(c booking.Case, series []Reminder) []occasion {
	if !reminded(c) {
		return nil
	}
	var all []occasion
	for _, subject := range subjectsOf(c, series) {
		all = append(all, inTurn(c, series, subject)...)
	}
	return all
}

// subject is what a series is about: sessions that belong together, or none
// where it is about the whole cohort.
type subject struct {
	sessions []retreats.Session
	// driver is who drives after the session, if the series is for them.
	driver *booking.Driver
}

// subjectsOf gives what the series is about, each by itself.
func subjectsOf(c booking.Case, series []Reminder) []subject {
	kind := series[0].Sessions
	switch {
	case series[0].To == ToDriver:
		return ridesOf(c)
	case kind == "":
		return []subject{{}}
	}
	var all []subject
	for _, s := range c.Cohort.Sessions {
		if s.Kind != kind {
			continue
		}
		if last := len(all) - 1; last >= 0 && kind == retreats.Medicine && s.StartsAt.Sub(all[last].end()) < daysTogether {
			all[last].sessions = append(all[last].sessions, s)
			continue
		}
		all = append(all, subject{sessions: []retreats.Session{s}})
	}
	return all
}

// daysTogether is how close medicine sessions lie that are spoken of at once:
// those of one stay. Two mails on two days about one journey would be noise.
const daysTogether = 48 * time.Hour

func (s subject) start() time.Time { return s.sessions[0].StartsAt }
func (s subject) end() time.Time   { return s.sessions[len(s.sessions)-1].EndsAt }

// key names the sessions as they are now: moved ones are another occasion.
func (s subject) key() string {
	if len(s.sessions) == 0 {
		return ""
	}
	key := s.sessions[0].ID
	for _, session := range s.sessions {
		key += "." + keyOf(session.StartsAt)
	}
	if s.driver != nil {
		// Somebody else, or another address, is asked anew.
		key += "." + retreats.Hash(s.driver.LinkHash + " " + s.driver.Email)[:8]
	}
	return key
}

// moment is where a reminder is counted from.
func (r Reminder) moment(c booking.Case, s subject) time.Time {
	switch {
	case r.Anchor == AtConfirmed:
		return c.Standing.Since
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
// place.
func (r Reminder) due(moment time.Time, zone *time.Location) time.Time {
	if r.Clock == "" {
		return moment.Add(time.Duration(r.Minutes) * time.Minute)
	}
	return civil.DateOf(moment, zone).AddDays(r.Days).At(r.Clock, zone)
}

// until is when saying it is of no use any more.
func (r Reminder) until(c booking.Case, s subject, moment time.Time) time.Time {
	switch {
	case r.UsefulHours > 0:
		return moment.Add(time.Duration(r.UsefulHours) * time.Hour)
	case r.Anchor == AtDriverNamed:
		return c.Cohort.PickUpAt(s.sessions[0])
	case r.Anchor != AtConfirmed:
		return moment
	case len(s.sessions) > 0:
		return s.start()
	}
	return c.Cohort.Start()
}

// inTurn puts the reminders about one subject in order: each is of use until
// the next one is due, and those that nobody could have read are left out.
func inTurn(c booking.Case, series []Reminder, s subject) []occasion {
	zone, came, known := c.Cohort.Location(), s.cameAt(c), knownSince(c)
	if came.After(known) {
		known = came
	}
	type timed struct {
		Reminder
		due, until time.Time
	}
	var all []timed
	for _, r := range series {
		moment := r.moment(c, s)
		t := timed{r, r.due(moment, zone), r.until(c, s, moment)}
		if (t.Late == LateSkip || s.hasTextsAlone()) && t.due.Before(came) || !t.due.Before(t.until) {
			continue
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.due.Compare(b.due) })
	var occasions []occasion
	for i, t := range all {
		if i+1 < len(all) && t.Late != LateSendNow && all[i+1].due.Before(t.until) {
			if next := all[i+1].due; t.Anchor == AtConfirmed && next.Sub(t.due) < askedApart {
				continue
			}
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

// forEach gives the occasion, for those for whom the condition holds.
func forEach(c booking.Case, r Reminder, s subject, due, until time.Time) []occasion {
	var to []int
	for partner := range s.readers(c) {
		if r.holds(c, s, partner) {
			to = append(to, partner)
		}
	}
	if len(to) == 0 || s.hasTextsAlone() && !r.Text {
		return nil
	}
	key := r.ID
	if k := s.key(); k != "" {
		key += "." + k
	} else {
		key += "." + string(c.Cohort.StartsOn)
	}
	o := occasion{
		key: key, due: due, until: until, to: to, patient: true, reminder: r.ID, driver: s.driver,
		tell: func(m *MailData) { tellReminder(c, r, s, due, m) },
	}
	if r.Text {
		o.text = instead
		if (r.Template == TellPreparation || r.Template == TellRide) && len(s.sessions) > 0 {
			o.session = s.sessions[0].ID
		}
	}
	return []occasion{o}
}

// holds reports whether the reminder's condition is so for the partner.
func (r Reminder) holds(c booking.Case, s subject, partner int) bool {
	switch r.While {
	case PapersMissing:
		return lacksConsent(c, partner) || lacksForms(c, partner)
	case NotReplied:
		return len(s.sessions) > 0 && !c.Booking.HasReplied(s.sessions[0], partner)
	case DriverNotNamed:
		return len(withoutDriver(c, s)) > 0
	case RideNotAnswered:
		return s.driver != nil && s.driver.AnswerFor(s.sessions[0]) == booking.DriverUnanswered
	case RideNotRefused:
		return s.driver != nil && !s.driver.HasRefused(s.sessions[0])
	}
	return true
}

func lacksConsent(c booking.Case, partner int) bool { return c.ConsentOf(partner) == nil }
func lacksForms(c booking.Case, partner int) bool   { return c.Booking.Forms[partner] == nil }

// withoutDriver are the sessions after which nobody drives the couple yet, of
// those that need it [D24].
func withoutDriver(c booking.Case, s subject) []retreats.Session {
	var without []retreats.Session
	for _, n := range booking.Needs(c.Cohort) {
		if n.Kind != booking.NeedDriver || !slices.ContainsFunc(s.sessions, func(in retreats.Session) bool { return in.ID == n.Session.ID }) {
			continue
		}
		if d, ok := c.Booking.Driver(n.Session.ID); !ok || !d.IsFor(n.Session) {
			without = append(without, n.Session)
		}
	}
	return without
}
