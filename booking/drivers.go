package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/retreats"
)

// Driver is the adult who takes the couple home after one medicine session:
// driving is out of the question for both until the next day [D24–D26].
type Driver struct {
	Session  string    `json:"session"`
	Name     string    `json:"name"`
	Phone    string    `json:"phone"`
	Relation string    `json:"relation"`
	NamedAt  time.Time `json:"named_at"`
	// StartsAt is when the session was to begin for which they were asked.
	StartsAt time.Time `json:"starts_at"`
	// NamedBy is the partner (0 or 1) who named the driver.
	NamedBy int `json:"named_by"`
}

// IsFor reports whether the driver was named for the session at the time at
// which it is now. Else they have to be asked again.
func (d Driver) IsFor(s retreats.Session) bool {
	return d.Session == s.ID && d.StartsAt.Equal(s.StartsAt)
}

// Driver finds the driver who was named last for a session, see Driver.IsFor.
func (b *Booking) Driver(session string) (Driver, bool) {
	i := slices.IndexFunc(b.Drivers, func(d Driver) bool { return d.Session == session })
	if i < 0 {
		return Driver{}, false
	}
	return b.Drivers[i], true
}

// DriverInput is what a partner typed.
type DriverInput struct{ Name, Phone, Relation string }

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

// NameDriver notes who drives the couple after a medicine session, in place of
// whoever was named before.
func (s *Service) NameDriver(ctx context.Context, id, session string, partner int, in DriverInput) error {
	return s.change(ctx, id, func(c Case, b *Booking, now time.Time) error {
		held, ok := c.Cohort.Session(session)
		if !ok || held.Kind != retreats.Medicine {
			return fault.New(fault.NotFound, "There is no session here that needs a driver.")
		}
		if now.After(held.EndsAt) {
			return fault.New(fault.Gone, "This session is over.")
		}
		d, err := in.check(b, partner)
		if err != nil {
			return err
		}
		d.Session, d.StartsAt, d.NamedAt, d.NamedBy = session, held.StartsAt, now, partner
		b.Drivers = slices.DeleteFunc(slices.Clone(b.Drivers), func(d Driver) bool { return d.Session == session })
		b.Drivers = append(b.Drivers, d)
		b.replan(now)
		return nil
	})
}
