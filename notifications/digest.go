package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/access"
	"lantern/internal/civil"
)

// Digest is what somebody of the staff is told about a day. It is made when it
// is sent, from what is so then, and has what their role shows on pages.
type Digest struct {
	// Day is the date in words: "Monday 4 January 2027".
	Day      string
	Sections []DigestSection
}

// DigestSection is one subject of a digest. Link is where to see to it.
type DigestSection struct {
	Title, Link string
	Lines       []string
}

const digestRule = "digest"

// digestSince names when the one before was, among the data of a digest's notice.
const digestSince = "since"

// firstSince is how far back somebody's first digest looks.
const firstSince = 24 * time.Hour

// TellDigests plans the digests that are due, one for each. Whoever dies before
// it has moved on plans the same one again, which changes nothing.
func (s *Service) TellDigests(ctx context.Context, now time.Time) error {
	due, err := s.options.Team.DigestsDue(ctx, now, s.options.Bookings.Zone())
	failed := []error{err}
	for _, d := range due {
		since := d.Since
		if since.IsZero() {
			since = d.For.Add(-firstSince)
		}
		err := s.Notify(ctx, Notice{
			ID: d.ID(), Rule: digestRule, Name: d.Person.Name, Email: d.Person.Email, Staff: d.Person.ID, UsefulUntil: d.UsefulUntil,
			Data: map[string]string{digestSince: since.Format(time.RFC3339)},
		})
		if err == nil {
			err = s.options.Team.DigestTold(ctx, d)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("planning digest %s: %w", d.ID(), err))
		}
	}
	return errors.Join(failed...)
}

// addDigest puts the digest of this moment into the mail of a notice.
func (s *Service) addDigest(ctx context.Context, person access.Person, data *MailData) error {
	since, err := time.Parse(time.RFC3339, data.Data[digestSince])
	if err != nil {
		return fmt.Errorf("reading when the last digest was: %w", err)
	}
	now, zone := s.options.Now(), s.options.Bookings.Zone()
	d := digesting{Service: s, actor: person.Actor(), now: now, since: since, zone: zone}
	if err := d.make(ctx); err != nil {
		return fmt.Errorf("making a digest: %w", err)
	}
	data.Hello, data.Zone, data.Link = person.Name, zone, s.options.BaseURL+"/staff"
	data.Digest = &Digest{Day: civil.DateOf(now, zone).Words(), Sections: d.sections}
	return nil
}

// digesting makes one digest.
type digesting struct {
	*Service
	actor      access.Actor
	now, since time.Time
	zone       *time.Location
	sections   []DigestSection
}

// make adds the sections, those first that cannot wait.
func (d *digesting) make(ctx context.Context) error {
	if err := d.addCohorts(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		right access.Right
		add   func(context.Context) error
	}{
		{access.ReadBookings, d.addCalls},
		{access.ReadBookings, d.addMoney},
		{access.ReadBookings, d.addTroubles},
		{access.ManageConsultations, d.addTalks},
	} {
		if d.actor.Has(part.right) {
			if err := part.add(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// add puts a section under the others, if it says anything.
func (d *digesting) add(title, path string, lines []string) {
	if len(lines) > 0 {
		d.sections = append(d.sections, DigestSection{Title: title, Link: d.options.BaseURL + path, Lines: lines})
	}
}

// counted writes a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
