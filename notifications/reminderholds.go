package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// To whom reminders are said, and while what is so.

// forEach gives the occasion, for those for whom the condition holds.
func forEach(c booking.Case, r Reminder, s subject, due, until time.Time) []occasion {
	var to []int
	for partner := range s.readers(c) {
		if r.isFor(partner) && r.holds(c, s, partner) {
			to = append(to, partner)
		}
	}
	if len(to) == 0 || s.hasTextsAlone() && !r.Text {
		return nil
	}
	o := occasion{
		key: r.ID + "." + s.key(c, r.Anchor), due: due, until: until, to: to, patient: true, reminder: r.ID, driver: s.driver, staff: r.To == ToStaff,
		tell: func(m *MailData) { tellReminder(c, r, s, due, m) },
	}
	switch {
	case r.Text:
		o.text = instead
	case r.Beside:
		o.text = beside
	}
	if o.text != 0 && (r.Template == TellPreparation || r.Template == TellRide) && len(s.sessions) > 0 {
		o.session = s.sessions[0].ID
	}
	if (r.Template == TellPreparation || r.Template == TellIntegration) && len(s.sessions) > 0 {
		o.invites = s.sessions[0].ID
	}
	return []occasion{o}
}

// isFor reports whether it is said to that partner; to staff it is said while it
// holds of either.
func (r Reminder) isFor(partner int) bool { return r.To != ToFirst || partner == 0 }

// holds reports whether the reminder's condition is so for the partner.
func (r Reminder) holds(c booking.Case, s subject, partner int) bool {
	if s.charge != nil && len(duesOf(c, s.charge.ID, []int{partner})) == 0 {
		return false
	}
	if s.driver != nil && r.IsOwn() && s.driver.HasRefused(s.sessions[0]) {
		return false
	}
	switch r.While {
	case PapersMissing:
		return lacksConsent(c, partner) || lacksForms(c, partner)
	case ConsentMissing:
		return lacksConsent(c, partner)
	case FormsMissing:
		return lacksForms(c, partner)
	case NotReplied:
		return len(s.sessions) > 0 && !c.Booking.HasReplied(s.sessions[0], partner)
	case DriverNotNamed:
		return len(withoutDriver(c, s)) > 0
	case DriverNotConfirmed:
		return driverNotConfirmed(c, s)
	case BalanceUnpaid:
		return asks(c) && slices.ContainsFunc(c.Dues(), func(d booking.Due) bool { return d.Share == nil || *d.Share == partner })
	case RideNotAnswered:
		return s.driver != nil && s.driver.AnswerFor(s.sessions[0]) == booking.DriverUnanswered
	case RideNotRefused:
		return s.driver != nil && !s.driver.HasRefused(s.sessions[0])
	}
	return true
}

func lacksConsent(c booking.Case, partner int) bool { return c.ConsentOf(partner) == nil }
func lacksForms(c booking.Case, partner int) bool   { return c.Booking.Forms[partner] == nil }

// driven are the sessions after which the couple has to be driven [D24], of
// those that it is about where these are medicine sessions.
func driven(c booking.Case, s subject) []retreats.Session {
	var all []retreats.Session
	for _, n := range booking.Needs(c.Cohort) {
		if n.Kind == booking.NeedDriver && s.covers(n.Session) {
			all = append(all, n.Session)
		}
	}
	return all
}

// covers reports whether what is about the medicine session is about the
// subject.
func (s subject) covers(session retreats.Session) bool {
	return len(s.sessions) == 0 || s.sessions[0].Kind != retreats.Medicine ||
		slices.ContainsFunc(s.sessions, func(in retreats.Session) bool { return in.ID == session.ID })
}

// withoutDriver are the sessions after which nobody drives the couple yet.
func withoutDriver(c booking.Case, s subject) []retreats.Session {
	return slices.DeleteFunc(driven(c, s), func(session retreats.Session) bool {
		d, ok := c.Booking.Driver(session.ID)
		return ok && d.IsFor(session)
	})
}

// driverNotConfirmed reports whether nobody has said yet that they drive, after
// one of the sessions. The driver is asked only until they have answered.
func driverNotConfirmed(c booking.Case, s subject) bool {
	if s.driver != nil {
		return s.driver.AnswerFor(s.sessions[0]) == booking.DriverUnanswered
	}
	return slices.ContainsFunc(driven(c, s), func(session retreats.Session) bool {
		d, ok := c.Booking.Driver(session.ID)
		return !ok || !d.HasConfirmed(session)
	})
}
