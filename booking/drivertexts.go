package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/retreats"
)

// Texts to drivers. Who drives agrees on the page behind their own link, for the
// number that the couple gave and for all that they drive of that couple [D31],
// [D36].

// DriverTextWording is what a driver agrees to before they get texts; it is
// stored with the consent.
func DriverTextWording(practice string) string {
	return fmt.Sprintf("I agree to get automated text messages from %s about the drives that I am asked for at this number: "+
		"one a day at most and three a week, none of them advertising. Message and data rates may apply. "+
		"My number is not given to others for advertising. I need not agree to this to drive. "+
		"I can end it at any time by answering STOP, and get help by answering HELP.", practice)
}

func newDriverConsent(practice, phone, source string, now time.Time) *TextConsent {
	wording := DriverTextWording(practice)
	return &TextConsent{At: now, Phone: phone, Wording: wording, Hash: retreats.Hash(wording), Source: source}
}

// Ahead reports whether any of the drives is still to come.
func (r Rides) Ahead(now time.Time) bool {
	return slices.ContainsFunc(r.List, func(ride Ride) bool { return !now.After(ride.PickUpAt) })
}

// TextsTo is the number at which the driver wants texts, or empty.
func (d Driver) TextsTo() string {
	if d.Texts.Allows(d.Phone) {
		return d.Phone
	}
	return ""
}

// AllowDriverTexts notes that the driver whose token it is wants texts. Doing it
// twice is harmless.
func (s *Service) AllowDriverTexts(ctx context.Context, token, source string) error {
	rides, err := s.RidesOf(ctx, token)
	if err != nil {
		return err
	}
	phone := rides.List[0].Driver.Phone
	return s.update(ctx, rides.Booking.ID, func(b *Booking, now time.Time) error {
		if len(driversOf(b, token)) == 0 {
			return errNoLink // somebody else was named meanwhile
		}
		given := newDriverConsent(s.practice, phone, source, now)
		b.consentOfDriver(seal.Hash(token), func(before *TextConsent) *TextConsent {
			if before.Allows(phone) {
				return before
			}
			return given
		}, now)
		return nil
	})
}

// StopDriverTexts notes that the driver with that number wants no texts any more.
// What was planned as a text comes by mail, if they have an address.
func (s *Service) StopDriverTexts(ctx context.Context, id, phone, by string) error {
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		b.consentOfDriver(seal.Hash(s.driverToken(id, phone)), func(before *TextConsent) *TextConsent {
			return before.Stopped(by, now)
		}, now)
		if by == ByCarrier {
			b.loseDriver(phone, now)
		}
		return nil
	})
}

// ResumeDriverTexts notes that the driver wants texts again at the number at
// which they had stopped them by a text.
func (s *Service) ResumeDriverTexts(ctx context.Context, id, phone string) error {
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		b.consentOfDriver(seal.Hash(s.driverToken(id, phone)), func(before *TextConsent) *TextConsent {
			if before == nil || before.StoppedAt == nil || before.Phone != phone {
				return before
			}
			return newDriverConsent(s.practice, phone, ByText, now)
		}, now)
		return nil
	})
}

// consentOfDriver changes what the driver with the link has said of texts: it is
// the same for all that they drive. What another word replaces stays on record.
func (b *Booking) consentOfDriver(linkHash string, change func(*TextConsent) *TextConsent, now time.Time) {
	drivers, past := slices.Clone(b.Drivers), slices.Clone(b.PastTexts)
	changed, kept := false, false
	for i := range drivers {
		d := &drivers[i]
		if d.LinkHash != linkHash {
			continue
		}
		said := change(d.Texts)
		if said == d.Texts {
			continue
		}
		if before := d.Texts; before != nil && said.At != before.At && !kept {
			past, kept = append(past, PastTextConsent{TextConsent: *before, Driver: d.Name}), true
		}
		d.Texts, changed = said, true
	}
	if changed {
		b.Drivers, b.PastTexts = drivers, past
		b.replan(now)
	}
}

// loseDriver notes that no text reaches a driver who has no other address.
func (b *Booking) loseDriver(phone string, now time.Time) {
	drivers := slices.Clone(b.Drivers)
	for i, d := range drivers {
		if d.Phone == phone && d.Email == "" && d.Texts != nil && d.Unreached == nil {
			drivers[i].Unreached = &Unreached{At: now, Address: phone}
		}
	}
	b.Drivers = drivers
}

// leaveDrivers forgets who drives, since the couple has other dates. What they had
// said of texts stays on record.
func (b *Booking) leaveDrivers() {
	drivers := b.Drivers
	b.Drivers = nil
	known := map[string]bool{}
	for _, d := range drivers {
		if !known[d.LinkHash] {
			known[d.LinkHash] = true
			b.letGo(d)
		}
	}
}

// keepsTexts is what somebody who is named to drive has said of texts: the word
// that they gave behind the same link counts for this drive too.
func (b *Booking) keepsTexts(linkHash string) *TextConsent {
	for _, d := range b.Drivers {
		if d.LinkHash == linkHash && d.Texts != nil {
			return d.Texts
		}
	}
	return nil
}

// letGo puts on record what a driver had said of texts whom nobody is behind any
// more: another was named, or another number.
func (b *Booking) letGo(before Driver) {
	if before.Texts != nil && b.keepsTexts(before.LinkHash) == nil {
		b.PastTexts = append(slices.Clone(b.PastTexts), PastTextConsent{TextConsent: *before.Texts, Driver: before.Name})
	}
}

// errOtherRide answers a text about a drive that has moved since it was asked
// for.
var errOtherRide = fault.New(fault.Conflict, "This drive has changed since you were asked.")

// AnswerRideByText notes what the driver with that number has answered to a text
// about a session that was to begin at that time, and gives the drive.
func (s *Service) AnswerRideByText(ctx context.Context, id, session, phone string, startsAt time.Time, answer DriverAnswer) (Ride, error) {
	token := s.driverToken(id, phone)
	rides, err := s.RidesOf(ctx, token)
	if err != nil {
		return Ride{}, err
	}
	i := slices.IndexFunc(rides.List, func(r Ride) bool { return r.Session.ID == session })
	if i < 0 {
		return Ride{}, errNoRideOf
	}
	ride := rides.List[i]
	if !ride.Session.StartsAt.Equal(startsAt) {
		return Ride{}, errOtherRide
	}
	return ride, s.AnswerRide(ctx, token, session, answer)
}
