package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/retreats"
)

// Lack is what couples lack that somebody reminds them of by hand.
type Lack string

// What can be lacking.
const (
	// LackYes is that no driver has said yes: the couple is told where nobody is
	// named, or who was cannot; the driver, where one has not answered.
	LackYes         Lack = "driver_confirmed"
	LackDriver      Lack = "driver" // nobody is named
	LackConsent     Lack = "consent"
	LackForms       Lack = "forms"
	LackPreparation Lack = "preparation" // has not said that they come to the next one
	LackBalance     Lack = "balance"     // not paid yet, and no card is charged by itself
	LackLate        Lack = "balance_late"
)

// Lacks lists all, in the order in which pages show them.
var Lacks = []Lack{LackYes, LackDriver, LackConsent, LackForms, LackPreparation, LackBalance, LackLate}

var lackTitles = map[Lack]string{
	LackYes: "no confirmed driver", LackDriver: "no driver named", LackConsent: "consent missing", LackForms: "forms missing",
	LackPreparation: "preparation session not confirmed", LackBalance: "balance not paid yet", LackLate: "balance late",
}

// Title says for staff what is lacking.
func (l Lack) Title() string { return lackTitles[l] }

// check refuses what nobody can lack.
func (l Lack) check() error {
	if !slices.Contains(Lacks, l) {
		return fault.InvalidFields(fault.Fields{"lack": "Please choose what is lacking."})
	}
	return nil
}

// said is an occasion with the rule that says it.
type said struct {
	rule string
	occasion
}

// says is what is to be said to a couple, or to its drivers, as long as they
// lack it. It follows from the case alone.
func (h Handed) says(c booking.Case) []said {
	if !reminded(c) {
		return nil
	}
	switch h.Lack {
	case LackYes:
		return append(h.saysNoDriver(c, true), h.saysRides(c)...)
	case LackDriver:
		return h.saysNoDriver(c, false)
	case LackConsent:
		return h.saysPapers(c, lacksConsent)
	case LackForms:
		return h.saysPapers(c, lacksForms)
	case LackPreparation:
		return h.saysPreparation(c)
	case LackBalance, LackLate:
		return h.saysBalance(c)
	}
	return nil
}

// occasion is one that is due at once, at whatever hour, since somebody asks for
// it; texts keep to their hours all the same [D34].
func (h Handed) occasion(key string, until time.Time, to []int, tell func(*MailData)) occasion {
	if end := h.At.Add(handedUse); end.Before(until) {
		until = end
	}
	return occasion{key: h.Sending + key, due: h.At, until: until, to: to, tell: func(m *MailData) {
		tell(m)
		m.Remark = h.Remark
	}}
}

// saysNoDriver is for couples whom nobody takes home after a session to come;
// refused says that somebody who has said no does not count.
func (h Handed) saysNoDriver(c booking.Case, refused bool) []said {
	var without []retreats.Session
	for _, n := range booking.Needs(c.Cohort) {
		if n.Kind != booking.NeedDriver || !n.Session.StartsAt.After(h.At) {
			continue
		}
		d, named := c.Booking.Driver(n.Session.ID)
		if !named || !d.IsFor(n.Session) || refused && d.HasRefused(n.Session) {
			without = append(without, n.Session)
		}
	}
	if len(without) == 0 {
		return nil
	}
	return []said{{TellNoDriver, h.occasion("", without[0].StartsAt, nil, func(m *MailData) {
		for _, session := range without {
			m.Drives = append(m.Drives, lineOf(c, session, m.Zone))
		}
	})}}
}

// saysRides is for drivers who have not answered, as far as their address is
// known, or who want texts. A text has no room for a remark, so one goes by mail
// to who has an address.
func (h Handed) saysRides(c booking.Case) []said {
	var all []said
	for _, s := range ridesOf(c) {
		session := s.sessions[0]
		if !session.StartsAt.After(h.At) || !s.driver.IsFor(session) || s.driver.AnswerFor(session) != booking.DriverUnanswered {
			continue
		}
		o := h.occasion("."+s.key(c, ""), c.Cohort.PickUpAt(session), []int{0}, func(m *MailData) { tellRide(c, s, m) })
		o.driver = s.driver
		if h.Remark == "" || s.hasTextsAlone() {
			o.text, o.session = instead, session.ID
		}
		all = append(all, said{TellRide, o})
	}
	return all
}

