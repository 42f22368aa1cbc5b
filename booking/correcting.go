package booking

import (
	"context"
	"fmt"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/seal"
)

// Staff put right what a couple has mistyped, or what has changed since.

// Correction is how one partner's details are from now on.
type Correction struct {
	Details PartnerInput
	// Shared says that the two read one mailbox: the address is the other's, too.
	Shared bool
	// Stranger says that somebody else may have been sent a link, such as at an
	// address that was never theirs: it ends, and they are sent another one.
	Stranger bool
	// Version is of the details that whoever decides has looked at, see
	// Booking.DetailsVersion.
	Version string
}

// ByStaff is a consent to texts that ended with its number.
const ByStaff = "staff"

var errDetailsChanged = fault.New(fault.Conflict, "These details have been changed meanwhile. Please look at them again.")

// DetailsVersion names the partners' details as they are: another name means that
// somebody has changed them.
func (b *Booking) DetailsVersion() string {
	text := ""
	for _, p := range b.Partners {
		text += fmt.Sprintf("%q %q %q %q %d ", p.Name, p.Email, p.Phone, p.Zone, p.Links)
	}
	return seal.Hash(text)[:16]
}

// SharesMailbox reports whether both partners read the same mailbox [D39].
func (b *Booking) SharesMailbox() bool {
	return people.SameEmail(b.Partners[0].Email, b.Partners[1].Email)
}

// CorrectPartner changes a partner's name, mail address, phone and zone, here and
// in the couple's other bookings where they are the same. Faults are by field.
//
// The others come first: who dies in between finds this one as it was, and
// whoever does it again finds the others done.
func (s *Service) CorrectPartner(ctx context.Context, id string, partner int, to Correction, by audit.By) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	c, err := s.Case(ctx, id)
	if err != nil {
		return err
	}
	details, err := c.checkCorrection(partner, to)
	if err != nil {
		return err
	}
	before, now := c.Booking.Partners, s.now()
	var others []string
	err = s.ofGroup(ctx, c.Booking.GroupID, func(other *Booking) {
		if other.ID != id {
			others = append(others, other.ID)
		}
	})
	if err != nil {
		return err
	}
	for _, other := range others {
		err := s.update(ctx, other, func(b *Booking, _ time.Time) error {
			details, how := b.following(partner, before, details, to)
			s.correct(b, partner, details, how, by, now)
			return nil
		})
		if err != nil {
			return fmt.Errorf("correcting booking %s of the same couple: %w", other, err)
		}
	}
	return s.update(ctx, id, func(b *Booking, _ time.Time) error {
		if b.DetailsVersion() != to.Version {
			return errDetailsChanged
		}
		s.correct(b, partner, details, to, by, now)
		return nil
	})
}

// checkCorrection gives the details as they are to be kept.
func (c Case) checkCorrection(partner int, to Correction) (Partner, error) {
	b := c.Booking
	if b.DetailsVersion() != to.Version {
		return Partner{}, errDetailsChanged
	}
	fields := fault.Fields{}
	details := to.Details.check(fields, "", c.Cohort.Zone)
	if details.Email != "" && !to.Shared && people.SameEmail(details.Email, b.Partners[1-partner].Email) {
		fields["email"] = "The other one has this address. Give another one, or say that they share it."
	}
	return details, fault.InvalidFields(fields)
}

// following are the details of the same partner in another of the couple's
// bookings: what is the same there changes with them.
func (b *Booking) following(partner int, before [2]Partner, to Partner, how Correction) (Partner, Correction) {
	p, old := b.Partners[partner], before[partner]
	follow := func(is *string, was, becomes string) {
		if *is == was {
			*is = becomes
		}
	}
	how.Shared = how.Shared && p.Email == old.Email && b.Partners[1-partner].Email == before[1-partner].Email
	follow(&p.Name, old.Name, to.Name)
	follow(&p.Email, old.Email, to.Email)
	follow(&p.Phone, old.Phone, to.Phone)
	follow(&p.Zone, old.Zone, to.Zone)
	return p, how
}

// correct puts the details in the place of a partner's. What they are already
// changes nothing.
func (s *Service) correct(b *Booking, partner int, to Partner, how Correction, by audit.By, now time.Time) {
	before, shared := b.Partners, b.SharesMailbox()
	p := &b.Partners[partner]
	p.Name, p.Email, p.Zone = to.Name, to.Email, to.Zone
	if p.Phone != to.Phone {
		p.Phone, p.Texts = to.Phone, p.Texts.Stopped(ByStaff, now) // it was given for the number [D36]
	}
	if how.Shared {
		b.Partners[1-partner].Email = to.Email
	}
	b.SharedEmail = b.SharesMailbox()
	if shared && !b.SharedEmail {
		b.OwnMailSince = &now
	}
	for i := range b.Partners {
		b.noteCorrection(i, before[i], by, now)
		// A mailbox that both read has got both links.
		renew := how.Stranger && (i == partner || shared)
		if renew {
			s.renewLink(b, i)
			b.Trail = b.Trail.Add(by, now, audit.Line{What: fmt.Sprintf("new link for partner %d", i+1)})
		}
		if isNew := before[i].Email != b.Partners[i].Email; isNew || renew {
			b.Partners[i].MailSince, b.Partners[i].Unreached = &now, nil
		}
	}
	if b.Partners != before {
		b.replan(now)
	}
}

// noteCorrection adds a line for each detail of a partner that has changed.
func (b *Booking) noteCorrection(i int, before Partner, by audit.By, now time.Time) {
	after := b.Partners[i]
	for _, detail := range []struct{ what, from, to string }{
		{"name", before.Name, after.Name}, {"mail address", before.Email, after.Email},
		{"phone", before.Phone, after.Phone}, {"time zone", before.Zone, after.Zone},
	} {
		if detail.from != detail.to {
			b.Trail = b.Trail.Add(by, now, audit.Line{What: fmt.Sprintf("%s of partner %d", detail.what, i+1), From: detail.from, To: detail.to})
		}
	}
}

// renewLink ends a partner's link and gives them another one.
func (s *Service) renewLink(b *Booking, partner int) {
	p := &b.Partners[partner]
	p.Links++
	p.LinkHash = seal.Hash(s.token(b.ID, partner, p.Links))
}

// HasNewMail reports whether the partner's address was put right after that
// moment: what failed until then can be tried again.
func (p Partner) HasNewMail(after time.Time) bool {
	return p.MailSince != nil && after.Before(*p.MailSince)
}
