package access

import (
	"context"
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/jobs"
)

// Digest is one that somebody is to get.
type Digest struct {
	Person Person
	// For is the time on the schedule that it is for. Of those that went by while
	// nobody looked it is the last.
	For time.Time
	// Since is when the one before was, the zero time if there was none.
	Since time.Time
	// UsefulUntil is the end of the day of For.
	UsefulUntil time.Time
	// next is when the one after it is.
	next time.Time
}

// ID names the digest, the same whenever it is asked for again.
func (d Digest) ID() string {
	return "digest." + d.Person.ID + "." + d.For.UTC().Format("20060102T1504")
}

// digest gives what is due for the person, by the clocks of a zone.
func (p Person) digest(now time.Time, zone *time.Location) (Digest, bool) {
	if !p.Works() || p.DigestDue == nil || now.Before(*p.DigestDue) {
		return Digest{}, false
	}
	d := Digest{Person: p, For: *p.DigestDue}
	if p.DigestSince != nil {
		d.Since = *p.DigestSince
	}
	schedule, err := jobs.ParseSchedule(p.Wishes.Digest)
	if err == nil { // else it is the last
		d.next = schedule.Next(d.For, zone)
		for !d.next.IsZero() && !d.next.After(now) {
			d.For, d.next = d.next, schedule.Next(d.next, zone)
		}
	}
	d.UsefulUntil = civil.DateOf(d.For, zone).AddDays(1).At("00:00", zone)
	return d, true
}

// DigestsDue are the digests to be sent. The team is one document, so they are
// found without an index.
func (t *Team) DigestsDue(ctx context.Context, now time.Time, zone *time.Location) (due []Digest, err error) {
	doc, err := t.teams.Peek(ctx, teamID)
	if err != nil {
		return nil, err
	}
	for _, p := range doc.People {
		if d, ok := p.digest(now, zone); ok {
			due = append(due, d)
		}
	}
	return due, nil
}

// DigestTold moves on to the next digest, unless somebody has asked for other
// times meanwhile.
func (t *Team) DigestTold(ctx context.Context, d Digest) error {
	return t.teams.Update(ctx, teamID, func(doc *team) error {
		at := doc.find(d.Person.ID)
		if at < 0 || !same(doc.People[at].DigestDue, d.Person.DigestDue) {
			return nil
		}
		people := slices.Clone(doc.People)
		people[at].DigestDue, people[at].DigestSince = nil, &d.For
		if !d.next.IsZero() {
			people[at].DigestDue = &d.next
		}
		doc.People = people
		return nil
	})
}

func same(a, b *time.Time) bool { return a != nil && b != nil && a.Equal(*b) }

// ComingDigest is when the next digest is due, and for whom.
type ComingDigest struct {
	At   time.Time
	Name string
}

// ComingDigests are the next digest of each, from that time on, the first one
// first.
func (t *Team) ComingDigests(ctx context.Context, from time.Time) (all []ComingDigest, err error) {
	doc, err := t.teams.Peek(ctx, teamID)
	if err != nil {
		return nil, err
	}
	for _, p := range doc.People {
		if p.Works() && p.DigestDue != nil && !p.DigestDue.Before(from) {
			all = append(all, ComingDigest{At: *p.DigestDue, Name: p.Name})
		}
	}
	slices.SortStableFunc(all, func(a, b ComingDigest) int { return a.At.Compare(b.At) })
	return all, nil
}
