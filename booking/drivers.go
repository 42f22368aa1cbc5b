package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/seal"
	"lantern/retreats"
)

// Driver is the adult who takes the couple home after one medicine session:
// driving is out of the question for both until the next day [D24–D26].
type Driver struct {
	Session  string    `json:"session"`
	Name     string    `json:"name"`
	Phone    string    `json:"phone"`
	Relation string    `json:"relation"`
	Email    string    `json:"email,omitempty"`
	NamedAt  time.Time `json:"named_at"`
	// StartsAt is when the session was to begin for which they were asked.
	StartsAt time.Time `json:"starts_at"`
	// NamedBy is the partner (0 or 1) who named the driver.
	NamedBy int `json:"named_by"`
	// LinkHash is the hash of the token in the driver's own link.
	LinkHash string `json:"link_hash,omitempty"`
	// InvitedAt is when the link was sent to the driver, as far as we know.
	InvitedAt *time.Time `json:"invited_at,omitempty"`
	// Answer is what the driver said last, and AnsweredFor when the session was
	// to begin then: the word is good for no other time.
	Answer      DriverAnswer `json:"answer,omitempty"`
	AnsweredAt  *time.Time   `json:"answered_at,omitempty"`
	AnsweredFor time.Time    `json:"answered_for,omitzero"`
	// Texts is the driver's own word that they want text messages; nil until
	// given.
	Texts *TextConsent `json:"texts,omitempty"`
	// Unreached is set while what we write to the driver does not arrive.
	Unreached *Unreached `json:"unreached,omitempty"`
}

// DriverAnswer is what a driver says to being asked.
type DriverAnswer string

// The answers of a driver.
const (
	DriverUnanswered DriverAnswer = ""
	DriverYes        DriverAnswer = "yes"
	DriverNo         DriverAnswer = "no"
)

// IsFor reports whether the driver was named for the session at the time at
// which it is now. Else they have to be asked again.
func (d Driver) IsFor(s retreats.Session) bool {
	return d.Session == s.ID && d.StartsAt.Equal(s.StartsAt)
}

// AnswerFor is what the driver has said to the session at the time at which it
// is now.
func (d Driver) AnswerFor(s retreats.Session) DriverAnswer {
	if d.Session != s.ID || !d.AnsweredFor.Equal(s.StartsAt) {
		return DriverUnanswered
	}
	return d.Answer
}

// HasConfirmed reports whether the driver has said yes to the session at the
// time at which it is now [D29].
func (d Driver) HasConfirmed(s retreats.Session) bool { return d.AnswerFor(s) == DriverYes }

// HasRefused reports whether the driver cannot drive after the session.
func (d Driver) HasRefused(s retreats.Session) bool { return d.AnswerFor(s) == DriverNo }

// Driver finds the driver who was named last for a session, see Driver.IsFor.
func (b *Booking) Driver(session string) (Driver, bool) {
	i := slices.IndexFunc(b.Drivers, func(d Driver) bool { return d.Session == session })
	if i < 0 {
		return Driver{}, false
	}
	return b.Drivers[i], true
}

// DriverInput is what a partner typed; Email may be empty.
type DriverInput struct{ Name, Phone, Relation, Email string }

func (in DriverInput) check(b *Booking, partner int) (Driver, error) {
	fields := fault.Fields{}
	take := func(field, value string, err error) string {
		if err != nil {
			fields[field] = fault.TextOf(err)
		}
		return value
	}
	var d Driver
	name, err := people.Name(in.Name)
	d.Name = take("name", name, err)
	phone, err := people.Phone(in.Phone, people.RegionOf(b.Partners[partner].Zone))
	d.Phone = take("phone", phone, err)
	if phone == "" && err == nil {
		fields["phone"] = "Please write the phone number: we call when you are ready to go home."
	}
	if strings.TrimSpace(in.Email) != "" {
		email, err := people.Email(in.Email)
		d.Email = take("email", email, err)
	}
	d.Relation = strings.Join(strings.Fields(in.Relation), " ")
	if d.Relation == "" || len([]rune(d.Relation)) > 60 {
		fields["relation"] = "Please say in a word or two who this is to you, for example a friend."
	}
	for _, p := range b.Partners {
		if p.Phone != "" && p.Phone == d.Phone {
			fields["phone"] = "This is the number of one of you. Neither of you can drive after a session."
		}
	}
	return d, fault.InvalidFields(fields)
}