func (h Handed) saysPapers(c booking.Case, lacks func(booking.Case, int) bool) []said {
	to := partnersWho(c, func(partner int) bool { return lacks(c, partner) })
	if len(to) == 0 || !c.Cohort.Start().After(h.At) {
		return nil
	}
	return []said{{TellPapers, h.occasion("", c.Cohort.Start(), to, func(m *MailData) {
		tellReminder(c, Reminder{Template: TellPapers}, subject{}, h.At, m)
	})}}
}

// saysPreparation is for those who have said neither that they come to the next
// preparation session nor that they need another time. It comes by text to who
// wants that, unless there is a remark, for which a text has no room.
func (h Handed) saysPreparation(c booking.Case) []said {
	for _, session := range c.Cohort.Sessions {
		if session.Kind != retreats.Preparation || !session.StartsAt.After(h.At) {
			continue
		}
		to := partnersWho(c, func(partner int) bool {
			return !c.Booking.HasReplied(session, partner) && c.Booking.Wish(session, partner) == ""
		})
		if len(to) == 0 {
			continue
		}
		s := subject{sessions: []retreats.Session{session}}
		o := h.occasion("."+s.key(c, ""), session.StartsAt, to, func(m *MailData) {
			tellReminder(c, Reminder{Template: TellPreparation}, s, h.At, m)
		})
		o.invites = session.ID
		if h.Remark == "" {
			o.text, o.session = instead, session.ID
		}
		return []said{{TellPreparation, o}}
	}
	return nil
}

// saysBalance is about charges that nobody but the couple can see to: the next
// one that is to come, or all that are late.
func (h Handed) saysBalance(c booking.Case) []said {
	if c.ChargesHeldBack() != booking.NotHeldBack || c.Booking.IsNotCleared() {
		return nil
	}
	rule, late := "balance_soon", h.Lack == LackLate
	if late {
		rule = "balance_late"
	}
	var all []said
	for _, d := range c.Dues() {
		if !isLeft(d) || late != !d.Since.After(h.At) {
			continue
		}
		until := d.Charge.DueAt
		if late {
			until = c.Cohort.Start()
		}
		o := h.occasion("."+d.Charge.ID, until, toOf(d), tellDues(c, d.Charge, isLeft))
		if last := len(all) - 1; last >= 0 && all[last].key == o.key {
			all[last].to = append(all[last].to, o.to...) // the other's part of it
			continue
		}
		if len(all) > 0 && !late {
			break
		}
		if o.until.After(h.At) {
			all = append(all, said{rule, o})
		}
	}
	return all
}

func partnersWho(c booking.Case, lack func(int) bool) []int {
	var to []int
	for partner := range c.Booking.Partners {
		if lack(partner) {
			to = append(to, partner)
		}
	}
	return to
}

// messages are those to a couple and its drivers. Who shares a mailbox gets one
// copy [D39].
func (h Handed) messages(c booking.Case) []Message {
	var all []Message
	for _, o := range h.says(c) {
		for _, partner := range recipients(c.Booking, o.to) {
			channel := channelOf(o.rule, o.occasion, c.Booking, partner)
			m := Message{
				Meta: store.Meta{ID: idOf(o.rule, c.Booking.ID, o.key, partner)}, Rule: o.rule, BookingID: c.Booking.ID, CohortID: c.Booking.CohortID,
				Partner: partner, Channel: channel, DueAt: o.dueFor(c, partner, channel), UsefulUntil: o.until, Handed: h,
			}
			if o.driver != nil {
				m.Driver = o.driver.Session
			}
			all = append(all, m)
		}
	}
	return all
}

// handedOf finds what a message by hand is about, if it is still lacking.
// Who has other dates now was not meant.
func handedOf(c booking.Case, m Message) (occasion, bool) {
	if c.Booking.CohortID != m.CohortID {
		return occasion{}, false
	}
	for _, o := range m.Handed.says(c) {
		if m.ID == idOf(o.rule, m.BookingID, o.key, m.Partner) && slices.Contains(recipients(c.Booking, o.to), m.Partner) {
			return o.occasion, true
		}
	}
	return occasion{}, false
}
