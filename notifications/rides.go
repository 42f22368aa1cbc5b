package notifications

import (
	"lantern/booking"
	"lantern/internal/civil"
)

// What is said to those who drive a couple home: when, and the way to their own
// page. It names nobody, and not what they come from [D31], [D38].

// ridesOf are the sessions after which somebody drives whose address is known, or
// who wants texts.
func ridesOf(c booking.Case) []subject {
	var rides []subject
	for _, n := range booking.Needs(c.Cohort) {
		if n.Kind != booking.NeedDriver {
			continue
		}
		if d, ok := c.Booking.Driver(n.Session.ID); ok && (d.Email != "" || d.TextsTo() != "") && d.LinkHash != "" {
			rides = append(rides, subject{driver: &d})
			rides[len(rides)-1].sessions = append(rides[len(rides)-1].sessions, n.Session)
		}
	}
	return rides
}

// hasTextsAlone reports whether the reader is a driver who can be told by text and
// by nothing else.
func (s subject) hasTextsAlone() bool { return s.driver != nil && s.driver.Email == "" }

// readers are how many read the messages, each by themselves.
func (s subject) readers(c booking.Case) int {
	if s.driver != nil {
		return 1
	}
	return len(c.Booking.Partners)
}

// rideData is what the mail of a driver is made of. Nothing of the couple is in
// it, so nothing can come out.
func (s *Service) rideData(c booking.Case, o occasion) MailData {
	zone := c.Cohort.Location()
	data := MailData{
		Hello: o.driver.Name, Practice: s.options.Practice, Zone: zone, Link: s.options.Bookings.DriverLink(c.Booking.ID, *o.driver),
	}
	if o.tell != nil {
		o.tell(&data)
	}
	return data
}

// tellRide puts when the driver is expected into the mail, and whether they have
// said that they come.
func tellRide(c booking.Case, s subject, m *MailData) {
	session := s.sessions[0]
	at := c.Cohort.PickUpAt(session)
	m.PickUp = moment(at, c.Cohort.Location()) + " (" + civil.ZoneName(c.Cohort.Zone) + ")"
	m.PickUpDay = at.In(c.Cohort.Location()).Format("Monday 2 January")
	m.Coming = s.driver.HasConfirmed(session)
	m.PickUpShort = at.In(c.Cohort.Location()).Format("Monday 2 January, ") + clock(at, c.Cohort.Location())
	if place := c.Cohort.Programme.Location; tells(place) == "" { // a text is seen by others [D38]
		m.PickUpPlace = place
	}
}
