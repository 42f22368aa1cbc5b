package notifications

import (
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/sms"
	"lantern/internal/store"
)

// Channel is by what a message goes.
type Channel string

// The channels. A message that falls from one to the other stays one message,
// so that nothing is said twice.
const (
	ByMail Channel = ""
	ByText Channel = "text"
)

// String names the channel.
func (c Channel) String() string {
	if c == ByMail {
		return "mail"
	}
	return string(c)
}

// way is how a rule uses texts for those who want them.
type way int

const (
	beside  way = iota + 1 // a text points to the mail
	instead                // a text says all; a mail only where it cannot go
)

// texted are the rules of Rules that come by text to whoever wants that; of
// reminders each says it. Money is never among them: the exemption for texts
// about health care ends there [D14].
var texted = map[string]way{
	"offered": beside,
}

func (o occasion) wayOf(rule string) way {
	if o.text != 0 {
		return o.text
	}
	return texted[rule]
}

// asks is what YES to the message says yes to, if it asks anything.
func (o occasion) asks(c booking.Case, m Message) *Question {
	session, ok := c.Cohort.Session(o.session)
	if o.session == "" || !ok {
		return nil
	}
	return &Question{Booking: m.BookingID, Partner: m.Partner, Driver: o.driver != nil, Session: o.session, StartsAt: session.StartsAt}
}

// welcomed is the text by which a number learns what it has agreed to. It is
// answered with STOP by whoever has not [D36].
const welcomed = "texts_on"

const (
	// textSuffix tells the text beside a mail from it.
	textSuffix = ".text"
	// welcomeUse is how long the first text is of use.
	welcomeUse = 24 * time.Hour
)

// channelOf is by what a rule's message goes to a partner. Who shares a mailbox
// gets the mail, which may be for the other too.
func channelOf(rule string, o occasion, b *booking.Booking, partner int) Channel {
	if o.driver != nil {
		return o.channelOfDriver()
	}
	if o.wayOf(rule) == instead && !sharesMailbox(b) && b.TextsTo(partner) != "" {
		return ByText
	}
	return ByMail
}

// textsBeside are the texts that point to a rule's mail. Each of the two gets
// their own, also where they share the mailbox.
func textsBeside(c booking.Case, rule string, o occasion, now time.Time) []Message {
	var texts []Message
	for partner := range c.Booking.Partners {
		if goesBeside(c.Booking, rule, o, partner) {
			texts = append(texts, textOf(c, rule, partner, o, now))
		}
	}
	return texts
}

func goesBeside(b *booking.Booking, rule string, o occasion, partner int) bool {
	how := o.wayOf(rule)
	return o.driver == nil && !o.staff && (how == beside || (how == instead && sharesMailbox(b))) &&
		(o.to == nil || slices.Contains(o.to, partner)) && b.TextsTo(partner) != ""
}

// besideOf finds what a text beside a mail is about, if it still applies.
func besideOf(c booking.Case, m Message, reminders []Reminder) (occasion, bool) {
	if m.Rule == welcomedDriver {
		return welcomeOfDriver(c, m)
	}
	if m.Rule == welcomed {
		o, ok := welcome(c, m.Partner)
		return o, ok && m.ID == idOf(welcomed, m.BookingID, o.key, m.Partner)+textSuffix
	}
	for _, rule := range slices.Concat(Rules, rulesOf(reminders)) {
		if rule.Name != m.Rule {
			continue
		}
		for _, o := range rule.occasions(c) {
			if m.ID == idOf(rule.Name, m.BookingID, o.key, m.Partner)+textSuffix && goesBeside(c.Booking, rule.Name, o, m.Partner) {
				return o, true
			}
		}
	}
	return occasion{}, false
}

// welcome is the occasion of the first text to a partner who has just agreed.
func welcome(c booking.Case, partner int) (occasion, bool) {
	if c.Booking.TextsTo(partner) == "" || c.Booking.IsOver() {
		return occasion{}, false
	}
	given := c.Booking.Partners[partner].Texts.At
	return occasion{key: keyOf(given), due: given, until: given.Add(welcomeUse)}, true
}

func welcomes(c booking.Case, now time.Time) []Message {
	var texts []Message
	for partner := range c.Booking.Partners {
		if o, ok := welcome(c, partner); ok {
			texts = append(texts, textOf(c, welcomed, partner, o, now))
		}
	}
	return append(texts, welcomesOfDrivers(c, now)...)
}

func textOf(c booking.Case, rule string, partner int, o occasion, now time.Time) Message {
	b, due := c.Booking, o.dueFor(c, partner, ByText)
	next := due
	return Message{
		Meta: store.Meta{ID: idOf(rule, b.ID, o.key, partner) + textSuffix},
		Rule: rule, BookingID: b.ID, CohortID: b.CohortID, Partner: partner, Channel: ByText, Beside: true,
		State: Planned, PlannedFor: b.Rev, DueAt: due, UsefulUntil: o.until, NextAt: &next, CreatedAt: now,
	}
}

// Begins is when a meeting begins, for texts: "Friday 12 March, 18:00".
func (l SessionLine) Begins() string { return l.Day() + ", " + clock(l.StartsAt, l.Zone) }

// Delivery is what has become of a text after it left.
type Delivery struct {
	// Provider is Twilio's name of the text.
	Provider string     `json:"provider,omitempty"`
	Status   sms.Status `json:"status,omitempty"`
	// Code is Twilio's number of what went wrong, 0 if nothing did.
	Code int       `json:"code,omitempty"`
	At   time.Time `json:"at"`
}

// fall lets the message go by mail, since a text cannot bring it. Where the mail
// has been sent beside it, that is enough.
func (m *Message) fall(why string, now time.Time) {
	noMail := m.Why == WhyNoMail
	m.Why, m.Texted, m.Copy = why, m.Copy, nil
	if m.Beside {
		m.end(Failed)
		return
	}
	if noMail {
		m.Channel = ByMail
		m.end(Failed)
		m.tell(now)
		return
	}
	if !now.Before(m.UsefulUntil) {
		m.end(Missed)
		return
	}
	m.Channel, m.Tries = ByMail, m.Tries+1 // whoever still tries it as a text is late
	m.again(now)
}

// news takes down what has become of the text. They come in any order and
// twice; it reports whether they are new.
func (m *Message) news(n sms.News, now time.Time) bool {
	if m.Channel != ByText || m.State == Withdrawn {
		return false
	}
	var known Delivery
	if m.Delivery != nil {
		known = *m.Delivery
	}
	if !n.Status.After(known.Status) {
		return false
	}
	m.Delivery = &Delivery{Provider: known.Provider, Status: n.Status, Code: n.Code, At: now}
	if n.Status.IsLost() && m.State == Sent {
		m.fall(string(n.Status), now)
	}
	return true
}

// handedOver takes down that Twilio has the text, and what it has told of it
// meanwhile.
func (m *Message) handedOver(provider string, now time.Time) {
	d := Delivery{Status: sms.Queued, At: now}
	if m.Delivery != nil {
		d = *m.Delivery
	}
	d.Provider = provider
	m.Delivery = &d
	if d.Status.IsLost() {
		m.fall(string(d.Status), now)
	}
}