// errCannotDrive says neither why nor who: that somebody takes part is theirs
// to tell [D26].
var errCannotDrive = fault.InvalidFields(fault.Fields{"phone": "This person cannot drive on that day. Please name somebody else."})

// NameDriver notes who drives the couple after a medicine session, in place of
// whoever was named before. Somebody named again keeps their link and their
// yes; a no is asked again, and so is somebody else with the same phone.
func (s *Service) NameDriver(ctx context.Context, id, session string, partner int, in DriverInput) error {
	receiving, err := s.receiving(ctx, id, session)
	if err != nil {
		return err
	}
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		held, ok := c.Cohort.Session(session)
		if !ok || !c.Cohort.NeedsDriver(held) {
			return errNoRide
		}
		if now.After(c.Cohort.PickUpAt(held)) {
			return fault.New(fault.Gone, "This session is over.")
		}
		d, err := in.check(b, partner)
		if err != nil {
			return err
		}
		if receiving[d.Phone] {
			return errCannotDrive
		}
		d.Session, d.StartsAt, d.NamedAt, d.NamedBy = session, held.StartsAt, now, partner
		d.LinkHash = seal.Hash(s.driverToken(b.ID, d.Phone))
		d.Texts = b.keepsTexts(d.LinkHash)
		before, ok := b.Driver(session)
		if ok && before.Phone == d.Phone {
			d.Unreached = before.Unreached
			if !isSamePerson(before.Name, d.Name) {
				// It was somebody else who said yes [D29].
				before.InvitedAt, before.Answer = nil, DriverUnanswered
			}
			d.InvitedAt = before.InvitedAt
			if before.HasConfirmed(held) {
				d.Answer, d.AnsweredAt, d.AnsweredFor = before.Answer, before.AnsweredAt, before.AnsweredFor
			}
		}
		b.Drivers = slices.DeleteFunc(slices.Clone(b.Drivers), func(d Driver) bool { return d.Session == session })
		b.Drivers = append(b.Drivers, d)
		b.letGo(before)
		b.replan(now)
		return nil
	})
}

// isSamePerson reports whether two names with one phone number are taken for one
// driver: the one has all words of the other, as "Kim" and "Kim Olsen". Who is not
// recognised is asked once more, which costs a press; the yes of somebody else could
// leave a couple without a driver.
func isSamePerson(a, b string) bool {
	less, more := strings.Fields(strings.ToLower(a)), strings.Fields(strings.ToLower(b))
	if len(less) > len(more) {
		less, more = more, less
	}
	return !slices.ContainsFunc(less, func(word string) bool { return !slices.Contains(more, word) })
}

// receiving are the phone numbers of those in the couple's cohort who receive
// medicine so shortly before the pick-up after the session that they cannot
// drive then.
func (s *Service) receiving(ctx context.Context, id, session string) (map[string]bool, error) {
	c, err := s.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	held, ok := c.Cohort.Session(session)
	if !ok {
		return nil, nil
	}
	var ids []string
	for _, p := range c.Cohort.Roster.Places {
		ids = append(ids, p.Booking)
	}
	cases, err := s.boardCases(ctx, c.Cohort, ids)
	if err != nil {
		return nil, err
	}
	pickUp, phones := c.Cohort.PickUpAt(held), map[string]bool{}
	for _, other := range cases.bookings {
		for partner, p := range other.Partners {
			if p.Phone != "" && cannotDrive(c.Cohort, partner, pickUp) {
				phones[p.Phone] = true
			}
		}
	}
	return phones, nil
}

// cannotDrive reports whether those who are that partner in the cohort's
// couples are within the no-drive window at the time [D25].
func cannotDrive(c *retreats.Cohort, partner int, at time.Time) bool {
	return slices.ContainsFunc(c.Sessions, func(s retreats.Session) bool {
		return s.GivesMedicineTo(partner) && !s.StartsAt.After(at) && at.Before(s.NoDriveUntil())
	})
}
