package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/jobs"
)

// Wishes are what somebody of the team wants to be told by mail. Each decides
// for themselves.
type Wishes struct {
	// OnDuty gets the reminders that are meant for staff.
	OnDuty bool `json:"on_duty,omitempty"`
	// Requests tells of each new request for a first talk.
	Requests bool `json:"requests,omitempty"`
	// Digest is when the digest comes, a cron expression by the practice's
	// clocks; empty for never.
	Digest string `json:"digest,omitempty"`
}

// WantsRequests reports whether the person is told of new requests for a first
// talk: their role has to show them as well.
func (p Person) WantsRequests() bool {
	return p.Works() && p.Wishes.Requests && p.Role.Has(ManageConsultations)
}

// IsOnDuty reports whether the person gets the reminders meant for staff. They
// name couples, so the role has to show those.
func (p Person) IsOnDuty() bool {
	return p.Works() && p.Wishes.OnDuty && p.Role.Has(ReadBookings)
}

// Wish writes down what somebody wants to be told from now on. Now and the zone
// are those by which digests come.
func (t *Team) Wish(ctx context.Context, id string, w Wishes, now time.Time, zone *time.Location) (Person, error) {
	w.Digest = strings.Join(strings.Fields(w.Digest), " ")
	var next *time.Time
	if w.Digest != "" {
		schedule, err := jobs.ParseSchedule(w.Digest)
		if err != nil {
			return Person{}, fault.InvalidFields(fault.Fields{"digest": fault.TextOf(err)})
		}
		if at := schedule.Next(now, zone); !at.IsZero() {
			next = &at
		}
	}
	written := t.now()
	return t.decide(ctx, id, func(_ *team, p *Person) error {
		for _, line := range []audit.Line{
			{What: "on duty", From: yesNo(p.Wishes.OnDuty), To: yesNo(w.OnDuty)},
			{What: "told of requests", From: yesNo(p.Wishes.Requests), To: yesNo(w.Requests)},
			{What: "digest", From: p.Wishes.Digest, To: w.Digest},
		} {
			if line.From != line.To {
				p.Trail = p.Trail.Add(p.Actor().By(), written, line)
			}
		}
		// A digest that is due stays so when the same is wished again.
		if w.Digest != p.Wishes.Digest {
			p.DigestDue, p.DigestSince = next, nil
		}
		p.Wishes = w
		return nil
	})
}

// OnDuty are the people who get the reminders that are meant for staff, by name.
func (t *Team) OnDuty(ctx context.Context) ([]Person, error) { return t.who(ctx, Person.IsOnDuty) }

// ToldOfRequests are the people who are told of new requests for a first talk,
// by name.
func (t *Team) ToldOfRequests(ctx context.Context) ([]Person, error) {
	return t.who(ctx, Person.WantsRequests)
}

func (t *Team) who(ctx context.Context, is func(Person) bool) ([]Person, error) {
	all, err := t.People(ctx)
	return slices.DeleteFunc(all, func(p Person) bool { return !is(p) }), err
}
