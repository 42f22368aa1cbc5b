package booking

import (
	"fmt"
	"time"

	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/retreats"
)

// Readiness is what a couple still lacks before its sessions.

// NeedKind groups the needs of a couple.
type NeedKind string

// The kinds of needs.
const (
	NeedDeposit     NeedKind = "deposit"
	NeedBalance     NeedKind = "balance"
	NeedConsent     NeedKind = "consent"
	NeedClearance   NeedKind = "clearance"
	NeedForms       NeedKind = "forms"
	NeedPreparation NeedKind = "preparation"
	NeedDriver      NeedKind = "driver"
)

// NeedKinds lists the kinds in the order in which they are shown.
var NeedKinds = []NeedKind{NeedDeposit, NeedBalance, NeedDriver, NeedConsent, NeedClearance, NeedForms, NeedPreparation}

// Need is something that every couple of a cohort needs: a column of the board.
type Need struct {
	Kind NeedKind
	// Partner is 1 or 2 where each needs it for themselves, else 0.
	Partner int
	// Session is where it belongs to one.
	Session retreats.Session
}

// ID names the need: "consent.1", "driver.s4".
func (n Need) ID() string {
	id := string(n.Kind)
	if n.Partner > 0 {
		id += fmt.Sprintf(".%d", n.Partner)
	}
	if n.Session.ID != "" {
		id += "." + n.Session.ID
	}
	return id
}

// Needs are what each couple of the cohort needs, in order.
func Needs(c *retreats.Cohort) []Need {
	needs := []Need{
		{Kind: NeedDeposit}, {Kind: NeedBalance},
	}
	// What nobody may miss stands where it is seen first.
	for _, s := range c.Sessions {
		if c.NeedsDriver(s) {
			needs = append(needs, Need{Kind: NeedDriver, Session: s})
		}
	}
	needs = append(needs, []Need{
		{Kind: NeedConsent, Partner: 1}, {Kind: NeedConsent, Partner: 2},
		{Kind: NeedClearance, Partner: 1}, {Kind: NeedClearance, Partner: 2},
		{Kind: NeedForms},
	}...)
	for _, s := range c.Sessions {
		if s.Kind == retreats.Preparation {
			needs = append(needs, Need{Kind: NeedPreparation, Session: s})
		}
	}
	return needs
}

// CellState is how it stands with one need of one couple.
type CellState string

// The states of a cell.
const (
	CellDone CellState = "done"
	CellDue  CellState = "due"
	CellLate CellState = "late"
	CellNone CellState = "none" // not needed, or not yet
)

// Cell is one glance at one need of one couple.
type Cell struct {
	Need  Need
	State CellState
	// Text says it in words.
	Text string
	// By is when it is due; nil where nothing is.
	By *time.Time
}

// Days before an event by which something is due.
const (
	papersDays = 21 // forms, consent and clearance, before the start [D23]
	driverDays = 14 // who drives, before the session [D28]
	// unconfirmedTime is how long before a preparation session a missing word
	// becomes somebody's task [D22].
	unconfirmedTime = 24 * time.Hour
	// Who is confirmed late has so long for what would be late at once [D7].
	latePapersTime = 48 * time.Hour
	lateDriverTime = 72 * time.Hour
)

// Readiness is the row of a couple: a cell for each of the cohort's needs.
func (c Case) Readiness(needs []Need, now time.Time) []Cell {
	cells := make([]Cell, len(needs))
	for i, n := range needs {
		cells[i] = c.cell(n, now)
		cells[i].Need = n
	}
	return cells
}

func (c Case) cell(n Need, now time.Time) Cell {
	switch n.Kind {
	case NeedDeposit:
		return c.firstPayment(now)
	case NeedBalance:
		return c.balance(now)
	}
	if c.Standing.State != retreats.Confirmed {
		return Cell{State: CellNone, Text: "not yet"}
	}
	switch n.Kind {
	case NeedConsent:
		return c.consent(n.Partner-1, now)
	case NeedClearance:
		return c.clearance(n.Partner-1, now)
	case NeedForms:
		return c.forms(now)
	case NeedPreparation:
		return c.preparation(n.Session, now)
	}
	return c.driver(n.Session, now)
}

// open is a need that is not met: due until the moment, late afterwards.
func open(text string, by, now time.Time) Cell {
	if now.Before(by) {
		return Cell{State: CellDue, Text: text, By: &by}
	}
	return Cell{State: CellLate, Text: text, By: &by}
}

func done(text string) Cell { return Cell{State: CellDone, Text: text} }

// daysBefore is the end of the day so many days before an event in the
// cohort's zone.
func (c Case) daysBefore(event time.Time, days int) time.Time {
	zone := c.Cohort.Location()
	return civil.DateOf(event, zone).AddDays(1-days).At("00:00", zone)
}

func (c Case) firstPayment(now time.Time) Cell {
	b := c.Booking
	if len(b.Charges) == 0 {
		return Cell{State: CellNone, Text: "not yet"}
	}
	first := b.Charges[0]
	switch {
	case b.IsPaid(first):
		return done(first.Amount.String() + " paid")
	case c.Standing.State == retreats.Confirmed:
		return Cell{State: CellLate, Text: first.Amount.String() + " not paid"}
	case c.Standing.Until != nil:
		return open(first.Amount.String()+" to pay", *c.Standing.Until, now)
	}
	return Cell{State: CellDue, Text: first.Amount.String() + " to pay"}
}

