package access

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/seal"
	"lantern/internal/store"
)

// Person is somebody who works here, or did.
type Person struct {
	// ID follows from the mail address and does not show it.
	ID        string     `json:"id"`
	Email     string     `json:"email"`
	Name      string     `json:"name"`
	Role      Role       `json:"role"`
	MayRefund bool       `json:"may_refund,omitempty"`
	AddedAt   time.Time  `json:"added_at"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	// SessionEpoch counts how often all sessions and links were ended at once:
	// each is good for the epoch in which it began.
	SessionEpoch int `json:"session_epoch"`
	// Wishes are what they want to be told; DigestDue is when their next digest
	// is, nil for none, and DigestSince when the one before it was.
	Wishes      Wishes      `json:"wishes,omitzero"`
	DigestDue   *time.Time  `json:"digest_due,omitempty"`
	DigestSince *time.Time  `json:"digest_since,omitempty"`
	Trail       audit.Trail `json:"trail,omitempty"`
}

// Works reports whether the person may sign in.
func (p Person) Works() bool { return p.EndedAt == nil }

// Actor is the person, acting.
func (p Person) Actor() Actor {
	return Actor{ID: p.ID, Name: p.Name, Role: p.Role, MayRefund: p.MayRefund}
}

// team is all people in one document: that the last organizer stays is a rule
// about all of them, and what must hold at all times is decided in one place.
type team struct {
	store.Meta
	People []Person `json:"people"`
}

const teamID = "team"

// find gives a person's place in the list, or -1.
func (t *team) find(id string) int {
	return slices.IndexFunc(t.People, func(p Person) bool { return p.ID == id })
}

// organizersBut counts those who could manage the team without this person.
func (t *team) organizersBut(id string) int {
	count := 0
	for _, p := range t.People {
		if p.ID != id && p.Works() && p.Role.Has(ManageTeam) {
			count++
		}
	}
	return count
}

// Team keeps the people who work here, and how they sign in.
type Team struct {
	teams    *store.Collection[team]
	links    *store.Collection[link]
	asked    *store.Collection[asked]
	sessions *store.Collection[session]
	key      seal.Key
	now      func() time.Time
}

const byEnd = "end"

// NewTeam defines the collections in the store.
func NewTeam(ctx context.Context, db *store.DB, key seal.Key, now func() time.Time) (*Team, error) {
	t := &Team{key: key, now: now}
	ends := store.Index{Name: byEnd, Fields: []string{"ends_at"}}
	var failed [4]error
	t.teams, failed[0] = store.Define[team](ctx, db, "team")
	t.links, failed[1] = store.Define[link](ctx, db, "signin_links", ends)
	t.asked, failed[2] = store.Define[asked](ctx, db, "signin_asked", ends)
	t.sessions, failed[3] = store.Define[session](ctx, db, "sessions", ends)
	err := errors.Join(failed[:]...)
	if err == nil {
		err = t.teams.Insert(ctx, &team{Meta: store.Meta{ID: teamID}})
	}
	if err != nil && !errors.Is(err, store.ErrExists) {
		return nil, fmt.Errorf("opening the team: %w", err)
	}
	return t, nil
}

// idOf makes the id of whoever has this mail address.
func (t *Team) idOf(email string) string { return t.key.ID("staff", strings.ToLower(email)) }

var (
	// ErrLastOrganizer keeps the team from locking itself out.
	ErrLastOrganizer = fault.New(fault.Conflict, "This is the last organizer. Make somebody else an organizer first.")
	// ErrNobody: nobody who works here has this id or address.
	ErrNobody = fault.New(fault.NotFound, "Nobody who works here has this address.")
)

// describe says in words what somebody may do.
func describe(role Role, mayRefund bool) string {
	if mayRefund {
		return string(role) + ", may refund"
	}
	return string(role)
}

// Add takes somebody into the team, or takes them in again who had left.
func (t *Team) Add(ctx context.Context, by Actor, email, name string, role Role, mayRefund bool) (Person, error) {
	faults := fault.Fields{}
	email, err := people.Email(email)
	note(faults, "email", err)
	name, err = people.Name(name)
	note(faults, "name", err)
	_, err = CheckRole(string(role))
	note(faults, "role", err)
	by.marking(faults, mayRefund)
	if err := fault.InvalidFields(faults); err != nil {
		return Person{}, err
	}
	now, added := t.now(), Person{}
	err = t.teams.Update(ctx, teamID, func(doc *team) error {
		p := Person{ID: t.idOf(email), AddedAt: now}
		at := doc.find(p.ID)
		if at >= 0 {
			if p = doc.People[at]; p.Works() {
				return fault.InvalidFields(fault.Fields{"email": "Somebody with this address works here already."})
			}
		}
		p.Email, p.Name, p.Role, p.MayRefund, p.EndedAt = email, name, role, mayRefund, nil
		p.SessionEpoch++
		p.Trail = p.Trail.Add(by.By(), now, audit.Line{What: "added", To: describe(role, mayRefund)})
		if at < 0 {
			doc.People = append(doc.People, p)
		} else {
			doc.People[at] = p
		}
		added = p
		return nil
	})
	return added, err
}

func note(faults fault.Fields, field string, err error) {
	if err != nil {
		faults[field] = fault.TextOf(err)
	}
}

// Change gives somebody another name, role or right to refund. What it takes
// away is gone with their next request, since roles are read at each. Anybody
// may take the right to refund away; see Actor.marking for giving it.
func (t *Team) Change(ctx context.Context, by Actor, id, name string, role Role, mayRefund bool) (Person, error) {
	faults := fault.Fields{}
	name, err := people.Name(name)
	note(faults, "name", err)
	_, err = CheckRole(string(role))
	note(faults, "role", err)
	if err := fault.InvalidFields(faults); err != nil {
		return Person{}, err
	}
	now := t.now()
	return t.decide(ctx, id, func(doc *team, p *Person) error {
		if !role.Has(ManageTeam) && p.Role.Has(ManageTeam) && doc.organizersBut(id) == 0 {
			return ErrLastOrganizer
		}
		faults := fault.Fields{}
		by.marking(faults, mayRefund && !p.MayRefund)
		if err := fault.InvalidFields(faults); err != nil {
			return err
		}
		for _, line := range []audit.Line{
			{What: "name", From: p.Name, To: name},
			{What: "role", From: string(p.Role), To: string(role)},
			{What: "may refund", From: yesNo(p.MayRefund), To: yesNo(mayRefund)},
		} {
			if line.From != line.To {
				p.Trail = p.Trail.Add(by.By(), now, line)
			}
		}
		p.Name, p.Role, p.MayRefund = name, role, mayRefund
		return nil
	})
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// End is for a person who has left: sessions and links end at once.
func (t *Team) End(ctx context.Context, by Actor, id string) (Person, error) {
	now := t.now()
	return t.decide(ctx, id, func(doc *team, p *Person) error {
		if p.Role.Has(ManageTeam) && doc.organizersBut(id) == 0 {
			return ErrLastOrganizer
		}
		p.EndedAt = &now
		p.SessionEpoch++
		p.Wishes, p.DigestDue, p.DigestSince = Wishes{}, nil, nil
		p.Trail = p.Trail.Add(by.By(), now, audit.Line{What: "ended"})
		return nil
	})
}

// decide changes one person who works here, and returns them as they are then.
func (t *Team) decide(ctx context.Context, id string, change func(*team, *Person) error) (Person, error) {
	var changed Person
	err := t.teams.Update(ctx, teamID, func(doc *team) error {
		at := doc.find(id)
		if at < 0 || !doc.People[at].Works() {
			return ErrNobody
		}
		p := doc.People[at]
		if err := change(doc, &p); err != nil {
			return err
		}
		doc.People[at], changed = p, p
		return nil
	})
	return changed, err
}

// People lists all, those who work here first, by name.
func (t *Team) People(ctx context.Context) ([]Person, error) {
	doc, err := t.teams.Peek(ctx, teamID)
	if err != nil {
		return nil, err
	}
	list := slices.Clone(doc.People)
	slices.SortStableFunc(list, func(a, b Person) int {
		if a.Works() != b.Works() {
			if a.Works() {
				return -1
			}
			return 1
		}
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, nil
}

// Person gives somebody who works here, or ErrNobody. It is asked at each
// request of a session, so it looks at the list as it was decoded last.
func (t *Team) Person(ctx context.Context, id string) (Person, error) {
	doc, err := t.teams.Peek(ctx, teamID)
	if err != nil {
		return Person{}, err
	}
	if at := doc.find(id); at >= 0 && doc.People[at].Works() {
		return doc.People[at], nil
	}
	return Person{}, ErrNobody
}

// ByEmail gives whoever works here and has this address, or ErrNobody.
func (t *Team) ByEmail(ctx context.Context, email string) (Person, error) {
	email, err := people.Email(email)
	if err != nil {
		return Person{}, err
	}
	return t.Person(ctx, t.idOf(email))
}
