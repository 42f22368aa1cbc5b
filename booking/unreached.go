package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/store"
)

// Unreached notes that nothing could be brought to an address. It is of no
// meaning any more when the person has another one.
type Unreached struct {
	At time.Time `json:"at"`
	// Address is the mail address, or the number of a driver who has none.
	Address string `json:"address"`
}

// phoneWithin is how soon somebody who cannot be reached otherwise is phoned.
const phoneWithin = 48 * time.Hour

// Missing is somebody who cannot be reached by what we write. A person phones.
type Missing struct {
	// Partner is 1 or 2, or 0 for the driver after Session.
	Partner int
	Session string
	Name    string
	// Address is where it did not arrive, ByText that it is a number.
	Address string
	ByText  bool
	Since   time.Time
}

// ID names the person in the booking: "1", "s4".
func (m Missing) ID() string {
	if m.Partner > 0 {
		return fmt.Sprint(m.Partner)
	}
	return m.Session
}

// Words say it where there is little room: "mail to Ana does not arrive".
func (m Missing) Words() string {
	if m.ByText {
		return "texts to " + m.Name + " do not arrive"
	}
	return "mail to " + m.Name + " does not arrive"
}

// Missing are those of the booking who cannot be reached: nobody of one that is
// over, and a driver until they are expected.
func (c Case) Missing(now time.Time) (all []Missing) {
	if c.Booking.IsOver() {
		return nil
	}
	for i, p := range c.Booking.Partners {
		if u := p.Unreached; u != nil && u.Address == p.Email {
			all = append(all, Missing{Partner: i + 1, Name: p.Name, Address: p.Email, Since: u.At})
		}
	}
	for _, d := range c.Booking.Drivers {
		s, ok := c.Cohort.Session(d.Session)
		u := d.Unreached
		switch {
		case u == nil || !ok || !now.Before(c.Cohort.PickUpAt(s)):
		case d.TextsTo() != "": // they are told by text
		case u.Address == d.address():
			all = append(all, Missing{Session: d.Session, Name: d.Name, Address: u.Address, ByText: d.Email == "", Since: u.At})
		}
	}
	return all
}

// address is where the driver gets what is not a text; a driver without a mail
// address has their number alone.
func (d Driver) address() string {
	if d.Email != "" {
		return d.Email
	}
	return d.Phone
}

// MailNews is what became of a mail.
type MailNews struct {
	Partner int
	// Driver is the session whose driver it was for, empty for the partner's.
	Driver string
	// Email is where it went, empty for the address that is known now.
	Email  string
	At     time.Time
	Failed bool
}

// NoteMail notes that a mail could not be brought to somebody, or that one could
// after all. Said twice, or too late, it changes nothing.
func (s *Service) NoteMail(ctx context.Context, id string, n MailNews) error {
	err := s.bookings.Update(ctx, id, func(b *Booking) error {
		b.noteMail(n)
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (b *Booking) noteMail(n MailNews) {
	if n.Driver == "" {
		p := &b.Partners[n.Partner]
		p.Unreached = n.next(p.Unreached, p.Email)
		return
	}
	drivers := slices.Clone(b.Drivers)
	for i, d := range drivers {
		if d.Session == n.Driver {
			drivers[i].Unreached = n.next(d.Unreached, d.Email)
		}
	}
	b.Drivers = drivers
}

// next is what is known of the address after the news.
func (n MailNews) next(known *Unreached, address string) *Unreached {
	if n.Email != "" && n.Email != address {
		return known // it went to another one
	}
	older := known != nil && known.Address == address && !known.At.Before(n.At)
	switch {
	case older:
		return known
	case n.Failed:
		return &Unreached{At: n.At, Address: address}
	}
	return nil
}

// unreachedCalls are about those whom nothing reaches that we write.
func (c Case) unreachedCalls(now time.Time) (calls []Call) {
	for _, m := range c.Missing(now) {
		call := Call{Kind: CallUnreached, Partner: m.Partner, Since: m.Since, By: m.Since.Add(phoneWithin), Phones: c.phones()}
		if m.Partner == 2 {
			slices.Reverse(call.Phones)
		}
		if m.Session != "" {
			call.Session, _ = c.Cohort.Session(m.Session)
			d, _ := c.Booking.Driver(m.Session)
			call.Phones = append([]PhoneLine{{d.Name, d.Phone}}, call.Phones...)
		}
		calls = append(calls, call)
	}
	return calls
}

var errReached = fault.New(fault.Conflict, "Nobody of them is on record as not reached any more.")

// Reached notes that staff have reached somebody whom no mail does: a partner "1"
// or "2", or the driver after a session.
func (s *Service) Reached(ctx context.Context, id, who string, by audit.By) error {
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		seen := c
		seen.Booking = b
		i := slices.IndexFunc(seen.Missing(now), func(m Missing) bool { return m.ID() == who })
		if i < 0 {
			return errReached
		}
		missing := seen.Missing(now)[i]
		b.reached(missing.Partner, missing.Session)
		b.Trail = b.Trail.Add(by, now, audit.Line{What: "reached by phone: " + missing.Words()})
		return nil
	})
}

func (b *Booking) reached(partner int, session string) {
	if partner > 0 {
		b.Partners[partner-1].Unreached = nil
		return
	}
	drivers := slices.Clone(b.Drivers)
	for i := range drivers {
		if drivers[i].Session == session {
			drivers[i].Unreached = nil
		}
	}
	b.Drivers = drivers
}