// balance is how it stands with the rest of the price, whether it is paid at
// once or in instalments.
func (c Case) balance(now time.Time) Cell {
	b := c.Booking
	var rest []Charge
	if len(b.Charges) > 0 {
		rest = b.Charges[1:]
	}
	sum, paid, next := b.zero(), 0, (*Charge)(nil)
	for i, charge := range rest {
		sum = sum.Plus(charge.Amount)
		switch {
		case b.IsPaid(charge):
			paid++
		case next == nil || charge.DueAt.Before(next.DueAt):
			next = &rest[i]
		}
	}
	switch {
	case len(rest) == 0:
		return Cell{State: CellNone, Text: "not needed"}
	case next == nil:
		return done(sum.String() + " paid")
	case c.Standing.State != retreats.Confirmed:
		return Cell{State: CellNone, Text: "not yet"}
	}
	late := c.lateOf(rest, now)
	switch {
	case len(rest) == 1:
		return open(b.Open(*next).String()+" to pay", next.DueAt, now)
	case late.IsZero():
		return open(fmt.Sprintf("%d of %d paid, next %s", paid, len(rest), b.Open(*next)), next.DueAt, now)
	}
	return open(fmt.Sprintf("%d of %d paid, %s to pay now", paid, len(rest), late), next.DueAt, now)
}

// lateOf is what is open and past of the charges.
func (c Case) lateOf(charges []Charge, now time.Time) money.Amount {
	late := c.Booking.zero()
	for _, charge := range charges {
		if !now.Before(charge.DueAt) {
			late = late.Plus(c.Booking.Open(charge))
		}
	}
	return late
}

// PapersDue is by when consent, forms and clearance are there.
func (c Case) PapersDue(now time.Time) time.Time {
	return c.dueBefore(c.Cohort.Start(), papersDays, latePapersTime, now)
}

// DriverDue is by when a driver is named for the session.
func (c Case) DriverDue(s retreats.Session, now time.Time) time.Time {
	return c.dueBefore(s.StartsAt, driverDays, lateDriverTime, now)
}

// dueBefore is so many days before an event or so long after the couple was
// confirmed, whichever is later, but not after the event. A couple that is not
// confirmed yet is at best confirmed now.
func (c Case) dueBefore(event time.Time, days int, late time.Duration, now time.Time) time.Time {
	confirmed := now
	if c.Standing.State == retreats.Confirmed {
		confirmed = c.Standing.Since
	}
	by := c.daysBefore(event, days)
	if compressed := confirmed.Add(late); compressed.After(by) {
		by = compressed
	}
	if by.After(event) {
		return event
	}
	return by
}

func (c Case) consent(partner int, now time.Time) Cell {
	switch {
	case c.ConsentOf(partner) != nil:
		return done("given")
	case c.Booking.Consents[partner] != nil:
		return open("given for other dates", c.PapersDue(now), now)
	}
	return open("missing", c.PapersDue(now), now)
}

func (c Case) clearance(partner int, now time.Time) Cell {
	switch recorded := c.Booking.Clearances[partner]; recorded.Is() {
	case Cleared:
		return done("cleared")
	case NotCleared:
		return Cell{State: CellLate, Text: "not cleared: an organizer ends the booking"} // [D11]
	}
	return open("pending", c.PapersDue(now), now)
}

func (c Case) forms(now time.Time) Cell {
	received := 0
	for _, mark := range c.Booking.Forms {
		if mark != nil {
			received++
		}
	}
	if received == len(c.Booking.Forms) {
		return done("received")
	}
	return open(fmt.Sprintf("%d of %d", received, len(c.Booking.Forms)), c.PapersDue(now), now)
}

func (c Case) preparation(s retreats.Session, now time.Time) Cell {
	coming := 0
	for partner := range c.Booking.Partners {
		if c.Booking.HasReplied(s, partner) {
			coming++
		}
	}
	switch {
	case coming == len(c.Booking.Partners):
		return done("both come")
	case now.After(s.EndsAt):
		return Cell{State: CellNone, Text: "over"}
	}
	return open(fmt.Sprintf("%d of %d", coming, len(c.Booking.Partners)), s.StartsAt.Add(-unconfirmedTime), now)
}

// driver tells whether somebody is named, and has said yes by 24 hours before
// they are expected [D28–D30].
func (c Case) driver(s retreats.Session, now time.Time) Cell {
	d, named := c.Booking.Driver(s.ID)
	confirmBy := c.Cohort.PickUpAt(s).Add(-unconfirmedRide)
	switch {
	case !named:
		return open("no driver yet", c.DriverDue(s, now), now)
	case d.HasConfirmed(s):
		return done(d.Name + " said yes")
	case d.HasRefused(s):
		return Cell{State: CellLate, Text: d.Name + " cannot"}
	case !d.IsFor(s):
		return open("ask again: "+d.Name, c.DriverDue(s, now), now)
	case d.InvitedAt != nil:
		return open("asked: "+d.Name, confirmBy, now)
	}
	return open("named: "+d.Name, confirmBy, now)
}
